package srp

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Client is the side that knows the password. One Client serves one sign-in: make a new one for the next.
// Use [NewClient]; the zero Client answers nothing.
type Client struct {
	poolName string
	a        *big.Int // secret exponent
	public   *big.Int // A
}

// NewClient draws the secret of one sign-in to the user pool with this id. The source is crypto/rand's
// Reader outside tests. Errors: [ErrPoolID], [ErrRandom].
func NewClient(poolID string, random io.Reader) (*Client, error) {
	name, err := poolName(poolID)
	if err != nil {
		return nil, err
	}
	a, err := secretExponent(random)
	if err != nil {
		return nil, err
	}
	return &Client{poolName: name, a: a, public: power(a)}, nil
}

// A is the public value, as SRP_A travels: lower-case hexadecimal without leading zeros.
func (c *Client) A() string { return c.public.Text(16) }

// Answer proves the password to the server that sent the challenge, without sending it. The time is the
// caller's clock, which Cognito compares with its own.
//
// The server is not trusted: [ErrUser], [ErrNumber], [ErrPublicValue], [ErrScrambler], [ErrSecret] and
// [ErrSecretBlock] say what is wrong with its challenge. Nothing here proves who the server is (Cognito
// sends no proof of its own): that is TLS's task.
func (c *Client) Answer(password string, challenge Challenge, at time.Time) (Answer, error) {
	if challenge.User == "" {
		return Answer{}, fmt.Errorf("%w: the challenge has no USER_ID_FOR_SRP", ErrUser)
	}
	block, err := decodeSecretBlock(challenge.SecretBlock)
	if err != nil {
		return Answer{}, err
	}
	key, err := c.key(password, challenge)
	if err != nil {
		return Answer{}, err
	}
	timestamp := Timestamp(at)
	signature := sign(key, c.poolName, challenge.User, block, timestamp)
	return Answer{
		User:        challenge.User,
		SecretBlock: challenge.SecretBlock,
		Timestamp:   timestamp,
		Signature:   base64.StdEncoding.EncodeToString(signature),
	}, nil
}

// key is the session key as the client gets at it: S = (B - k·gˣ)^(a + u·x) mod N.
func (c *Client) key(password string, challenge Challenge) ([]byte, error) {
	if c.public == nil {
		return nil, fmt.Errorf("%w: use NewClient", ErrRandom)
	}
	b, err := publicValue("SRP_B", challenge.B)
	if err != nil {
		return nil, err
	}
	salt, err := number("SALT", challenge.Salt)
	if err != nil {
		return nil, err
	}
	u := scrambler(c.public, b)
	x := privateKey(c.poolName, challenge.User, password, salt)

	base := new(big.Int).Mul(multiplier, power(x))
	base.Sub(b, base).Mod(base, prime) // Mod is Euclidean: never negative
	exponent := new(big.Int).Mul(u, x)
	exponent.Add(exponent, c.a)
	return sessionKey(base.Exp(base, exponent, prime), u)
}
