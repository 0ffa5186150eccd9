package token

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// impostor answers every call with the next of the documents, the last one for ever, and keeps what it was sent.
func impostor(t *testing.T, documents ...string) (address string, heard *strings.Builder) {
	t.Helper()
	heard = &strings.Builder{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(heard, r.Body); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, documents[0])
		if len(documents) > 1 {
			documents = documents[1:]
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, heard
}

func challengeJSON(t *testing.T, name string, parameters map[string]string, more ...string) string {
	t.Helper()
	document, err := json.Marshal(map[string]any{"ChallengeName": name, "Session": strings.Repeat("s", 40),
		"ChallengeParameters": parameters, "AvailableChallenges": more})
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func tokensDocument(t *testing.T, access string) string {
	t.Helper()
	document, err := json.Marshal(map[string]any{"AuthenticationResult": map[string]any{"AccessToken": access, "ExpiresIn": 60}})
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func TestAServerThatIsNotCognitoGetsNoPasswordAndDoesNoHarm(t *testing.T) {
	srpParameters := func(b string) map[string]string {
		return map[string]string{"USER_ID_FOR_SRP": alice, "SALT": "f00d", "SRP_B": b, "SECRET_BLOCK": "c2VjcmV0"}
	}
	verifier := func(b string) string { return challengeJSON(t, "PASSWORD_VERIFIER", srpParameters(b)) }
	for name, tt := range map[string]struct {
		answers []string
		says    string
	}{
		"it asks for the password itself": {[]string{challengeJSON(t, "PASSWORD", nil)}, "is not part of this flow"},
		"it offers the password":          {[]string{challengeJSON(t, "SELECT_CHALLENGE", nil, "PASSWORD")}, "is not part of this flow"},
		"it offers SRP":                   {[]string{challengeJSON(t, "PASSWORD_SRP", nil)}, "is not part of this flow"},
		"B is zero":                       {[]string{verifier("0")}, "public value out of range"},
		"B is not a number":               {[]string{verifier("xyz")}, "not a hexadecimal number"},
		"B is huge":                       {[]string{verifier(strings.Repeat("f", 500_000))}, "not a hexadecimal number"},
		"B is missing":                    {[]string{challengeJSON(t, "PASSWORD_VERIFIER", nil)}, "missing or wrong username"},
		"it wants the proof twice":        {[]string{verifier("2")}, "none was started"},
		"a passkey":                       {[]string{challengeJSON(t, "WEB_AUTHN", nil)}, "needs a browser"},
		"a remembered device":             {[]string{challengeJSON(t, "DEVICE_SRP_AUTH", nil)}, "which this tool does not have"},
		"something unheard of":            {[]string{challengeJSON(t, "GUESS", nil)}, "the server sent GUESS"},
		"nothing at all":                  {[]string{`{}`}, "neither tokens nor a challenge"},
		"no choice of second factors":     {[]string{challengeJSON(t, "SELECT_MFA_TYPE", nil)}, "offered none"},
		"an invalid list":                 {[]string{challengeJSON(t, "SELECT_MFA_TYPE", map[string]string{"MFAS_CAN_CHOOSE": "{"})}, "not a list"},
		"a second factor by telephone":    {[]string{challengeJSON(t, "MFA_SETUP", map[string]string{"MFAS_CAN_SETUP": `["SMS_MFA"]`})}, "other than an authenticator app"},
		"a token with a line break":       {[]string{tokensDocument(t, "a.b.c\nX-Evil: 1")}, "the server sent an invalid token"},
		"a token with a quote":            {[]string{tokensDocument(t, "a.b.c'; rm -rf /")}, "the server sent an invalid token"},
		"an empty token":                  {[]string{tokensDocument(t, "")}, "the server sent an invalid token"},
		"an endless answer":               {[]string{`{"ChallengeName":"` + strings.Repeat("A", 2<<20) + `"}`}, "cannot reach"},
		"no JSON":                         {[]string{`<html>`}, "cannot reach"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			address, heard := impostor(t, tt.answers...)
			w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = address
			w.run(password, "login", alice, "--password-stdin").refused(tt.says)
			if strings.Contains(heard.String(), password) {
				t.Error("it has the password")
			}
		})
	}
}

func TestAServerCannotKeepTheToolAskingForEver(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	address, _ := impostor(t, challengeJSON(t, "CUSTOM_CHALLENGE", map[string]string{"hint": "again"}))
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = address
	w.run(password+strings.Repeat("\nanswer", 50), "login", alice, "--password-stdin").refused("the server sent more than 12 challenges")
}

func TestTheChallengeOfAPoolsOwnFunctionsIsAnswered(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	address, heard := impostor(t, challengeJSON(t, "CUSTOM_CHALLENGE", map[string]string{"hint": "wipe \x1b[2J the screen", "USERNAME": alice}),
		tokensDocument(t, "a.b.c"))
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = address
	r := w.run(lines(password, "forty-two"), "login", alice, "--password-stdin")
	if r.ok() != "a.b.c" || !strings.Contains(heard.String(), `"ANSWER":"forty-two"`) {
		t.Errorf("printed %q; the server heard %s", r.out, heard)
	}
	if !strings.Contains(r.err, "hint: wipe") || strings.Contains(r.err, "\x1b") {
		t.Errorf("standard error: %q", r.err)
	}
}

func TestASecretDoesNotTravelInTheClear(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	for _, variable := range []string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"} {
		w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = ""
		w.env[variable] = "http://cognito.example.com"
		w.run(password, "login", alice, "--password-stdin", "--flow", "password").refused(`"http://cognito.example.com": want https://`)
	}
}

func TestAnEndpointOfTheConfigurationFileIsChecked(t *testing.T) {
	for name, text := range map[string]string{
		"endpoint_url":      "[default]\nendpoint_url = http://cognito.example.com\n",
		"the service's own": "[default]\nservices = x\n[services x]\ncognito_identity_provider =\n  endpoint_url = http://cognito.example.com\n",
		"another profile's": "[default]\n[profile other]\nendpoint_url = http://cognito.example.com\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"], w.env["AWS_CONFIG_FILE"] = "", file
			if strings.Contains(text, "other") {
				w.env["AWS_PROFILE"] = "other"
			}
			w.run(password, "login", alice, "--password-stdin", "--flow", "password").refused(`"http://cognito.example.com": want https://`)
		})
	}
}

func TestAServerThatDoesNotRespond(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server.URL
	w.env["AWS_MAX_ATTEMPTS"] = "1"
	w.run(password, "login", alice, "--password-stdin").refused("cannot reach " + server.URL)
}
