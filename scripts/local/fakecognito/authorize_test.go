package fakecognito_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	verify "github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

func TestSignInAtThePage(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	page := v.signInPage(t, w.request())
	wrong := v.submit(t, page, "username", "alice", "password", "Wrong-Horse-1")
	if wrong.status != http.StatusBadRequest || !strings.Contains(wrong.page, `<p role="alert" id="problem">Incorrect username or password.</p>`) {
		t.Fatalf("a wrong password: status %d", wrong.status)
	}
	signedInAt := float64(w.time().Unix())
	code := v.submit(t, wrong, "username", "alice", "password", alicesPassword).code(t)
	w.pass(time.Minute)
	tokens := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code))
	if tokens.Status != http.StatusOK || tokens.RefreshToken == "" {
		t.Fatalf("status %d, error %q", tokens.Status, tokens.Error)
	}
	t.Run("the access token has the requested scopes", func(t *testing.T) {
		claims, err := w.verifier(t, verify.AccessToken).Verify(t.Context(), verify.NewToken(tokens.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(claims.Scopes, " "); got != "api/users.read email openid" {
			t.Errorf("scopes %q", got)
		}
	})
	t.Run("the ID token has nonce and auth_time", func(t *testing.T) {
		if _, err := w.verifier(t, verify.IDToken).Verify(t.Context(), verify.NewToken(tokens.IDToken)); err != nil {
			t.Fatal(err)
		}
		_, claims := parts(t, tokens.IDToken)
		if claims["nonce"] != "the nonce" || claims["auth_time"] != signedInAt {
			t.Errorf("nonce %v, auth_time %v", claims["nonce"], claims["auth_time"])
		}
		sum := sha256.Sum256([]byte(tokens.AccessToken))
		if want := base64.RawURLEncoding.EncodeToString(sum[:16]); claims["at_hash"] != want {
			t.Errorf("at_hash %v, want %s", claims["at_hash"], want)
		}
	})
	t.Run("the tokens can be refreshed, and keep their scopes", func(t *testing.T) {
		again := w.token(t, "", "", "grant_type", "refresh_token", "client_id", w.WebClientID(), "refresh_token", tokens.RefreshToken)
		_, claims := parts(t, again.AccessToken)
		_, before := parts(t, tokens.AccessToken)
		if claims["scope"] != "api/users.read email openid" || claims["origin_jti"] != before["origin_jti"] || again.RefreshToken != "" {
			t.Errorf("scope %v, same session %t, new refresh token %t", claims["scope"], claims["origin_jti"] == before["origin_jti"], again.RefreshToken != "")
		}
	})
	t.Run("GetUser needs a scope that was not requested", func(t *testing.T) {
		_, err := w.public.GetUser(t.Context(), getUser(tokens.AccessToken))
		wantError(t, err, "NotAuthorizedException", "Access Token does not have required scopes")
	})
	t.Run("using a code twice revokes the session", func(t *testing.T) {
		if again := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code)); again.Error != "invalid_grant" {
			t.Errorf("error %q", again.Error)
		}
		refreshed := w.post(t, "/oauth2/token", "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {w.WebClientID()}, "refresh_token": {tokens.RefreshToken}})
		if refreshed.Error != "invalid_grant" {
			t.Errorf("the refresh token of a stolen code: error %q", refreshed.Error)
		}
	})
}

func TestAuthorizationRequestsThatAreRefused(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	for _, test := range []struct {
		name    string
		changes []string
		failure string // reported to the application; if empty, shown to the person
	}{
		{"a client that does not exist", []string{"client_id", "nobody"}, ""},
		{"an unregistered redirect_uri", []string{"redirect_uri", "https://app.example.com/other"}, ""},
		{"an address that begins like a registered one", []string{"redirect_uri", callback + "&more"}, ""},
		{"no address", []string{"redirect_uri", ""}, ""},
		{"the machine client, which has no address", []string{"client_id", w.MachineClientID()}, ""},
		{"no response type", []string{"response_type", ""}, "invalid_request"},
		{"the implicit grant", []string{"response_type", "token"}, "unsupported_response_type"},
		{"no PKCE", []string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
		{"PKCE with the plain method", []string{"code_challenge_method", "plain"}, "invalid_request"},
		{"PKCE without a method, which would mean plain", []string{"code_challenge_method", ""}, "invalid_request"},
		{"a challenge that no SHA-256 gives", []string{"code_challenge", "short"}, "invalid_request"},
		{"a scope that the client may not have", []string{"scope", "openid api/users.delete"}, "invalid_scope"},
		{"no page may be shown, and nobody is signed in", []string{"prompt", "none"}, "login_required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := w.visitor(t).authorize(t, w.request(test.changes...))
			if test.failure == "" {
				if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
					t.Errorf("status %d to %q, want an error page", a.status, a.header.Get("Location"))
				}
				return
			}
			q := a.location.Query()
			if a.status != http.StatusFound || a.location.Host != "app.example.com" || q.Get("error") != test.failure || q.Get("state") != "the state & more" || q.Get("code") != "" {
				t.Errorf("status %d to %s, error %q, state %q; want error %q", a.status, a.location.Host, q.Get("error"), q.Get("state"), test.failure)
			}
		})
	}
	t.Run("a repeated parameter", func(t *testing.T) {
		q := w.request()
		q.Add("redirect_uri", "https://evil.example.com/")
		if a := w.visitor(t).authorize(t, q); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
		}
	})
}

func TestCodesThatAreNotExchanged(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	v.submit(t, v.signInPage(t, w.request()), "username", "alice", "password", alicesPassword).code(t)
	const minute = time.Minute
	for _, test := range []struct {
		name    string
		changes []string
		after   time.Duration
		failure string
	}{
		{"in time, with everything right", nil, 5*minute - time.Second, ""},
		{"too late", nil, 5 * minute, "invalid_grant"},
		{"another verifier", []string{"code_verifier", strings.Repeat("a", 43)}, 0, "invalid_grant"},
		{"no verifier", []string{"code_verifier", ""}, 0, "invalid_grant"},
		{"another address", []string{"redirect_uri", "https://app.example.com/other"}, 0, "invalid_grant"},
		{"no address", []string{"redirect_uri", ""}, 0, "invalid_request"},
		{"no code", []string{"code", ""}, 0, "invalid_request"},
		{"an unknown code", []string{"code", "unknown"}, 0, "invalid_grant"},
		{"another client", []string{"client_id", w.SecretClientID(), "client_secret", w.SecretClientSecret()}, 0, "invalid_grant"},
		{"a client with a wrong secret", []string{"client_id", w.SecretClientID(), "client_secret", "wrong"}, 0, "invalid_client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			// The browser is signed in, so it gets a code without the page.
			code := v.authorize(t, w.request()).code(t)
			w.pass(test.after)
			if got := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code, test.changes...)); got.Error != test.failure || (got.AccessToken == "") != (test.failure != "") {
				t.Errorf("error %q, want %q", got.Error, test.failure)
			}
		})
	}
	t.Run("a wrong verifier uses the code up", func(t *testing.T) {
		code := v.authorize(t, w.request()).code(t)
		w.post(t, "/oauth2/token", "", "", w.exchangeForm(code, "code_verifier", strings.Repeat("a", 43)))
		if got := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code)); got.Error != "invalid_grant" {
			t.Errorf("error %q", got.Error)
		}
	})
}

func TestClientWithASecretNeedsNoPKCE(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	q := w.request("client_id", w.SecretClientID(), "code_challenge", "", "code_challenge_method", "")
	first := v.submit(t, v.signInPage(t, q), "username", "alice", "password", alicesPassword).code(t)
	form := url.Values{"grant_type": {"authorization_code"}, "code": {first}, "redirect_uri": {callback}}
	if got := w.post(t, "/oauth2/token", w.SecretClientID(), w.SecretClientSecret(), form); got.AccessToken == "" {
		t.Errorf("error %q", got.Error)
	}
	form = url.Values{"grant_type": {"authorization_code"}, "code": {v.authorize(t, q).code(t)}, "redirect_uri": {callback}, "code_verifier": {pkceVerifier}}
	if got := w.post(t, "/oauth2/token", w.SecretClientID(), w.SecretClientSecret(), form); got.Error != "invalid_grant" {
		t.Errorf("a verifier for a code without a challenge: error %q", got.Error)
	}
}
