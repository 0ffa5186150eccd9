package srp

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Client is the side that knows the password. Every sign-in needs a new Client from [NewClient]. The zero Client answers no challenge.
type Client struct {
	poolName string
	a        *big.Int // secret exponent
	public   *big.Int // A
}

// NewClient returns a client for one sign-in to the user pool with this ID. Except in tests, random must be crypto/rand.Reader. The
// error is [ErrPoolID] or [ErrRandom].
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

// A returns the public value for SRP_A: lower-case hexadecimal without leading zeros.
func (c *Client) A() string { return c.public.Text(16) }

// Answer returns the answer to a challenge, which proves the password without containing it. at is the current time; Cognito compares
// it with its own clock.
//
// The challenge is not trusted. If it is invalid, the error is [ErrUser], [ErrNumber], [ErrPublicValue], [ErrScrambler], [ErrSecret]
// or [ErrSecretBlock]. The protocol does not authenticate the server, because Cognito sends no proof of its own: rely on TLS.
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

// key returns the session key as the client computes it: S = (B - k·gˣ)^(a + u·x) mod N.
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
