package cognito

// Remembers reports whether the token would be answered without a check of its signature.
func (v *Verifier) Remembers(t Token) bool {
	d := v.seen.digest(t.Reveal())
	v.seen.mu.Lock()
	defer v.seen.mu.Unlock()
	return v.seen.once.known[d] != nil || v.seen.again.known[d] != nil
}

// Seen is how many tokens are remembered, and the bytes that they are counted as.
func (v *Verifier) Seen() (tokens, bytes int) {
	v.seen.mu.Lock()
	defer v.seen.mu.Unlock()
	return len(v.seen.once.known) + len(v.seen.again.known), v.seen.once.bytes + v.seen.again.bytes
}

// MaxSeenBytes is the bound on the second.
const MaxSeenBytes = maxSeenBytes
