package main

import (
	"bytes"
	"encoding/json/jsontext"
	"io"
	"slices"
	"strings"
	"testing"
)

// library reports whether jsontext accepts a text, with duplicate names and invalid UTF-8 allowed as in eventScanner, and
// returns how deep the text is nested.
func library(text []byte) (accepted bool, depth int) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for values := 0; ; {
		_, err := d.ReadToken()
		if err != nil {
			return err == io.EOF && values == 1, depth //nolint:errorlint // the decoder's own promise
		}
		depth = max(depth, d.StackDepth())
		if d.StackDepth() == 0 {
			values++
		}
	}
}

// members lists the names and strings of an object.
func members(text []byte) (all []string, ok bool) {
	r := eventScanner{data: text}
	r.object()
	for name, more := r.member(); more; name, more = r.member() {
		all = append(all, string(name))
		if r.peek() == '"' {
			var value string
			r.string(&value)
			all = append(all, value)
		} else {
			r.skip()
		}
	}
	for i, text := range all {
		all[i] = string([]rune(text)) // as jsontext does, replace each byte that is not UTF-8
	}
	return all, r.end()
}

func libraryMembers(text []byte) (all []string) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, _ = d.ReadToken()
	for d.PeekKind() == '"' {
		for range 2 { // the name and the value
			value, err := d.ReadValue()
			if err != nil {
				return all
			}
			if value.Kind() == '"' {
				unquoted, _ := jsontext.AppendUnquote(nil, value)
				all = append(all, string(unquoted))
			}
		}
	}
	return all
}

// FuzzEventScanner checks eventScanner against jsontext: the same documents accepted (up to maxDepth), the same strings
// decoded.
func FuzzEventScanner(f *testing.F) {
	for _, name := range []string{"rest-request.json", "http-v2.json"} {
		f.Add(fixture(f, name, "a.b.c"))
	}
	for _, text := range []string{
		``, ` `, `null`, ` true `, `false`, `nul`, `truefalse`, `7`, `-0`, `-`, `01`, `1.`, `1.5`, `.5`, `1e`, `1e+9`, `1E-9x`, `+1`, `0x1`,
		`""`, `"`, `"a`, `"a\n\u00e9\ud83d\ude00\ud800"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\`, "\"\t\"", "\"\xff\"", "\"\x7f\"", "\ufeff1",
		`[]`, `[ ]`, `[,]`, `[1,]`, `[1 2]`, `[1,2`, `[[],{}]`, `{}`, `{ }`, `{,}`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`,
		`{"a":"b","a":"c"}`, `{"\u0061":"\"","b":["c",null]}`, `{"a":"1"} {`, `{"a":"1"}]`, `}`, `]`, `{]`, `[}`, `null}`, `null,"a":"1"}`, `null]`, `null,1]`, "{\"a\":\"long enough for a word\x00\"}",
		"[[" + strings.Repeat("[],", maxDepth) + "{}]]", // lists beside each other are not nested
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
		strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth), strings.Repeat(`{"a":`, 10*maxDepth),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		accepted, depth := library(text)
		r := eventScanner{data: text}
		r.skip()
		if got, want := r.end(), accepted && depth <= maxDepth; got != want {
			t.Fatalf("accepted: %v, want %v", got, want)
		}
		got, ok := members(text)
		if object := bytes.HasPrefix(bytes.TrimLeft(text, " \n\r\t"), []byte("{")); ok != (object && accepted && depth <= maxDepth) {
			t.Fatalf("accepted as an object: %v", ok)
		}
		if ok && !slices.Equal(got, libraryMembers(text)) {
			t.Fatalf("read %q, want %q", got, libraryMembers(text))
		}
	})
}
