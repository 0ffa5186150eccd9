package cognito

// Remembers reports whether the token would be accepted without a check of its signature.
func (v *Verifier) Remembers(t Token) bool {
	c := &v.cache.tokens
	d := c.digest(t.Reveal())
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.probation.index[d] != nil || c.protected.index[d] != nil
}

// Cached returns how many tokens are remembered, and the bytes that they are counted as.
func (v *Verifier) Cached() (tokens, bytes int) {
	c := &v.cache.tokens
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.probation.index) + len(c.protected.index), c.probation.bytes + c.protected.bytes
}

// MaxCacheBytes bounds the second.
const MaxCacheBytes = maxCacheBytes

// Headers returns how many headers are cached.
func (v *Verifier) Headers() int {
	v.cache.headers.mu.RLock()
	defer v.cache.headers.mu.RUnlock()
	return len(v.cache.headers.byText)
}
