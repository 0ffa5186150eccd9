package fakecognito_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

func TestUserInfoAndRevocation(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	code := v.submit(t, v.signInPage(t, w.request()), "username", "alice", "password", alicesPassword).code(t)
	tokens := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code))
	info := func(token string) answer {
		return w.raw(t, http.MethodGet, "/oauth2/userInfo", map[string]string{"Authorization": "Bearer " + token}, "")
	}
	response := info(tokens.AccessToken)
	if response.status != http.StatusOK || !strings.Contains(response.page, `"email_verified":"true"`) || !strings.Contains(response.page, `"username":"alice"`) {
		t.Errorf("status %d", response.status)
	}
	sdk := w.signIn("alice", alicesPassword)
	for name, token := range map[string]string{"an ID token": tokens.IDToken, "a token without openid": *sdk.AccessToken, "junk": "junk", "nothing": ""} {
		if response := info(token); response.status != http.StatusUnauthorized || response.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: status %d", name, response.status)
		}
	}
	if got := w.post(t, "/oauth2/revoke", "", "", url.Values{"client_id": {w.WebClientID()}, "token": {tokens.AccessToken}}); got.Error != "unsupported_token_type" {
		t.Errorf("revoking an access token: error %q", got.Error)
	}
	if got := w.post(t, "/oauth2/revoke", "", "", url.Values{"client_id": {w.WebClientID()}, "token": {tokens.RefreshToken}}); got.Status != http.StatusOK {
		t.Errorf("status %d, error %q", got.Status, got.Error)
	}
	if response := info(tokens.AccessToken); response.status != http.StatusUnauthorized {
		t.Errorf("after the revocation: status %d", response.status)
	}
}
