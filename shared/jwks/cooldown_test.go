package jwks_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func TestFailedFetchesBackOff(t *testing.T) {
	r := newRig(t, func(c *jwks.Config) {
		*c = c.WithLimits(func(l *jwks.Limits) { l.RetryMin, l.RetryMax = time.Second, 4*time.Second })
	})
	r.pool.Fail(cognitotest.Status(429, 3600))
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 1)
	r.expectError(t, r.kid(), jwks.ErrStatus, 1) // the reason is told again without a fetch
	fetches := 1
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second} {
		r.clock.Advance(wait - 1)
		r.expectError(t, r.kid(), jwks.ErrUnavailable, fetches)
		if err := r.Prefetch(t.Context()); !errors.Is(err, jwks.ErrUnavailable) {
			t.Errorf("Prefetch: %v", err)
		}
		r.clock.Advance(1)
		fetches++
		r.expectError(t, r.kid(), jwks.ErrUnavailable, fetches)
	}
	r.pool.Heal()
	r.clock.Advance(4 * time.Second)
	r.expectKey(t, r.kid(), jwks.OriginFetch, fetches+1)

	r.pool.Fail(cognitotest.Reset())
	r.clock.Advance(jwks.RefreshAfter)
	r.expectKey(t, r.kid(), jwks.OriginCache, fetches+2)
	r.clock.Advance(time.Second) // after a success the wait begins at its least again
	r.expectKey(t, r.kid(), jwks.OriginCache, fetches+3)
}

func TestAnUnknownKeyIDCostsOneFetchPerCooldown(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.expectError(t, "unknown", jwks.ErrUnknownKey, 2)
	for range 100 {
		r.expectError(t, "unknown", jwks.ErrUnknownKey, 2)
	}
	r.clock.Advance(jwks.UnknownKeyCooldown)
	r.expectError(t, "unknown", jwks.ErrUnknownKey, 2) // the others may again, it may not
	r.expectError(t, "another", jwks.ErrUnknownKey, 3)
	r.clock.Advance(jwks.KeyIDCooldown - jwks.UnknownKeyCooldown)
	r.expectError(t, "unknown", jwks.ErrUnknownKey, 4)
	r.expectError(t, "not a key id", jwks.ErrUnknownKey, 4)
	r.expectError(t, "not a key id", jwks.ErrKeyID, 4)
}

func TestAnUnknownKeyIDIsAnErrorWhileTheServerFails(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.pool.Fail(cognitotest.Status(503, 0))
	r.expectError(t, "new-key", jwks.ErrUnavailable, 2)
	r.expectError(t, "new-key", jwks.ErrUnavailable, 2)
	r.expectError(t, "another", jwks.ErrUnavailable, 2)
	r.clock.Advance(jwks.RetryMin)
	r.expectError(t, "another", jwks.ErrUnavailable, 3) // the back-off alone limits fetches that fail
	r.expectError(t, "a-third", jwks.ErrUnavailable, 3)
	r.expectKey(t, r.kid(), jwks.OriginCache, 3)
	r.pool.Heal()
	r.clock.Advance(2 * jwks.RetryMin)
	r.expectError(t, "another", jwks.ErrUnknownKey, 4)
}

func TestARotationDuringABlipHealsWithTheBackOff(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.pool.Rotate(t)
	r.pool.Fail(cognitotest.Status(503, 0))
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 2)
	r.pool.Heal()
	r.expectError(t, r.kid(), jwks.ErrUnavailable, 2)
	r.clock.Advance(jwks.RetryMin)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 3)
}

func TestTheNumberOfCachedUnknownKeyIDsIsLimited(t *testing.T) {
	r := newRig(t, func(c *jwks.Config) {
		*c = c.WithLimits(func(l *jwks.Limits) {
			l.UnknownKeyCooldown, l.KeyIDCooldown, l.RefreshAfter = time.Second, time.Hour, 2*time.Hour
		})
	})
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	const capacity = 256
	for i := range capacity {
		r.clock.Advance(time.Second)
		r.expectError(t, fmt.Sprintf("unknown-%d", i), jwks.ErrUnknownKey, 2+i)
	}
	r.clock.Advance(time.Second)
	r.expectError(t, "unknown-1", jwks.ErrUnknownKey, 1+capacity) // cached
	r.expectError(t, "one-more", jwks.ErrUnknownKey, 2+capacity)  // takes the place of the oldest
	r.clock.Advance(time.Second)
	r.expectError(t, "unknown-255", jwks.ErrUnknownKey, 2+capacity)
	r.expectError(t, "unknown-0", jwks.ErrUnknownKey, 3+capacity)
}

func TestAGenuineNewKeyIsFoundUnderAFloodOfUnknownOnes(t *testing.T) {
	r := newRig(t)
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	next := 0
	flood := func() { // 1000 ids, none of them seen before
		var callers sync.WaitGroup
		for range 1000 {
			kid := fmt.Sprintf("unknown-%d", next)
			next++
			callers.Go(func() {
				if _, err := r.Key(t.Context(), kid); !errors.Is(err, jwks.ErrUnknownKey) {
					t.Errorf("got %v", err)
				}
			})
		}
		callers.Wait()
	}
	flood()
	r.fetched(t, 2)
	r.pool.Rotate(t)
	r.expectError(t, r.kid(), jwks.ErrUnknownKey, 2) // not known yet: the flood has used up what was allowed
	for range int(jwks.UnknownKeyCooldown / time.Second) {
		flood()
		r.fetched(t, 2)
		r.clock.Advance(time.Second)
	}
	flood()
	r.expectKey(t, r.kid(), jwks.OriginCache, 3) // within the cool-down, though an unknown id caused the fetch
	for range 60 {
		r.clock.Advance(time.Second)
		flood()
	}
	r.fetched(t, 3+6) // one every ten seconds
}

func TestHoweverManyWaitThereIsOneFetch(t *testing.T) {
	for name, prepare := range map[string]func(r *rig) (kid string, want error){
		"for the first key":  func(r *rig) (string, error) { return r.kid(), nil },
		"for an unknown key": func(*rig) (string, error) { return "unknown", jwks.ErrUnknownKey },
		"for a server that fails": func(r *rig) (string, error) {
			r.pool.Fail(cognitotest.Status(500, 0))
			return r.kid(), jwks.ErrUnavailable
		},
		"for a server that hangs up": func(r *rig) (string, error) { r.pool.Fail(cognitotest.Reset()); return r.kid(), jwks.ErrUnavailable },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			kid, want := prepare(r)
			var callers sync.WaitGroup
			for range 1000 {
				callers.Go(func() {
					if _, err := r.Key(t.Context(), kid); !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
				})
			}
			callers.Wait()
			r.fetched(t, 1)
		})
	}
	t.Run("for an unknown key beside a valid set", func(t *testing.T) {
		r := newRig(t)
		r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() {
				if _, err := r.Key(t.Context(), "unknown"); !errors.Is(err, jwks.ErrUnknownKey) {
					t.Errorf("got %v", err)
				}
			})
		}
		callers.Wait()
		r.fetched(t, 2)
	})
}
