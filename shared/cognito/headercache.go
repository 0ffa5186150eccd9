package cognito

import (
	"crypto/rsa"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// A signature by a usable key is as long as its modulus: 2048 to 4096 bits.
const (
	minSignature = 2048 / 8 // bytes
	maxSignature = 4096 / 8
)

// maxHeaders bounds the header cache. A pool in steady state signs with two keys.
const maxHeaders = 16

// header is a header that has passed all checks, ready for go-jose.
type header struct {
	kid string
	jws *jose.JSONWebSignature // of this header; its payload and signature are placeholders
}

// headerCache holds the headers of tokens with a valid signature. All tokens by one key share the text of their header,
// and parsing it costs as much as everything else but the RSA operation. Only the holder of an issuer's key can add to it.
type headerCache struct {
	mu     sync.RWMutex
	byText map[string]header
}

func (c *headerCache) get(text string) (header, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h, ok := c.byText[text]
	return h, ok
}

func (c *headerCache) add(text string, h header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byText == nil || len(c.byText) >= maxHeaders {
		c.byText = make(map[string]header)
	}
	c.byText[strings.Clone(text)] = h // a clone, so that the rest of the token can be freed
}

// newHeader lets go-jose parse a header that parseHeader has accepted. The payload and the signature are given later, so
// that all tokens with this header share the result.
func newHeader(text, kid string) (header, error) {
	jws, err := jose.ParseSignedCompact(text+"..AAAA", []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return header{}, ErrHeader
	}
	return header{kid: kid, jws: jws}, nil
}

// verify lets go-jose check the signature over this header and payload (RFC 7515 section 5.2). The payload holds the very
// bytes that the claims were read from. Their base64url is the one that was sent, since decode accepts no other.
func (h header) verify(payload, signature []byte, key *rsa.PublicKey) error {
	signed := h.jws.Signatures[0] // a copy, since h is shared
	signed.Signature = signature
	jws := jose.JSONWebSignature{Signatures: []jose.Signature{signed}}
	if err := jws.DetachedVerify(payload, key); err != nil {
		return ErrSignature
	}
	return nil
}
