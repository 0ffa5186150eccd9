package cognito_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func TestAHeaderMayBeAsLongAsItsBoundAndNotOneByteLonger(t *testing.T) {
	k := newKit(t)
	header := fmt.Sprintf(`{"alg":"RS256","kid":%q}`, k.pool.Keys()[0].ID)
	spaces := func(length int) cognitotest.TokenOption {
		return cognitotest.RawHeader(header + strings.Repeat(" ", length-len(header)))
	}
	k.access("1024 bytes", nil, spaces(1024))
	k.access("1025 bytes", cognito.ErrHeader, spaces(1025))
	k.run()
}

// Keys of 2048 to 4096 bits are usable. A signature of any other length costs no fetch of keys.
func TestASignatureIsAsLongAsSomeUsableKey(t *testing.T) {
	r := newRig(t)
	header, payload, _ := parts(t, r.pool.AccessToken(t))
	var rows []row
	for length, fetches := range map[int]int{255: 0, 256: 1, 384: 1, 512: 1, 513: 0} {
		rows = append(rows, row{fmt.Sprintf("%d bytes", length), cognitotest.Unsigned(header, payload, make([]byte, length)), cognito.ErrSignature, fetches})
	}
	r.run(t, rows)
}

func TestATokenMayEndWhenItBegins(t *testing.T) {
	r := newRig(t, func(c *cognito.Config) { c.Leeway, c.ClockSkew = 30*time.Second, 30*time.Second })
	now := r.clock.Now().Unix()
	r.mustVerify(t, r.pool.AccessToken(t, claim("iat", now), claim("exp", now)))
	token := r.pool.AccessToken(t, claim("iat", now+1), claim("exp", now))
	claims, err := r.Verify(t.Context(), token)
	check(t, token, claims, err, cognito.ErrIssuedAt)
}

func TestTheToleranceOfAConfigurationIsAtMostAMinute(t *testing.T) {
	r := newRig(t, func(c *cognito.Config) { c.Leeway, c.ClockSkew = time.Minute, time.Minute })
	now := r.clock.Now().Unix()
	r.mustVerify(t, r.pool.AccessToken(t, claim("iat", now-60), claim("exp", now-59)))
	r.mustVerify(t, r.pool.AccessToken(t, claim("iat", now+60), claim("auth_time", now+60)))
}

func TestAConfigurationNamesItsClaimsAndCachesNoNegativeNumberOfTokens(t *testing.T) {
	source := keysOf(cognitotest.NewPool(t))
	for want, change := range map[string]func(*cognito.Config){
		"the name of a claim is empty":                func(c *cognito.Config) { c.Claims = []string{"plan", ""} },
		"name of a claim is empty":                    func(c *cognito.Config) { c.GroupsClaims = []string{""} },
		"the number of cached tokens is negative: -1": func(c *cognito.Config) { c.CachedTokens = -1 },
	} {
		config := cognito.Config{
			Issuers:   map[string]cognito.Issuer{"https://issuer.example/pool": {Keys: source, ClientIDs: []string{"web"}}},
			TokenUses: []cognito.TokenUse{cognito.AccessToken},
		}
		change(&config)
		if v, err := cognito.NewVerifier(config); err == nil || v != nil || err.Error() != want && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, %v, want an error that ends in %q", v, err, want)
		}
	}
}

func TestTheHeaderCacheHoldsSixteenHeadersAndIsThenEmptied(t *testing.T) {
	r := newRig(t)
	var keys []cognitotest.Key
	for i := range 17 {
		keys = append(keys, cognitotest.Key{ID: fmt.Sprintf("key-%d", i), Private: r.pool.Keys()[0].Private})
	}
	r.pool.Publish(cognitotest.KeySet(t, keys...))
	for i, key := range keys {
		want := i + 1
		if i == 16 {
			want = 1
		}
		for range 2 { // the second time it is known
			r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Header("kid", key.ID)))
			if got := r.Headers(); got != want {
				t.Errorf("%d headers are cached after %d keys, want %d", got, i+1, want)
			}
		}
	}
}

// What a cached token is counted as must grow with all that it holds: a list of strings has 16 bytes for each of them beside
// the text, claims that were written with an escape are copies, and further claims have lists of their own.
func TestTheCountOfACachedTokenIncludesAllItsMemory(t *testing.T) {
	r := newRig(t)
	counted := func(option ...cognitotest.TokenOption) (beside, payload int) {
		r := r.again(t, remembering(2), withClaims("custom:x", "custom:y"))
		claims := r.mustRemember(t, r.pool.AccessToken(t, option...))
		_, bytes := r.Cached()
		return bytes - len(claims.Raw()), len(claims.Raw())
	}
	plain, _ := counted(without("scope"))
	if plain < 512 || plain > 1024 {
		t.Errorf("a token without scopes and groups is counted as %d bytes beside its payload", plain)
	}
	_, escaped := counted(without("scope"), claim("x", "<"))
	for name, tt := range map[string]struct {
		options []cognitotest.TokenOption
		more    int
	}{
		"a scope":              {[]cognitotest.TokenOption{cognitotest.Scopes("a")}, 16},
		"three scopes":         {[]cognitotest.TokenOption{cognitotest.Scopes("a", "b", "c")}, 3 * 16},
		"scopes and groups":    {[]cognitotest.TokenOption{cognitotest.Scopes("a", "b"), cognitotest.Groups("g", "h", "i")}, 5 * 16},
		"an escape":            {[]cognitotest.TokenOption{without("scope"), claim("x", "<")}, escaped}, // written as <
		"a further claim":      {[]cognitotest.TokenOption{without("scope"), claim("custom:x", "abc")}, 64 + 16 + 3},
		"a list":               {[]cognitotest.TokenOption{without("scope"), claim("custom:x", []string{"abc", "de"})}, 64 + 2*16 + 5},
		"two further claims":   {[]cognitotest.TokenOption{without("scope"), claim("custom:x", "abc"), claim("custom:y", "d")}, 2*(64+16) + 4},
		"one without a value":  {[]cognitotest.TokenOption{without("scope"), claim("custom:x", nil)}, 64},
		"a claim nobody reads": {[]cognitotest.TokenOption{without("scope"), claim("custom:z", "abc")}, 0},
	} {
		if beside, _ := counted(tt.options...); beside != plain+tt.more {
			t.Errorf("%s: %d bytes beside the payload, want %d more than %d", name, beside, tt.more, plain)
		}
	}
}
