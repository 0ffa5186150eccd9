package jwks

import (
	"crypto/rsa"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

const (
	// MaxBytes bounds the size of a key set. Cognito's have less than 1 KiB.
	MaxBytes = 64 << 10
	maxDepth = 8 // of nesting in a set; a plain key set has 3
)

// KeySet holds the usable keys of a JSON Web Key Set. The zero value holds none.
type KeySet struct {
	keys    map[string]*rsa.PublicKey
	refused []error
}

// Len returns the number of usable keys.
func (s KeySet) Len() int { return len(s.keys) }

// IDs returns the key IDs of the usable keys, sorted.
func (s KeySet) IDs() []string { return slices.Sorted(maps.Keys(s.keys)) }

// Public returns the usable key with the ID kid, or nil.
func (s KeySet) Public(kid string) *rsa.PublicKey { return s.keys[kid] }

// Refused returns an error for each unusable key: one of the error values of this package, with the position of the key in
// the set and, where it has a valid one, its key ID.
func (s KeySet) Refused() []error { return slices.Clone(s.refused) }

// ParseKeySet parses a JSON Web Key Set (RFC 7517 section 5) and checks each key by itself: an unusable one is left out, see
// [KeySet.Refused], and does not affect the others. The same key twice is accepted; different keys with one key ID are all
// refused, because it is unknown which of them is meant.
//
// JSON is read strictly: a duplicate name or invalid UTF-8 makes the key that contains it unusable, or the whole set if it
// is outside the keys. Unknown members are ignored.
//
// Errors: [ErrTooLarge], [ErrNotKeySet], or [ErrNoUsableKey], which wraps the reason of the first key.
func ParseKeySet(data []byte) (KeySet, error) {
	if len(data) > MaxBytes {
		return KeySet{}, ErrTooLarge
	}
	list, err := readKeySet(data)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrNotKeySet, err)
	}
	set := KeySet{keys: make(map[string]*rsa.PublicKey)}
	conflicts := make(map[string]bool)
	for i, raw := range list {
		id, pub, err := parseKey(raw)
		if other := set.keys[id]; err == nil && other != nil && !other.Equal(pub) {
			conflicts[id] = true
			err = ErrKeyConflict
		}
		if err != nil {
			set.refused = append(set.refused, fmt.Errorf("key %d (kid %q): %w", i+1, id, err))
			continue
		}
		set.keys[id] = pub
	}
	for id := range conflicts {
		delete(set.keys, id)
	}
	if set.Len() == 0 {
		if len(list) == 0 {
			return KeySet{}, fmt.Errorf("%w: it is empty", ErrNoUsableKey)
		}
		return KeySet{}, fmt.Errorf("%w: %w", ErrNoUsableKey, set.refused[0])
	}
	return set, nil
}

// readKeySet returns the elements of "keys", unread: each is checked by itself, so that one malformed key does not make the
// others unusable.
func readKeySet(data []byte) (keys [][]byte, err error) {
	found := false
	err = strictjson.Read(data, strictjson.Options{Depth: maxDepth, Shallow: true}, func(r *strictjson.Reader) error {
		return r.Object(func(name string) error {
			if name == "keys" {
				found = true
				return r.Array(func() error {
					key, err := r.Value()
					keys = append(keys, key)
					return err
				})
			}
			value, err := r.Value()
			if err == nil && !jsontext.Value(value).IsValid() {
				err = errors.New("duplicate name or invalid UTF-8")
			}
			return err
		})
	})
	if err == nil && !found {
		err = errors.New(`it has no "keys"`)
	}
	return keys, err
}
