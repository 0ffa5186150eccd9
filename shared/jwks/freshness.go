package jwks

import (
	"fmt"
	"math"
	"time"
)

// When the cached set may be used, and when a fetch may be started. All but wallClock are called with Cache.mu held.

// wallClock returns the time without its monotonic reading, which stands still while a function is frozen.
func (c *Cache) wallClock() time.Time { return c.config.Now().Round(0) }

// clock returns the time. If it is before the set was fetched, the clock was set back and the age of the set is unknown: it
// counts as stale from now on.
func (c *Cache) clock() time.Time {
	now := c.wallClock()
	if now.Before(c.since) {
		c.since = now.Add(-c.limits.RefreshAfter)
	}
	return now
}

// age returns the age of the set, the longest duration if there is none.
func (c *Cache) age(now time.Time) time.Duration {
	if c.since.IsZero() {
		return math.MaxInt64
	}
	return now.Sub(c.since)
}

// lookup returns a key of the cached set.
func (c *Cache) lookup(kid string, now time.Time) (Key, error) {
	if c.age(now) >= c.limits.MaxAge {
		if c.failure != nil {
			return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
		}
		return Key{}, fmt.Errorf("%w: the cached set is too old", ErrUnavailable)
	}
	if pub := c.set.Public(kid); pub != nil {
		return Key{ID: kid, Public: pub, Origin: c.origin}, nil
	}
	if c.failure != nil { // the issuer may have published it since
		return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
	}
	return Key{}, ErrUnknownKey
}

// allowFetch reports whether a lookup of kid may start a fetch.
func (c *Cache) allowFetch(kid string, stale bool, now time.Time) bool {
	if c.inBackoff(now) {
		return false
	}
	// While the set is fresh, only an unknown key ID needs a fetch.
	return stale || !elapsedLess(c.limits.UnknownKeyCooldown, c.unknownAt, now) && !elapsedLess(c.limits.KeyIDCooldown, c.unknown[kid], now)
}

// startCooldowns records which unknown key ID caused a fetch that succeeded, and when the fetch began.
func (c *Cache) startCooldowns(why cause, began time.Time) {
	if !why.stale {
		c.unknownAt = began
	}
	if why.missing {
		c.startKeyIDCooldown(why.kid, began)
	}
}

// inBackoff reports whether a fetch must wait because the last ones failed.
func (c *Cache) inBackoff(now time.Time) bool {
	return elapsedLess(c.backoff, c.failedAt, now)
}

// startKeyIDCooldown records that kid has caused a fetch.
func (c *Cache) startKeyIDCooldown(kid string, now time.Time) {
	var oldest string
	for k, at := range c.unknown {
		if !elapsedLess(c.limits.KeyIDCooldown, at, now) {
			delete(c.unknown, k)
		} else if oldest == "" || at.Before(c.unknown[oldest]) {
			oldest = k
		}
	}
	if len(c.unknown) >= maxUnknown {
		delete(c.unknown, oldest)
	}
	c.unknown[kid] = now
}

// elapsedLess reports whether less than d has elapsed since then. After the clock was set back it returns false: one fetch
// too many is better than none until the clock has caught up.
func elapsedLess(d time.Duration, then, now time.Time) bool {
	elapsed := now.Sub(then)
	return !then.IsZero() && elapsed >= 0 && elapsed < d
}
