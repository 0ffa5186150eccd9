package main

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext" // refuses duplicate names by itself
)

// reader reads single members out of a JSON document and skips the rest. To decode an event into a struct takes
// longer than to verify its token.
type reader struct {
	jsontext.Decoder
	buffer bytes.Buffer
}

// readers are reused for the sake of a decoder's tables of names.
var readers = sync.Pool{New: func() any { return new(reader) }}

// newReader gives a reader of data. It is to be given back by release.
func newReader(data []byte) *reader {
	r := readers.Get().(*reader)
	r.buffer = *bytes.NewBuffer(data)
	// A path or a header may hold bytes that are not UTF-8. What matters of them is checked further on.
	r.Reset(&r.buffer, jsontext.AllowInvalidUTF8(true))
	return r
}

// release lets the reader be used again, without what it read.
func (r *reader) release() {
	r.buffer = bytes.Buffer{}
	r.Reset(&r.buffer)
	readers.Put(r)
}

// errReader says that the document is not of the form that was asked for.
var errReader = errors.New("unexpected JSON")

// document reads the one object that the document must be. See members.
func (r *reader) document(read func(name []byte) error) error {
	if r.PeekKind() != '{' {
		return errReader
	}
	if err := r.members(read); err != nil {
		return err
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) { // something follows
		return errReader
	}
	return nil
}

// members walks an object and lets read take the value of each member, by text, texts, members or skip. null in
// place of the object has no members.
func (r *reader) members(read func(name []byte) error) error {
	open, err := r.ReadToken()
	if err != nil || open.Kind() == 'n' {
		return err
	}
	if open.Kind() != '{' {
		return errReader
	}
	for r.PeekKind() == '"' {
		name, err := r.ReadValue()
		if err != nil {
			return err
		}
		if err := read(unquote(name)); err != nil {
			return err
		}
	}
	_, err = r.ReadToken()
	return err
}

// text reads a string. null leaves what was there.
func (r *reader) text(into *string) error {
	value, err := r.ReadValue()
	switch {
	case err != nil:
		return err
	case value.Kind() == '"':
		*into = string(unquote(value))
	case value.Kind() != 'n':
		return errReader
	}
	return nil
}

// texts appends a string, or each string of a list. null has none.
func (r *reader) texts(into *[]string) error {
	switch r.PeekKind() {
	case 'n':
		return r.skip()
	case '"':
		value, err := r.ReadValue()
		if err != nil {
			return err
		}
		text := unquote(value)
		if last := len(*into) - 1; last >= 0 && (*into)[last] == string(text) { // as with a token in both maps of headers
			*into = append(*into, (*into)[last])
		} else {
			*into = append(*into, string(text))
		}
		return nil
	case '[':
	default:
		return errReader
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	for r.PeekKind() == '"' {
		if err := r.texts(into); err != nil {
			return err
		}
	}
	end, err := r.ReadToken()
	if err == nil && end.Kind() != ']' {
		return errReader
	}
	return err
}

// unquote gives the text of a string that the decoder has found to be one; hence no error but that it holds
// bytes that are not UTF-8, which are replaced. The text is gone with the next step of the decoder.
func unquote(quoted jsontext.Value) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return text
}

// skip passes over one value, whatever it is. To read it whole is quicker than to skip it token by token.
func (r *reader) skip() error {
	_, err := r.ReadValue()
	return err
}
