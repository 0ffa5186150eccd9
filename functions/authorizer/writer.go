package main

import (
	"encoding/json/jsontext"
	"strconv"
)

// writer writes JSON piece by piece: an answer is a few known forms around texts, and to find that out by
// reflection takes several times as long. The first error stays.
type writer struct {
	out []byte
	err error
}

// raw writes JSON as it is.
func (w *writer) raw(json string) { w.out = append(w.out, json...) }

// text writes a string. It is an error if that is not UTF-8.
func (w *writer) text(s string) {
	if plain([]byte(s)) == len(s) { // as nearly every text of an answer is
		w.out = append(append(append(w.out, '"'), s...), '"')
		return
	}
	out, err := jsontext.AppendQuote(w.out, s)
	if w.out = out; w.err == nil {
		w.err = err
	}
}

// integer writes a number without a fraction.
func (w *writer) integer(n int64) { w.out = strconv.AppendInt(w.out, n, 10) }

// decimal writes a number, which must be finite, with three places.
func (w *writer) decimal(x float64) { w.out = strconv.AppendFloat(w.out, x, 'f', 3, 64) }

// comma parts the items of a list or object: it stands before all but the first.
func (w *writer) comma(item int) {
	if item > 0 {
		w.raw(`,`)
	}
}
