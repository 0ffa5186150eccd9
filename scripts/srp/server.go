package srp

import (
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Verifier is what a user pool keeps of a user instead of the password. The password can be guessed from
// it offline, so it is a secret all the same. Use [NewVerifier]; the zero Verifier challenges nobody.
type Verifier struct {
	poolName string
	user     string
	salt     *big.Int
	v        *big.Int // gˣ mod N
}

// NewVerifier makes the verifier of one user, whose name is the one that challenges will carry as
// USER_ID_FOR_SRP. The salt should be 16 random bytes. Errors: [ErrPoolID], [ErrUser], [ErrNumber] (a
// salt longer than a client would take).
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

// Exchange is one challenge of the server and what it takes to check the answer. Use
// [Verifier.Challenge]; the zero Exchange accepts no answer.
type Exchange struct {
	Challenge Challenge
	poolName  string
	block     []byte // the secret block, decoded
	key       []byte
}

// Challenge replies to a client's SRP_A. The secret block is any bytes that name this exchange; they
// should be unpredictable. Errors: [ErrNumber] or [ErrPublicValue] for what the client sent,
// [ErrScrambler], [ErrSecret], [ErrSecretBlock], [ErrRandom].
func (v Verifier) Challenge(srpA string, secretBlock []byte, random io.Reader) (*Exchange, error) {
	if v.v == nil {
		return nil, fmt.Errorf("%w: use NewVerifier", ErrUser)
	}
	block := base64.StdEncoding.EncodeToString(secretBlock)
	secretBlock, err := decodeSecretBlock(block) // a copy, and what a client would take
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
		return nil, fmt.Errorf("%w: SRP_B", ErrPublicValue) // no client would take it
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

// Check reports whether the answer proves that the client knows the password: nil means yes. Errors:
// [ErrUser] (another name than the challenge's), [ErrSecretBlock], [ErrTimestamp] (its form, or more than
// [MaxClockDifference] from now), [ErrSignature].
//
// Check does not remember that it was called, nor when the challenge was made: whoever keeps the
// exchanges must drop each after one answer, right or wrong, and when it is too old.
func (e *Exchange) Check(answer Answer, now time.Time) error {
	if len(e.key) == 0 {
		return fmt.Errorf("%w: no challenge was made", ErrSignature)
	}
	if answer.User != e.Challenge.User {
		return fmt.Errorf("%w: the answer is not for the challenged user", ErrUser)
	}
	if answer.SecretBlock != e.Challenge.SecretBlock {
		return fmt.Errorf("%w: not the one of this challenge", ErrSecretBlock)
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

// hexadecimal is i as Cognito sends it: of even length.
func hexadecimal(i *big.Int) string {
	digits := i.Text(16)
	if len(digits)%2 == 1 {
		return "0" + digits
	}
	return digits
}
