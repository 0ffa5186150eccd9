package routes

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// fileReader reads routes.json value by value. Every cold start waits for it, and to let a library find out the form by
// reflection takes twice as long. There is no place for null: it would read as an empty list or object, and an empty
// object lets every signed-in caller in.
type fileReader struct{ *jsontext.Decoder }

func readFile(data []byte) (f file, err error) {
	r := fileReader{jsontext.NewDecoder(bytes.NewBuffer(data))}
	err = r.object(func(name string) (err error) {
		switch name {
		case "version":
			f.Version, err = r.integer()
		case "mode":
			var mode string
			mode, err = r.text()
			f.Mode = Mode(mode)
		case "contract":
			f.Digest, err = r.text()
		case "connect":
			f.Connect = new(fileRule)
			*f.Connect, err = r.rule()
		case "rules":
			f.Rules, err = listOf(r, r.rule)
		default:
			err = errUnknown
		}
		return err
	})
	if err != nil {
		return file{}, fmt.Errorf("byte %d: %w", r.InputOffset(), err)
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return file{}, fmt.Errorf("byte %d: something follows the table", r.InputOffset())
	}
	return f, nil
}

func (r fileReader) rule() (rule fileRule, err error) {
	err = r.object(func(name string) (err error) {
		switch name {
		case "public":
			rule.Public, err = r.boolean()
		case "anyOf":
			rule.AnyOf, err = listOf(r, r.allOf)
		case "routes":
			rule.Routes, err = listOf(r, r.text)
		default:
			err = errUnknown
		}
		return err
	})
	return rule, err
}

func (r fileReader) allOf() (all AllOf, err error) {
	err = r.object(func(name string) (err error) {
		switch name {
		case "scopes":
			all.Scopes, err = listOf(r, r.text)
		case "groups":
			all.Groups, err = listOf(r, r.text)
		default:
			err = errUnknown
		}
		return err
	})
	return all, err
}

var (
	errUnknown = errors.New("a name that is not known")
	errKind    = errors.New("a value of another type is expected")
)

// object reads an object and lets member read the value of each name.
func (r fileReader) object(member func(name string) error) error {
	if _, err := r.token('{'); err != nil {
		return err
	}
	for r.PeekKind() != '}' {
		name, err := r.token('"')
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := r.token('}')
	return err
}

// listOf reads a list of values that item reads.
func listOf[T any](r fileReader, item func() (T, error)) (all []T, err error) {
	if _, err := r.token('['); err != nil {
		return nil, err
	}
	for r.PeekKind() != ']' {
		one, err := item()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	_, err = r.token(']')
	return all, err
}

func (r fileReader) text() (string, error) {
	token, err := r.token('"')
	if err != nil {
		return "", err
	}
	return token.String(), nil
}

func (r fileReader) boolean() (bool, error) {
	token, err := r.ReadToken()
	if err == nil && token.Kind() != jsontext.True.Kind() && token.Kind() != jsontext.False.Kind() {
		err = errKind
	}
	return err == nil && token.Bool(), err
}

func (r fileReader) integer() (int, error) {
	token, err := r.token('0')
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(token.String())
	if err != nil { // its words would quote the number, however long
		err = errKind
	}
	return n, err
}

// token reads one token, which must be of a kind.
func (r fileReader) token(kind jsontext.Kind) (jsontext.Token, error) {
	token, err := r.ReadToken()
	if err == nil && token.Kind() != kind {
		err = errKind
	}
	return token, err
}
