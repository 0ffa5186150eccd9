package cognito_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func TestAHeaderThatIsNotExactlyCognitosIsRefused(t *testing.T) {
	r := newRig(t)
	key := r.pool.Keys()[0]
	kid := key.ID
	var rows []row
	raw := func(name, header string, want error) {
		rows = append(rows, row{name: name, token: r.pool.AccessToken(t, cognitotest.RawHeader(header)), want: want})
	}
	member := func(name, value string, want error) {
		raw(name+": "+value, fmt.Sprintf(`{"kid":%q,"alg":"RS256",%q:%s}`, kid, name, value), want)
	}

	raw("null", `null`, cognito.ErrHeader)
	raw("an array", `[]`, cognito.ErrHeader)
	raw("a string", `"RS256"`, cognito.ErrHeader)
	raw("not JSON", `alg=RS256`, cognito.ErrHeader)
	raw("cut short", `{"kid":"x","alg":"RS256"`, cognito.ErrHeader)
	raw("an empty object", `{}`, cognito.ErrAlgorithm)
	raw("a byte order mark", "\ufeff"+`{"kid":"x","alg":"RS256"}`, cognito.ErrHeader)
	raw("two objects", fmt.Sprintf(`{"kid":%q,"alg":"RS256"}{}`, kid), cognito.ErrHeader)
	raw("a comment", fmt.Sprintf(`{"kid":%q,/**/"alg":"RS256"}`, kid), cognito.ErrHeader)
	raw("invalid UTF-8", `{"kid":"`+"\xff"+`","alg":"RS256"}`, cognito.ErrHeader)
	raw("a lone surrogate", `{"kid":"\ud800","alg":"RS256"}`, cognito.ErrHeader)
	raw("longer than the cap", fmt.Sprintf(`{"kid":%q,"alg":"RS256"%s}`, kid, strings.Repeat(" ", 1024)), cognito.ErrHeader)

	raw("alg missing", fmt.Sprintf(`{"kid":%q}`, kid), cognito.ErrAlgorithm)
	for _, alg := range []string{
		`null`, `256`, `["RS256"]`, `{}`, `true`, `""`, `"none"`, `"None"`, `"nOnE"`, `"HS256"`, `"HS384"`, `"HS512"`,
		`"RS384"`, `"RS512"`, `"PS256"`, `"ES256"`, `"ES256K"`, `"EdDSA"`, `"Ed25519"`, `"ML-DSA-44"`, `"ML-DSA-65"`,
		`"RSA-OAEP"`, `"rs256"`, `"Rs256"`, `"RS256 "`, `" RS256"`, `"RS256\u0000"`, `"ＲＳ256"`,
	} {
		raw("alg: "+alg, fmt.Sprintf(`{"kid":%q,"alg":%s}`, kid, alg), cognito.ErrAlgorithm)
	}
	raw("alg twice", fmt.Sprintf(`{"alg":"RS256","kid":%q,"alg":"RS256"}`, kid), cognito.ErrHeader)
	raw("alg twice, once escaped", fmt.Sprintf(`{"alg":"RS256","kid":%q,"\u0061lg":"none"}`, kid), cognito.ErrHeader)
	raw("kid twice", fmt.Sprintf(`{"kid":%q,"alg":"RS256","kid":"x"}`, kid), cognito.ErrHeader)
	member("Alg", `"none"`, cognito.ErrHeaderMember)
	member("KID", `"x"`, cognito.ErrHeaderMember)

	for name, values := range map[string][]string{
		"crit":     {`[]`, `["x"]`, `["b64"]`, `null`},
		"b64":      {`false`, `true`},
		"jwk":      {`{}`, `{"kty":"oct","k":"AA"}`},
		"x5c":      {`[]`, `["AA"]`},
		"x5t":      {`"AA"`},
		"x5t#S256": {`"AA"`},
		"zip":      {`"DEF"`},
		"cty":      {`"JWT"`},
		"enc":      {`"A256GCM"`},
		"nonce":    {`"x"`},
		"url":      {`"https://example.com"`},
		"p2c":      {`1`},
		"":         {`1`},
	} {
		for _, value := range values {
			member(name, value, cognito.ErrHeaderMember)
		}
	}

	raw("kid missing", `{"alg":"RS256"}`, cognito.ErrKeyID)
	for name, value := range map[string]string{
		"empty": `""`, "a number": `1`, "null": `null`, "an array": `["x"]`, "a path": `"../../"`, "a deep path": `"../../../etc/passwd"`,
		"SQL": `"' OR 1=1 --"`, "a NUL": `"x\u0000"`, "a line feed": `"x\ny"`, "a faked log line": `"x\r\n{\"level\":\"INFO\"}"`,
		"Unicode": `"ключ"`, "right to left": `"\u202ex"`, "an address": `"https://evil.example/jwks.json"`,
		"129 characters": `"` + strings.Repeat("k", 129) + `"`, "of another case": `"KID KID"`,
	} {
		raw("kid "+name, `{"alg":"RS256","kid":`+value+`}`, cognito.ErrKeyID)
	}
	raw("kid of 10 KB", `{"alg":"RS256","kid":"`+strings.Repeat("k", 10<<10)+`"}`, cognito.ErrTooLarge)
	raw("kid of 1 KB", `{"alg":"RS256","kid":"`+strings.Repeat("k", 1<<10)+`"}`, cognito.ErrHeader)

	for _, typ := range []string{`"x"`, `"JWE"`, `""`, `null`, `1`, `["JWT"]`, `"dpop+jwt"`, `"refresh"`, `"JWT "`} {
		member("typ", typ, cognito.ErrType)
	}
	for _, typ := range []string{`"JWT"`, `"jwt"`, `"at+jwt"`, `"AT+JWT"`} {
		member("typ", typ, nil)
		rows[len(rows)-1].fetches = 1
	}
	r.run(t, rows)
}

func TestAnAddressInAHeaderIsNeverCalled(t *testing.T) {
	var calls atomic.Int32
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer evil.Close()
	r := newRig(t)
	mine := cognitotest.NewKey(t)
	public := mine.JWK()
	private := mine.JWK()
	private["d"] = "AQAB"
	var rows []row
	for name, value := range map[string]any{
		"jku": evil.URL, "x5u": evil.URL, "kid": evil.URL, "jwk": public, "x5c": []string{evil.URL}, "iss": evil.URL,
	} {
		want := cognito.ErrHeaderMember
		if name == "kid" {
			want = cognito.ErrKeyID
		}
		token := r.pool.AccessToken(t, cognitotest.SignedBy(mine), cognitotest.Header(name, value))
		rows = append(rows, row{name: name, token: token, want: want})
	}
	rows = append(rows, row{
		name: "jwk with its private half", want: cognito.ErrHeaderMember,
		token: r.pool.AccessToken(t, cognitotest.SignedBy(mine), cognitotest.Header("jwk", private)),
	}, row{
		name: "iss in the payload", want: cognito.ErrIssuer,
		token: r.pool.AccessToken(t, cognitotest.SignedBy(mine), cognitotest.Claim("iss", evil.URL)),
	})
	r.run(t, rows)
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls to an address that a token chose", n)
	}
}

func TestAKeyIsLookedUpWithTheTokensOwnIssuer(t *testing.T) {
	clock := cognitotest.NewClock()
	other := newRig(t)
	r := newRig(t, func(c *cognito.Config) {
		c.Issuers[other.pool.Issuer()] = cognito.Issuer{Keys: other.keys, ClientIDs: []string{cognitotest.WebClient}}
		c.Now = clock.Now
	})
	token := r.pool.AccessToken(t, cognitotest.Header("kid", other.pool.Keys()[0].ID), cognitotest.SignedBy(other.pool.Keys()[0]))
	claims, err := r.Verify(t.Context(), token)
	check(t, token, claims, err, jwks.ErrUnknownKey)
	if got := cognito.KeyID(err); got != other.pool.Keys()[0].ID {
		t.Errorf("key id for the log %q", got)
	}
	if own, others := r.pool.Fetches(), other.pool.Fetches(); own != 1 || others != 0 {
		t.Errorf("%d fetches from its issuer and %d from the other, want 1 and 0", own, others)
	}
	r.mustVerify(t, other.pool.AccessToken(t)) // the other issuer's own tokens are fine
}

// Headers are cached to avoid decoding them again. The cache must not change a result.
func TestACachedHeaderChangesNoResult(t *testing.T) {
	r := newRig(t)
	r.mustVerify(t, r.pool.AccessToken(t))
	var many []cognitotest.Key // more headers than are remembered
	for i := range 40 {
		many = append(many, cognitotest.Key{ID: fmt.Sprintf("key-%d", i), Private: r.pool.Keys()[0].Private})
	}
	r.pool.Publish(cognitotest.KeySet(t, append(many, r.pool.Keys()[0])...))
	forger := cognitotest.NewKey(t)
	for range 2 {
		for _, key := range many {
			named := cognitotest.Header("kid", key.ID)
			r.mustVerify(t, r.pool.AccessToken(t, named))
			forged := r.pool.AccessToken(t, named, cognitotest.SignedBy(forger)) // the same header text
			claims, err := r.Verify(t.Context(), forged)
			check(t, forged, claims, err, cognito.ErrSignature)
		}
	}

	gone := many[0]
	r.pool.Publish(cognitotest.KeySet(t, many[1:]...))
	r.clock.Advance(jwks.RefreshAfter)
	claims := r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Header("kid", many[1].ID)))
	if claims.KeyOrigin != jwks.OriginFetch {
		t.Errorf("key source %q", claims.KeyOrigin)
	}
	withdrawn := r.pool.AccessToken(t, cognitotest.Header("kid", gone.ID))
	claims, err := r.Verify(t.Context(), withdrawn)
	check(t, withdrawn, claims, err, jwks.ErrUnknownKey)
}

func TestTheHeaderOfTheTestKitIsCognitos(t *testing.T) {
	r := newRig(t)
	text := strings.Split(r.pool.AccessToken(t).Reveal(), ".")[0]
	var header map[string]string
	if err := json.Unmarshal(decode(t, text), &header); err != nil {
		t.Fatal(err)
	}
	if len(header) != 2 || header["alg"] != "RS256" || header["kid"] != r.pool.Keys()[0].ID {
		t.Errorf("got %v", header)
	}
}
