package cognito

import (
	"encoding/base64"
	"strings"
)

// MaxTokenBytes bounds the length of a token. API Gateway accepts 10,240 bytes of headers in all, and Cognito's tokens
// have one to three KiB.
const MaxTokenBytes = 8 << 10

// segments are the three parts of a compact token as they were sent. Only their number has been checked.
type segments struct{ header, payload, signature string }

// parsedToken holds the decoded segments of a token. Their base64url has been checked, their content has not.
type parsedToken struct {
	headerText string // the first segment as it was sent
	header     []byte
	payload    []byte
	signature  []byte
}

// strictBase64 refuses padding and non-zero unused bits (RFC 4648 section 3.5), so that a token has one spelling.
var strictBase64 = base64.RawURLEncoding.Strict()

// splitCompact splits a compact token at its dots (RFC 7515 section 7.1).
func splitCompact(raw string) (segments, error) {
	if raw == "" {
		return segments{}, ErrMissing
	}
	if len(raw) > MaxTokenBytes { // before anything whose cost grows with the length
		return segments{}, ErrTooLarge
	}
	header, rest, _ := strings.Cut(raw, ".")
	payload, signature, _ := strings.Cut(rest, ".") // a fourth segment would leave a dot, which is not base64url
	if header == "" || payload == "" || signature == "" {
		return segments{}, ErrMalformed
	}
	return segments{header, payload, signature}, nil
}

// decode decodes the segments into one buffer.
func (s segments) decode() (parsedToken, error) {
	t := parsedToken{headerText: s.header}
	buffer := make([]byte, 0, strictBase64.DecodedLen(len(s.header)+len(s.payload)+len(s.signature)))
	for _, segment := range []struct {
		text string
		into *[]byte
	}{{s.header, &t.header}, {s.payload, &t.payload}, {s.signature, &t.signature}} {
		begin := len(buffer)
		var err error
		buffer, err = strictBase64.AppendDecode(buffer, []byte(segment.text))
		// encoding/base64 silently skips CR and LF. Comparing lengths detects that without a second scan: no base64url has
		// 4n+1 characters, and any other two lengths decode to different numbers of bytes.
		if err != nil || len(segment.text)%4 == 1 || len(buffer)-begin != strictBase64.DecodedLen(len(segment.text)) {
			return parsedToken{}, ErrMalformed
		}
		*segment.into = buffer[begin:len(buffer):len(buffer)]
	}
	return t, nil
}
