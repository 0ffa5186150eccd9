package cognito

import (
	"container/list"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
)

// maxSeenBytes bounds the memory of all tokens that are remembered, whatever their number.
const maxSeenBytes = 1 << 20

// seen remembers tokens whose signature was good, so that the same text need not be checked against the same
// key again. All that can change between two uses of a token is asked each time, see [Verifier.again].
//
// The zero value remembers nothing. It belongs to one Verifier, so nothing in it was checked by other settings.
// Only tokens with a good signature get in, so forged ones cannot push anything out. Tokens that came once are
// kept apart from those that came again, so a flood of good ones that come once cannot push out what is in use either.
type seen struct {
	mu          sync.Mutex
	once, again recent
}

// digest is the SHA-256 of a whole token. A token is found by its exact text, and the text is not kept.
type digest [sha256.Size]byte

// seenToken is what was found of a good token. It is shared, so it is never changed.
type seenToken struct {
	digest digest
	claims Claims // all but KeyOrigin
	times  times
	keys   KeySet
	key    *rsa.PublicKey // that the signature is by
	bytes  int
}

func newSeen(most int) seen {
	half := func(n int) recent {
		return recent{most: n, mostBytes: maxSeenBytes / 2, known: make(map[digest]*list.Element)}
	}
	return seen{once: half(most - most/2), again: half(most / 2)}
}

// digest tells tokens apart. It costs a few per cent of a verification, so it is not worked out for nothing.
func (s *seen) digest(raw string) digest {
	if s.once.most == 0 {
		return digest{}
	}
	var text [MaxTokenBytes]byte // on the stack, where a conversion of raw would not be
	return sha256.Sum256(text[:copy(text[:], raw)])
}

// find returns what is remembered of a token, or nil.
func (s *seen) find(d digest) *seenToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.again.use(d); t != nil {
		return t
	}
	t := s.once.take(d)
	if t != nil {
		s.again.put(t)
	}
	return t
}

// add remembers a token that was verified a moment ago, unless nothing is to be remembered.
func (s *seen) add(t seenToken) {
	if s.once.most == 0 {
		return
	}
	kept := t
	kept.claims = t.claims.clone()
	kept.bytes = t.size()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once.put(&kept)
}

// forget drops a token that is good no more.
func (s *seen) forget(d digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once.take(d)
	s.again.take(d)
}

// size is how much memory the token takes, in bytes, rounded up. The claims are parts of the payload, except
// those that were written with an escape, which are copies.
func (t *seenToken) size() int {
	const fixed = 640 // this struct, its places in the list and in the map, the header of the payload
	size := fixed + 16*(len(t.claims.Scopes)+len(t.claims.Groups)) + len(*t.claims.raw)
	if strings.Contains(*t.claims.raw, `\`) {
		size += len(*t.claims.raw)
	}
	return size
}

// clone returns claims that share nothing that a holder of the others could change.
func (c Claims) clone() Claims {
	c.Scopes, c.Groups = slices.Clone(c.Scopes), slices.Clone(c.Groups)
	return c
}

// recent is tokens in the order of their last use, bounded in number and bytes: what was not used for longest
// goes first.
type recent struct {
	most, mostBytes int
	bytes           int
	known           map[digest]*list.Element
	order           list.List // of *seenToken, the last used in front
}

// put adds a token in front.
func (r *recent) put(t *seenToken) {
	r.take(t.digest)
	r.known[t.digest] = r.order.PushFront(t)
	r.bytes += t.bytes
	for len(r.known) > r.most || r.bytes > r.mostBytes {
		r.take(r.order.Back().Value.(*seenToken).digest)
	}
}

// use moves a token to the front and gives it, or nil.
func (r *recent) use(d digest) *seenToken {
	element, ok := r.known[d]
	if !ok {
		return nil
	}
	r.order.MoveToFront(element)
	return element.Value.(*seenToken)
}

// take removes a token and gives it, or nil.
func (r *recent) take(d digest) *seenToken {
	element, ok := r.known[d]
	if !ok {
		return nil
	}
	t := r.order.Remove(element).(*seenToken)
	delete(r.known, d)
	r.bytes -= t.bytes
	return t
}
