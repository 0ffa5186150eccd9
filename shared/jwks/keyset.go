package jwks

import (
	"bytes"
	"crypto/rsa"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
)

const (
	// MaxBytes is how large a key set may be. Cognito's have less than 1 KiB.
	MaxBytes = 64 << 10
	maxDepth = 8 // of nesting in a set; a plain key set has 3
)

// KeySet is what could be used of a JSON Web Key Set. The zero value holds no key.
type KeySet struct {
	keys    map[string]*rsa.PublicKey
	refused []error
}

// Len is the number of usable keys.
func (s KeySet) Len() int { return len(s.keys) }

// IDs are the ids of the usable keys, sorted.
func (s KeySet) IDs() []string { return slices.Sorted(maps.Keys(s.keys)) }

// Public is the usable key named kid, or nil.
func (s KeySet) Public(kid string) *rsa.PublicKey { return s.keys[kid] }

// Refused says for each unusable key why it is: one of the error values of this package, with the place of
// the key in the set and, where it has a valid one, its id.
func (s KeySet) Refused() []error { return slices.Clone(s.refused) }

// ParseKeySet reads a JSON Web Key Set (RFC 7517 section 5) and checks each key alone: one that cannot be
// used is left out, see [KeySet.Refused], and does not spoil its neighbours. The same key twice is fine;
// different keys under one id are all refused, because which of them is meant cannot be known.
//
// JSON is taken strictly: a duplicate name or invalid UTF-8 spoils the key it is in, or the whole set if it
// is outside the keys. Unknown members are ignored.
//
// It fails with [ErrTooLarge], [ErrNotKeySet], or [ErrNoUsableKey], which wraps the reason of the first key.
func ParseKeySet(data []byte) (KeySet, error) {
	if len(data) > MaxBytes {
		return KeySet{}, ErrTooLarge
	}
	if err := checkSyntax(data); err != nil {
		return KeySet{}, err
	}
	list, err := keyList(data)
	if err != nil {
		return KeySet{}, err
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

// checkSyntax makes sure that data is one JSON value of bounded depth, so that what follows need not.
func checkSyntax(data []byte) error {
	d := newDecoder(data)
	for {
		_, err := d.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && d.InputOffset() > 0 && d.StackDepth() == 0:
			return nil
		case err != nil:
			return fmt.Errorf("%w: not JSON", ErrNotKeySet)
		case d.StackDepth() > maxDepth:
			return fmt.Errorf("%w: nested deeper than %d", ErrNotKeySet, maxDepth)
		}
	}
}

// keyList finds the members of "keys", unread.
func keyList(data []byte) ([]jsontext.Value, error) {
	if jsontext.Value(data).Kind() != '{' {
		return nil, fmt.Errorf("%w: not an object", ErrNotKeySet)
	}
	d := newDecoder(data)
	var list []jsontext.Value
	seen := make(map[string]bool)
	for rawName, value := range members(d) {
		name, ok := unquote(rawName)
		if seen[name] || !ok {
			return nil, fmt.Errorf("%w: duplicate or invalid name", ErrNotKeySet)
		}
		seen[name] = true
		switch {
		case name == "keys" && value.Kind() == '[':
			for raw := range elements(newDecoder(value)) {
				list = append(list, raw.Clone())
			}
		case name == "keys":
			return nil, fmt.Errorf(`%w: "keys" is not an array`, ErrNotKeySet)
		case !value.IsValid():
			return nil, fmt.Errorf("%w: duplicate name or invalid UTF-8", ErrNotKeySet)
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", ErrNotKeySet)
	}
	if !seen["keys"] {
		return nil, fmt.Errorf(`%w: no "keys"`, ErrNotKeySet)
	}
	return list, nil
}

// newDecoder reads without judging names and text, which is done object by object.
func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// members walks the object that d is at. The syntax has been checked: it ends at the first error.
func members(d *jsontext.Decoder) iter.Seq2[jsontext.Value, jsontext.Value] {
	return func(yield func(name, value jsontext.Value) bool) {
		if _, err := d.ReadToken(); err != nil { // {
			return
		}
		for d.PeekKind() == '"' {
			name, err := d.ReadValue()
			if err != nil {
				return
			}
			name = name.Clone()
			value, err := d.ReadValue()
			if err != nil || !yield(name, value) {
				return
			}
		}
		_, _ = d.ReadToken() // }
	}
}

// elements walks the array that d is at, under the same condition.
func elements(d *jsontext.Decoder) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		if _, err := d.ReadToken(); err != nil { // [
			return
		}
		for d.PeekKind() != ']' {
			value, err := d.ReadValue()
			if err != nil || !yield(value) {
				return
			}
		}
	}
}

// unquote is the text of a JSON string.
func unquote(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err == nil
}
