package cognito

// cache holds what has been verified: the headers that tokens share, and whole tokens.
type cache struct {
	headers headerCache
	tokens  tokenCache
}

// lookup is what the cache holds about a token.
type lookup struct {
	header    header
	hasHeader bool
	digest    digest // of the token, if its header is known
	entry     *entry // nil: the token has not been verified before
}

// lookup looks a token up by its header and then by its whole text. A token with an unknown header cannot be in the
// cache, so no hash is spent on garbage.
func (c *cache) lookup(raw, headerText string) (l lookup) {
	if l.header, l.hasHeader = c.headers.get(headerText); l.hasHeader {
		l.digest = c.tokens.digest(raw)
		l.entry = c.tokens.find(l.digest)
	}
	return l
}

// add caches a token that has just been verified, and its header. cached is the result of lookup for it.
func (c *cache) add(raw, headerText string, h header, cached lookup, e entry) {
	e.digest = cached.digest
	if !cached.hasHeader {
		c.headers.add(headerText, h)
		e.digest = c.tokens.digest(raw)
	}
	c.tokens.add(e)
}
