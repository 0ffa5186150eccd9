package main

import (
	"bytes"
	"encoding/json/jsontext"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// eventScanner reads selected members of an event (RFC 8259) and skips the rest, whose syntax it checks too. It exists
// because decoding the whole event costs at least 10% of an RSA verification (docs/performance.md). It limits depth, and
// accepts bytes that are not UTF-8: a path or a header may hold some, and what matters of them is checked later.
//
// After the first syntax or type error every read returns a zero value. Callers must check [eventScanner.end].
type eventScanner struct {
	data   []byte
	at     int  // index of the next byte
	depth  int  // number of open objects and lists
	opened bool // the bracket has just been read, so no comma is expected
	failed bool
}

// maxDepth bounds nesting. API Gateway's events have five levels.
const maxDepth = 64

// object begins an object, whose members are read by member. null reads as an object without members.
func (r *eventScanner) object() bool { return r.open('{') }

// list begins a list, whose items are read while item returns true. null reads as an empty list.
func (r *eventScanner) list() bool { return r.open('[') }

func (r *eventScanner) open(bracket byte) bool {
	switch c := r.peek(); {
	case c == 'n':
		r.word("null")
		return false
	case c != bracket || r.depth == maxDepth:
		r.fail()
		return false
	}
	r.at++
	r.depth++
	r.opened = true
	return true
}

// member returns the name of the next member of the innermost object. The caller must read or skip its value. The name is
// part of the input, unless it was written with an escape.
func (r *eventScanner) member() (name []byte, more bool) {
	if !r.more('}') {
		return nil, false
	}
	name = unquote(r.quoted())
	if r.peek() != ':' {
		r.fail()
		return nil, false
	}
	r.at++
	return name, true
}

// item reports whether the innermost list has another item, which the caller must read or skip.
func (r *eventScanner) item() bool { return r.more(']') }

// more reads the separator before a member or item, or the closing bracket.
func (r *eventScanner) more(bracket byte) bool {
	first := r.opened
	r.opened = false
	switch c := r.peek(); {
	case r.failed || r.depth == 0: // after null in place of an object or a list
		r.fail()
		return false
	case c == bracket:
		r.at++
		r.depth--
		return false
	case first:
	case c == ',':
		r.at++
	default:
		r.fail()
		return false
	}
	return true
}

// once fails if a member that may appear only once is read again. seen belongs to that member.
func (r *eventScanner) once(seen *bool) {
	if *seen {
		r.fail()
	}
	*seen = true
}

// string reads a string. null leaves into unchanged.
func (r *eventScanner) string(into *string) {
	if r.peek() == 'n' {
		r.word("null")
		return
	}
	*into = string(unquote(r.quoted()))
}

// strings appends a string, or each string of a list, unless it repeats the last one: REST APIs send each header in two maps.
// null appends nothing.
func (r *eventScanner) strings(into *[]string) {
	if r.peek() == '"' {
		r.appendString(into)
		return
	}
	if r.list() {
		for r.item() {
			r.appendString(into)
		}
	}
}

func (r *eventScanner) appendString(into *[]string) {
	s := unquote(r.quoted())
	if r.failed {
		return
	}
	if n := len(*into); n == 0 || (*into)[n-1] != string(s) {
		*into = append(*into, string(s))
	}
}

// skip reads a value of any type.
func (r *eventScanner) skip() {
	switch r.peek() {
	case '"':
		r.quoted()
	case '{':
		if r.object() {
			for _, more := r.member(); more; _, more = r.member() {
				r.skip()
			}
		}
	case '[':
		if r.list() {
			for r.item() {
				r.skip()
			}
		}
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		r.number()
	}
}

// end reports whether every read succeeded and nothing follows.
func (r *eventScanner) end() bool { return r.peek() == 0 && !r.failed && r.at == len(r.data) }

// fail makes every following read return a zero value.
func (r *eventScanner) fail() { r.failed, r.at = true, len(r.data) }

// peek returns the next byte that is not white space, or 0 at the end.
func (r *eventScanner) peek() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// word reads true, false or null.
func (r *eventScanner) word(word string) {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		r.fail()
		return
	}
	r.at += len(word)
}

// number reads a number (RFC 8259 section 6).
func (r *eventScanner) number() {
	r.oneOf("-")
	if !r.oneOf("0") && !r.digits() {
		r.fail()
		return
	}
	if r.oneOf(".") && !r.digits() {
		r.fail()
		return
	}
	if r.oneOf("eE") {
		r.oneOf("+-")
		if !r.digits() {
			r.fail()
		}
	}
}

func (r *eventScanner) oneOf(bytes string) bool {
	if r.at == len(r.data) {
		return false
	}
	for i := range len(bytes) {
		if r.data[r.at] == bytes[i] {
			r.at++
			return true
		}
	}
	return false
}

func (r *eventScanner) digits() bool {
	begin := r.at
	for r.at < len(r.data) && '0' <= r.data[r.at] && r.data[r.at] <= '9' {
		r.at++
	}
	return r.at > begin
}

// quoted returns a string literal with its quotes (RFC 8259 section 7).
func (r *eventScanner) quoted() []byte {
	if r.peek() != '"' {
		r.fail()
		return nil
	}
	begin := r.at
	for r.at++; ; {
		r.at += strictjson.PlainPrefix(r.data[r.at:])
		if r.at == len(r.data) {
			break
		}
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return r.data[begin:r.at]
		case c >= 0x80:
			r.at++
		case c != '\\' || !r.escape(): // else a control character
			r.fail()
			return nil
		}
	}
	r.fail()
	return nil
}

// escape reads one escape sequence of a string.
func (r *eventScanner) escape() bool {
	r.at++
	if r.oneOf(`"\/bfnrt`) {
		return true
	}
	if !r.oneOf("u") {
		return false
	}
	for range 4 {
		if !r.oneOf("0123456789abcdefABCDEF") {
			return false
		}
	}
	return true
}

// unquote decodes a string literal already validated by quoted. Invalid UTF-8 becomes U+FFFD.
func unquote(quoted []byte) []byte {
	if bytes.ContainsRune(quoted, '\\') {
		s, _ := jsontext.AppendUnquote(nil, quoted)
		return s
	}
	if quoted == nil { // after an error
		return nil
	}
	return quoted[1 : len(quoted)-1]
}
