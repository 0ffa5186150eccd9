package stagepolicy

import "testing"

func TestTheLengthOfAPatternIsThatOfItsString(t *testing.T) {
	for _, p := range []pattern{nil, {wildcard}, {"GET", ""}, {"GET", "users", wildcard}} {
		if got, want := p.bytes(), len(p.String()); got != want {
			t.Errorf("%q: got %d, want %d", p, got, want)
		}
	}
}
