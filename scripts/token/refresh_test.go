package token

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// session returns the only file of saved sessions.
func (w *world) session() string {
	w.t.Helper()
	files := filesBelow(w.t, w.home)
	if len(files) != 1 {
		w.t.Fatalf("%d files: %v", len(files), files)
	}
	return files[0]
}

func (w *world) read(name string) string {
	w.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}

func (w *world) save(args ...string) {
	w.t.Helper()
	w.run(password, append([]string{"login", alice, "--password-stdin", "--save"}, args...)...).ok()
}

func TestASavedSignInIsRefreshed(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.save()
	before := w.read(w.session())
	w.isTokenOf(w.run("", "refresh", alice).ok(), alice, "access")
	w.isTokenOf(w.run("", "refresh", alice, "--id").ok(), alice, "id")
	if w.read(w.session()) != before {
		t.Error("the file has changed although the refresh token has not")
	}
}

func TestARotatedRefreshTokenTakesThePlaceOfTheOldOne(t *testing.T) {
	w := newWorld(t, fakecognito.Options{RotateRefreshTokens: true})
	w.save()
	for range 3 { // each of which needs the token of the one before
		before := w.read(w.session())
		w.isTokenOf(w.run("", "refresh", alice).ok(), alice, "access")
		if w.read(w.session()) == before {
			t.Error("the old token is still there")
		}
	}
}

func TestARefreshTokenFromStandardInput(t *testing.T) {
	w := newWorld(t, fakecognito.Options{RotateRefreshTokens: true})
	first := w.login().Refresh
	second := parseTokens(t, w.run(first, "refresh", "--output", "json").ok()).Refresh
	if second == "" || second == first {
		t.Fatal("no new refresh token")
	}
	w.run(first, "refresh").refused("this refresh token was replaced by a newer one")
	r := w.run(second, "refresh")
	w.isTokenOf(r.ok(), alice, "access")
	if !strings.Contains(r.err, "Cognito replaced the refresh token and the new one is not shown") {
		t.Errorf("no warning: %s", r.err)
	}
}

func TestARefreshTokenFromStandardInputIsKeptOnRequest(t *testing.T) {
	for name, rotate := range map[string]bool{"rotated": true, "as it was": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{RotateRefreshTokens: rotate})
			w.run(w.login().Refresh, "refresh", alice, "--token-stdin", "--save").ok()
			w.isTokenOf(w.run("", "refresh", alice).ok(), alice, "access")
		})
	}
	w := newWorld(t, fakecognito.Options{})
	w.run("x", "refresh", "--save").refused("--save needs the user name")
}

func TestAServerThatKnowsOnlyTheOldWayToRefresh(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	server, seen := recorder(t, w.URL(), "GetTokensFromRefreshToken")
	pool := w.URL()
	refresh := func(stdin string, args ...string) result {
		t.Helper()
		w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
		defer func() { w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = pool }()
		return w.run(stdin, append([]string{"refresh"}, args...)...)
	}
	token := w.login().Refresh
	w.isTokenOf(refresh(token).ok(), alice, "access")
	var calls []string
	for _, call := range seen() {
		calls = append(calls, call.Header.Get("X-Amz-Target")+" "+call.Header.Get("Amz-Sdk-Request"))
	}
	if len(calls) != 2 || !strings.HasPrefix(calls[1], "AWSCognitoIdentityProviderService.InitiateAuth ") {
		t.Errorf("calls: %q", calls)
	}

	// With a secret the real user name is needed, which a saved sign-in knows.
	file := w.useSecretClient()
	w.save("--client-secret-file", file)
	w.isTokenOf(refresh("", alice, "--client-secret-file", file).ok(), alice, "access")
	token = w.login("--client-secret-file", file).Refresh
	refresh(token, "--client-secret-file", file).refused("this server needs the user name")
	w.isTokenOf(refresh(token, alice, "--token-stdin", "--client-secret-file", file).ok(), alice, "access")
}

func TestARefusedRefreshTokenIsNotTriedAgain(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	server, seen := recorder(t, w.URL())
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
	w.run("not-a-refresh-token", "refresh").refused("the refresh token is no longer valid", "sign in again with token login")
	if calls := seen(); len(calls) != 1 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestASecretClientRefreshesWithItsSecret(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	file := w.useSecretClient()
	w.save("--client-secret-file", file)
	w.isTokenOf(w.run("", "refresh", alice, "--client-secret-file", file).ok(), alice, "access")
	w.run("", "refresh", alice).refused("the client secret is wrong, or missing")
}

func TestSavedSignInsAreForTheirOwnerAlone(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	folder := filepath.Join(w.home, ".config", "cognito-authorizer")
	if err := os.MkdirAll(folder, 0o755); err != nil { // somebody made it, too open
		t.Fatal(err)
	}
	w.save()
	name := w.session()
	for path, want := range map[string]os.FileMode{name: 0o600, folder: 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
	}
	if strings.Contains(name, alice) {
		t.Errorf("the name of the file tells the user: %s", name)
	}
	content := w.read(name)
	if strings.Contains(content, password) || strings.Contains(content, "access_token") {
		t.Error("more is saved than the refresh token")
	}

	for reason, mode := range map[string]os.FileMode{"others can read it": 0o604, "the group can": 0o640} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		t.Run(reason, func(t *testing.T) { w.run("", "refresh", alice).refused("is open to others") })
	}
}

func TestSavedSignInsThatAreNotWhatTheyShouldBeAreRefused(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.run("", "refresh", alice).refused("no sign-in is saved for this user, client and pool")
	w.save()
	name := w.session()
	valid := w.read(name)
	for what, content := range map[string]string{
		"empty": "", "not JSON": "{", "without a token": "{}", "of another pool": strings.ReplaceAll(valid, w.PoolID(), "eu-west-1_AnotherPo"),
		"of another user": strings.ReplaceAll(valid, `"user": "alice"`, `"user": "bob"`),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(what, func(t *testing.T) { w.run("", "refresh", alice).refused("is not a saved sign-in of this user") })
	}
	w.run("", "refresh", "bob").refused("no sign-in is saved")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(w.file("elsewhere", valid), name); err != nil {
		t.Fatal(err)
	}
	w.run("", "refresh", alice).refused("is open to others")
}

func TestNothingIsAskedForThatCouldNotBeSaved(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.env["XDG_CONFIG_HOME"] = w.file("a-file", "")
	server, seen := recorder(t, w.URL())
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
	w.run(password, "login", alice, "--password-stdin", "--save").refused("a-file")
	if len(seen()) != 0 {
		t.Error("the sign-in was begun")
	}
}

func TestRevokingEndsTheSavedSignIn(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.save()
	r := w.run("", "revoke", alice)
	if r.ok() != "" || !strings.Contains(r.err, "The refresh token is revoked.") {
		t.Errorf("%q, %s", r.out, r.err)
	}
	if files := filesBelow(t, w.home); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	w.run("", "revoke", alice).refused("no sign-in is saved")
}

func TestRevokingATokenFromStandardInput(t *testing.T) {
	for name, secret := range map[string]bool{"a public client": false, "a client with a secret": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			var args []string
			if secret {
				args = []string{"--client-secret-file", w.useSecretClient()}
			}
			tokens := w.login(args...)
			w.run(tokens.Access, "whoami").ok()
			w.run(tokens.Refresh+"\n", append([]string{"revoke"}, args...)...).ok()
			w.run(tokens.Refresh, append([]string{"refresh"}, args...)...).refused("the refresh token is no longer valid")
			w.run(tokens.Access, "whoami").refused("the access token has expired")
			w.run(tokens.Access, "verify").ok() // as revoke says
		})
	}
	w := newWorld(t, fakecognito.Options{})
	w.run(w.login().Access, "revoke").refused("only a refresh token can be revoked")
	w.run("", "revoke").refused("there is no refresh token on standard input")
}

func TestAnOldRefreshToken(t *testing.T) {
	var ahead atomic.Int64 // of the pool's clock
	w := newWorld(t, fakecognito.Options{RefreshTokenValidity: time.Hour, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	token := w.login().Refresh
	ahead.Add(int64(2 * time.Hour))
	w.run(token, "refresh").refused("the refresh token is no longer valid")
}
