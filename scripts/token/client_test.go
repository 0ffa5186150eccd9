package token

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// asMachine makes the machine client the one to sign in with and returns the file with its secret.
func (w *world) asMachine() string {
	w.t.Helper()
	w.env["COGNITO_CLIENT_ID"], w.env["COGNITO_TOKEN_URL"] = w.MachineClientID(), w.TokenURL()
	return w.file("machine.txt", w.MachineClientSecret())
}

func TestAProgramSignsInWithItsSecretOnly(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	file := w.asMachine()
	out := w.run("", "client", "--client-secret-file", file).ok()
	w.run(out, "verify", "--token-use", "access").ok()
	if claims := claimsOf(t, out); claims["client_id"] != w.MachineClientID() || claims["scope"] != "api/users.read api/users.write" {
		t.Errorf("client %v, scope %v", claims["client_id"], claims["scope"])
	}
	one := w.run("", "client", "--client-secret-file", file, "--scope", "api/users.read").ok()
	if claims := claimsOf(t, one); claims["scope"] != "api/users.read" {
		t.Errorf("scope %v", claims["scope"])
	}
	two := w.run("", "client", "--client-secret-file", file, "--scope", "api/users.read", "--scope", "api/users.write").ok()
	if claims := claimsOf(t, two); claims["scope"] != "api/users.read api/users.write" {
		t.Errorf("scope %v", claims["scope"])
	}
	w.run("", "client").refused("no client secret: give --client-secret-file, or set COGNITO_CLIENT_SECRET")
	w.run("", "client", "--client-secret-file", w.file("wrong.txt", "wrong")).refused("the client id or the client secret is wrong", "(invalid_client)")
	w.run("", "client", "--client-secret-file", file, "--scope", "api/none").refused("the client does not have one of the scopes", "(invalid_scope)")
	w.run("", "client", "--client-secret-file", file, "--id").refused("there is no ID token: programs get none")
	w.env["COGNITO_CLIENT_SECRET"] = w.MachineClientSecret()
	w.run("", "client", "--output", "json").ok()
}

func TestAClientForPeopleCannotSignInAsAProgram(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.asMachine()
	secret := w.file("web.txt", w.SecretClientSecret())
	w.run("", "client", "--client-id", w.SecretClientID(), "--client-secret-file", secret).refused("this app client is not for programs")
}

func TestTheResourceIsPassedOn(t *testing.T) {
	var form string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		form = string(body)
		io.WriteString(w, `{"access_token":"a.b.c","expires_in":60}`)
	}))
	t.Cleanup(server.Close)
	w := newWorld(t, fakecognito.Options{})
	file := w.asMachine()
	out := w.run("", "client", "--client-secret-file", file, "--token-url", server.URL, "--resource", "https://api.example.com").ok()
	if out != "a.b.c" || form != "grant_type=client_credentials&resource=https%3A%2F%2Fapi.example.com" {
		t.Errorf("%q for %q", out, form)
	}
}

func TestAnInvalidTokenEndpoint(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"a page":                  {200, "<html>", "returned status 200 and no token"},
		"no token":                {200, "{}", "the server sent an invalid token"},
		"a token for two lines":   {200, `{"access_token":"a\nb"}`, "the server sent an invalid token"},
		"not found":               {404, "not found", "returned status 404 and no token"},
		"an error unheard of":     {400, `{"error":"<script>"}`, "returned status 400 and no token"},
		"throttled":               {429, `{}`, "received too many requests"},
		"broken":                  {500, `{"error":"server_error"}`, "Cognito reported an internal error"},
		"a redirect with a token": {302, `{"access_token":"a.b.c"}`, "returned status 302 and no token"},
		"too long":                {200, `{"access_token":"` + strings.Repeat("a", 2<<20) + `"}`, "returned status 200 and no token"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Location", server.URL+"/elsewhere")
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			}))
			t.Cleanup(server.Close)
			w := newWorld(t, fakecognito.Options{})
			w.run("", "client", "--client-secret-file", w.asMachine(), "--token-url", server.URL).refused(tt.says)
			if calls != 1 {
				t.Errorf("%d calls", calls)
			}
		})
	}
	w := newWorld(t, fakecognito.Options{})
	w.run("", "client", "--client-secret-file", w.asMachine(), "--token-url", "http://auth.example.com").refused("token URL", "want https://")
}

func TestSecretFilesThatHoldSomethingElse(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.asMachine()
	client := func(file string) result { return w.run("", "client", "--client-secret-file", file) }
	client(w.file("empty", "\n")).refused("the client secret is empty")
	client(w.file("words", "two words")).refused("contains more than a secret")
	client(w.file("long", strings.Repeat("a", maxSecret+1))).refused("contains more than a secret")
	client("nowhere").refused("client secret: open nowhere")
}
