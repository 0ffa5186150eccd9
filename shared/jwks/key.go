package jwks

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json/jsontext"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Key is a public key that an issuer publishes.
type Key struct {
	ID     string         // kid, never empty
	Public *rsa.PublicKey // shared between callers: not to be changed
	Origin Origin         // how this lookup was answered
}

// Origin is how a lookup was answered.
type Origin string

// The sources of a key.
const (
	OriginSeed  Origin = "seed"  // from the set given by configuration
	OriginCache Origin = "cache" // from a set fetched earlier
	OriginFetch Origin = "fetch" // this lookup waited for a fetch
)

const (
	minBits  = 2048 // RFC 7518 section 3.3
	maxBits  = 4096 // a larger modulus makes every verification slow, and Cognito uses 2048
	maxKeyID = 128  // bytes; Cognito's key ids have 44
)

// ValidKeyID reports whether kid may name a key at all: 1 to 128 characters out of those that base64, base64url,
// hexadecimal and UUIDs use. The set is this narrow so that a key id is safe in logs and that junk in a
// token costs no fetch.
func ValidKeyID(kid string) bool {
	if kid == "" || len(kid) > maxKeyID {
		return false
	}
	for i := range len(kid) {
		c := kid[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && strings.IndexByte("+/=_-", c) < 0 {
			return false
		}
	}
	return true
}

// jwk is what is read of one key, as it is written in the set.
type jwk struct {
	kid, kty, use, alg, n, e string
	hasUse, hasAlg, hasOps   bool
	ops                      []string
	private                  bool
}

// parseKey checks one member of "keys". On an error the id is the key's own if it has a valid one, so that
// the report can name it, and empty otherwise.
func parseKey(raw jsontext.Value) (id string, pub *rsa.PublicKey, err error) {
	k, err := readKey(raw)
	if err != nil {
		return "", nil, err
	}
	if !ValidKeyID(k.kid) {
		return "", nil, ErrKeyID
	}
	pub, err = k.publicKey()
	return k.kid, pub, err
}

// readKey decodes the members that matter and ignores the others, as RFC 7517 section 4 asks.
func readKey(raw jsontext.Value) (k jwk, err error) {
	if raw.Kind() != '{' || !raw.IsValid() { // IsValid: no duplicate name at any depth, no invalid UTF-8
		return jwk{}, ErrKeyMalformed
	}
	d := newDecoder(raw)
	text := func(v jsontext.Value) string {
		s, ok := unquote(v)
		if !ok {
			err = ErrKeyMalformed
		}
		return s
	}
	for name, value := range members(d) {
		switch text(name) {
		case "kid":
			k.kid = text(value)
		case "kty":
			k.kty = text(value)
		case "use":
			k.use, k.hasUse = text(value), true
		case "alg":
			k.alg, k.hasAlg = text(value), true
		case "key_ops":
			k.hasOps = true
			if value.Kind() != '[' {
				return jwk{}, ErrKeyMalformed
			}
			for op := range elements(newDecoder(value)) {
				k.ops = append(k.ops, text(op))
			}
		case "n":
			k.n = text(value)
		case "e":
			k.e = text(value)
		case "d", "p", "q", "dp", "dq", "qi", "oth", "k": // RFC 7518 sections 6.3.2 and 6.4
			k.private = true
		}
	}
	return k, err
}

// publicKey checks what the key is for, and then the key itself.
func (k jwk) publicKey() (*rsa.PublicKey, error) {
	switch {
	case k.kty != "RSA":
		return nil, ErrKeyType
	case k.private:
		return nil, ErrKeyPrivate // who publishes it can no longer be told from who reads it
	case k.hasUse && k.use != "sig":
		return nil, ErrKeyUse
	case k.hasOps && !slices.Contains(k.ops, "verify"):
		return nil, ErrKeyOperations
	case k.hasAlg && k.alg != "RS256":
		return nil, ErrKeyAlgorithm
	}
	n, err := number(k.n, maxBits)
	if err != nil {
		return nil, fmt.Errorf("%w: n: %w", ErrModulus, err)
	}
	e, err := number(k.e, 31)
	if err != nil {
		return nil, fmt.Errorf("%w: e: %w", ErrExponent, err)
	}
	switch {
	case n.BitLen() < minBits || n.Bit(0) == 0:
		return nil, ErrModulus
	case e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0:
		return nil, ErrExponent
	case hasROCAFingerprint(n):
		return nil, ErrROCA
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// number decodes a Base64urlUInt (RFC 7518 section 2) of at most bits bits. The length is capped before any
// arithmetic. A leading zero octet is wrong but harmless, and some libraries write one.
func number(s string, bits int) (*big.Int, error) {
	if maxText := base64.RawURLEncoding.EncodedLen(bits/8 + 2); len(s) > maxText {
		return nil, fmt.Errorf("more than %d bits", bits)
	}
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return nil, fmt.Errorf("not base64url")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) == 0 {
		return nil, fmt.Errorf("not base64url")
	}
	n := new(big.Int).SetBytes(b)
	if n.BitLen() > bits {
		return nil, fmt.Errorf("more than %d bits", bits)
	}
	return n, nil
}
