package strictjson

import (
	"encoding/binary"
	"encoding/json/jsontext"
	"math/bits"
	"strconv"
)

// Writer writes JSON piece by piece, for output of a fixed shape, where encoding by reflection takes several times as long.
// It checks strings alone: the caller is responsible for the grammar. The first error is kept. The zero value is ready
// for use.
type Writer struct {
	Out []byte // what has been written
	Err error  // the first error: a string that is not UTF-8
}

// Raw writes JSON as it is.
func (w *Writer) Raw(json string) { w.Out = append(w.Out, json...) }

// String writes a string. It is an error if s is not UTF-8.
func (w *Writer) String(s string) {
	if PlainPrefix([]byte(s)) == len(s) { // true for nearly every string
		w.Out = append(append(append(w.Out, '"'), s...), '"')
		return
	}
	out, err := jsontext.AppendQuote(w.Out, s)
	if w.Out = out; w.Err == nil {
		w.Err = err
	}
}

// Int writes a whole number.
func (w *Writer) Int(n int64) { w.Out = strconv.AppendInt(w.Out, n, 10) }

// Decimal writes a finite number with three decimal places.
func (w *Writer) Decimal(x float64) { w.Out = strconv.AppendFloat(w.Out, x, 'f', 3, 64) }

// Comma writes a comma before every item or member but the first, whose index is 0.
func (w *Writer) Comma(index int) {
	if index > 0 {
		w.Raw(`,`)
	}
}

// PlainPrefix returns how many bytes at the start of a string stand for themselves in JSON: up to the first that is not
// ASCII, a quote, a backslash or a control character. It looks at eight bytes at once.
func PlainPrefix(s []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		word := binary.LittleEndian.Uint64(s[n:])
		quote, backslash := word^'"'*ones, word^'\\'*ones // a byte is zero where word has a quote or backslash
		// Classic SWAR test (hasless, haszero): the high bit of each byte is set if that byte is special. Bytes above the
		// first hit may be false positives; only the lowest is used.
		if special := (word | (word - ' '*ones) | (quote - ones) | (backslash - ones)) & highs; special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for ; n < len(s); n++ {
		if c := s[n]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			break
		}
	}
	return n
}
