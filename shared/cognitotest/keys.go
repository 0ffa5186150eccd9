package cognitotest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"sync"
	"testing"
)

// Key is a private key under the id that a pool publishes it as.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// idle are the keys that no running test holds.
var idle struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

// NewKey returns an RSA key of 2048 bits that no other running test holds, under an id as Cognito makes them.
// It goes back when the test ends.
func NewKey(t testing.TB) Key {
	t.Helper()
	private := takeKey(t)
	t.Cleanup(func() {
		idle.Lock()
		defer idle.Unlock()
		idle.keys = append(idle.keys, private)
	})
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return Key{ID: base64.StdEncoding.EncodeToString(id), Private: private}
}

func takeKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	idle.Lock()
	if n := len(idle.keys); n > 0 {
		private := idle.keys[n-1]
		idle.keys = idle.keys[:n-1]
		idle.Unlock()
		return private
	}
	idle.Unlock()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("generating an RSA key: %v", err)
	}
	return private
}

// JWK is the public half as a member of a key set, as Cognito publishes it.
func (k Key) JWK() map[string]any {
	return map[string]any{
		"kid": k.ID, "kty": "RSA", "use": "sig", "alg": "RS256",
		"n": base64.RawURLEncoding.EncodeToString(k.Private.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.Private.E)).Bytes()),
	}
}

// digest is what RS256 signs.
func digest(signed string) []byte {
	d := sha256.Sum256([]byte(signed))
	return d[:]
}
