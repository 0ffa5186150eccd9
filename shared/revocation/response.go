package revocation

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// errResponse reports a response that is not DynamoDB's. Anything but a well-formed response is an error: reading it as
// "no entry" would accept a revoked token.
var errResponse = errors.New("DynamoDB's response is malformed")

// readBatch reads the response to a BatchGetItem for these IDs of one table. Each ID must be missing, found once, or unprocessed once.
func readBatch(body []byte, table string, ids []string) (entries []Entry, unprocessed []string, err error) {
	responses := false
	err = strictjson.Read(body, strictjson.Options{}, func(r *strictjson.Reader) error {
		// perTable reads an object whose only member is the table's.
		perTable := func(read func() error) error {
			return r.Object(func(name string) error {
				if name != table {
					return errResponse
				}
				return read()
			})
		}
		return r.Object(func(name string) error {
			switch name {
			case "Responses":
				return perTable(func() (err error) {
					responses = true
					entries, err = strictjson.List(r, func() (Entry, error) { return readEntry(r) })
					return err
				})
			case "UnprocessedKeys":
				return perTable(func() error {
					return r.Object(func(name string) (err error) {
						if name == "Keys" {
							unprocessed, err = strictjson.List(r, func() (string, error) {
								e, err := readEntry(r)
								return e.ID, err
							})
						}
						return err
					})
				})
			}
			return nil
		})
	})
	if err != nil {
		return nil, nil, errResponse
	}
	left := slices.Clone(ids)
	for _, e := range entries {
		unprocessed = append(unprocessed, e.ID)
	}
	for _, id := range unprocessed {
		i := slices.Index(left, id)
		if i < 0 {
			return nil, nil, errResponse
		}
		left = slices.Delete(left, i, i+1)
	}
	if !responses && len(left) > 0 { // not even an empty list of items
		return nil, nil, errResponse
	}
	return entries, unprocessed[:len(unprocessed)-len(entries)], nil
}

// readEntry reads an item or a key. An item without not_before revokes all tokens of its user or client, even though it should have
// one.
func readEntry(r *strictjson.Reader) (e Entry, err error) {
	err = r.Object(func(name string) (err error) {
		switch name {
		case "id":
			e.ID, err = readAttribute(r, "S")
		case "not_before":
			e.NotBefore, err = readTime(r)
		}
		return err
	})
	if err == nil && e.ID == "" {
		err = errResponse
	}
	return e, err
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253402300799

func readTime(r *strictjson.Reader) (time.Time, error) {
	number, err := readAttribute(r, "N")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seconds <= 0 || seconds > maxSeconds {
		return time.Time{}, errResponse
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// readAttribute reads the value of an attribute of one type, {"S": "…"} for a string.
func readAttribute(r *strictjson.Reader, kind string) (value string, err error) {
	err = r.Object(func(name string) (err error) {
		if name != kind {
			return errResponse
		}
		value, err = r.String()
		return err
	})
	return value, err
}

// errorType returns the name of the error in a response, or an empty string.
func errorType(body []byte) (kind string) {
	err := strictjson.Read(body, strictjson.Options{}, func(r *strictjson.Reader) error {
		return r.Object(func(name string) (err error) {
			if name == "__type" {
				kind, err = r.String()
			}
			return err
		})
	})
	const form = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.#_"
	if err != nil || len(kind) > 128 || strings.Trim(kind, form) != "" {
		return ""
	}
	return kind[strings.LastIndexByte(kind, '#')+1:]
}
