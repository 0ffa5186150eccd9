package jwks

import (
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// Key is a public key that an issuer publishes.
type Key struct {
	ID     string         // kid, never empty
	Public *rsa.PublicKey // shared between callers: must not be changed
	Origin Origin         // where this lookup found it
}

// Origin is where a lookup found a key.
type Origin string

// Origins of a key.
const (
	OriginSeed  Origin = "seed"  // in Config.Seed
	OriginCache Origin = "cache" // in a set fetched earlier
	OriginFetch Origin = "fetch" // in a set that this lookup waited for
)

const (
	minBits  = 2048 // RFC 7518 section 3.3
	maxBits  = 4096 // a larger modulus makes every verification slow, and Cognito uses 2048
	maxKeyID = 128  // bytes; Cognito's key IDs have 44
)

// ValidKeyID reports whether kid has the form of a key ID: 1 to 128 of the characters that base64, base64url, hexadecimal
// and UUIDs use. So a key ID is safe in logs, and garbage in a token costs no fetch.
func ValidKeyID(kid string) bool {
	return keyIDChars.AllWithin(kid, 1, maxKeyID)
}

var keyIDChars = ascii.Alphanumeric.With("+/=_-")

// jwk holds the members of one key that matter, as they are written in the set.
type jwk struct {
	kid, kty, use, alg, n, e string
	hasUse, hasAlg, hasOps   bool
	ops                      []string
	private                  bool
}

// parseKey checks one element of "keys". With an error it returns the key ID if that is valid, for the report.
func parseKey(raw []byte) (id string, pub *rsa.PublicKey, err error) {
	k, err := readKey(raw)
	if err != nil {
		return "", nil, ErrKeyMalformed
	}
	if !ValidKeyID(k.kid) {
		return "", nil, ErrKeyID
	}
	pub, err = k.publicKey()
	return k.kid, pub, err
}

// readKey decodes the members that matter and ignores the others, as RFC 7517 section 4 requires.
func readKey(raw []byte) (k jwk, err error) {
	err = strictjson.Read(raw, strictjson.Options{Depth: maxDepth}, func(r *strictjson.Reader) error {
		return r.Object(func(name string) (err error) {
			switch name {
			case "kid":
				k.kid, err = r.String()
			case "kty":
				k.kty, err = r.String()
			case "use":
				k.hasUse = true
				k.use, err = r.String()
			case "alg":
				k.hasAlg = true
				k.alg, err = r.String()
			case "key_ops":
				k.hasOps = true
				k.ops, err = r.Strings()
			case "n":
				k.n, err = r.String()
			case "e":
				k.e, err = r.String()
			case "d", "p", "q", "dp", "dq", "qi", "oth", "k": // RFC 7518 sections 6.3.2 and 6.4
				k.private = true
			}
			return err
		})
	})
	return k, err
}

// publicKey checks what the key may be used for, and then its numbers.
func (k jwk) publicKey() (*rsa.PublicKey, error) {
	switch {
	case k.kty != "RSA":
		return nil, ErrKeyType
	case k.private:
		return nil, ErrKeyPrivate // anyone who can read the key set could sign tokens
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

// number decodes a Base64urlUInt (RFC 7518 section 2) of at most this many bits. The length is checked before any
// arithmetic. A leading zero octet is invalid but harmless, and some libraries write one.
func number(s string, bits int) (*big.Int, error) {
	if maxLength := base64.RawURLEncoding.EncodedLen(bits/8 + 2); len(s) > maxLength {
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
