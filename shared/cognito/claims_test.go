package cognito_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// kit makes rows of tokens that are signed properly and wrong in one claim.
type kit struct {
	*rig
	t    *testing.T
	rows []row
}

func newKit(t *testing.T) *kit { return &kit{rig: newRig(t), t: t} }

func (k *kit) add(name string, token cognito.Token, want error) {
	fetches := 0
	if want == nil {
		fetches = 1 // the claims are fine, so its key is asked for
	}
	k.rows = append(k.rows, row{name, token, want, fetches})
}

func (k *kit) access(name string, want error, options ...cognitotest.TokenOption) {
	k.add("access token: "+name, k.pool.AccessToken(k.t, options...), want)
}

func (k *kit) id(name string, want error, options ...cognitotest.TokenOption) {
	k.add("ID token: "+name, k.pool.IDToken(k.t, options...), want)
}

func (k *kit) machine(name string, want error, options ...cognitotest.TokenOption) {
	k.add("machine token: "+name, k.pool.MachineToken(k.t, options...), want)
}

// both checks a claim in both kinds of token.
func (k *kit) both(name string, want error, options ...cognitotest.TokenOption) {
	k.access(name, want, options...)
	k.id(name, want, options...)
}

// payload checks a valid access token whose payload was changed as a string.
func (k *kit) payload(name string, want error, change func(valid string) string) {
	_, valid, _ := parts(k.t, k.pool.AccessToken(k.t))
	k.access(name, want, cognitotest.RawPayload(change(string(valid))))
}

func (k *kit) run() { k.rig.run(k.t, k.rows) }

var (
	claim   = cognitotest.Claim
	without = cognitotest.Without
)

// with puts members at the beginning of an object.
func with(members string) func(string) string {
	return func(valid string) string { return strings.Replace(valid, "{", "{"+members+",", 1) }
}

func TestTheTimesOfAToken(t *testing.T) {
	k := newKit(t)
	now := k.clock.Now().Unix()
	k.both("exp missing", cognito.ErrExpiry, without("exp"))
	for name, value := range map[string]any{
		"null": nil, "a string": "1795363600", "a date": "2027-01-01T00:00:00Z", "a fraction": json.RawMessage(fmt.Sprintf("%d.5", now+60)),
		"a fraction of nothing": json.RawMessage(fmt.Sprintf("%d.0", now+60)), "an exponent": json.RawMessage("2e9"),
		"over every float": json.RawMessage("1e400"), "negative": -1, "minus zero": json.RawMessage("-0"), "2^53+1": int64(1<<53 + 1),
		"2^63-1": int64(1<<63 - 1), "2^64": json.RawMessage("18446744073709551616"), "the year 33658": int64(1e12), "true": true,
		"a list": []int64{now + 60}, "an object": map[string]any{"value": now + 60}, "a million digits' beginning": json.RawMessage(strings.Repeat("9", 400)),
	} {
		k.both("exp "+name, cognito.ErrExpiry, claim("exp", value))
		k.both("iat "+name, cognito.ErrIssuedAt, claim("iat", value))
		k.both("nbf "+name, cognito.ErrTime, claim("nbf", value))
		k.both("auth_time "+name, cognito.ErrTime, claim("auth_time", value))
	}
	k.both("exp 0", cognito.ErrExpired, claim("exp", 0))
	k.both("exp now", cognito.ErrExpired, claim("exp", now))
	k.both("exp a second ago", cognito.ErrExpired, claim("exp", now-1))
	k.both("exp in a second", nil, claim("exp", now+1))
	k.both("the end of the year 9999", cognito.ErrLifetime, claim("exp", 253402300799))
	k.both("a day", nil, claim("exp", now+86400))
	k.both("a day and the minute for rounding", nil, claim("exp", now+86460))
	k.both("a second more than that", cognito.ErrLifetime, claim("exp", now+86461))
	k.both("iat 0", cognito.ErrLifetime, claim("iat", 0))
	k.both("iat missing", cognito.ErrIssuedAt, without("iat"))
	k.both("iat after exp", cognito.ErrIssuedAt, claim("iat", now+61), claim("exp", now+60))
	k.both("iat now", nil, claim("iat", now))
	for _, name := range []string{"iat", "nbf", "auth_time"} {
		k.both(name+" in a second", cognito.ErrNotYetValid, claim(name, now+1))
		k.both(name+" now", nil, claim(name, now))
	}
	k.both("auth_time long ago, as after a refresh", nil, claim("auth_time", now-86400*3000))
	k.both("auth_time missing", nil, without("auth_time"))
	k.run()
}

func TestToleranceIsExactToTheSecond(t *testing.T) {
	r := newRig(t)
	now := r.clock.Now()
	seconds := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, tt := range []struct {
		name         string
		leeway, skew time.Duration
		option       cognitotest.TokenOption
		want         error
	}{
		{"the last second of the leeway", 30 * time.Second, 0, claim("exp", seconds(-29*time.Second)), nil},
		{"the leeway is over", 30 * time.Second, 0, claim("exp", seconds(-30*time.Second)), cognito.ErrExpired},
		{"a second past the leeway", 30 * time.Second, 0, claim("exp", seconds(-31*time.Second)), cognito.ErrExpired},
		{"the clock skew does not extend the leeway", 0, 30 * time.Second, claim("exp", seconds(0)), cognito.ErrExpired},
		{"the leeway does not extend the clock skew", 30 * time.Second, 0, claim("iat", seconds(time.Second)), cognito.ErrNotYetValid},
		{"iat within the skew", 0, 30 * time.Second, claim("iat", seconds(30*time.Second)), nil},
		{"iat past the skew", 0, 30 * time.Second, claim("iat", seconds(31*time.Second)), cognito.ErrNotYetValid},
		{"nbf within the skew", 0, 30 * time.Second, claim("nbf", seconds(30*time.Second)), nil},
		{"nbf past the skew", 0, 30 * time.Second, claim("nbf", seconds(31*time.Second)), cognito.ErrNotYetValid},
		{"auth_time within the skew", 0, 30 * time.Second, claim("auth_time", seconds(30*time.Second)), nil},
		{"auth_time past the skew", 0, 30 * time.Second, claim("auth_time", seconds(31*time.Second)), cognito.ErrNotYetValid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := r.again(t, func(c *cognito.Config) { c.Leeway, c.ClockSkew = tt.leeway, tt.skew })
			token := r.pool.AccessToken(t, cognitotest.At(-time.Hour), claim("exp", seconds(time.Minute)), tt.option)
			claims, err := r.Verify(t.Context(), token)
			check(t, token, claims, err, tt.want)
		})
	}
}

func TestATokenOfAnotherUseIsRefused(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		name     string
		accepted []cognito.TokenUse
		token    cognito.Token
		want     error
	}{
		{"an access token for an access verifier", []cognito.TokenUse{cognito.AccessToken}, r.pool.AccessToken(t), nil},
		{"an ID token for an access verifier", []cognito.TokenUse{cognito.AccessToken}, r.pool.IDToken(t), cognito.ErrTokenUse},
		{"an ID token for an ID verifier", []cognito.TokenUse{cognito.IDToken}, r.pool.IDToken(t), nil},
		{"an access token for an ID verifier", []cognito.TokenUse{cognito.IDToken}, r.pool.AccessToken(t), cognito.ErrTokenUse},
		{"an ID token that calls itself access", []cognito.TokenUse{cognito.AccessToken}, r.pool.IDToken(t, claim("token_use", "access")), cognito.ErrClient},
		{"an access token that calls itself id", []cognito.TokenUse{cognito.IDToken}, r.pool.AccessToken(t, claim("token_use", "id")), cognito.ErrAudience},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := r.again(t, func(c *cognito.Config) { c.TokenUses = tt.accepted })
			claims, err := r.Verify(t.Context(), tt.token)
			check(t, tt.token, claims, err, tt.want)
		})
	}
	k := newKit(t)
	k.both("token_use missing", cognito.ErrTokenUse, without("token_use"))
	for _, value := range []any{nil, "", "refresh", "ACCESS", "Access", "access ", "access,id", 1, true, []string{"access"}, []string{"id"}, map[string]any{}} {
		k.both(fmt.Sprintf("token_use %#v", value), cognito.ErrTokenUse, claim("token_use", value))
	}
	k.run()
}

func TestOnlyTheExactIssuerIsAccepted(t *testing.T) {
	pool := cognitotest.NewPool(t)
	const id = "eu-west-1_AbCdEfGhI"
	original, updated := "https://cognito-idp.eu-west-1.amazonaws.com/"+id, "https://issuer-cognito-idp.eu-west-1.amazonaws.com/"+id
	asked := 0
	source := sourceFunc(func(ctx context.Context, kid string) (jwks.Key, error) { asked++; return keysOf(pool).Key(ctx, kid) })
	verify := func(t *testing.T, iss any, accepted ...string) error {
		issuers := make(map[string]cognito.Issuer)
		for _, a := range accepted {
			issuers[a] = cognito.Issuer{Keys: source, ClientIDs: []string{cognitotest.WebClient}}
		}
		v, err := cognito.NewVerifier(cognito.Config{Issuers: issuers, TokenUses: []cognito.TokenUse{cognito.AccessToken}})
		if err != nil {
			t.Fatal(err)
		}
		token := pool.AccessToken(t, claim("iss", iss)) // signed by a valid key, so that only iss can stop it
		asked = 0
		claims, err := v.Verify(t.Context(), token)
		want := cognito.ErrIssuer
		if s, ok := iss.(string); ok && slices.Contains(accepted, s) {
			want = nil
		}
		check(t, token, claims, err, want)
		if want != nil && asked > 0 {
			t.Error("a key was asked for")
		}
		return err
	}
	for name, iss := range map[string]any{
		"an empty string": "", "null": nil, "a number": 1, "an array": []string{original}, "an object": map[string]any{"iss": original},
		"with a trailing slash":       original + "/",
		"http":                        strings.Replace(original, "https", "http", 1),
		"without a scheme":            strings.TrimPrefix(original, "https://"),
		"in upper case":               strings.ToUpper(original),
		"of another case in the host": strings.Replace(original, "cognito-idp", "Cognito-IDP", 1),
		"of another case in the pool": strings.ToLower(original),
		"of another region":           strings.Replace(original, "idp.eu-west-1", "idp.us-east-1", 1),
		"of a replica region":         "https://cognito-idp.eu-central-1.amazonaws.com/" + id,
		"of another pool":             "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other0000",
		"with something behind":       original + ".evil.example",
		"cut short":                   original[:len(original)-1],
		"with a path behind":          original + "/../" + id,
		"with a query":                original + "?x",
		"with a fragment":             original + "#x",
		"with user info":              "https://cognito-idp.eu-west-1.amazonaws.com@evil.example/" + id,
		"on another host":             "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/" + id,
		"with a port":                 strings.Replace(original, ".com/", ".com:443/", 1),
		"percent-encoded":             strings.Replace(original, "_", "%5F", 1),
		"with a space behind":         original + " ",
		"with a NUL behind":           original + "\x00",
		"in US GovCloud":              "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbCdEfGhI",
		"in the European cloud":       "https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_AbCdEfGhI",
		"in China":                    "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI",
		"a FIPS host":                 strings.Replace(original, "cognito-idp", "cognito-idp-fips", 1),
		"the managed login domain":    "https://example.auth.eu-west-1.amazoncognito.com",
	} {
		t.Run(name, func(t *testing.T) { _ = verify(t, iss, original, updated) })
	}
	t.Run("the updated form where only the original is accepted", func(t *testing.T) { _ = verify(t, updated, original) })
	t.Run("the original form where only the updated is accepted", func(t *testing.T) { _ = verify(t, original, updated) })
	for _, iss := range []string{
		original, updated, "https://cognito-idp.eu-central-1.amazonaws.com/" + id,
		"https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbCdEfGhI",
		"https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_AbCdEfGhI",
	} {
		t.Run("accepted once configured: "+iss, func(t *testing.T) { _ = verify(t, iss, original, updated, iss) })
	}
	k := newKit(t)
	k.both("iss missing", cognito.ErrIssuer, without("iss"))
	twin := cognitotest.NewPool(t, cognitotest.WithKeysOf(k.pool), cognitotest.WithClock(k.clock))
	k.add("the same keys, another pool", twin.AccessToken(t), cognito.ErrIssuer)
	k.run()
}

func TestOnlyAnAllowedClientIsAccepted(t *testing.T) {
	k := newKit(t)
	const web, machine = cognitotest.WebClient, cognitotest.MachineClient
	k.access("client_id missing", cognito.ErrClient, without("client_id"))
	for name, value := range map[string]any{
		"another": "someoneelse", "empty": "", "null": nil, "a number": 1, "an array": []string{web}, "of another case": strings.ToUpper(web),
		"cut short": web[:10], "with a space": web + " ", "an object": map[string]any{},
	} {
		k.access("client_id "+name, cognito.ErrClient, claim("client_id", value))
		k.id("client_id beside aud "+name, cognito.ErrClient, claim("client_id", value))
		if name != "an array" {
			k.id("aud "+name, cognito.ErrAudience, claim("aud", value))
			k.access("aud beside client_id "+name, cognito.ErrAudience, claim("aud", value))
		}
	}
	k.access("aud instead of client_id", cognito.ErrClient, without("client_id"), claim("aud", web))
	k.access("aud of the same client", nil, claim("aud", web))
	k.access("aud of the same client, in an array", nil, claim("aud", []string{web}))
	k.access("aud of another accepted client", cognito.ErrAudience, claim("aud", machine))
	k.access("aud of another API (RFC 8707)", cognito.ErrAudience, claim("aud", "https://other-api.example.com"))
	k.access("aud an empty array", cognito.ErrAudience, claim("aud", []string{}))
	k.access("aud with a number in it", cognito.ErrAudience, claim("aud", []any{web, 1}))
	k.id("aud missing", cognito.ErrAudience, without("aud"))
	k.id("client_id instead of aud", cognito.ErrAudience, without("aud"), claim("client_id", web))
	k.id("aud in an array", nil, claim("aud", []string{web}))
	k.id("aud an empty array", cognito.ErrAudience, claim("aud", []string{}))
	k.id("aud an array of numbers", cognito.ErrAudience, claim("aud", []int{1}))
	k.id("aud a superset", cognito.ErrAudience, claim("aud", []string{web, "someoneelse"}))
	k.id("aud the same twice", cognito.ErrAudience, claim("aud", []string{web, web}))
	k.id("aud two accepted clients", cognito.ErrAudience, claim("aud", []string{web, machine}))
	k.id("client_id beside aud the same", nil, claim("client_id", web))
	k.id("client_id beside aud another accepted one", cognito.ErrClient, claim("client_id", machine))
	k.run()
}

func TestAnAccessTokenBoundToThisAPIIsAccepted(t *testing.T) {
	const api = "https://api.example.com"
	r := newRig(t, func(c *cognito.Config) {
		for iss, issuer := range c.Issuers {
			issuer.Audiences = []string{api}
			c.Issuers[iss] = issuer
		}
	})
	r.mustVerify(t, r.pool.AccessToken(t))
	r.mustVerify(t, r.pool.AccessToken(t, claim("aud", api)))
	r.mustVerify(t, r.pool.AccessToken(t, claim("aud", []string{"https://other.example.com", api})))
	for name, token := range map[string]cognito.Token{
		"another API":                r.pool.AccessToken(t, claim("aud", api+".evil.example")),
		"an ID token for an API":     r.pool.IDToken(t, claim("aud", api)),
		"a resource is not a client": r.pool.AccessToken(t, claim("aud", api), claim("client_id", api)),
		"the API with another case":  r.pool.AccessToken(t, claim("aud", strings.ToUpper(api))),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Verify(t.Context(), token); cognito.Reason(err) != "audience" && cognito.Reason(err) != "client" {
				t.Errorf("got %v", err)
			}
		})
	}
}
