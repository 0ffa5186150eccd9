// Package strictjson reads JSON of a known form member by member, strictly, for input that decides access.
//
// It is a thin layer over [encoding/json/jsontext], which checks the grammar (RFC 8259) and UTF-8, and refuses
// lone surrogates and, at any depth, duplicate names. This package adds what encoding/json leaves open:
//
//   - names are compared exactly: no case folding, no struct tags;
//   - a value must have the type that is asked for, and null is a type of its own: it never reads as an empty
//     string, list or object;
//   - integers are written as such: no fraction, no exponent, no minus zero;
//   - depth and number of members are bounded, and nothing may follow the value;
//   - errors have fixed texts and a byte offset. They never quote the input, which may be secret.
//
// Members that the caller does not ask for are checked for syntax and skipped. A caller that must not ignore
// an unknown member returns an error for its name.
//
// Strings cost no allocation of their own: they share one copy of the input. Whoever keeps a short string of a
// long input for longer should clone it.
package strictjson

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// What is wrong with the input. Every error of this package is an [*Error] that wraps one of these.
var (
	ErrSyntax        = errors.New("invalid JSON or invalid UTF-8")
	ErrDuplicateName = errors.New("duplicate member name")
	ErrType          = errors.New("value of an unexpected type")
	ErrTooDeep       = errors.New("nested too deep")
	ErrTooMany       = errors.New("too many members")
	ErrTrailing      = errors.New("data after the value")
)

// Error is a violation and where it was found.
type Error struct {
	Offset int64 // in bytes from the start of the input; the violation is there or in the value that follows
	Err    error // one of the error values of this package
}

// Error returns the offset and the violation, and nothing of the input.
func (e *Error) Error() string { return fmt.Sprintf("byte %d: %v", e.Offset, e.Err) }

// Unwrap returns the violation.
func (e *Error) Unwrap() error { return e.Err }

// DefaultDepth is the nesting allowed where [Options] does not set another.
const DefaultDepth = 16

// Options bounds and modifies one [Read]. The zero value is strict, with [DefaultDepth] and any number of members.
type Options struct {
	Depth   int // levels of objects and arrays; if zero, DefaultDepth
	Members int // members of all objects together; if zero, no bound but that of the input's size

	// Shallow limits the checks of duplicate names and of UTF-8 to the objects and strings that the caller reads.
	// A value returned by [Reader.Value] is then only known to be grammatical; read it with a Read of its own. It serves
	// lists in which one invalid entry must not make the others unreadable.
	Shallow bool
}

// Reader reads the values of one [Read], in the order of the input. It must not be used after that.
type Reader struct {
	decoder jsontext.Decoder
	buffer  bytes.Buffer
	data    []byte
	text    string // a copy of data that strings share
	options Options
	members int
}

// readers are reused, because the decoder's tables of names are most of what a read allocates.
var readers = sync.Pool{New: func() any { return new(Reader) }}

// Read checks that data is exactly one JSON value within the bounds of o, and lets value read it. A value that
// is left unread is skipped. It returns the first error of value or its own, an [*Error]. The input must not
// change meanwhile.
func Read(data []byte, o Options, value func(*Reader) error) error {
	r := readers.Get().(*Reader)
	r.reset(data, o)
	err := r.read(value)
	r.reset(nil, Options{}) // nothing of the input is kept
	readers.Put(r)
	return err
}

func (r *Reader) reset(data []byte, o Options) {
	if o.Depth == 0 {
		o.Depth = DefaultDepth
	}
	r.buffer = *bytes.NewBuffer(data)
	r.data, r.text, r.options, r.members = data, string(data), o, 0
	if o.Shallow {
		r.decoder.Reset(&r.buffer, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	} else {
		r.decoder.Reset(&r.buffer)
	}
}

func (r *Reader) read(value func(*Reader) error) error {
	if err := value(r); err != nil {
		return err
	}
	if _, n := r.decoder.StackIndex(0); n == 0 {
		if err := r.Skip(); err != nil {
			return err
		}
	}
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return r.error(ErrTrailing)
	}
	return nil
}

// Kind returns the kind of the next value, as [jsontext.Kind] names it: '{', '[', '"', '0', 't', 'f', 'n', or
// anything else where there is no value.
func (r *Reader) Kind() jsontext.Kind { return r.decoder.PeekKind() }

// Input returns the whole input. The strings that are read are parts of it.
func (r *Reader) Input() string { return r.text }

// Offset returns how many bytes have been read.
func (r *Reader) Offset() int64 { return r.decoder.InputOffset() }

// Object reads an object and calls member for each name, to read its value. A value that member leaves unread is
// skipped.
func (r *Reader) Object(member func(name string) error) error {
	if err := r.open('{'); err != nil {
		return err
	}
	var names map[string]bool
	if r.options.Shallow { // then the decoder does not look for duplicates
		names = make(map[string]bool)
	}
	depth := r.decoder.StackDepth()
	for r.decoder.PeekKind() == '"' {
		name, err := r.name()
		if err != nil {
			return err
		}
		if names[name] {
			return r.error(ErrDuplicateName)
		}
		if names != nil {
			names[name] = true
		}
		if err := member(name); err != nil {
			return err
		}
		if _, n := r.decoder.StackIndex(depth); n%2 == 1 { // the name has no value yet
			if err := r.Skip(); err != nil {
				return err
			}
		}
	}
	return r.close()
}

// Array reads an array and calls item at each element, which must read it.
func (r *Reader) Array(item func() error) error {
	if err := r.open('['); err != nil {
		return err
	}
	for kind := r.decoder.PeekKind(); kind != ']' && kind != jsontext.KindInvalid; kind = r.decoder.PeekKind() {
		if err := item(); err != nil {
			return err
		}
	}
	return r.close()
}

// List reads an array whose elements item reads. An empty array gives nil.
func List[T any](r *Reader, item func() (T, error)) (list []T, err error) {
	err = r.Array(func() error {
		one, err := item()
		list = append(list, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Strings reads an array of strings. An empty array gives nil.
func (r *Reader) Strings() ([]string, error) { return List(r, r.String) }

// String reads a string.
func (r *Reader) String() (string, error) {
	if r.decoder.PeekKind() != '"' {
		return "", r.wrongType()
	}
	v, err := r.decoder.ReadValue()
	if err != nil {
		return "", r.syntax(err)
	}
	return r.unquote(v)
}

// Int reads a whole number that is written without fraction and exponent and fits 64 bits. Another number is refused
// with [ErrType], since two readers might round it differently.
func (r *Reader) Int() (int64, error) {
	if r.decoder.PeekKind() != '0' {
		return 0, r.wrongType()
	}
	v, err := r.decoder.ReadValue()
	if err != nil {
		return 0, r.syntax(err)
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n == 0 && len(v) > 1 { // -0
		return 0, r.error(ErrType)
	}
	return n, nil
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	kind := r.decoder.PeekKind()
	if kind != 't' && kind != 'f' {
		return false, r.wrongType()
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return false, r.syntax(err)
	}
	return kind == 't', nil
}

// Skip reads a value of any type.
func (r *Reader) Skip() error {
	depth := r.decoder.StackDepth()
	for {
		token, err := r.decoder.ReadToken()
		if err != nil {
			return r.syntax(err)
		}
		switch {
		case r.decoder.StackDepth() > r.options.Depth:
			return r.error(ErrTooDeep)
		case r.decoder.StackDepth() == depth:
			return nil
		case token.Kind() == '"':
			if kind, n := r.decoder.StackIndex(r.decoder.StackDepth()); kind == '{' && n%2 == 1 { // a name
				if err := r.count(); err != nil {
					return err
				}
			}
		}
	}
}

// Value reads a value of any type and returns its JSON text, a part of the input.
func (r *Reader) Value() ([]byte, error) {
	begin := r.Offset()
	if err := r.Skip(); err != nil {
		return nil, err
	}
	return bytes.TrimLeft(r.data[begin:r.Offset()], separators), nil
}

// TextSince returns what has been read since an earlier [Reader.Offset], without the separator before it: the JSON
// text of a member's value, if the offset was taken before that was read.
func (r *Reader) TextSince(offset int64) string {
	return strings.TrimLeft(r.text[offset:r.Offset()], separators)
}

// separators may stand between two tokens, but not at the start of one.
const separators = " \t\r\n:,"

func (r *Reader) open(kind jsontext.Kind) error {
	if r.decoder.PeekKind() != kind {
		return r.wrongType()
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return r.syntax(err)
	}
	if r.decoder.StackDepth() > r.options.Depth {
		return r.error(ErrTooDeep)
	}
	return nil
}

func (r *Reader) close() error {
	if _, err := r.decoder.ReadToken(); err != nil {
		return r.syntax(err)
	}
	return nil
}

func (r *Reader) name() (string, error) {
	if err := r.count(); err != nil {
		return "", err
	}
	v, err := r.decoder.ReadValue()
	if err != nil {
		return "", r.syntax(err)
	}
	return r.unquote(v)
}

func (r *Reader) count() error {
	if r.members++; r.options.Members > 0 && r.members > r.options.Members {
		return r.error(ErrTooMany)
	}
	return nil
}

// unquote returns the string that v, the value read last, denotes.
func (r *Reader) unquote(v jsontext.Value) (string, error) {
	if !r.options.Shallow && bytes.IndexByte(v, '\\') < 0 {
		end := int(r.Offset())
		return r.text[end-len(v)+1 : end-1], nil
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil { // invalid UTF-8, in a shallow read
		return "", r.error(ErrSyntax)
	}
	return string(b), nil
}

// wrongType reads the next value and returns the error for it: a syntax error in it takes precedence.
func (r *Reader) wrongType() error {
	offset := r.Offset()
	if err := r.Skip(); err != nil {
		return err
	}
	return &Error{offset, ErrType}
}

func (r *Reader) syntax(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return r.error(ErrDuplicateName)
	}
	return r.error(ErrSyntax)
}

func (r *Reader) error(err error) error { return &Error{r.Offset(), err} }
