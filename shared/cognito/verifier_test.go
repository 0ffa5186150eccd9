package cognito_test

import (
	"context"
	"errors"
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

func TestTheZeroVerifierRefusesEveryToken(t *testing.T) {
	r := newRig(t)
	var zero cognito.Verifier
	for name, token := range map[string]cognito.Token{
		"an access token": r.pool.AccessToken(t), "an ID token": r.pool.IDToken(t), "no issuer": r.pool.AccessToken(t, without("iss")),
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := zero.Verify(t.Context(), token)
			check(t, token, claims, err, cognito.ErrIssuer)
		})
	}
}

func TestAConfigurationNamesAllItsProblemsAtOnce(t *testing.T) {
	_, err := cognito.NewVerifier(cognito.Config{})
	for _, want := range []string{"no issuer", "no token use"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing from: %v", want, err)
		}
	}
	source := keysOf(cognitotest.NewPool(t))
	valid := func() cognito.Config {
		return cognito.Config{
			Issuers:   map[string]cognito.Issuer{"https://issuer.example/pool": {Keys: source, ClientIDs: []string{"web"}}},
			TokenUses: []cognito.TokenUse{cognito.AccessToken},
		}
	}
	with := func(iss string, issuer cognito.Issuer) func(*cognito.Config) {
		return func(c *cognito.Config) { c.Issuers[iss] = issuer }
	}
	web := []string{"web"}
	if _, err := cognito.NewVerifier(valid()); err != nil {
		t.Fatalf("a valid configuration is refused: %v", err)
	}
	for name, tt := range map[string]struct {
		change func(*cognito.Config)
		want   string
	}{
		"an issuer without keys":     {with("https://x.example", cognito.Issuer{ClientIDs: web}), "https://x.example"},
		"an empty issuer":            {with("", cognito.Issuer{Keys: source, ClientIDs: web}), "issuer"},
		"an issuer with a space":     {with(" https://x.example", cognito.Issuer{Keys: source, ClientIDs: web}), "issuer"},
		"an issuer without clients":  {with("https://x.example", cognito.Issuer{Keys: source}), `no client of issuer "https://x.example"`},
		"an empty client":            {with("https://x.example", cognito.Issuer{Keys: source, ClientIDs: []string{"web", ""}}), "client ID"},
		"a client with a space":      {with("https://x.example", cognito.Issuer{Keys: source, ClientIDs: []string{"web "}}), "client ID"},
		"a kind that does not exist": {func(c *cognito.Config) { c.TokenUses = []cognito.TokenUse{"refresh"} }, "refresh"},
		"an empty kind":              {func(c *cognito.Config) { c.TokenUses = []cognito.TokenUse{""} }, "token use"},
		"an empty resource":          {with("https://x.example", cognito.Issuer{Keys: source, ClientIDs: web, Audiences: []string{""}}), "audience"},
		"a negative leeway":          {func(c *cognito.Config) { c.Leeway = -1 }, "leeway"},
		"a leeway over a minute":     {func(c *cognito.Config) { c.Leeway = time.Minute + 1 }, "leeway"},
		"a negative clock skew":      {func(c *cognito.Config) { c.ClockSkew = -1 }, "clock skew"},
		"a clock skew over a minute": {func(c *cognito.Config) { c.ClockSkew = time.Minute + 1 }, "clock skew"},
	} {
		t.Run(name, func(t *testing.T) {
			config := valid()
			tt.change(&config)
			v, err := cognito.NewVerifier(config)
			if err == nil || v != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want an error that names %q", v, err, tt.want)
			}
		})
	}
}

func TestAVerifierDoesNotChangeWithTheConfigurationItWasMadeFrom(t *testing.T) {
	var config cognito.Config
	r := newRig(t, func(c *cognito.Config) { config = *c })
	config.Issuers[r.pool.Issuer()].ClientIDs[0], config.TokenUses[0] = "x", "x"
	delete(config.Issuers, r.pool.Issuer())
	r.mustVerify(t, r.pool.AccessToken(t))
}

func TestWithoutKeysEveryTokenIsRefusedAsUnverified(t *testing.T) {
	pool := cognitotest.NewPool(t)
	key := pool.Keys()[0]
	for name, tt := range map[string]struct {
		source cognito.KeySet
		want   error
	}{
		"no such key":     {sourceFunc(func(context.Context, string) (jwks.Key, error) { return jwks.Key{}, jwks.ErrUnknownKey }), jwks.ErrUnknownKey},
		"unavailable":     {sourceFunc(func(context.Context, string) (jwks.Key, error) { return jwks.Key{}, jwks.ErrUnavailable }), jwks.ErrUnavailable},
		"any other error": {sourceFunc(func(context.Context, string) (jwks.Key, error) { return jwks.Key{}, errors.New("x") }), jwks.ErrUnavailable},
		"a key and an error": {sourceFunc(func(context.Context, string) (jwks.Key, error) {
			return jwks.Key{ID: key.ID, Public: &key.Private.PublicKey}, errors.New("x")
		}), jwks.ErrUnavailable},
		"no key, no error": {sourceFunc(func(context.Context, string) (jwks.Key, error) { return jwks.Key{}, nil }), jwks.ErrUnavailable},
		"no public key":    {sourceFunc(func(_ context.Context, kid string) (jwks.Key, error) { return jwks.Key{ID: kid}, nil }), jwks.ErrUnavailable},
		"another key": {sourceFunc(func(context.Context, string) (jwks.Key, error) {
			return jwks.Key{ID: "x", Public: &key.Private.PublicKey}, nil
		}), jwks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := cognito.NewVerifier(cognito.Config{
				Issuers:   map[string]cognito.Issuer{pool.Issuer(): {Keys: tt.source, ClientIDs: []string{cognitotest.WebClient}}},
				TokenUses: []cognito.TokenUse{cognito.AccessToken},
			})
			if err != nil {
				t.Fatal(err)
			}
			token := pool.AccessToken(t)
			claims, err := v.Verify(t.Context(), token)
			check(t, token, claims, err, tt.want)
			if errors.Is(err, jwks.ErrUnavailable) != errors.Is(tt.want, jwks.ErrUnavailable) {
				t.Errorf("an error and a refusal are mixed up: %v", err)
			}
			if cognito.KeyID(err) != key.ID {
				t.Errorf("key id for the log %q", cognito.KeyID(err))
			}
		})
	}
}

func TestAnOutageIsServedFromMemoryUntilMaxAgeAndThenAllTokensAreRefused(t *testing.T) {
	r := newRig(t)
	r.mustVerify(t, r.pool.AccessToken(t))
	r.pool.Fail(cognitotest.Status(503, 0))
	r.clock.Advance(jwks.MaxAge - time.Second)
	r.mustVerify(t, r.pool.AccessToken(t))
	r.clock.Advance(time.Second)
	token := r.pool.AccessToken(t)
	claims, err := r.Verify(t.Context(), token)
	check(t, token, claims, err, jwks.ErrUnavailable)
	r.pool.Heal()
	r.clock.Advance(jwks.RetryMax)
	r.mustVerify(t, r.pool.AccessToken(t))
}

func TestAWaiterIsHeldNoLongerThanItsDeadline(t *testing.T) {
	r := newRig(t)
	r.pool.Fail(cognitotest.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	token := r.pool.AccessToken(t)
	claims, err := r.Verify(ctx, token)
	check(t, token, claims, err, jwks.ErrUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error as the cause", err)
	}
}

func TestConcurrentCallersGetTheSameResult(t *testing.T) {
	r := newRig(t)
	valid, invalid := r.pool.AccessToken(t), r.pool.AccessToken(t, cognitotest.SignedBy(cognitotest.NewKey(t)))
	var callers sync.WaitGroup
	for i := range 50 {
		callers.Go(func() {
			if i%2 == 0 {
				r.mustVerify(t, valid)
				return
			}
			claims, err := r.Verify(t.Context(), invalid)
			check(t, invalid, claims, err, cognito.ErrSignature)
		})
	}
	callers.Wait()
	if n := r.pool.Fetches(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

func TestReasonsAreAClosedListOfDistinctWords(t *testing.T) {
	reasons := cognito.Reasons()
	for i, reason := range reasons {
		if reason == "" || strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("%q is not a word", reason)
		}
		if slices.Contains(reasons[:i], reason) {
			t.Errorf("%q stands for two failures", reason)
		}
	}
	for want, err := range map[string]error{
		"": nil, "internal": errors.New("x"), "expired": cognito.ErrExpired, "key_unknown": jwks.ErrUnknownKey, "keys_unavailable": jwks.ErrUnavailable,
	} {
		if got := cognito.Reason(err); got != want {
			t.Errorf("Reason(%v) = %q, want %q", err, got, want)
		}
	}
	if got := cognito.Reason(errors.Join(cognito.ErrExpired, jwks.ErrUnavailable)); got != "keys_unavailable" {
		t.Errorf("an error of ours is called %q", got)
	}
	reasons[0] = "changed"
	if reflect.DeepEqual(reasons, cognito.Reasons()) {
		t.Error("the list can be changed from outside")
	}
}
