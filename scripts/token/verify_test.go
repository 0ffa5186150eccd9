package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

func (w *world) mint(o fakecognito.MintOptions) string {
	w.t.Helper()
	token, err := w.Mint(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func TestVerifyPrintsTheClaimsOfAValidToken(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	tokens := w.login()
	for name, token := range map[string]string{"an access token": tokens.Access, "an ID token": tokens.ID,
		"a header's value": "Bearer " + tokens.Access, "with a line break": tokens.Access + "\r\n"} {
		t.Run(name, func(t *testing.T) {
			r := w.run(token, "verify")
			var claims map[string]any
			if err := json.Unmarshal([]byte(r.ok()), &claims); err != nil {
				t.Fatal(err)
			}
			if claims["iss"] != w.Issuer() || !strings.HasSuffix(r.err, "Signature successfully verified\n") {
				t.Errorf("iss %v; %s", claims["iss"], r.err)
			}
		})
	}
}

func TestVerifyReportsWhyATokenIsInvalid(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	valid := w.login()
	other := newWorld(t, fakecognito.Options{})
	for name, tt := range map[string]struct{ token, reason string }{
		"expired":                      {w.mint(fakecognito.MintOptions{Username: alice, IssuedAt: time.Now().Add(-2 * time.Hour)}), "(expired)"},
		"not yet valid":                {w.mint(fakecognito.MintOptions{Username: alice, IssuedAt: time.Now().Add(2 * time.Minute)}), "(not_yet_valid)"},
		"of another pool":              {other.login().Access, "(issuer)"},
		"for another client":           {w.mint(fakecognito.MintOptions{}), "(client)"},
		"signed by a stranger":         {w.mint(fakecognito.MintOptions{Username: alice, Signature: fakecognito.SignedByStranger}), "(signature)"},
		"signed with an unknown key":   {w.mint(fakecognito.MintOptions{Username: alice, Signature: fakecognito.SignedWithUnknownKey}), "(key_unknown)"},
		"signed with the public key":   {w.mint(fakecognito.MintOptions{Username: alice, Signature: fakecognito.SignedWithPublicKey}), "(algorithm)"},
		"unsigned":                     {w.mint(fakecognito.MintOptions{Username: alice, Signature: fakecognito.Unsigned}), "is not valid ("},
		"cut off":                      {valid.Access[:len(valid.Access)-10], "is not valid ("},
		"a refresh token":              {valid.Refresh, "(token_malformed)"},
		"no token":                     {"hello", "(token_malformed)"},
		"nothing":                      {" \n", "there is no token on standard input"},
		"two tokens":                   {valid.Access + " " + valid.ID, "not one token"},
		"longer than any token can be": {strings.Repeat("a", maxToken+1), "longer than"},
	} {
		t.Run(name, func(t *testing.T) { w.run(tt.token, "verify").refused(tt.reason) })
	}
	w.run(valid.ID, "verify", "--token-use", "access").refused("(token_use)")
	w.run(valid.Access, "verify", "--token-use", "id").refused("(token_use)")
	w.run(valid.Access, "verify", "--client-id", w.MachineClientID()).refused("(client)")
	w.run(valid.Access, "verify", "--issuer", other.Issuer()).refused("(issuer)")
}

func TestVerifyChecksTheResourceThatATokenIsBoundTo(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	const api = "https://api.example.com"
	bound := w.mint(fakecognito.MintOptions{Username: alice, Claims: map[string]any{"aud": api}})
	w.run(bound, "verify", "--resource", api).ok()
	w.run(bound, "verify", "--resource", "https://other.example.com", "--resource", api).ok()
	w.run(bound, "verify").refused("(audience)")
	w.run(bound, "verify", "--resource", api+"/").refused("(audience)")
	w.run(w.login().Access, "verify", "--resource", api).refused("the token is not bound to " + api)
}

func TestVerifyDoesNotBlameTheTokenWhenKeysAreMissing(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	token := w.login().Access
	w.SetFaults(fakecognito.Faults{KeysDown: true})
	w.run(token, "verify").refused("the token cannot be verified", "(keys_unavailable)")
}

func TestVerifyGetsTheIssuerOnlyFromTheConfiguration(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	token := w.login().Access
	issuer := w.Issuer()
	w.env = map[string]string{}
	args := []string{"verify", "--client-id", w.WebClientID()}
	w.run(token, append(args, "--issuer", issuer)...).ok()
	w.run(token, args...).refused("no issuer: give --issuer or --user-pool-id, set COGNITO_USER_POOL_ID")
	w.run(token, append(args, "--user-pool-id", w.PoolID())...).refused("(issuer)")
	w.run(token, append(args, "--issuer", "http://cognito.example.com/x")...).refused("want https://")
	w.run(token, "verify", "--issuer", issuer).refused("no app client: give --client-id")
}

func TestDecodePrintsAnyTokenWithAWarningThatItIsNotVerified(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.env = map[string]string{} // needs to know nothing
	r := w.run(w.mint(fakecognito.MintOptions{Username: alice, Signature: fakecognito.Unsigned}), "decode")
	var document struct{ Header, Payload map[string]any }
	if err := json.Unmarshal([]byte(r.ok()), &document); err != nil {
		t.Fatal(err)
	}
	if document.Header["alg"] != "none" || document.Payload["username"] != alice || !strings.Contains(r.err, "NOT VERIFIED") {
		t.Errorf("%v; %s", document.Header, r.err)
	}
}

func TestDecodeRefusesInputThatIsNotAToken(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	for name, tt := range map[string]struct{ token, says string }{
		"one part":               {"abc", "this is not a token"},
		"no base64":              {"!.!.!", "this is not a token"},
		"no JSON":                {"YWJj.YWJj.YWJj", "this is not a token"},
		"a number for an object": {"MQ.MQ.MQ", "this is not a token"},
		"an encrypted token":     {"a.b.c.d.e", "nobody but Cognito can read it"},
		"nothing":                {"", "there is no token on standard input"},
	} {
		t.Run(name, func(t *testing.T) { w.run(tt.token, "decode").refused(tt.says) })
	}
}

func TestATokenCannotTakeOverTheTerminal(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	hostile := "\u009b2J \u202eevil \U000e0041 ü"
	r := w.run(w.mint(fakecognito.MintOptions{Username: alice, Claims: map[string]any{"name": hostile}}), "decode")
	if strings.ContainsAny(r.ok(), "\u009b\u202e\U000e0041") || !strings.Contains(r.out, "ü") {
		t.Errorf("%q", r.out)
	}
	var document struct{ Payload struct{ Name string } }
	if err := json.Unmarshal([]byte(r.out), &document); err != nil || document.Payload.Name != hostile {
		t.Errorf("%q is no longer the same (%v)", document.Payload.Name, err)
	}
}

func TestWhoamiRenamesAttributes(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	token := w.login().Access
	var who userInfo
	if err := json.Unmarshal([]byte(w.run(token, "whoami").ok()), &who); err != nil {
		t.Fatal(err)
	}
	if who.Username != alice || who.Attributes["first_name"] != "Alice" || who.Attributes["given_name"] != "" ||
		who.Attributes["email"] != alicesEmail || who.Attributes["email_verified"] != "true" || who.Attributes["sub"] == "" {
		t.Errorf("%+v", who)
	}
	w.run("nonsense", "whoami").refused("the access token has expired or is not of this pool")
	w.run(w.mint(fakecognito.MintOptions{}), "whoami").refused("access token")
	w.env = map[string]string{}
	w.run(token, "whoami").refused("no region: give --region or --user-pool-id")
}
