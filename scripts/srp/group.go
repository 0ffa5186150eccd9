package srp

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// The 3072-bit MODP group of RFC 3526 §5 (group 15). Cognito pairs it with g = 2.
const primeHex = "" +
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

const (
	secretBytes = 128 // of the secret exponents a and b, as the official clients choose
	keyBytes    = 16  // of the session key
	keyInfo     = "Caldera Derived Key"

	// A number of a peer is below N: 384 bytes, one zero byte in front for the sign.
	maxHexDigits = 2 * (384 + 1)
	// Cognito's secret blocks are about 1.5 KB of base64. The rest is room.
	maxSecretBlock = 16 << 10
)

var (
	prime, _   = new(big.Int).SetString(primeHex, 16)
	generator  = big.NewInt(2)
	multiplier = hashInt(signed(prime), signed(generator)) // k
)

// signed is the shortest two's complement form of i ≥ 0, most significant byte first: one zero byte goes
// in front when the top bit is set, and zero is one zero byte.
func signed(i *big.Int) []byte {
	b := i.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func hashInt(parts ...[]byte) *big.Int { return new(big.Int).SetBytes(hash(parts...)) }

// power is generator to the power of e, mod N.
func power(e *big.Int) *big.Int { return new(big.Int).Exp(generator, e, prime) }

// scrambler is u, which ties the key to both public values.
func scrambler(a, b *big.Int) *big.Int { return hashInt(signed(a), signed(b)) }

// privateKey is x, the only thing that depends on the password.
func privateKey(poolName, user, password string, salt *big.Int) *big.Int {
	return hashInt(signed(salt), hash([]byte(poolName+user+":"+password)))
}

// sessionKey turns the shared secret S into the key that signs: HKDF with u as salt. Both sides come
// through here, so this is where a zero is found.
func sessionKey(s, u *big.Int) ([]byte, error) {
	if u.Sign() == 0 {
		return nil, ErrScrambler
	}
	if s.Sign() == 0 {
		return nil, ErrSecret
	}
	return hkdf.Key(sha256.New, signed(s), signed(u), keyInfo, keyBytes)
}

func sign(key []byte, poolName, user string, secretBlock []byte, timestamp string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(poolName), []byte(user), secretBlock, []byte(timestamp)} {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// poolName is the part of a user pool id after its first underscore.
func poolName(poolID string) (string, error) {
	region, name, _ := strings.Cut(poolID, "_")
	if region == "" || name == "" {
		return "", fmt.Errorf("%w: want REGION_NAME, for example eu-west-1_AbCdEf123", ErrPoolID)
	}
	return name, nil
}

// secretExponent reads a or b. Zero is refused: it would make the public value known to everybody.
func secretExponent(random io.Reader) (*big.Int, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRandom, err)
	}
	e := new(big.Int).SetBytes(b)
	if e.Sign() == 0 {
		return nil, fmt.Errorf("%w: only zeros", ErrRandom)
	}
	return e, nil
}

// number parses an integer of the peer. The length is looked at first, because parsing takes more than
// linear time. Signs, prefixes and underscores, which math/big would take, are refused.
func number(name, digits string) (*big.Int, error) {
	if len(digits) > maxHexDigits {
		return nil, fmt.Errorf("%w: %s has %d digits, at most %d are possible", ErrNumber, name, len(digits), maxHexDigits)
	}
	notHex := func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }
	if digits == "" || strings.ContainsFunc(digits, notHex) {
		return nil, fmt.Errorf("%w: %s", ErrNumber, name)
	}
	i, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNumber, name)
	}
	return i, nil
}

// publicValue parses A or B and makes sure that it is neither a multiple of N nor above it.
func publicValue(name, digits string) (*big.Int, error) {
	i, err := number(name, digits)
	if err != nil {
		return nil, err
	}
	if i.Sign() == 0 || i.Cmp(prime) >= 0 {
		return nil, fmt.Errorf("%w: %s", ErrPublicValue, name)
	}
	return i, nil
}
