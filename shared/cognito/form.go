package cognito

import (
	"encoding/base64"
	"strings"
)

// MaxTokenBytes is how long a token may be. API Gateway takes 10,240 bytes of headers altogether, and
// Cognito's tokens have one to three KiB.
const MaxTokenBytes = 8 << 10

// compact is a token cut at its dots. Its parts have been counted and nothing else.
type compact struct{ header, payload, signature string }

// form is a token taken apart. Nothing in it has been checked but its form.
type form struct {
	headerText string // the first part as it was sent
	header     []byte
	payload    []byte
	signature  []byte
}

// strict refuses padding and unused bits that are not zero (RFC 4648 section 3.5), so that one token has one
// text. It would skip CR and LF, hence decode looks at the lengths.
var strict = base64.RawURLEncoding.Strict()

// cut finds the parts of a compact token (RFC 7515 section 7.1).
func cut(raw string) (compact, error) {
	if raw == "" {
		return compact{}, ErrMissing
	}
	if len(raw) > MaxTokenBytes { // before anything whose cost grows with the length
		return compact{}, ErrTooLarge
	}
	header, rest, _ := strings.Cut(raw, ".")
	payload, signature, _ := strings.Cut(rest, ".") // a fourth part is not base64url
	if header == "" || payload == "" || signature == "" {
		return compact{}, ErrMalformed
	}
	return compact{header, payload, signature}, nil
}

// decode checks the form of the parts and decodes them.
func (c compact) decode() (form, error) {
	f := form{headerText: c.header}
	buffer := make([]byte, 0, strict.DecodedLen(len(c.header)+len(c.payload)+len(c.signature)))
	for _, part := range []struct {
		text string
		into *[]byte
	}{{c.header, &f.header}, {c.payload, &f.payload}, {c.signature, &f.signature}} {
		begin := len(buffer)
		var err error
		buffer, err = strict.AppendDecode(buffer, []byte(part.text))
		// No base64url has 4n+1 letters, and any other two lengths stand for different numbers of bytes: so none was skipped.
		if err != nil || len(part.text)%4 == 1 || len(buffer)-begin != strict.DecodedLen(len(part.text)) {
			return form{}, ErrMalformed
		}
		*part.into = buffer[begin:len(buffer):len(buffer)]
	}
	return f, nil
}
