package cognito_test

import (
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// Whoever can write a token chooses these claims, and the log shows them. So only the form of an ID gets through.
func TestARefusedTokenNamesItsClientAndUserOnlyInTheFormOfIDs(t *testing.T) {
	for name, tt := range map[string]struct {
		options     []cognitotest.TokenOption
		id          bool
		client, sub string
	}{
		"an access token":   {nil, false, cognitotest.WebClient, cognitotest.Subject},
		"an ID token":       {nil, true, cognitotest.WebClient, cognitotest.Subject},
		"another client":    {[]cognitotest.TokenOption{cognitotest.Claim("client_id", "7client0of0somebody0else0")}, false, "7client0of0somebody0else0", cognitotest.Subject},
		"nobody":            {[]cognitotest.TokenOption{cognitotest.Without("sub")}, false, cognitotest.WebClient, ""},
		"an e-mail address": {[]cognitotest.TokenOption{cognitotest.Claim("sub", "alice@example.com"), cognitotest.Claim("client_id", "alice@example.com")}, false, "", ""},
		"a phone number":    {[]cognitotest.TokenOption{cognitotest.Claim("sub", "+353861234567")}, false, cognitotest.WebClient, ""},
		"a name":            {[]cognitotest.TokenOption{cognitotest.Claim("sub", "Alice"), cognitotest.Claim("client_id", "Alice Example")}, false, "", ""},
		"a line of a log":   {[]cognitotest.TokenOption{cognitotest.Claim("sub", "x\n{\"outcome\":\"allow\"}"), cognitotest.Claim("client_id", "\u001b[2J")}, false, "", ""},
		"too much":          {[]cognitotest.TokenOption{cognitotest.Claim("sub", strings.Repeat("a", 37)), cognitotest.Claim("client_id", strings.Repeat("a", 129))}, false, "", ""},
		"a malformed claim": {[]cognitotest.TokenOption{cognitotest.Claim("sub", 7)}, false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			// Each is refused: its signature is by a key of somebody else.
			options := append([]cognitotest.TokenOption{cognitotest.SignedBy(cognitotest.NewKey(t))}, tt.options...)
			token := r.pool.AccessToken(t, options...)
			if tt.id {
				token = r.pool.IDToken(t, options...)
			}
			_, err := r.Verify(t.Context(), token)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if client, sub := cognito.Claimed(err); client != tt.client || sub != tt.sub {
				t.Errorf("got %q, %q; want %q, %q, with %v", client, sub, tt.client, tt.sub, err)
			}
		})
	}
	if client, sub := cognito.Claimed(cognito.ErrMissing); client != "" || sub != "" {
		t.Errorf("no token names %q, %q", client, sub)
	}
}
