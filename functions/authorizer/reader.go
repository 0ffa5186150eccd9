package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json/jsontext"
	"math/bits"
)

// reader reads single members out of a JSON text (RFC 8259) and passes over the rest, which it holds to the same
// grammar. It is there since every decoder that takes a whole event apart adds a tenth or more of what its token takes
// to verify. It is stricter than the RFC in depth, and laxer in that bytes which are not UTF-8 pass: a path or a
// header may hold some, and what matters of them is checked further on.
//
// Where the text is not of the form that was asked for, all that is read from there on is empty; [reader.end] says so.
type reader struct {
	data   []byte
	at     int // the next byte
	depth  int // how many objects and lists are open
	opened bool
	failed bool
}

// maxDepth is of nesting. API Gateway's events have five.
const maxDepth = 64

// object begins an object, whose members are to be read by member. null in its place has none.
func (r *reader) object() bool { return r.open('{') }

// list begins a list, whose items are to be read as long as item says so. null in its place has none.
func (r *reader) list() bool { return r.open('[') }

func (r *reader) open(bracket byte) bool {
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

// member returns the name of the next member of the object that was begun last. The caller reads the value. The name is
// part of the text, unless it was written with an escape.
func (r *reader) member() (name []byte, more bool) {
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

// item reports whether the list that was begun last has one more item. The caller reads it.
func (r *reader) item() bool { return r.more(']') }

// more passes over what parts the members or items, or over the bracket that ends them.
func (r *reader) more(bracket byte) bool {
	first := r.opened
	r.opened = false
	switch c := r.peek(); {
	case r.failed || r.depth == 0: // null stood where an object or a list was asked for
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

// once fails where a member is read for the second time. The members of one object have numbers, and read is the set of
// those that were.
func (r *reader) once(read *uint, member int) {
	if *read&(1<<member) != 0 {
		r.fail()
	}
	*read |= 1 << member
}

// text reads a string. null leaves what was there.
func (r *reader) text(into *string) {
	if r.peek() == 'n' {
		r.word("null")
		return
	}
	*into = string(unquote(r.quoted()))
}

// texts appends a string, or each string of a list. null has none.
func (r *reader) texts(into *[]string) {
	if r.peek() == '"' {
		r.one(into)
		return
	}
	if r.list() {
		for r.item() {
			r.one(into)
		}
	}
}

func (r *reader) one(into *[]string) {
	text := unquote(r.quoted())
	if r.failed {
		return
	}
	if last := len(*into) - 1; last >= 0 && (*into)[last] == string(text) { // as with a token in both maps of headers
		*into = append(*into, (*into)[last])
	} else {
		*into = append(*into, string(text))
	}
}

// skip passes over one value, whatever it is, and gives it as it is written.
func (r *reader) skip() []byte {
	first := r.peek()
	begin := r.at
	switch first {
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
	return r.data[begin:r.at]
}

// end reports whether the text was of the form that was asked for, and nothing follows.
func (r *reader) end() bool { return r.peek() == 0 && !r.failed && r.at == len(r.data) }

// fail makes all that follows read as nothing.
func (r *reader) fail() { r.failed, r.at = true, len(r.data) }

// peek returns the next byte that is not white space, and zero at the end.
func (r *reader) peek() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// word passes over true, false or null.
func (r *reader) word(word string) {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		r.fail()
		return
	}
	r.at += len(word)
}

// number passes over a number (RFC 8259 section 6).
func (r *reader) number() {
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

func (r *reader) oneOf(bytes string) bool {
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

func (r *reader) digits() bool {
	begin := r.at
	for r.at < len(r.data) && '0' <= r.data[r.at] && r.data[r.at] <= '9' {
		r.at++
	}
	return r.at > begin
}

// quoted returns a string as it is written, quotes and all (RFC 8259 section 7).
func (r *reader) quoted() []byte {
	if r.peek() != '"' {
		r.fail()
		return nil
	}
	begin := r.at
	for r.at++; ; {
		r.at += plain(r.data[r.at:])
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

// escape passes over one escape in a string.
func (r *reader) escape() bool {
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

// unquote returns the text of what quoted has passed over; hence no error but that it holds bytes that are not UTF-8,
// which are replaced.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') >= 0 {
		text, _ := jsontext.AppendUnquote(nil, quoted)
		return text
	}
	if len(quoted) < 2 { // there was none
		return nil
	}
	return quoted[1 : len(quoted)-1]
}

// plain counts the bytes of a text up to the first that is not ASCII or does not stand for itself in a string: a quote,
// a backslash or a control character. It looks at eight at once: nearly all bytes of an event and of an answer are
// within strings.
func plain(text []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		word := binary.LittleEndian.Uint64(text[n:])
		quote, backslash := word^'"'*ones, word^'\\'*ones // a byte of zero where the byte is one
		// The high bit of a byte tells it apart. A byte below x, for x up to 0x80, gets it when x is taken from it, and so
		// does no other of ASCII before the first such one.
		if special := (word | (word - ' '*ones) | (quote - ones) | (backslash - ones)) & highs; special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			break
		}
	}
	return n
}
