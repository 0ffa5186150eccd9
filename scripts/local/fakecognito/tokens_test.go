package fakecognito_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	verify "github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// verifier accepts what this pool issues to its own clients, and nothing else.
func (w *world) verifier(t *testing.T, use verify.TokenUse) *verify.Verifier {
	t.Helper()
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(w.Issuer()), Now: w.time})
	if err != nil {
		t.Fatal(err)
	}
	v, err := verify.NewVerifier(verify.Config{
		Issuers: map[string]verify.Issuer{w.Issuer(): {Keys: keys,
			ClientIDs: []string{w.WebClientID(), w.SecretClientID(), w.MachineClientID()}}},
		TokenUses: []verify.TokenUse{use},
		Now:       w.time,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// shape replaces what is different each time by a word that says what it looked like.
func shape(claims map[string]any) map[string]any {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for name, value := range claims {
		if text, isText := value.(string); isText && uuid.MatchString(text) {
			claims[name] = "UUID"
		}
	}
	return claims
}

func TestClaims(t *testing.T) {
	w := start(t, fakecognito.Options{AccessTokenValidity: 5 * time.Minute, IDTokenValidity: 10 * time.Minute})
	w.add(fakecognito.User{
		Username: "bob", Password: alicesPassword, Email: "bob@example.com", Groups: []string{"owners", "admins"},
		Attributes: map[string]string{"given_name": "Bob", "custom:team": "blue"},
	})
	now := float64(w.time().Unix())
	r := w.signIn("bob", alicesPassword)
	machine := w.token(t, w.MachineClientID(), w.MachineClientSecret(), "grant_type", "client_credentials", "scope", "api/users.read")
	groups := []any{"admins", "owners"}
	for _, test := range []struct {
		name  string
		token string
		want  map[string]any
	}{
		{"an access token", aws.ToString(r.AccessToken), map[string]any{
			"iss": w.Issuer(), "sub": "UUID", "username": "bob", "client_id": w.WebClientID(), "token_use": "access",
			"scope": "aws.cognito.signin.user.admin", "cognito:groups": groups, "version": 2.0,
			"origin_jti": "UUID", "event_id": "UUID", "jti": "UUID", "auth_time": now, "iat": now, "exp": now + 300,
		}},
		{"an ID token", aws.ToString(r.IdToken), map[string]any{
			"iss": w.Issuer(), "sub": "UUID", "cognito:username": "bob", "aud": w.WebClientID(), "token_use": "id",
			"email": "bob@example.com", "email_verified": true, "given_name": "Bob", "custom:team": "blue", "cognito:groups": groups,
			"origin_jti": "UUID", "event_id": "UUID", "jti": "UUID", "auth_time": now, "iat": now, "exp": now + 600,
		}},
		{"a machine's access token", machine.AccessToken, map[string]any{
			"iss": w.Issuer(), "sub": w.MachineClientID(), "client_id": w.MachineClientID(), "token_use": "access",
			"scope": "api/users.read", "version": 2.0, "jti": "UUID", "auth_time": now, "iat": now, "exp": now + 300,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			header, claims := parts(t, test.token)
			if got := slices.Sorted(maps.Keys(header)); !slices.Equal(got, []string{"alg", "kid"}) || header["alg"] != "RS256" {
				t.Errorf("header %v, want alg RS256 and kid, nothing else", header)
			}
			if got := shape(claims); !reflect.DeepEqual(got, test.want) {
				t.Errorf("claims\n%v\nwant\n%v", got, test.want)
			}
		})
	}
	t.Run("the tokens of a sign-in share the session, but not jti and kid", func(t *testing.T) {
		accessHeader, access := parts(t, aws.ToString(r.AccessToken))
		idHeader, id := parts(t, aws.ToString(r.IdToken))
		for _, same := range []string{"origin_jti", "event_id", "sub"} {
			if access[same] != id[same] {
				t.Errorf("%s differs", same)
			}
		}
		if access["jti"] == id["jti"] || accessHeader["kid"] == idHeader["kid"] {
			t.Error("jti or kid is the same")
		}
	})
	t.Run("without groups the claim is absent", func(t *testing.T) {
		if _, claims := parts(t, aws.ToString(w.signIn("alice", alicesPassword).AccessToken)); claims["cognito:groups"] != nil {
			t.Errorf("cognito:groups = %v", claims["cognito:groups"])
		}
	})
}

func TestEveryIssuedTokenIsVerified(t *testing.T) {
	w := start(t, fakecognito.Options{})
	r := w.signIn("alice", alicesPassword)
	refreshed, err := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", aws.ToString(r.RefreshToken))
	again := w.tokens(result(refreshed), err)
	machine := w.token(t, w.MachineClientID(), w.MachineClientSecret(), "grant_type", "client_credentials")
	for _, test := range []struct {
		name  string
		use   verify.TokenUse
		token string
	}{
		{"access", verify.AccessToken, aws.ToString(r.AccessToken)},
		{"ID", verify.IDToken, aws.ToString(r.IdToken)},
		{"refreshed access", verify.AccessToken, aws.ToString(again.AccessToken)},
		{"refreshed ID", verify.IDToken, aws.ToString(again.IdToken)},
		{"machine", verify.AccessToken, machine.AccessToken},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := w.verifier(t, test.use).Verify(t.Context(), verify.NewToken(test.token)); err != nil {
				t.Error(err)
			}
			other := verify.AccessToken
			if test.use == other {
				other = verify.IDToken
			}
			if _, err := w.verifier(t, other).Verify(t.Context(), verify.NewToken(test.token)); verify.Reason(err) != "token_use" {
				t.Errorf("as the other kind of token: %v", err)
			}
		})
	}
}

func TestKeySetAndDiscovery(t *testing.T) {
	w := start(t, fakecognito.Options{})
	var discovery map[string]any
	w.getJSON(t, w.Issuer()+"/.well-known/openid-configuration", &discovery)
	if discovery["issuer"] != w.Issuer() || discovery["token_endpoint"] != w.TokenURL() {
		t.Errorf("issuer %v, token endpoint %v", discovery["issuer"], discovery["token_endpoint"])
	}
	var set struct{ Keys []map[string]string }
	header := w.getJSON(t, discovery["jwks_uri"].(string), &set)
	if header.Get("Cache-Control") == "" {
		t.Error("no Cache-Control on the key set")
	}
	if len(set.Keys) != 2 || set.Keys[0]["kid"] == set.Keys[1]["kid"] {
		t.Fatalf("%d keys, want two different ones", len(set.Keys))
	}
	for _, key := range set.Keys {
		if key["alg"] != "RS256" || key["kty"] != "RSA" || key["use"] != "sig" || key["e"] != "AQAB" || len(key["n"]) != 342 || key["d"] != "" {
			t.Errorf("members %v: want a public RSA key of 2048 bits", slices.Sorted(maps.Keys(key)))
		}
	}
	response, err := http.Get(w.URL() + "/eu-west-1_AAAAAAAAA/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("another pool's keys: status %d", response.StatusCode)
	}
}

func TestRotation(t *testing.T) {
	w := start(t, fakecognito.Options{})
	kids := func() []string {
		var set struct{ Keys []struct{ Kid string } }
		w.getJSON(t, w.Issuer()+"/.well-known/jwks.json", &set)
		var all []string
		for _, k := range set.Keys {
			all = append(all, k.Kid)
		}
		return all
	}
	before := aws.ToString(w.signIn("alice", alicesPassword).AccessToken)
	old := kids()
	if err := w.Rotate(); err != nil {
		t.Fatal(err)
	}
	after := aws.ToString(w.signIn("alice", alicesPassword).AccessToken)
	header, _ := parts(t, after)
	if slices.Contains(old, header["kid"].(string)) {
		t.Error("a token issued after the rotation is signed by an old key")
	}
	for name, token := range map[string]string{"before": before, "after": after} {
		if _, err := w.verifier(t, verify.AccessToken).Verify(t.Context(), verify.NewToken(token)); err != nil {
			t.Errorf("a token issued %s the rotation: %v", name, err)
		}
	}
	if got := kids(); len(got) != 4 {
		t.Errorf("%d keys after a rotation, want 4", len(got))
	}
	w.pass(time.Hour)
	if got := kids(); len(got) != 2 || slices.Contains(got, old[0]) {
		t.Errorf("%d keys after all old tokens have expired, want the 2 new ones", len(got))
	}
}

func TestKeysDown(t *testing.T) {
	w := start(t, fakecognito.Options{})
	status := func() int {
		response, err := http.Get(w.Issuer() + "/.well-known/jwks.json")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	w.SetFaults(fakecognito.Faults{KeysDown: true})
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("status %d while the keys are down", got)
	}
	w.SetFaults(fakecognito.Faults{})
	if got := status(); got != http.StatusOK {
		t.Errorf("status %d afterwards", got)
	}
}

func TestMintedTokensAreRejectedForTheRightReason(t *testing.T) {
	w := start(t, fakecognito.Options{})
	other := start(t, fakecognito.Options{})
	for _, test := range []struct {
		name   string
		server *world
		mint   fakecognito.MintOptions
		reason string
	}{
		{"a person's token", w, fakecognito.MintOptions{Username: "alice"}, ""},
		{"a machine's token", w, fakecognito.MintOptions{}, ""},
		{"with a group that the user is not in", w, fakecognito.MintOptions{Username: "alice", Claims: map[string]any{"cognito:groups": []string{"admins"}}}, ""},
		{"issued two hours ago", w, fakecognito.MintOptions{Username: "alice", IssuedAt: w.time().Add(-2 * time.Hour)}, "expired"},
		{"an ID token", w, fakecognito.MintOptions{Username: "alice", ID: true}, "token_use"},
		{"for another client", w, fakecognito.MintOptions{Username: "alice", Claims: map[string]any{"client_id": "another"}}, "client"},
		{"without a client", w, fakecognito.MintOptions{Username: "alice", Claims: map[string]any{"client_id": nil}}, "client"},
		{"of another pool", other, fakecognito.MintOptions{Username: "alice"}, "issuer"},
		{"of another pool with the iss of this one", other, fakecognito.MintOptions{Username: "alice", Claims: map[string]any{"iss": w.Issuer(), "client_id": w.WebClientID()}}, "key_unknown"},
		{"signed with an unpublished key and the pool's kid", w, fakecognito.MintOptions{Username: "alice", Signature: fakecognito.SignedByStranger}, "signature"},
		{"signed with an unpublished key", w, fakecognito.MintOptions{Username: "alice", Signature: fakecognito.SignedWithUnknownKey}, "key_unknown"},
		{"HS256 with the public key", w, fakecognito.MintOptions{Username: "alice", Signature: fakecognito.SignedWithPublicKey}, "algorithm"},
		{"alg none, no signature", w, fakecognito.MintOptions{Username: "alice", Signature: fakecognito.Unsigned}, "token_malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			token, err := test.server.Mint(test.mint)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.verifier(t, verify.AccessToken).Verify(t.Context(), verify.NewToken(token))
			if got := verify.Reason(err); got != test.reason {
				t.Errorf("reason %q, want %q", got, test.reason)
			}
			_, err = w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: aws.String(token)})
			if err == nil {
				t.Error("GetUser accepted it")
			}
		})
	}
	for name, mint := range map[string]fakecognito.MintOptions{
		"an unknown user":      {Username: "nobody"},
		"a machine's ID token": {ID: true},
		"an unknown signature": {Signature: 99},
	} {
		if _, err := w.Mint(mint); err == nil {
			t.Errorf("%s: minted", name)
		}
	}
}

// getJSON fetches a public document and checks that scripts of any origin may read it.
func (w *world) getJSON(t *testing.T, address string, into any) http.Header {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", address, response.StatusCode, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%s: no CORS header", address)
	}
	return response.Header
}

func TestInvalidOptions(t *testing.T) {
	for name, test := range map[string]struct {
		options fakecognito.Options
		named   []string
	}{
		"not a loopback address":          {fakecognito.Options{Listen: "0.0.0.0:0"}, []string{"Listen"}},
		"an address without a port":       {fakecognito.Options{Listen: "9229"}, []string{"Listen"}},
		"a host name":                     {fakecognito.Options{Listen: "example.com:80"}, []string{"Listen"}},
		"an invalid region":               {fakecognito.Options{Region: "Ireland"}, []string{"Region"}},
		"a grace of an hour":              {fakecognito.Options{RefreshTokenGrace: time.Hour}, []string{"RefreshTokenGrace"}},
		"a negative validity":             {fakecognito.Options{AccessTokenValidity: -time.Hour}, []string{"validities"}},
		"an unknown MFA setting":          {fakecognito.Options{MFA: "MAYBE"}, []string{"MFA"}},
		"an unknown attribute":            {fakecognito.Options{RequiredAttributes: []string{"shoe_size"}}, []string{"shoe_size"}},
		"a callback that is not absolute": {fakecognito.Options{CallbackURLs: []string{"/callback"}}, []string{"/callback"}},
		"several problems":                {fakecognito.Options{Region: "x", MFA: "y"}, []string{"Region", "MFA"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := fakecognito.Start(test.options)
			if err == nil {
				s.Close()
				t.Fatal("started")
			}
			for _, word := range test.named {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not name %s: %v", word, err)
				}
			}
		})
	}
}

func Example() {
	server, err := fakecognito.Start(fakecognito.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	_, err = server.AddUser(fakecognito.User{Username: "alice", Password: "Correct-Horse-1", Groups: []string{"admins"}})
	fmt.Println(err)
	fmt.Println(server.Issuer() == server.URL()+"/"+server.PoolID())
	// Output:
	// <nil>
	// true
}
