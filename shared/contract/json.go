package contract

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"slices"
)

// jsonReader reads JSON into nodes. The library's check for duplicate names is off, so that all of them are
// reported, with their lines.
type jsonReader struct {
	decoder  *jsontext.Decoder
	file     string
	lines    []int64 // offset at which each line begins
	data     []byte
	problems []*syntaxError
}

// parseJSON also reports whether the text is JSON at all; if not, it may still be YAML.
func parseJSON(path string, data []byte) (root *node, problems []*syntaxError, valid bool) {
	r := &jsonReader{file: path, data: data, lines: []int64{0}}
	r.decoder = jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, int64(i)+1)
		}
	}
	root, err := r.value(0)
	if err == nil {
		if _, next := r.decoder.ReadToken(); !errors.Is(next, io.EOF) {
			err = errors.New("something follows the document")
		}
	}
	if errors.Is(err, errDeep) {
		return nil, []*syntaxError{{at: r.at(r.decoder.InputOffset()), message: fmt.Sprintf("%v (at most %d)", err, maxDepth)}}, true
	}
	if err != nil {
		offset := r.decoder.InputOffset()
		if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			offset = syntactic.ByteOffset
			err = syntactic.Err
		}
		return nil, []*syntaxError{{at: r.at(offset), message: fmt.Sprintf("not valid JSON: %v", err)}}, false
	}
	return root, r.problems, true
}

func (r *jsonReader) at(offset int64) position {
	line, found := slices.BinarySearch(r.lines, offset)
	if !found {
		line--
	}
	return position{file: r.file, line: line + 1, column: int(offset-r.lines[line]) + 1}
}

// start returns where the next value begins.
func (r *jsonReader) start() position {
	r.decoder.PeekKind() // moves nothing, but makes sure that white space was read
	offset := r.decoder.InputOffset()
	for offset < int64(len(r.data)) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[offset]) >= 0 {
		offset++
	}
	return r.at(offset)
}

func (r *jsonReader) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{at: r.start()}
	token, err := r.decoder.ReadToken()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch token.Kind() {
	case 'n':
	case 't', 'f':
		n.kind, n.value = boolean, token.String()
	case '0':
		n.kind, n.value = number, token.String()
	case '"':
		n.kind, n.value = text, token.String()
	case '[':
		n.kind = list
		for r.decoder.PeekKind() != ']' {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = r.decoder.ReadToken()
	case '{':
		n.kind = object
		seen := map[string]position{}
		for r.decoder.PeekKind() != '}' {
			m := member{at: r.start()}
			name, err := r.decoder.ReadToken()
			if err != nil {
				return nil, err
			}
			m.name = name.String()
			if m.value, err = r.value(depth + 1); err != nil {
				return nil, err
			}
			if first, twice := seen[m.name]; twice {
				r.problems = append(r.problems, duplicate(m.name, m.at, first))
				continue
			}
			seen[m.name] = m.at
			n.members = append(n.members, m)
		}
		_, err = r.decoder.ReadToken()
	}
	return n, err
}

func duplicate(name string, at, first position) *syntaxError {
	return &syntaxError{at: at, message: fmt.Sprintf("the key %s stands twice, first in line %d", short(name), first.line), wayOut: "Remove one of them"}
}
