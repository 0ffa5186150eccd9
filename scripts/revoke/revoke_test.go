package revoke_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/revoke"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const table = "app-revocations"

// world is a user pool, a revocation table and the part of API Gateway that empties caches.
type world struct {
	pool    *fakecognito.Server
	table   *faketable.Server
	sub     string // of alice
	flushed []string
	refuse  bool // API Gateway refuses to empty a cache
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	var err error
	if w.pool, err = fakecognito.Start(fakecognito.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.pool.Close() })
	if w.sub, err = w.pool.AddUser(fakecognito.User{Username: "alice", Password: "a-Password-of-1-test"}); err != nil {
		t.Fatal(err)
	}
	if w.table, err = faketable.Start(faketable.Options{Table: table}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.table.Close() })
	gateway := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/apigateway/aws4_request"):
			rw.WriteHeader(http.StatusForbidden)
		case w.refuse:
			rw.Header().Set("X-Amzn-Errortype", "AccessDeniedException:http://internal.amazon.com/")
			rw.WriteHeader(http.StatusForbidden)
		default:
			w.flushed = append(w.flushed, r.Method+" "+r.URL.EscapedPath())
			rw.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(gateway.Close)
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_SESSION_TOKEN": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ENDPOINT_URL_DYNAMODB": w.table.URL(), "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": w.pool.URL(),
		"AWS_ENDPOINT_URL_API_GATEWAY": gateway.URL, "AWS_ENDPOINT_URL_APIGATEWAYV2": gateway.URL,
		"REVOCATIONS_TABLE": "", "USER_POOL_ID": "", "ISSUER": "",
	} {
		t.Setenv(name, value)
	}
	return w
}

// run runs the command and returns its exit code and what it printed.
func run(t *testing.T, stdin string, args ...string) (code int, out, stderr string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(name, []byte(stdin), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var o, e strings.Builder
	var commands struct {
		revoke.Commands
		Flush revoke.FlushCommand `cmd:""`
	}
	app := cli.App{Name: "revoke", Grammar: &commands}
	code = app.Run(t.Context(), args, cli.Console{In: in, Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// revokes reports whether the table refuses a token.
func (w *world) revokes(t *testing.T, token revocation.Token) bool {
	t.Helper()
	revoked, err := revocation.FromEnvironment(table, os.Getenv).Revoked(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return revoked
}

func TestRevokeUserWritesTheEntryAndSignsOut(t *testing.T) {
	w := newWorld(t)
	issuer := "https://cognito-idp.eu-west-1.amazonaws.com/" + w.pool.PoolID()
	old := revocation.Token{Issuer: issuer, Subject: w.sub, ClientID: "web", Session: "s-1", IssuedAt: time.Now(), AuthTime: time.Now()}
	later := old
	later.Session, later.IssuedAt, later.AuthTime = "s-2", time.Now().Add(time.Minute), time.Now().Add(time.Minute)
	if w.revokes(t, old) {
		t.Fatal("revoked before the command")
	}
	for range 2 { // repeating it is safe
		code, out, stderr := run(t, "", "user", "alice", "--table", table, "--user-pool-id", w.pool.PoolID(), "--flush", "rest:a1b2c3d4e5/prod", "--flush", "http:a1b2c3d4e5/$default")
		if code != 0 || !strings.Contains(out, "Signed out of Cognito") || !strings.Contains(out, "Emptied the authorizer cache of rest:a1b2c3d4e5/prod") {
			t.Fatalf("exit code %d\n%s%s", code, out, stderr)
		}
	}
	if !w.revokes(t, old) || w.revokes(t, later) {
		t.Error("the old token must be revoked, and a later one must not")
	}
	if want := "DELETE /restapis/a1b2c3d4e5/stages/prod/cache/authorizers,DELETE /v2/apis/a1b2c3d4e5/stages/%24default/cache/authorizers"; strings.Join(w.flushed[:2], ",") != want {
		t.Errorf("flushed %v", w.flushed)
	}
}

func TestRevokeSessionAndClient(t *testing.T) {
	w := newWorld(t)
	token := revocation.Token{Issuer: "https://issuer.example/pool", ClientID: "machine", Session: "s-1", IssuedAt: time.Now()}
	// The payload is {"origin_jti":"s-1","email":"secret@example.com"}; nothing of it but the session may be printed.
	leaked := "e30.eyJvcmlnaW5fanRpIjoicy0xIiwiZW1haWwiOiJzZWNyZXRAZXhhbXBsZS5jb20ifQ.AAAA\n"
	code, out, stderr := run(t, leaked, "session", "--token-stdin", "--table", table, "--json")
	var report struct {
		Entry     string
		ExpiresAt time.Time `json:"expires_at"`
	}
	if err := json.Unmarshal([]byte(out), &report); code != 0 || err != nil || report.Entry != "session#s-1" || report.ExpiresAt.Before(time.Now()) {
		t.Errorf("exit code %d, %v\n%s%s", code, err, out, stderr)
	}
	if strings.Contains(out+stderr, "secret@") || strings.Contains(out+stderr, "e30.") {
		t.Error("the token or a claim was printed")
	}
	if !w.revokes(t, token) {
		t.Error("the session is not revoked")
	}
	token.Session = ""
	if w.revokes(t, token) {
		t.Fatal("the client is revoked before the command")
	}
	if code, out, stderr := run(t, "", "client", "machine", "--issuer", token.Issuer, "--table", table); code != 0 || !strings.Contains(out, "--flush ends them now") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if !w.revokes(t, token) {
		t.Error("the client is not revoked")
	}
	token.Issuer += "2"
	if w.revokes(t, token) {
		t.Error("the client of another issuer is revoked")
	}
}

func TestEveryStepIsTriedAndEveryFailureReported(t *testing.T) {
	w := newWorld(t)
	w.refuse = true
	code, out, stderr := run(t, "", "user", "alice", "--table", "another-table", "--user-pool-id", w.pool.PoolID(), "--flush", "rest:a1b2c3d4e5/prod")
	for _, want := range []string{"not written to another-table", "ResourceNotFoundException", "rest:a1b2c3d4e5/prod was not emptied", "AccessDeniedException", "repeating it is safe"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if code != cli.ExitRefused || out != "" {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, _, stderr = run(t, "", "user", "nobody", "--table", table, "--user-pool-id", w.pool.PoolID()); code != cli.ExitRefused || !strings.Contains(stderr, "UserNotFoundException") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if len(w.table.Items()) != 0 {
		t.Error("an entry was written")
	}
}

func TestFlushEmptiesEachCache(t *testing.T) {
	w := newWorld(t)
	code, out, stderr := run(t, "", "flush", "rest:a1b2c3d4e5/prod", "http:a1b2c3d4e5/$default")
	if code != 0 || strings.Count(out, "Emptied the authorizer cache of ") != 2 || len(w.flushed) != 2 {
		t.Errorf("exit code %d, flushed %v\n%s%s", code, w.flushed, out, stderr)
	}
	w.refuse = true
	if code, out, stderr = run(t, "", "flush", "rest:a1b2c3d4e5/prod"); code != cli.ExitRefused || out != "" || !strings.Contains(stderr, "AccessDeniedException") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, _, _ = run(t, "", "flush", "a1b2c3d4e5/prod"); code != cli.ExitUsage {
		t.Errorf("exit code %d for a cache of no form", code)
	}
}

func TestAWrongCommandLine(t *testing.T) {
	newWorld(t)
	for name, args := range map[string][]string{
		"no table":              {"session", "s-1"},
		"no session":            {"session", "--table", table},
		"two sessions":          {"session", "s-1", "--token-stdin", "--table", table},
		"no user":               {"user", "--table", table, "--user-pool-id", "eu-west-1_AbC"},
		"a user and a sub":      {"user", "alice", "--sub", "x", "--table", table, "--user-pool-id", "eu-west-1_AbC"},
		"no pool":               {"user", "alice", "--table", table},
		"a user without a pool": {"user", "alice", "--table", table, "--issuer", "https://issuer.example/pool"},
		"a client without pool": {"client", "web", "--table", table},
		"an empty client":       {"client", "", "--table", table, "--user-pool-id", "eu-west-1_AbC"},
		"a client of no form":   {"client", "web ", "--table", table, "--user-pool-id", "eu-west-1_AbC"},
		"a table of no form":    {"session", "s-1", "--table", "a b"},
		"a cache of no form":    {"session", "s-1", "--table", table, "--flush", "a1b2c3d4e5/prod"},
		"a cache with a path":   {"session", "s-1", "--table", table, "--flush", "rest:a/../b"},
	} {
		if code, out, stderr := run(t, "", args...); code != cli.ExitUsage || stderr == "" {
			t.Errorf("%s: exit code %d\n%s%s", name, code, out, stderr)
		}
	}
	for name, token := range map[string]string{"nothing": "", "no token": "abc", "no session": "e30.e30.AAAA", "no JSON": "e30.AAAA.AAAA"} {
		if code, _, stderr := run(t, token, "session", "--token-stdin", "--table", table); code != cli.ExitRefused || token != "" && strings.Contains(stderr, token) {
			t.Errorf("%s: exit code %d, %s", name, code, stderr)
		}
	}
}
