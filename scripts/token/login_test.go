package token

import (
	"encoding/json"
	"strings"
	"testing"

	shared "github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

func cognitoToken(s string) shared.Token { return shared.NewToken(s) }

func TestEachFlowSignsInWithTheRightPasswordOnly(t *testing.T) {
	for name, args := range map[string][]string{
		"SRP is the default": nil,
		"SRP":                {"--flow", "srp"},
		"password":           {"--flow", "password"},
		"choice of ways":     {"--flow", "user-auth"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			args := append([]string{"login", alice, "--password-stdin"}, args...)
			w.isTokenOf(w.run(password+"\n", args...).ok(), alice, "access")
			w.run(wrongOne+"\n", args...).refused("the user name or the password is wrong", "(NotAuthorizedException)")
		})
	}
}

func TestAClientWithASecretNeedsTheSecret(t *testing.T) {
	for _, flow := range []string{"srp", "password", "user-auth", "admin"} {
		t.Run(flow, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			file := w.useSecretClient()
			w.env["AWS_ACCESS_KEY_ID"], w.env["AWS_SECRET_ACCESS_KEY"] = "test", "test"
			args := []string{"login", alice, "--password-stdin", "--flow", flow}

			w.isTokenOf(w.run(password, append(args, "--client-secret-file", file)...).ok(), alice, "access")
			w.run(password, args...).refused("this app client has a secret: give it with")
			w.run(password, append(args, "--client-secret-file", w.file("other.txt", "wrong"))...).refused("client secret is wrong")
			w.env["COGNITO_CLIENT_SECRET"] = w.SecretClientSecret()
			w.isTokenOf(w.run(password, args...).ok(), alice, "access")
		})
	}
}

func TestTheEMailAddressSignsInAsWell(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	file := w.useSecretClient() // the hash of an answer must be made with the real name
	out := w.run(password, "login", alicesEmail, "--password-stdin", "--client-secret-file", file).ok()
	w.isTokenOf(out, alice, "access")
}

func TestTheAdminFlowNeedsAWSCredentials(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.env["AWS_EC2_METADATA_DISABLED"] = "true"
	w.run(password, "login", alice, "--password-stdin", "--flow", "admin").refused("there are no AWS credentials")
}

func TestNoOtherFlowSendsAWSCredentials(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	server, seen := recorder(t, w.URL())
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
	w.env["AWS_ACCESS_KEY_ID"], w.env["AWS_SECRET_ACCESS_KEY"] = "test", "test"
	w.run(password, "login", alice, "--password-stdin").ok()
	calls := seen()
	if len(calls) != 2 {
		t.Fatalf("%d calls", len(calls))
	}
	for _, call := range calls {
		if call.Header.Get("Authorization") != "" {
			t.Errorf("%s is signed", call.Header.Get("X-Amz-Target"))
		}
		if strings.Contains(call.body, password) {
			t.Errorf("%s holds the password", call.Header.Get("X-Amz-Target"))
		}
	}
}

func TestOutputs(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	login := func(args ...string) string {
		t.Helper()
		return w.run(password, append([]string{"login", alice, "--password-stdin"}, args...)...).ok()
	}
	t.Run("the access token alone", func(t *testing.T) {
		w.isTokenOf(login(), alice, "access")
		w.isTokenOf(login("--output", "token"), alice, "access")
	})
	t.Run("the ID token alone", func(t *testing.T) { w.isTokenOf(login("--id"), alice, "id") })
	t.Run("JSON with all of them", func(t *testing.T) {
		tokens := parseTokens(t, login("--output", "json"))
		w.isTokenOf(tokens.Access, alice, "access")
		w.isTokenOf(tokens.ID, alice, "id")
		if tokens.Refresh == "" || tokens.Type != "Bearer" || tokens.ExpiresIn != 3600 {
			t.Errorf("type %q, %d seconds", tokens.Type, tokens.ExpiresIn)
		}
	})
	t.Run("a header", func(t *testing.T) {
		token, found := strings.CutPrefix(login("--output", "header"), "Authorization: Bearer ")
		if !found {
			t.Error("no header")
		}
		w.isTokenOf(token, alice, "access")
	})
	t.Run("a line for the shell", func(t *testing.T) {
		w.isTokenOf(inShell(t, login("--output", "env")+"\nprintf %s \"$ACCESS_TOKEN\""), alice, "access")
		w.isTokenOf(inShell(t, login("--output", "env", "--id")+"\nprintf %s \"$ID_TOKEN\""), alice, "id")
	})
	t.Run("a Postman environment", func(t *testing.T) {
		w.env["COGNITO_API_URL"] = "https://api.example.com"
		var environment struct {
			Name   string
			Values []struct {
				Key, Value, Type string
				Enabled          bool
			}
			Scope string `json:"_postman_variable_scope"`
		}
		if err := json.Unmarshal([]byte(login("--output", "postman")), &environment); err != nil {
			t.Fatal(err)
		}
		if environment.Scope != "environment" || environment.Name == "" {
			t.Errorf("scope %q, name %q", environment.Scope, environment.Name)
		}
		got := map[string]string{}
		for _, v := range environment.Values {
			got[v.Key] = v.Value
			if secret := v.Key != "api_url"; !v.Enabled || (v.Type == "secret") != secret {
				t.Errorf("%s: enabled %t, type %s", v.Key, v.Enabled, v.Type)
			}
		}
		w.isTokenOf(got["token"], alice, "access")
		w.isTokenOf(got["access_token"], alice, "access")
		w.isTokenOf(got["id_token"], alice, "id")
		if got["api_url"] != "https://api.example.com" || len(got) != 4 {
			t.Errorf("%d values", len(got))
		}
	})
}

func TestCurlNeedsAnAddressBeforeAPasswordIsAskedFor(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	login := func(args ...string) result {
		return w.run("", append([]string{"login", alice, "--password-stdin", "--output", "curl"}, args...)...)
	}
	login().refused("the address of the API is not known: give --url")
	login("--url", "http://api.example.com/").refused("want https://")
	login("--url", "https://u:p@api.example.com/").refused("want https://")
}

func TestWhoSignedInIsShownOnlyOnRequest(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	quiet := w.run(password, "login", alice, "--password-stdin")
	quiet.ok()
	if strings.Contains(quiet.err, alice) {
		t.Errorf("standard error: %s", quiet.err)
	}
	r := w.run(password, "login", alice, "--password-stdin", "--verify")
	w.isTokenOf(r.ok(), alice, "access")
	for _, line := range []string{"user: alice\n", "email_verified: true\n", "Signature successfully verified\n", `"username": "alice"`} {
		if !strings.Contains(r.err, line) {
			t.Errorf("no %q in %s", line, r.err)
		}
	}
}

func TestNothingIsStoredUnlessAskedFor(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.run(password, "login", alice, "--password-stdin", "--verify").ok()
	if files := filesBelow(t, w.home); len(files) != 0 {
		t.Errorf("%v", files)
	}
}

func TestUsersWhoMayNotSignInAreToldWhatToDo(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "una", Status: fakecognito.UserUnconfirmed})
	w.add(fakecognito.User{Username: "rita", Password: password, Status: fakecognito.UserResetRequired})
	w.run(password, "login", "rita", "--password-stdin").refused("the password must be reset first", "(PasswordResetRequiredException)")
	w.run(password, "login", "nobody", "--password-stdin").refused("the user name or the password is wrong")
	w.run("", "login", alice, "--password-stdin").refused("there is no terminal to ask on for: Password")
	w.run("\n", "login", alice, "--password-stdin").refused("nothing was entered for: Password")
	w.run(password, "login", alice, "--password-stdin", "--client-id", w.MachineClientID()).refused("the app client does not allow this flow")
	w.run(password, "login", alice, "--password-stdin", "--client-id", "nosuchclient").refused("there is no such app client")
}

func TestWordsOfTheCommandLineThatDoNotBelongAreNotRepeated(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	for _, args := range [][]string{
		{"login", alice, wrongOne}, {"login", alice, "--password", wrongOne}, {"login", alice, "--password=" + wrongOne},
		{"verify", wrongOne}, {"decode", wrongOne}, {"client", "--client-secret", wrongOne}, {wrongOne},
	} {
		r := w.run("", args...) // looks for wrongOne on standard error
		if r.code != cli.ExitUsage || r.out != "" || !strings.Contains(r.err, "never given as arguments") {
			t.Errorf("%s: exit %d, %s", args[0], r.code, r.err)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	for _, command := range []string{"login", "refresh", "client", "whoami", "decode", "verify", "revoke"} {
		if out := w.run("", command, "--help").ok(); strings.Count(out, "token "+command) < 2 {
			t.Errorf("%s: %s", command, out)
		}
	}
	if out := w.run("").ok(); !strings.Contains(out, "whoami") {
		t.Error("no list of commands")
	}
}
