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
	secretBytes = 128 // length of the secret exponents a and b, as in the official clients
	keyBytes    = 16  // length of the session key
	keyInfo     = "Caldera Derived Key"

	// Numbers are below N: 384 bytes, and a leading zero byte for the sign.
	maxHexDigits = 2 * (384 + 1)
	// Cognito's secret blocks have about 1.5 KB of base64. The limit leaves room.
	maxSecretBlock = 16 << 10
)

var (
	prime, _   = new(big.Int).SetString(primeHex, 16)
	generator  = big.NewInt(2)
	multiplier = hashInt(signed(prime), signed(generator)) // k
)

// signed returns the shortest two's complement form of i ≥ 0, most significant byte first. It has a leading zero byte if the top bit
// is set; zero is a single zero byte.
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

// power returns generator^e mod N.
func power(e *big.Int) *big.Int { return new(big.Int).Exp(generator, e, prime) }

// scrambler returns u, which binds the key to both public values.
func scrambler(a, b *big.Int) *big.Int { return hashInt(signed(a), signed(b)) }

// privateKey returns x, the only value that depends on the password.
func privateKey(poolName, user, password string, salt *big.Int) *big.Int {
	return hashInt(signed(salt), hash([]byte(poolName+user+":"+password)))
}

// sessionKey derives the signing key from the shared secret S: HKDF with u as salt. It checks for zero on behalf of both sides.
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

// poolName returns the part of a user pool ID after the first underscore.
func poolName(poolID string) (string, error) {
	region, name, _ := strings.Cut(poolID, "_")
	if region == "" || name == "" {
		return "", fmt.Errorf("%w: want REGION_NAME, for example eu-west-1_AbCdEf123", ErrPoolID)
	}
	return name, nil
}

// secretExponent returns a new a or b. It refuses zero, with which everybody would know the secret.
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

// number parses an integer from the peer. It checks the length first, because parsing takes more than linear time. Unlike math/big, it
// refuses signs, prefixes and underscores.
func number(name, digits string) (*big.Int, error) {
	if len(digits) > maxHexDigits {
		return nil, fmt.Errorf("%w: %s has %d digits, the maximum is %d", ErrNumber, name, len(digits), maxHexDigits)
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

// publicValue parses A or B and checks that it is between 1 and N-1.
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
