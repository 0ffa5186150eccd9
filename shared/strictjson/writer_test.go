package strictjson_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

func TestWriterWritesWhatALibraryReads(t *testing.T) {
	var w strictjson.Writer
	w.Raw(`[`)
	for i, s := range []string{"", "plain", `"\/`, "\x00\x1f\u2028", "ä€😀"} {
		w.Comma(i)
		w.String(s)
	}
	w.Raw(`,`)
	w.Int(-7)
	w.Raw(`,`)
	w.Decimal(1.5)
	w.Raw(`]`)
	var got []any
	if err := json.Unmarshal(w.Out, &got); err != nil || w.Err != nil {
		t.Fatal(err, w.Err)
	}
	want := []any{"", "plain", `"\/`, "\x00\x1f\u2028", "ä€😀", -7.0, 1.5}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("item %d: got %q, want %q", i, got[i], want[i])
		}
	}
	w.String("a\xff")
	if w.Err == nil {
		t.Error("a string that is not UTF-8 was written")
	}
}

// Eight bytes are looked at together, so each byte is tried at each place among them.
func TestPlainPrefixFindsEachSpecialByteAtEachPlace(t *testing.T) {
	for length := range 20 {
		for at := range length {
			for b := range 256 {
				s := bytes.Repeat([]byte("\x7f"), length)
				s[at] = byte(b)
				want := length
				if b < ' ' || b >= 0x80 || b == '"' || b == '\\' {
					want = at
				}
				if got := strictjson.PlainPrefix(s); got != want {
					t.Fatalf("%q: got %d, want %d", s, got, want)
				}
			}
		}
	}
}
