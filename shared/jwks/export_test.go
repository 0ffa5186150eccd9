package jwks

// Limits are those of a Cache.
type Limits = limits

// WithLimits returns c with changed limits.
func (c Config) WithLimits(change func(*Limits)) Config {
	l := defaultLimits()
	change(&l)
	c.limits = &l
	return c
}
