package jwks

import (
	"fmt"
	"math"
	"time"
)

// The rules of ages and cool-downs. All are called with Cache.mu held, except wallClock.

// wallClock is the present without its monotonic part, which stands still while a function is frozen.
func (c *Cache) wallClock() time.Time { return c.config.Now().Round(0) }

// clock is the present. When it is before the set was fetched, the clock has jumped back and the set's age
// is not known any more: it counts as stale from now.
func (c *Cache) clock() time.Time {
	now := c.wallClock()
	if now.Before(c.since) {
		c.since = now.Add(-c.config.SoftAge)
	}
	return now
}

// age is endless while there is no set.
func (c *Cache) age(now time.Time) time.Duration {
	if c.since.IsZero() {
		return math.MaxInt64
	}
	return now.Sub(c.since)
}

// held answers from the set at hand alone.
func (c *Cache) held(kid string, now time.Time) (Key, error) {
	if c.age(now) >= c.config.HardAge {
		if c.failure != nil {
			return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
		}
		return Key{}, fmt.Errorf("%w: the set at hand is too old", ErrUnavailable)
	}
	if pub := c.set.Public(kid); pub != nil {
		return Key{ID: kid, Public: pub, Origin: c.origin}, nil
	}
	if c.failure != nil { // the issuer may have it by now
		return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, c.failure)
	}
	return Key{}, ErrUnknownKey
}

// mayFetch reports whether this lookup may start a fetch.
func (c *Cache) mayFetch(kid string, stale bool, now time.Time) bool {
	if c.coolingDown(now) {
		return false
	}
	// While the set is fresh, only the unknown key ID asks for a fetch.
	return stale || !within(c.config.UnknownCooldown, c.unknownAt, now) && !within(c.config.KidCooldown, c.unknown[kid], now)
}

// startCooldowns records which unknown key ID caused a fetch that succeeded, and when the fetch began.
func (c *Cache) startCooldowns(why cause, began time.Time) {
	if !why.stale {
		c.unknownAt = began
	}
	if why.missing {
		c.noteUnknown(why.kid, began)
	}
}

// coolingDown reports whether the last failures rule out a fetch.
func (c *Cache) coolingDown(now time.Time) bool {
	wait := c.config.RetryMin
	for range c.failures - 1 {
		if wait *= 2; wait >= c.config.RetryMax {
			wait = c.config.RetryMax
			break
		}
	}
	return within(wait, c.failedAt, now)
}

// noteUnknown remembers that kid has caused a fetch.
func (c *Cache) noteUnknown(kid string, now time.Time) {
	var oldest string
	for k, at := range c.unknown {
		if !within(c.config.KidCooldown, at, now) {
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

// within reports whether less than d has gone by since then. After the clock has jumped back it says no:
// better one fetch too many than to be locked out until the clock has caught up.
func within(d time.Duration, then, now time.Time) bool {
	since := now.Sub(then)
	return !then.IsZero() && since >= 0 && since < d
}
