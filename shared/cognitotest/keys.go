package cognitotest

import (
	"crypto/rsa"
	"sync"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// Key is a private key and the key ID under which a pool publishes its public half.
type Key = fakepool.Key

// idle holds the keys that no running test uses.
var idle struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

// NewKey returns an RSA key of 2048 bits that no other running test uses, with a new key ID. Later tests reuse the key, but not
// its ID.
func NewKey(t testing.TB) Key {
	t.Helper()
	key, ok := takeIdle()
	if !ok {
		var err error
		if key, err = fakepool.NewKey(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		idle.Lock()
		defer idle.Unlock()
		idle.keys = append(idle.keys, key.Private)
	})
	return key
}

func takeIdle() (Key, bool) {
	idle.Lock()
	defer idle.Unlock()
	n := len(idle.keys)
	if n == 0 {
		return Key{}, false
	}
	private := idle.keys[n-1]
	idle.keys = idle.keys[:n-1]
	return Key{ID: fakepool.NewKeyID(), Private: private}, true
}
