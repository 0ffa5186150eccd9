package cognito

import (
	"container/list"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
)

// maxCacheBytes bounds the memory of the token cache, however many tokens it holds.
const maxCacheBytes = 1 << 20

// tokenCache remembers tokens with a valid signature, so that the same token need not be checked against the same key
// again. Everything that can change between two uses of a token is checked each time, see [Verifier.reverify].
//
// It is a segmented LRU: new tokens start in a probationary segment and move to a protected one on reuse, so tokens that
// are used once cannot evict active ones. Only tokens with a valid signature are added, so forged ones cannot evict any.
// A cache belongs to one Verifier: nothing in it was checked by other settings. The zero value remembers nothing.
type tokenCache struct {
	mu                   sync.Mutex
	probation, protected lru
}

// digest is the SHA-256 of a whole token. Tokens are found by it, and their text is not kept.
type digest [sha256.Size]byte

// entry is what is cached of a token. It is shared between callers and never changed.
type entry struct {
	digest digest
	claims Claims // all but KeyOrigin
	times  times
	keys   KeySet
	key    *rsa.PublicKey // that the signature is by
	bytes  int
}

// newTokenCache returns a cache for at most this many tokens.
func newTokenCache(most int) tokenCache {
	segment := func(n int) lru {
		return lru{most: n, mostBytes: maxCacheBytes / 2, index: make(map[digest]*list.Element)}
	}
	return tokenCache{probation: segment(most - most/2), protected: segment(most / 2)}
}

// digest returns the digest of a token; the zero digest if nothing is remembered, since hashing costs a few per cent of a
// verification.
func (c *tokenCache) digest(raw string) digest {
	if c.probation.most == 0 {
		return digest{}
	}
	var buffer [MaxTokenBytes]byte // on the stack, where a conversion of raw would not be
	return sha256.Sum256(buffer[:copy(buffer[:], raw)])
}

// find returns the entry of a token, or nil.
func (c *tokenCache) find(d digest) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.protected.use(d); e != nil {
		return e
	}
	e := c.probation.remove(d)
	if e != nil {
		c.protected.add(e)
	}
	return e
}

// add caches a token that has just been verified, unless the cache is off.
func (c *tokenCache) add(e entry) {
	if c.probation.most == 0 {
		return
	}
	e.claims = e.claims.clone()
	e.bytes = e.size()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probation.add(&e)
}

// remove forgets a token that is no longer valid.
func (c *tokenCache) remove(d digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probation.remove(d)
	c.protected.remove(d)
}

// size returns how much memory the entry takes, in bytes, rounded up. Claims are parts of the payload, except those that
// were written with an escape, which are copies.
func (e *entry) size() int {
	const fixed = 640 // this struct, its places in the list and in the map, the header of the payload
	size := fixed + 16*(len(e.claims.Scopes)+len(e.claims.Groups)) + len(*e.claims.raw)
	if strings.Contains(*e.claims.raw, `\`) {
		size += len(*e.claims.raw)
	}
	for _, v := range e.claims.further.list() {
		size += 64 + 16*len(v.values)
		for _, value := range v.values {
			size += len(value)
		}
	}
	return size
}

// clone returns claims that share no memory that a caller could change.
func (c Claims) clone() Claims {
	c.Scopes, c.Groups = slices.Clone(c.Scopes), slices.Clone(c.Groups)
	return c
}

// lru is a list of entries, bounded in number and bytes: the least recently used goes first.
type lru struct {
	most, mostBytes int
	bytes           int
	index           map[digest]*list.Element
	order           list.List // of *entry, the most recently used in front
}

func (l *lru) add(e *entry) {
	l.remove(e.digest)
	l.index[e.digest] = l.order.PushFront(e)
	l.bytes += e.bytes
	for len(l.index) > l.most || l.bytes > l.mostBytes {
		l.remove(l.order.Back().Value.(*entry).digest)
	}
}

// use moves an entry to the front and returns it, or nil.
func (l *lru) use(d digest) *entry {
	element, ok := l.index[d]
	if !ok {
		return nil
	}
	l.order.MoveToFront(element)
	return element.Value.(*entry)
}

// remove takes an entry out and returns it, or nil.
func (l *lru) remove(d digest) *entry {
	element, ok := l.index[d]
	if !ok {
		return nil
	}
	e := l.order.Remove(element).(*entry)
	delete(l.index, d)
	l.bytes -= e.bytes
	return e
}
