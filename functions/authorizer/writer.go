package main

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
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
	out, err := jsontext.AppendQuote(w.out, s)
	if w.out = out; w.err == nil {
		w.err = err
	}
}

// comma parts the items of a list or object: it stands before all but the first.
func (w *writer) comma(item int) {
	if item > 0 {
		w.raw(`,`)
	}
}

// texts writes an object of strings, sorted, so that the same claims give the same bytes.
func (w *writer) texts(object map[string]string) {
	w.raw(`{`)
	for i, name := range sortedKeys(object) {
		w.comma(i)
		w.text(name)
		w.raw(`:`)
		w.text(object[name])
	}
	w.raw(`}`)
}

func sortedKeys[V any](object map[string]V) []string {
	keys := slices.AppendSeq(make([]string, 0, len(object)), maps.Keys(object)) // Sorted would let it grow
	slices.Sort(keys)
	return keys
}
