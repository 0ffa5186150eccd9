package fakepool

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// Key is a private key and the key ID under which a pool publishes its public half.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// NewKey generates an RSA key of 2048 bits, Cognito's size, with a new key ID.
func NewKey() (Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Key{}, fmt.Errorf("generating an RSA key: %w", err)
	}
	return Key{ID: NewKeyID(), Private: private}, nil
}

// NewKeyID returns a random key ID in Cognito's form.
func NewKeyID() string {
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return base64.StdEncoding.EncodeToString(id)
}

// JWK returns the public half as Cognito publishes it in a key set.
func (k Key) JWK() map[string]any {
	return map[string]any{
		"kid": k.ID, "kty": "RSA", "use": "sig", "alg": "RS256",
		"n": base64.RawURLEncoding.EncodeToString(k.Private.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.Private.E)).Bytes()),
	}
}

// KeySet returns the key set document that holds these keys.
func KeySet(keys ...Key) []byte {
	list := make([]map[string]any, len(keys))
	for i, key := range keys {
		list[i] = key.JWK()
	}
	document, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		panic(err) // cannot happen: maps of strings always encode
	}
	return document
}

// NewUUID returns a random UUID (RFC 9562 version 4), the form of sub, jti, origin_jti and event_id.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
