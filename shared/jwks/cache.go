package jwks

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits of a [Cache].
const (
	RefreshAfter       = time.Hour        // a use of an older set refreshes it
	MaxAge             = 24 * time.Hour   // an older set is not trusted
	KeyIDCooldown      = time.Minute      // between fetches caused by the same unknown key ID
	UnknownKeyCooldown = 10 * time.Second // between fetches caused by any unknown key ID
	RetryMin           = time.Second      // without fetches after a failure, doubled with each further one
	RetryMax           = 30 * time.Second // the most that RetryMin grows to
	FetchTimeout       = 3 * time.Second  // of one fetch, from the request to the last byte
)

// maxUnknown bounds how many unknown key IDs are remembered. Each has cost a fetch, so by UnknownKeyCooldown and
// KeyIDCooldown there are never more than seven.
const maxUnknown = 256

// Config holds the settings of a [Cache]. Only URL is required.
type Config struct {
	URL     string           // of the key set: https, or http to a loopback host
	Seed    []byte           // a key set that counts as fetched when the cache is made; if empty, none
	HTTP    *http.Client     // if nil, one with TLS 1.2 or newer; redirects are never followed
	Now     func() time.Time // if nil, time.Now; only its wall-clock reading is used
	Observe func(FetchEvent) // called after each fetch, before waiters are released; must not call back into the Cache; optional

	limits *limits // of a test; if nil, the constants above
}

type limits struct {
	RefreshAfter, MaxAge, KeyIDCooldown, UnknownKeyCooldown, RetryMin, RetryMax, FetchTimeout time.Duration
}

func defaultLimits() limits {
	return limits{RefreshAfter, MaxAge, KeyIDCooldown, UnknownKeyCooldown, RetryMin, RetryMax, FetchTimeout}
}

// Cache holds the keys of one issuer. It is made by [New] and safe for concurrent use.
type Cache struct {
	config Config // with defaults filled in
	limits limits
	http   *http.Client

	mu        sync.Mutex // guards what follows
	set       KeySet
	origin    Origin               // OriginSeed or OriginCache
	since     time.Time            // start of the request that brought the set; zero while there is no set
	flight    *flight              // the fetch in progress, or nil
	backoff   time.Duration        // how long no fetch is made after the last one failed; zero after a success
	failedAt  time.Time            // when that one ended
	failure   error                // and its error
	unknownAt time.Time            // when an unknown key ID last caused a fetch
	unknown   map[string]time.Time // key ID → when it last caused a fetch
}

// flight is one fetch, however many wait for it.
type flight struct {
	done chan struct{} // closed when the fetch has ended
	err  error         // set before
}

// cause is the reason of a fetch.
type cause struct {
	kid     string // of the lookup; empty for a prefetch
	missing bool   // the cached set lacks kid
	stale   bool   // the cached set is old enough to be refreshed in any case
}

// New returns a cache. It fetches nothing, see [Cache.Prefetch]. Errors: [ErrURL] and [ErrSeed].
func New(config Config) (*Cache, error) {
	if err := checkURL(config.URL); err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Observe == nil {
		config.Observe = func(FetchEvent) {}
	}
	c := &Cache{config: config, limits: defaultLimits(), http: withoutRedirects(config.HTTP), unknown: make(map[string]time.Time)}
	if config.limits != nil {
		c.limits = *config.limits
	}
	if len(config.Seed) > 0 {
		set, err := ParseKeySet(config.Seed)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSeed, err)
		}
		c.set, c.origin, c.since = set, OriginSeed, c.wallClock()
	}
	return c, nil
}

// Key returns the issuer's key with the ID kid. It fetches the set if that is stale or lacks the key, unless a cool-down
// forbids it. It waits for a fetch no longer than ctx allows; the fetch itself goes on for the other waiters.
//
// It returns [ErrUnknownKey] if the issuer has no such key, and [ErrUnavailable] if that is unknown. A key that is still
// trusted is returned even if its refresh failed.
func (c *Cache) Key(ctx context.Context, kid string) (Key, error) {
	if !ValidKeyID(kid) {
		return Key{}, fmt.Errorf("%w: %w", ErrUnknownKey, ErrKeyID)
	}
	c.mu.Lock()
	now := c.clock()
	key, err := c.lookup(kid, now)
	stale := c.age(now) >= c.limits.RefreshAfter
	if err == nil && (!stale || c.flight != nil) { // the refresh in progress need not be waited for
		c.mu.Unlock()
		return key, nil
	}
	if c.flight == nil && !c.allowFetch(kid, stale, now) {
		c.mu.Unlock()
		return key, err
	}
	f := c.startOrJoin(ctx, cause{kid: kid, missing: err != nil, stale: stale})
	c.mu.Unlock()

	select {
	case <-ctx.Done():
		if err == nil {
			return key, nil // stale, yet trusted
		}
		return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case <-f.done:
		c.mu.Lock()
		defer c.mu.Unlock()
		key, err = c.lookup(kid, c.clock())
		if err == nil && f.err == nil {
			key.Origin = OriginFetch
		}
		return key, err
	}
}

// Prefetch fetches the set if there is none that is fresh, so that the first lookup need not. It is meant for a function's
// initialisation, where a failure ([ErrUnavailable]) should only be logged: the lookups that follow try again.
func (c *Cache) Prefetch(ctx context.Context) error {
	c.mu.Lock()
	now := c.clock()
	if c.age(now) < c.limits.RefreshAfter {
		c.mu.Unlock()
		return nil
	}
	if c.flight == nil && c.inBackoff(now) {
		defer c.mu.Unlock()
		return fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
	}
	f := c.startOrJoin(ctx, cause{stale: true})
	c.mu.Unlock()

	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case <-f.done:
		if f.err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, f.err)
		}
		return nil
	}
}

// Age returns the age of the cached set, and whether there is one. It may be above [MaxAge].
func (c *Cache) Age() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return 0, false
	}
	return c.age(c.clock()), true
}

// startOrJoin returns the fetch in progress, after starting one if there is none. It is called with mu held.
func (c *Cache) startOrJoin(ctx context.Context, why cause) *flight {
	if c.flight == nil {
		c.flight = &flight{done: make(chan struct{})}
		go c.refresh(context.WithoutCancel(ctx), why, c.flight) // a waiter that gives up must not fail the others
	}
	return c.flight
}

// refresh fetches the set and ends the flight. A failed fetch starts the retry back-off alone, and no cool-down of its
// cause: it has not shown that the issuer lacks the key.
func (c *Cache) refresh(ctx context.Context, why cause, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.FetchTimeout)
	defer cancel()
	began := c.wallClock()
	set, err := fetch(ctx, c.http, c.config.URL)
	ended := c.wallClock()
	c.config.Observe(FetchEvent{Err: err, Duration: ended.Sub(began), Keys: set.Len(), Refused: set.Refused()})

	c.mu.Lock()
	defer c.mu.Unlock()
	if f.err = err; err != nil {
		c.backoff = min(max(2*c.backoff, c.limits.RetryMin), c.limits.RetryMax)
		c.failedAt, c.failure = ended, err
	} else {
		c.backoff, c.failedAt, c.failure = 0, time.Time{}, nil
		c.set, c.origin, c.since = set, OriginCache, began
		c.startCooldowns(why, began)
	}
	c.flight = nil // the next caller may need a newer one
	close(f.done)
}
