// Package ascii checks strings against sets of ASCII characters.
package ascii

// Set is a set of ASCII characters. The zero value is empty.
type Set struct{ low, high uint64 } // bits for 0 to 63 and 64 to 127

// Common sets.
var (
	Lower        = Of("abcdefghijklmnopqrstuvwxyz")
	Upper        = Of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	Digits       = Of("0123456789")
	Alphanumeric = Lower.Or(Upper).Or(Digits)
)

// Of returns the set of the ASCII characters in s. Other characters are ignored.
func Of(s string) (set Set) {
	for i := range len(s) {
		switch c := s[i]; {
		case c < 64:
			set.low |= 1 << c
		case c < 128:
			set.high |= 1 << (c - 64)
		}
	}
	return set
}

// Or returns the union of two sets.
func (set Set) Or(other Set) Set { return Set{set.low | other.low, set.high | other.high} }

// With returns the set with the characters in s added.
func (set Set) With(s string) Set { return set.Or(Of(s)) }

// Contains reports whether c is in the set.
func (set Set) Contains(c byte) bool {
	switch {
	case c < 64:
		return set.low&(1<<c) != 0
	case c < 128:
		return set.high&(1<<(c-64)) != 0
	}
	return false
}

// All reports whether every byte of s is in the set. It is true for the empty string.
func (set Set) All(s string) bool {
	for i := range len(s) {
		if !set.Contains(s[i]) {
			return false
		}
	}
	return true
}

// AllWithin reports whether s has at least min and at most max bytes, all of them in the set.
func (set Set) AllWithin(s string, min, max int) bool {
	return len(s) >= min && len(s) <= max && set.All(s)
}
