package cognito_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// remembering lets a rig's verifier remember so many tokens.
func remembering(tokens int) func(*cognito.Config) {
	return func(c *cognito.Config) { c.CachedTokens = tokens }
}

// fast is how much faster than the tokens the keys of shortLived age.
const fast = 60

// shortLived changes a configuration to keys that expire before a token does: their clock runs faster, so they are
// refreshed after a minute and not trusted after 24.
func shortLived(t testing.TB, pool *cognitotest.Pool, clock *cognitotest.Clock) func(*cognito.Config) {
	began := clock.Now()
	now := func() time.Time { return began.Add(fast * clock.Now().Sub(began)) }
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer()), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *cognito.Config) {
		issuer := c.Issuers[pool.Issuer()]
		issuer.Keys = keys
		c.Issuers[pool.Issuer()] = issuer
	}
}

// mustRemember verifies a token and makes sure that its signature will not be checked again.
func (r *rig) mustRemember(t testing.TB, token cognito.Token) cognito.Claims {
	t.Helper()
	claims := r.mustVerify(t, token)
	if !r.Remembers(token) {
		t.Fatal("the token was not remembered")
	}
	return claims
}

func TestACachedTokenHasTheSameClaims(t *testing.T) {
	r := newRig(t, remembering(8))
	for name, token := range map[string]cognito.Token{
		"access":  r.pool.AccessToken(t, cognitotest.Scopes("a/b", "openid"), cognitotest.Groups("admins", "owners")),
		"id":      r.pool.IDToken(t, cognitotest.Groups("admins")),
		"machine": r.pool.MachineToken(t),
	} {
		t.Run(name, func(t *testing.T) {
			first := r.mustRemember(t, token)
			first.KeyOrigin = jwks.OriginCache // the first may have waited for the fetch
			second := r.mustVerify(t, token)
			if !reflect.DeepEqual(first, second) {
				t.Errorf("first %v, then %v", first, second)
			}
			if string(second.Raw()) != string(first.Raw()) || len(second.Raw()) == 0 {
				t.Error("another payload")
			}
		})
	}
}

func TestTheTimesOfACachedTokenAreCheckedAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		move time.Duration
		want error
	}{
		"at once":                                 {0, nil},
		"the last second of the leeway":           {time.Hour + 29*time.Second, nil},
		"at exp and leeway":                       {time.Hour + 30*time.Second, cognito.ErrExpired},
		"long after":                              {48 * time.Hour, cognito.ErrExpired},
		"the clock is set back within the skew":   {-10 * time.Second, nil},
		"the clock is set back to before the iat": {-11 * time.Second, cognito.ErrNotYetValid},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, remembering(8), func(c *cognito.Config) { c.Leeway, c.ClockSkew = 30*time.Second, 10*time.Second })
			token := r.pool.AccessToken(t)
			r.mustRemember(t, token)
			r.clock.Advance(tt.move)
			claims, err := r.Verify(t.Context(), token)
			check(t, token, claims, err, tt.want)
			if tt.want != nil && (r.Remembers(token) || cognito.KeyID(err) != r.pool.Keys()[0].ID) {
				t.Error("it is still remembered, or the error does not name its key")
			}
		})
	}
}

func TestACachedTokenIsValidWhileItsKeyIsTrusted(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*testing.T, *rig)
		want   error
	}{
		"the set is refreshed and still has the key": {func(_ *testing.T, r *rig) { r.clock.Advance(jwks.RefreshAfter / fast) }, nil},
		"the issuer has other keys now": {func(t *testing.T, r *rig) {
			r.pool.Rotate(t)
			r.clock.Advance(jwks.RefreshAfter / fast)
		}, jwks.ErrUnknownKey},
		"the id is another key's now": {func(t *testing.T, r *rig) {
			other := cognitotest.NewKey(t)
			other.ID = r.pool.Keys()[0].ID
			r.pool.Publish(cognitotest.KeySet(t, other))
			r.clock.Advance(jwks.RefreshAfter / fast)
		}, cognito.ErrSignature},
		"keys cannot be had, and those at hand are still trusted": {func(_ *testing.T, r *rig) {
			r.pool.Fail(cognitotest.Status(503, 0))
			r.clock.Advance(jwks.MaxAge/fast - time.Second)
		}, nil},
		"keys cannot be had for too long": {func(_ *testing.T, r *rig) {
			r.pool.Fail(cognitotest.Status(503, 0))
			r.clock.Advance(jwks.MaxAge / fast)
		}, jwks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r = r.again(t, remembering(8), shortLived(t, r.pool, r.clock))
			token := r.pool.AccessToken(t)
			r.mustRemember(t, token)
			tt.change(t, r)
			before := r.pool.Fetches()
			claims, err := r.Verify(t.Context(), token)
			check(t, token, claims, err, tt.want)
			if got := r.pool.Fetches() - before; got != 1 {
				t.Errorf("%d fetches of the key set, want 1 as for a token not seen before", got)
			}
			if tt.want != nil && r.Remembers(token) {
				t.Error("it is still remembered")
			}
		})
	}
}

func TestATokenIsFoundOnlyByItsExactString(t *testing.T) {
	r := newRig(t, remembering(8))
	key := r.pool.Keys()[0]
	payload := padded(string(r.mustVerify(t, r.pool.AccessToken(t)).Raw()))
	token := cognitotest.Sign(t, key, []byte(`{"alg":"RS256","kid":"`+key.ID+`"}`), []byte(payload))
	r.mustRemember(t, token)
	header, body, signature := parts(t, token)
	raw := strings.Split(token.Reveal(), ".")
	flipped := slices.Clone(signature)
	flipped[0] ^= 1
	for name, tt := range map[string]struct {
		token cognito.Token
		want  error
	}{
		"one bit of the signature":     {cognitotest.Unsigned(header, body, flipped), cognito.ErrSignature},
		"one character of white space": {cognitotest.Unsigned(header, append(slices.Clone(body), ' '), signature), cognito.ErrSignature},
		"the same bytes, spelled otherwise": {
			cognito.NewToken(raw[0] + "." + uncanonical(t, raw[1]) + "." + raw[2]), cognito.ErrMalformed},
		"padding":               {cognito.NewToken(token.Reveal() + "="), cognito.ErrMalformed},
		"a line feed behind it": {cognito.NewToken(token.Reveal() + "\n"), cognito.ErrMalformed},
		"more than fits":        {cognito.NewToken(token.Reveal() + strings.Repeat("A", cognito.MaxTokenBytes)), cognito.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := r.Verify(t.Context(), tt.token)
			check(t, tt.token, claims, err, tt.want)
			if r.Remembers(tt.token) || !r.Remembers(token) {
				t.Error("the wrong one is remembered")
			}
		})
	}
}

func TestNothingIsCachedAcrossSettings(t *testing.T) {
	r := newRig(t, remembering(8))
	token := r.pool.AccessToken(t)
	r.mustRemember(t, token)
	other := r.again(t, remembering(8), func(c *cognito.Config) {
		issuer := c.Issuers[r.pool.Issuer()]
		issuer.ClientIDs = []string{"other"}
		c.Issuers[r.pool.Issuer()] = issuer
	})
	claims, err := other.Verify(t.Context(), token)
	check(t, token, claims, err, cognito.ErrClient)
}

func TestWhatACallerDoesToItsClaimsReachesNobodyElse(t *testing.T) {
	r := newRig(t, remembering(8))
	token := r.pool.AccessToken(t, cognitotest.Scopes("a/b"), cognitotest.Groups("staff"))
	for range 3 { // of the verification, of the first hit, of the next
		claims := r.mustRemember(t, token)
		if !slices.Equal(claims.Scopes, []string{"a/b"}) || !slices.Equal(claims.Groups, []string{"staff"}) {
			t.Fatalf("got scopes %q, groups %q", claims.Scopes, claims.Groups)
		}
		claims.Scopes[0], claims.Groups[0] = "a/admin", "admins"
		copy(claims.Raw(), "gone")
	}
}

func TestOnlyValidTokensAreCached(t *testing.T) {
	r := newRig(t, remembering(8))
	inUse := r.pool.AccessToken(t)
	r.mustRemember(t, inUse)
	forger := cognitotest.NewKey(t)
	for i := range 100 {
		_, err := r.Verify(t.Context(), r.pool.AccessToken(t, cognitotest.Claim("jti", fmt.Sprint(i)), cognitotest.SignedBy(forger)))
		if !errors.Is(err, cognito.ErrSignature) {
			t.Fatalf("got %v", err)
		}
	}
	if n, _ := r.Cached(); n != 1 || !r.Remembers(inUse) {
		t.Errorf("%d tokens are cached, want the valid one", n)
	}
}

func TestAFloodOfValidTokensDoesNotEvictThoseInUse(t *testing.T) {
	r := newRig(t, remembering(8))
	var inUse []cognito.Token
	for range 4 {
		token := r.pool.AccessToken(t)
		r.mustVerify(t, token)
		r.mustVerify(t, token)
		inUse = append(inUse, token)
	}
	for range 50 {
		r.mustVerify(t, r.pool.AccessToken(t))
	}
	for _, token := range inUse {
		if !r.Remembers(token) {
			t.Error("a token in use was pushed out")
		}
	}
	if n, _ := r.Cached(); n != 8 {
		t.Errorf("%d tokens are remembered, want 8", n)
	}
}

func TestTheCacheIsBoundedInBytes(t *testing.T) {
	r := newRig(t, remembering(1000))
	large := strings.Repeat("x", 4000)
	for range 300 {
		r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Claim("custom:large", large)))
	}
	n, bytes := r.Cached()
	if bytes > cognito.MaxCacheBytes || n < 50 {
		t.Errorf("%d tokens of %d bytes are remembered, want at most %d bytes", n, bytes, cognito.MaxCacheBytes)
	}
}

func TestNothingIsCachedUnlessConfigured(t *testing.T) {
	r := newRig(t)
	token := r.pool.AccessToken(t)
	r.mustVerify(t, token)
	if n, _ := r.Cached(); n != 0 || r.Remembers(token) {
		t.Error("a token is remembered")
	}
}

// A verifier with a cache must differ from one without only in speed: whatever happens to the
// clock, the keys and their server, both have the same results.
func TestAVerifierWithACacheAgreesWithOneWithout(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 8))
			plain := newRig(t)
			lenient := func(c *cognito.Config) { c.Leeway, c.ClockSkew = 5*time.Second, 10*time.Second }
			forgetful := plain.again(t, lenient, shortLived(t, plain.pool, plain.clock))
			mindful := plain.again(t, lenient, shortLived(t, plain.pool, plain.clock), remembering(4))
			pool, clock := plain.pool, plain.clock
			first := cognitotest.KeySet(t, pool.Keys()[0], pool.Keys()[1])
			tokens := []cognito.Token{pool.AccessToken(t), pool.IDToken(t), pool.MachineToken(t)}
			hits := 0
			for range 300 {
				switch random.IntN(12) {
				case 0:
					clock.Advance(time.Duration(random.IntN(600)) * time.Second)
				case 1:
					clock.Advance(-time.Duration(random.IntN(60)) * time.Second)
				case 2:
					pool.Fail(cognitotest.Status(503, 0))
				case 3, 4:
					pool.Heal()
				case 5:
					pool.Publish(cognitotest.KeySet(t, pool.Keys()[random.IntN(2)]))
				case 6:
					pool.Publish(first)
				case 7:
					tokens = append(tokens, pool.AccessToken(t, cognitotest.ExpiresIn(time.Duration(random.IntN(900))*time.Second)))
				}
				token := tokens[random.IntN(len(tokens))]
				if mindful.Remembers(token) {
					hits++
				}
				want, wantErr := forgetful.Verify(t.Context(), token)
				got, err := mindful.Verify(t.Context(), token)
				if cognito.Reason(err) != cognito.Reason(wantErr) || cognito.KeyID(err) != cognito.KeyID(wantErr) ||
					!reflect.DeepEqual(got, want) {
					t.Fatalf("remembering: %v, %v; not remembering: %v, %v", got, err, want, wantErr)
				}
			}
			if hits == 0 {
				t.Error("no token was remembered, so nothing was compared")
			}
		})
	}
}

func TestTheCacheIsSafeForConcurrentUse(t *testing.T) {
	r := newRig(t, remembering(4))
	tokens := make([]cognito.Token, 6)
	for i := range tokens {
		tokens[i] = r.pool.AccessToken(t, cognitotest.Groups(fmt.Sprint("group", i)))
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 50 {
				which := (i + n) % len(tokens)
				claims, err := r.Verify(t.Context(), tokens[which])
				if err != nil || claims.Groups[0] != fmt.Sprint("group", which) {
					t.Errorf("token %d: %v, %v", which, claims, err)
					return
				}
				claims.Groups[0] = "admins"
			}
		})
	}
	group.Wait()
	if n, _ := r.Cached(); n > 4 {
		t.Errorf("%d tokens are remembered, want at most 4", n)
	}
}
