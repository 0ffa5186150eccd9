package cognito

import (
	"crypto/rsa"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// A signature by a usable key is as long as its modulus: 2048 to 4096 bits.
const (
	minSignature = 2048 / 8
	maxSignature = 4096 / 8
)

// maxHeaders is how many headers are remembered. A pool in steady state has two.
const maxHeaders = 16

// header is a header that has passed all checks, ready for go-jose.
type header struct {
	kid string
	jws *jose.JSONWebSignature // of this header; its payload and signature are placeholders
}

// headers remembers the headers under which a good signature was seen. All tokens by one key share the text
// of their header, and reading it costs go-jose and us as much as everything else but the signature. Only
// who holds an issuer's key can add to it.
type headers struct {
	mu    sync.RWMutex
	known map[string]header // by the header's text
}

func (h *headers) get(text string) (header, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	known, ok := h.known[text]
	return known, ok
}

func (h *headers) add(text string, known header) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil || len(h.known) >= maxHeaders {
		h.known = make(map[string]header)
	}
	h.known[strings.Clone(text)] = known // a clone, lest the whole token be kept
}

// newHeader lets go-jose read a header that parseHeader has accepted. The payload and the signature are
// given later, so that one reading serves all tokens with this header.
func newHeader(text, kid string) (header, error) {
	jws, err := jose.ParseSignedCompact(text+"..AAAA", []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return header{}, ErrHeader
	}
	return header{kid: kid, jws: jws}, nil
}

// verify lets go-jose check the signature over this header and payload (RFC 7515 section 5.2). The payload
// is the very bytes that the claims were read from; their base64url text is the one that was sent, since
// decode accepts no other.
func (h header) verify(payload, signature []byte, key *rsa.PublicKey) error {
	one := h.jws.Signatures[0] // a copy, since h is shared
	one.Signature = signature
	jws := jose.JSONWebSignature{Signatures: []jose.Signature{one}}
	if err := jws.DetachedVerify(payload, key); err != nil {
		return ErrSignature
	}
	return nil
}
