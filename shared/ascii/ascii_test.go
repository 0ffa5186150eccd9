package ascii_test

import (
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
)

func TestASetContainsItsCharactersAndNoOthers(t *testing.T) {
	const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for name, tt := range map[string]struct {
		set  ascii.Set
		want string
	}{
		"empty":         {ascii.Set{}, ""},
		"lower":         {ascii.Lower, "abcdefghijklmnopqrstuvwxyz"},
		"alphanumeric":  {ascii.Alphanumeric, alphanumeric},
		"with others":   {ascii.Digits.With("-_?@\x7f"), "0123456789-_?@\x7f"},
		"not ASCII":     {ascii.Of("aäb"), "ab"},
		"control bytes": {ascii.Of("\x00 "), "\x00 "},
	} {
		for c := range 256 {
			if got, want := tt.set.Contains(byte(c)), strings.IndexByte(tt.want, byte(c)) >= 0; got != want {
				t.Errorf("%s: %q: got %v, want %v", name, byte(c), got, want)
			}
		}
	}
}

func TestAllWithinBoundsLengthAndCharacters(t *testing.T) {
	for s, want := range map[string]bool{"": false, "a": false, "ab": true, "abc": true, "abcd": false, "a-": false, "aä": false} {
		if got := ascii.Lower.AllWithin(s, 2, 3); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
	if !ascii.Lower.All("") || ascii.Lower.All("aA") {
		t.Error("All is wrong")
	}
}
