package jwks

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight" // one fetch for many
)

// Defaults of a [Config].
const (
	DefaultSoftAge         = time.Hour
	DefaultHardAge         = 24 * time.Hour
	DefaultKidCooldown     = time.Minute
	DefaultUnknownCooldown = 10 * time.Second
	DefaultRetryMin        = time.Second
	DefaultRetryMax        = 30 * time.Second
	DefaultTimeout         = 3 * time.Second
)

// maxUnknown bounds how many unknown key ids are remembered. Each costs a fetch, so with the default times
// there are never more than seven.
const maxUnknown = 256

// Config says where a set of keys is and how long it is trusted. All but URL may be left zero.
type Config struct {
	URL     string           // of the key set: https, or http to a loopback host
	Seed    []byte           // a key set trusted from the start as if it had just been fetched; if empty, none
	HTTP    *http.Client     // if nil, one with TLS 1.2 or newer; redirects are never followed either way
	Now     func() time.Time // if nil, time.Now; only its wall-clock part is used
	Observe func(FetchEvent) // told of each fetch before its waiters are; must not use the cache; if nil, nobody

	SoftAge         time.Duration // from here on a use refreshes the set; if zero, DefaultSoftAge
	HardAge         time.Duration // from here on the set is not trusted; if zero, DefaultHardAge
	KidCooldown     time.Duration // between fetches caused by the same unknown key id; if zero, DefaultKidCooldown
	UnknownCooldown time.Duration // between fetches caused by any unknown key id; if zero, DefaultUnknownCooldown
	RetryMin        time.Duration // without fetches after a failure, doubled with each more; if zero, DefaultRetryMin
	RetryMax        time.Duration // the most that RetryMin grows to; if zero, DefaultRetryMax
	Timeout         time.Duration // of one fetch, from the request to the last byte; if zero, DefaultTimeout
}

// withDefaults fills what was left zero.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Observe == nil {
		c.Observe = func(FetchEvent) {}
	}
	c.SoftAge = cmp.Or(c.SoftAge, DefaultSoftAge)
	c.HardAge = cmp.Or(c.HardAge, DefaultHardAge)
	c.KidCooldown = cmp.Or(c.KidCooldown, DefaultKidCooldown)
	c.UnknownCooldown = cmp.Or(c.UnknownCooldown, DefaultUnknownCooldown)
	c.RetryMin = cmp.Or(c.RetryMin, DefaultRetryMin)
	c.RetryMax = cmp.Or(c.RetryMax, max(DefaultRetryMax, c.RetryMin))
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	return c
}

// Cache holds the keys of one issuer. It is made by [New] and safe for use by several goroutines.
type Cache struct {
	url    string
	http   *http.Client
	config Config // with defaults filled in
	flight singleflight.Group

	mu        sync.Mutex // guards what follows
	set       KeySet
	origin    Origin    // OriginSeed or OriginCache
	since     time.Time // when the request that brought the set began; zero while there is no set
	fetching  bool      // a fetch is under way in flight
	failures  int       // fetches that failed since the last success
	failedAt  time.Time // when the last of them ended
	failure   error     // and why
	unknownAt time.Time // when an unknown key id last caused a fetch
	unknown   map[string]time.Time
}

// New makes a cache. It fetches nothing: see [Cache.Prefetch]. It fails with [ErrURL], [ErrAges] or [ErrSeed].
func New(config Config) (*Cache, error) {
	if err := checkURL(config.URL); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	if min(config.SoftAge, config.KidCooldown, config.UnknownCooldown, config.RetryMin, config.Timeout) < 0 ||
		config.HardAge < config.SoftAge || config.RetryMax < config.RetryMin {
		return nil, ErrAges
	}
	c := &Cache{url: config.URL, http: bounded(config.HTTP), config: config, unknown: make(map[string]time.Time)}
	if len(config.Seed) > 0 {
		set, err := ParseKeySet(config.Seed)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSeed, err)
		}
		c.set, c.origin, c.since = set, OriginSeed, c.wallClock()
	}
	return c, nil
}

// Key returns the issuer's key named kid, fetching the set when it is old or lacks the key and a fetch is not
// ruled out by a cool-down. It waits for a fetch no longer than ctx allows; the fetch itself goes on for the
// others.
//
// It fails with [ErrUnknownKey] when the issuer has no such key, and with [ErrUnavailable] when that cannot
// be known. A key that is still trusted is returned even if its refresh failed.
func (c *Cache) Key(ctx context.Context, kid string) (Key, error) {
	if !ValidKeyID(kid) {
		return Key{}, fmt.Errorf("%w: %w", ErrUnknownKey, ErrKeyID)
	}
	c.mu.Lock()
	now := c.clock()
	key, err := c.held(kid, now)
	stale := c.age(now) >= c.config.SoftAge
	if err == nil && (!stale || c.fetching) { // somebody refreshes it already, and it is good until then
		c.mu.Unlock()
		return key, nil
	}
	if !c.fetching && !c.mayFetch(kid, stale, now) {
		c.mu.Unlock()
		return key, err
	}
	done := c.startOrJoin(ctx, cause{kid: kid, missing: err != nil, stale: stale})
	c.mu.Unlock()

	select {
	case <-ctx.Done():
		if err == nil {
			return key, nil // stale, yet trusted
		}
		return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case result := <-done:
		c.mu.Lock()
		defer c.mu.Unlock()
		key, err = c.held(kid, c.clock())
		if err == nil && result.Err == nil {
			key.Origin = OriginFetch
		}
		return key, err
	}
}

// Prefetch gets the set if there is none that is fresh, so that the first lookup need not. Meant for a
// function's initialisation, where a failure ([ErrUnavailable]) should be logged and nothing more: the
// lookups that follow try again.
func (c *Cache) Prefetch(ctx context.Context) error {
	c.mu.Lock()
	now := c.clock()
	if c.age(now) < c.config.SoftAge {
		c.mu.Unlock()
		return nil
	}
	if !c.fetching && c.coolingDown(now) {
		defer c.mu.Unlock()
		return fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
	}
	done := c.startOrJoin(ctx, cause{stale: true})
	c.mu.Unlock()

	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case result := <-done:
		if result.Err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, result.Err)
		}
		return nil
	}
}

// Age is how old the set at hand is, and whether there is one. It may be beyond the hard age.
func (c *Cache) Age() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return 0, false
	}
	return c.age(c.clock()), true
}

// startOrJoin starts a fetch, or joins the one under way. It is called with mu held, and the fetch ends with
// mu held, so "under way" is never out of date. Only a fetch that succeeded starts the cool-downs of its cause:
// a failed one has not shown that the issuer lacks the key, and the retry back-off bounds it already.
func (c *Cache) startOrJoin(ctx context.Context, why cause) <-chan singleflight.Result {
	c.fetching = true
	ctx = context.WithoutCancel(ctx) // one waiter giving up must not fail the others
	return c.flight.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
		defer cancel()
		began := c.wallClock()
		set, err := c.fetch(ctx)
		ended := c.wallClock()
		c.config.Observe(FetchEvent{Err: err, Duration: ended.Sub(began), Keys: set.Len(), Refused: set.Refused()})

		c.mu.Lock()
		defer c.mu.Unlock()
		c.fetching = false
		c.flight.Forget("") // who comes from here on needs a new one
		if err != nil {
			c.failures, c.failedAt, c.failure = c.failures+1, ended, err
			return nil, err
		}
		c.failures, c.failedAt, c.failure = 0, time.Time{}, nil
		c.set, c.origin, c.since = set, OriginCache, began
		c.startCooldowns(why, began)
		return nil, nil
	})
}

// cause is why a fetch was started.
type cause struct {
	kid     string // of the lookup; empty for a prefetch
	missing bool   // the set at hand lacks kid
	stale   bool   // the set at hand is old enough to be refreshed in any case
}
