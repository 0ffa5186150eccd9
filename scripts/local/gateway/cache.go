package gateway

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxResults bounds the cache. API Gateway states no number.
const maxResults = 1000

// resultCache keeps the authorizer's results, whether they allow or deny, for all routes. Errors are not kept.
// Every result lives equally long, so the oldest is always the next to lapse, and the first to go when the
// cache is full.
type resultCache struct {
	ttl time.Duration // 0: nothing is kept

	mu      sync.Mutex
	results map[[sha256.Size]byte]cachedResult
	order   [][sha256.Size]byte // oldest first
}

type cachedResult struct {
	result *authorizerResult
	until  time.Time
}

func newResultCache(ttl time.Duration) *resultCache {
	return &resultCache{ttl: ttl, results: map[[sha256.Size]byte]cachedResult{}}
}

// get returns a result that has not lapsed, or nil.
func (c *resultCache) get(key [sha256.Size]byte, now time.Time) *authorizerResult {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.results[key]; ok && now.Before(r.until) {
		return r.result
	}
	return nil
}

func (c *resultCache) put(key [sha256.Size]byte, v *authorizerResult, now time.Time) {
	if c.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.results[key]; ok && now.Before(r.until) {
		return // two calls asked at the same time; the first result stays, with its time
	}
	for len(c.order) > 0 && (len(c.order) >= maxResults || !now.Before(c.results[c.order[0]].until)) {
		delete(c.results, c.order[0])
		c.order = c.order[1:]
	}
	c.results[key] = cachedResult{v, now.Add(c.ttl)}
	c.order = append(c.order, key)
}

func (c *resultCache) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.results)
	c.order = nil
}
