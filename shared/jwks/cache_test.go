package jwks_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// rig is a cache of a pool's keys on a clock that stands still.
type rig struct {
	*jwks.Cache
	pool   *cognitotest.Pool
	clock  *cognitotest.Clock
	mu     sync.Mutex
	events []jwks.FetchEvent
}

func newRig(t testing.TB, change ...func(*jwks.Config)) *rig {
	t.Helper()
	r := &rig{clock: cognitotest.NewClock()}
	r.pool = cognitotest.NewPool(t, cognitotest.WithClock(r.clock))
	config := jwks.Config{URL: jwks.URL(r.pool.Issuer()), Now: r.clock.Now, Observe: r.observe}
	for _, c := range change {
		c(&config)
	}
	var err error
	if r.Cache, err = jwks.New(config); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) observe(e jwks.FetchEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// kid returns the ID of the pool's current key for access tokens.
func (r *rig) kid() string { return r.pool.Keys()[0].ID }

// expectKey expects the key, from that origin, after that total number of fetches.
func (r *rig) expectKey(t *testing.T, kid string, source jwks.Origin, fetches int) {
	t.Helper()
	key, err := r.Key(t.Context(), kid)
	if err != nil {
		t.Fatalf("no key: %v", err)
	}
	if key.ID != kid || key.Origin != source {
		t.Errorf("key %q from %q, want %q from %q", key.ID, key.Origin, kid, source)
	}
	r.fetched(t, fetches)
}

// expectError expects that error and no key, after that total number of fetches.
func (r *rig) expectError(t *testing.T, kid string, want error, fetches int) {
	t.Helper()
	key, err := r.Key(t.Context(), kid)
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if errors.Is(err, jwks.ErrUnavailable) == errors.Is(err, jwks.ErrUnknownKey) {
		t.Errorf("an error and a refusal are mixed up: %v", err)
	}
	if key != (jwks.Key{}) {
		t.Error("a key beside the error")
	}
	r.fetched(t, fetches)
}

func (r *rig) fetched(t *testing.T, want int) {
	t.Helper()
	if got := r.pool.Fetches(); got != want {
		t.Errorf("%d fetches so far, want %d", got, want)
	}
}

func TestTheAgesOfASet(t *testing.T) {
	r := newRig(t)
	if _, ok := r.Age(); ok {
		t.Error("an age without a set")
	}
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.expectKey(t, r.pool.Keys()[1].ID, jwks.OriginCache, 1)
	r.clock.Advance(jwks.RefreshAfter - 1)
	r.expectKey(t, r.kid(), jwks.OriginCache, 1) // the last moment before RefreshAfter
	if age, ok := r.Age(); !ok || age != jwks.RefreshAfter-1 {
		t.Errorf("age %v, %v", age, ok)
	}
	r.clock.Advance(1)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 2)
	if age, _ := r.Age(); age != 0 {
		t.Errorf("age %v after a refresh", age)
	}

	r.pool.Fail(cognitotest.Status(500, 0))
	r.clock.Advance(jwks.MaxAge - 1)
	r.expectKey(t, r.kid(), jwks.OriginCache, 3) // the last moment before MaxAge
	r.clock.Advance(jwks.RetryMax)
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 4)
	r.pool.Heal()
	r.clock.Advance(jwks.RetryMax)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 5)
}

func TestASetTooOldIsNotTrustedEvenIfNothingFailed(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.clock.Advance(jwks.MaxAge)
	r.pool.Fail(cognitotest.Status(500, 0))
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 2)
}

func TestAFailedFirstFetchDoesNotPoison(t *testing.T) {
	r := newRig(t)
	r.pool.Fail(cognitotest.Body("<html>"))
	if err := r.Prefetch(t.Context()); !errors.Is(err, jwks.ErrUnavailable) || !errors.Is(err, jwks.ErrNotKeySet) {
		t.Errorf("Prefetch: %v", err)
	}
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 1)
	r.pool.Heal()
	r.clock.Advance(jwks.RetryMin)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 2)
}

func TestPrefetchMakesTheFirstLookupFree(t *testing.T) {
	r := newRig(t)
	for range 2 {
		if err := r.Prefetch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.expectKey(t, r.kid(), jwks.OriginCache, 1)
	r.clock.Advance(jwks.RefreshAfter)
	if err := r.Prefetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.expectKey(t, r.kid(), jwks.OriginCache, 2)
}

func TestASeedNeedsNoNetwork(t *testing.T) {
	pool := cognitotest.NewPool(t)
	r := newRig(t, func(c *jwks.Config) { c.Seed = pool.JWKS() })
	r.pool.Fail(cognitotest.Reset())
	seeded := pool.Keys()[0].ID
	if err := r.Prefetch(t.Context()); err != nil {
		t.Errorf("Prefetch: %v", err)
	}
	r.expectKey(t, seeded, jwks.OriginSeed, 0)
	if age, ok := r.Age(); !ok || age != 0 {
		t.Errorf("age %v, %v", age, ok)
	}
	r.clock.Advance(jwks.RefreshAfter)
	r.expectKey(t, seeded, jwks.OriginSeed, 1) // the refresh failed
	r.expectError(t, "other", jwks.ErrUnavailable, 1)
	r.clock.Advance(jwks.MaxAge - jwks.RefreshAfter)
	r.expectError(t, seeded, jwks.ErrUnavailable, 2) // not for ever
	r.pool.Heal()
	r.clock.Advance(jwks.RetryMax)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 3)
	r.expectError(t, seeded, jwks.ErrUnknownKey, 4) // replaced like any other set
	r.expectError(t, seeded, jwks.ErrUnknownKey, 4)
}

func TestASeedThatCannotBeUsedIsAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		seed string
		want error
	}{
		"not JSON": {"x", jwks.ErrNotKeySet}, "no key": {`{"keys":[]}`, jwks.ErrNoUsableKey}, "no usable key": {`{"keys":[{}]}`, jwks.ErrKeyID},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := jwks.New(jwks.Config{URL: "https://issuer.example/jwks.json", Seed: []byte(tt.seed)})
			if !errors.Is(err, jwks.ErrSeed) || !errors.Is(err, tt.want) || c != nil {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRotation(t *testing.T) {
	r := newRig(t)
	old := r.kid()
	r.expectKey(t, old, jwks.OriginFetch, 1)
	r.pool.Rotate(t)
	r.expectKey(t, old, jwks.OriginCache, 1)     // withdrawn, but not known to be
	r.expectKey(t, r.kid(), jwks.OriginFetch, 2) // the new key is found at once
	r.expectError(t, old, jwks.ErrUnknownKey, 2)
	r.clock.Advance(jwks.KeyIDCooldown)
	r.expectError(t, old, jwks.ErrUnknownKey, 3) // asked for once more
	r.expectError(t, old, jwks.ErrUnknownKey, 3)

	withdrawn := r.kid()
	r.pool.Rotate(t)
	r.clock.Advance(jwks.RefreshAfter)
	r.expectError(t, withdrawn, jwks.ErrUnknownKey, 4) // gone with the next refresh
}

func TestAWaiterThatGivesUpDoesNotFailTheOthers(t *testing.T) {
	arrived, respond := make(chan struct{}), make(chan struct{})
	r := newRig(t)
	r.pool.Fail(cognitotest.Held(arrived, respond, r.pool.JWKS()))
	ctx, giveUp := context.WithCancel(t.Context())
	impatient := make(chan error)
	go func() { _, err := r.Key(ctx, r.kid()); impatient <- err }()
	<-arrived
	patient := make(chan error)
	go func() { _, err := r.Key(t.Context(), r.kid()); patient <- err }()
	giveUp()
	if err := <-impatient; !errors.Is(err, context.Canceled) || !errors.Is(err, jwks.ErrUnavailable) {
		t.Errorf("who gave up got %v", err)
	}
	close(respond)
	if err := <-patient; err != nil {
		t.Errorf("who waited got %v", err)
	}
	r.fetched(t, 1)
}

func TestWhileOneRefreshesTheOthersUseTheStaleSet(t *testing.T) {
	arrived, respond := make(chan struct{}), make(chan struct{})
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.clock.Advance(jwks.RefreshAfter)
	r.pool.Fail(cognitotest.Held(arrived, respond, r.pool.JWKS()))
	refreshed := make(chan jwks.Key)
	go func() { key, _ := r.Key(t.Context(), r.kid()); refreshed <- key }()
	<-arrived
	r.expectKey(t, r.kid(), jwks.OriginCache, 2)
	close(respond)
	if key := <-refreshed; key.Origin != jwks.OriginFetch {
		t.Errorf("who refreshed got a key from %q", key.Origin)
	}
}

func TestAStaleKeyIsUsedBeforeTheDeadlineExpires(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.clock.Advance(jwks.RefreshAfter)
	r.pool.Fail(cognitotest.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	key, err := r.Key(ctx, r.kid())
	if err != nil || key.Origin != jwks.OriginCache {
		t.Errorf("got %q, %v", key.Origin, err)
	}
}

func TestAFunctionFrozenForHoursThaws(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.clock.Advance(6 * time.Hour)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 2)
	r.clock.Advance(6 * time.Hour)
	r.pool.Fail(cognitotest.Status(500, 0))
	r.expectKey(t, r.kid(), jwks.OriginCache, 3)
}

func TestASetCountsFromWhenItWasAskedFor(t *testing.T) {
	arrived, respond := make(chan struct{}), make(chan struct{})
	r := newRig(t)
	r.pool.Fail(cognitotest.Held(arrived, respond, r.pool.JWKS()))
	done := make(chan error)
	go func() { _, err := r.Key(t.Context(), r.kid()); done <- err }()
	<-arrived
	r.clock.Advance(6 * time.Hour) // frozen between the request and the response
	close(respond)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if age, _ := r.Age(); age != 6*time.Hour {
		t.Errorf("age %v, want 6h: the key set may be that old", age)
	}
}

func TestTheClockJumpsBack(t *testing.T) {
	const back = -365 * 24 * time.Hour
	t.Run("a set is stale from there and trusted for the rest of the hard age", func(t *testing.T) {
		r := newRig(t)
		r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
		r.pool.Fail(cognitotest.Status(500, 0))
		r.clock.Advance(back)
		r.expectKey(t, r.kid(), jwks.OriginCache, 2)
		r.clock.Advance(jwks.MaxAge - jwks.RefreshAfter - 1)
		r.expectKey(t, r.kid(), jwks.OriginCache, 3)
		r.clock.Advance(jwks.RetryMax)
		r.expectError(t, r.kid(), jwks.ErrUnavailable, 4)
	})
	t.Run("no cool-down locks out", func(t *testing.T) {
		r := newRig(t)
		r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
		r.expectError(t, "unknown", jwks.ErrUnknownKey, 2)
		r.clock.Advance(back)
		r.expectKey(t, r.kid(), jwks.OriginFetch, 3)
		r.expectError(t, "unknown", jwks.ErrUnknownKey, 4)
		r.expectError(t, "unknown", jwks.ErrUnknownKey, 4)
	})
	t.Run("no back-off locks out", func(t *testing.T) {
		r := newRig(t)
		r.pool.Fail(cognitotest.Status(500, 0))
		r.expectError(t, r.kid(), jwks.ErrUnavailable, 1)
		r.pool.Heal()
		r.clock.Advance(back)
		r.expectKey(t, r.kid(), jwks.OriginFetch, 2)
	})
}
