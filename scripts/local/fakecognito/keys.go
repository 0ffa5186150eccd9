package fakecognito

import (
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// keyring holds the keys of a pool: one that signs ID tokens, one that signs access tokens, and retired ones whose tokens may
// still be valid.
type keyring struct {
	id, access fakepool.Key
	keep       time.Duration // how long a retired key is still published
	retired    []retiredKey
}

type retiredKey struct {
	fakepool.Key
	until time.Time
}

func newKeyring(keep time.Duration, now time.Time) (*keyring, error) {
	k := &keyring{keep: keep}
	if err := k.rotate(now); err != nil {
		return nil, err
	}
	return k, nil
}

// rotate replaces both keys and retires the old ones. With an error, nothing has changed.
func (k *keyring) rotate(now time.Time) error {
	id, err := fakepool.NewKey()
	if err != nil {
		return err
	}
	access, err := fakepool.NewKey()
	if err != nil {
		return err
	}
	if k.id.Private != nil {
		until := now.Add(k.keep)
		k.retired = append(k.retired, retiredKey{k.id, until}, retiredKey{k.access, until})
	}
	k.id, k.access = id, access
	return nil
}

// published returns the keys that the key set holds at a time.
func (k *keyring) published(now time.Time) []fakepool.Key {
	keys := []fakepool.Key{k.id, k.access}
	for _, r := range k.retired {
		if now.Before(r.until) {
			keys = append(keys, r.Key)
		}
	}
	return keys
}
