package srp

import (
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Verifier is what a user pool stores instead of a user's password. It must be kept secret, because it allows offline guessing of the
// password. Use [NewVerifier]; the zero Verifier makes no challenges.
type Verifier struct {
	poolName string
	user     string
	salt     *big.Int
	v        *big.Int // gˣ mod N
}

// NewVerifier returns the verifier of one user. Challenges contain user as USER_ID_FOR_SRP. The salt should be 16 random bytes. The
// error is [ErrPoolID], [ErrUser], or [ErrNumber] for a salt longer than clients accept.
func NewVerifier(poolID, user, password string, salt []byte) (Verifier, error) {
	name, err := poolName(poolID)
	if err != nil {
		return Verifier{}, err
	}
	if user == "" {
		return Verifier{}, ErrUser
	}
	if 2*len(salt) > maxHexDigits {
		return Verifier{}, fmt.Errorf("%w: a salt of %d bytes", ErrNumber, len(salt))
	}
	s := new(big.Int).SetBytes(salt)
	return Verifier{poolName: name, user: user, salt: s, v: power(privateKey(name, user, password, s))}, nil
}

// Exchange is a challenge with the data to check its answer. Use [Verifier.Challenge]; the zero Exchange accepts no answer.
type Exchange struct {
	Challenge Challenge
	poolName  string
	block     []byte // the secret block, decoded
	key       []byte
}

// Challenge returns the challenge for a client's SRP_A. The secret block identifies the exchange and should be unpredictable. The error
// is [ErrNumber] or [ErrPublicValue] for an invalid SRP_A, or [ErrScrambler], [ErrSecret], [ErrSecretBlock] or [ErrRandom].
func (v Verifier) Challenge(srpA string, secretBlock []byte, random io.Reader) (*Exchange, error) {
	if v.v == nil {
		return nil, fmt.Errorf("%w: use NewVerifier", ErrUser)
	}
	block := base64.StdEncoding.EncodeToString(secretBlock)
	secretBlock, err := decodeSecretBlock(block) // a copy, and validated as clients do
	if err != nil {
		return nil, err
	}
	a, err := publicValue("SRP_A", srpA)
	if err != nil {
		return nil, err
	}
	secret, err := secretExponent(random)
	if err != nil {
		return nil, err
	}
	// B = k·v + gᵇ mod N
	b := new(big.Int).Mul(multiplier, v.v)
	b.Add(b, power(secret)).Mod(b, prime)
	if b.Sign() == 0 {
		return nil, fmt.Errorf("%w: SRP_B", ErrPublicValue) // clients would refuse it
	}
	u := scrambler(a, b)
	// S = (A·vᵘ)ᵇ mod N
	s := new(big.Int).Exp(v.v, u, prime)
	s.Mul(s, a).Mod(s, prime)
	key, err := sessionKey(s.Exp(s, secret, prime), u)
	if err != nil {
		return nil, err
	}
	return &Exchange{
		Challenge: Challenge{User: v.user, Salt: hexadecimal(v.salt), B: hexadecimal(b), SecretBlock: block},
		poolName:  v.poolName,
		block:     secretBlock,
		key:       key,
	}, nil
}

// Check returns nil if the answer proves that the client knows the password. Otherwise the error is [ErrUser] for another user than the
// challenged one, [ErrSecretBlock], [ErrTimestamp] for an invalid timestamp or one more than [MaxClockDifference] from now, or
// [ErrSignature].
//
// Check keeps no state: the caller must discard each exchange after one answer, right or wrong, and when it is too old.
func (e *Exchange) Check(answer Answer, now time.Time) error {
	if len(e.key) == 0 {
		return fmt.Errorf("%w: no challenge was made", ErrSignature)
	}
	if answer.User != e.Challenge.User {
		return fmt.Errorf("%w: the answer is not for the challenged user", ErrUser)
	}
	if answer.SecretBlock != e.Challenge.SecretBlock {
		return fmt.Errorf("%w: not that of the challenge", ErrSecretBlock)
	}
	at, err := ParseTimestamp(answer.Timestamp)
	if err != nil {
		return err
	}
	if at.Sub(now).Abs() > MaxClockDifference {
		return fmt.Errorf("%w: more than %s from this machine's time", ErrTimestamp, MaxClockDifference)
	}
	got, err := base64.StdEncoding.DecodeString(answer.Signature)
	if err != nil {
		return fmt.Errorf("%w: not base64", ErrSignature)
	}
	if !hmac.Equal(got, sign(e.key, e.poolName, e.Challenge.User, e.block, answer.Timestamp)) {
		return ErrSignature
	}
	return nil
}

// hexadecimal returns i as Cognito sends it, with an even number of digits.
func hexadecimal(i *big.Int) string {
	digits := i.Text(16)
	if len(digits)%2 == 1 {
		return "0" + digits
	}
	return digits
}
