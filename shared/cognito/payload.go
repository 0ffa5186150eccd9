package cognito

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
)

const (
	maxDepth   = 8               // of nesting in a payload
	maxMembers = 256             // of a payload, over all its objects; a pool has at most 50 attributes of its own
	maxList    = 100             // scopes or groups; Cognito's own limits are 50 and 100
	maxSeconds = 253402300799    // the end of the year 9999
	absent     = int64(-1 << 62) // a time that the payload does not have
)

// payload is what is read of a token's payload. Types are right, meaning has not been checked.
type payload struct {
	iss, sub, clientID, tokenUse        string
	username, cognitoUsername           string
	jti, originJTI                      string
	scope                               string
	hasScope, hasSub, hasClient, hasAud bool
	hasUsername, hasCognitoUsername     bool
	hasJTI, hasOriginJTI                bool
	aud, groups                         []string
	times
}

// times are the claims about time: seconds since 1970, or absent.
type times struct{ exp, iat, nbf, authTime int64 }

// known are the names of the claims that are read.
var known = []string{
	"iss", "sub", "aud", "client_id", "token_use", "username", "cognito:username", "cognito:groups", "scope",
	"exp", "iat", "nbf", "auth_time", "jti", "origin_jti",
}

// reader reads one payload. Its strings are parts of text, so that they cost no allocation.
type reader struct {
	jsontext.Decoder
	buffer  bytes.Buffer
	text    string
	members int
}

// readers are reused: a decoder's tables of names are most of what reading a payload allocates.
var readers = sync.Pool{New: func() any { return new(reader) }}

// read returns a reader of data, of which text is a copy. It is to be given back by release.
func read(text string, data []byte) *reader {
	r := readers.Get().(*reader)
	r.buffer, r.text, r.members = *bytes.NewBuffer(data), text, 0
	r.Reset(&r.buffer)
	return r
}

// release lets the reader be used again, without what it read: no value of a token is kept longer than that.
func (r *reader) release() {
	r.buffer, r.text = bytes.Buffer{}, ""
	r.Reset(&r.buffer)
	readers.Put(r)
}

// parsePayload reads the claims once, strictly: one JSON object, no duplicate name at any depth, no invalid
// UTF-8, no lone surrogate, bounded depth and members. Each claim that is used must have its own type; what
// others hold does not matter.
func parsePayload(text string, data []byte) (p payload, err error) {
	r := read(text, data)
	defer r.release()
	p.exp, p.iat, p.nbf, p.authTime = absent, absent, absent, absent
	if r.PeekKind() != '{' {
		return p, ErrPayload
	}
	if _, err := r.ReadToken(); err != nil {
		return p, ErrPayload
	}
	for r.PeekKind() == '"' {
		name, err := r.name()
		if err != nil {
			return p, err
		}
		if err := r.claim(name, &p); err != nil {
			return p, err
		}
	}
	if _, err := r.ReadToken(); err != nil { // }
		return p, ErrPayload
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) { // something follows
		return p, ErrPayload
	}
	return p, nil
}

// claim reads the value of one claim. A wrong type is refused with that claim's own error.
func (r *reader) claim(name string, p *payload) (err error) {
	switch name {
	case "iss":
		p.iss, err = r.string(ErrIssuer)
	case "sub":
		p.hasSub = true
		p.sub, err = r.string(ErrSubject)
	case "aud":
		p.hasAud = true
		p.aud, err = r.audience()
	case "client_id":
		p.hasClient = true
		p.clientID, err = r.string(ErrClient)
	case "token_use":
		p.tokenUse, err = r.string(ErrTokenUse)
	case "username":
		p.hasUsername = true
		p.username, err = r.string(ErrSubject)
	case "cognito:username":
		p.hasCognitoUsername = true
		p.cognitoUsername, err = r.string(ErrSubject)
	case "cognito:groups":
		p.groups, err = r.strings(ErrGroups)
	case "scope":
		p.hasScope = true
		p.scope, err = r.string(ErrScope)
	case "exp":
		p.exp, err = r.seconds(ErrExpiry)
	case "iat":
		p.iat, err = r.seconds(ErrIssuedAt)
	case "nbf":
		p.nbf, err = r.seconds(ErrTime)
	case "auth_time":
		p.authTime, err = r.seconds(ErrTime)
	case "jti":
		p.hasJTI = true
		p.jti, err = r.string(ErrSubject)
	case "origin_jti":
		p.hasOriginJTI = true
		p.originJTI, err = r.string(ErrSubject)
	default:
		if foldsToKnown(name) {
			return ErrPayloadName // RFC 7519 section 7.2 compares names exactly, other readers do not
		}
		return r.skip()
	}
	return err
}

// foldsToKnown reports whether some reader that ignores case might take name for a claim that is read.
func foldsToKnown(name string) bool {
	for _, k := range known {
		if len(name) >= len(k) && strings.EqualFold(name, k) {
			return true
		}
	}
	return false
}

// name reads a member's name.
func (r *reader) name() (string, error) {
	if r.members++; r.members > maxMembers {
		return "", ErrTooMany
	}
	v, err := r.ReadValue()
	if err != nil {
		return "", ErrPayload
	}
	return r.unquoted(v)
}

// unquoted is the text of the string v, which has just been read.
func (r *reader) unquoted(v jsontext.Value) (string, error) {
	if bytes.IndexByte(v, '\\') < 0 {
		end := int(r.InputOffset())
		return r.text[end-len(v)+1 : end-1], nil
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return "", ErrPayload
	}
	return string(b), nil
}

// string reads a string; another type is refused with wrong.
func (r *reader) string(wrong error) (string, error) {
	if r.PeekKind() != '"' {
		return "", r.wrongType(wrong)
	}
	v, err := r.ReadValue()
	if err != nil {
		return "", ErrPayload
	}
	return r.unquoted(v)
}

// seconds reads a NumericDate (RFC 7519 section 2), of which Cognito writes whole seconds. A fraction or an
// exponent is refused, not rounded: two readers might round differently.
func (r *reader) seconds(wrong error) (int64, error) {
	if r.PeekKind() != '0' {
		return 0, r.wrongType(wrong)
	}
	v, err := r.ReadValue()
	if err != nil {
		return 0, ErrPayload
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 || v[0] == '-' || n > maxSeconds {
		return 0, wrong
	}
	return n, nil
}

// strings reads an array of strings; another type is refused with wrong.
func (r *reader) strings(wrong error) ([]string, error) {
	if r.PeekKind() != '[' {
		return nil, r.wrongType(wrong)
	}
	if _, err := r.ReadToken(); err != nil {
		return nil, ErrPayload
	}
	var list []string
	for r.PeekKind() != ']' {
		s, err := r.string(wrong)
		if err != nil {
			return nil, err
		}
		if list = append(list, s); len(list) > maxList {
			return nil, wrong
		}
	}
	if _, err := r.ReadToken(); err != nil {
		return nil, ErrPayload
	}
	return list, nil
}

// audience reads aud, a string or an array of strings (RFC 7519 section 4.1.3).
func (r *reader) audience() ([]string, error) {
	if r.PeekKind() == '[' {
		return r.strings(ErrAudience)
	}
	s, err := r.string(ErrAudience)
	return []string{s}, err
}

// wrongType tells a value of the wrong type from none at all.
func (r *reader) wrongType(wrong error) error {
	if err := r.skip(); err != nil {
		return err
	}
	return wrong
}

// skip passes over one value, of bounded depth and members.
func (r *reader) skip() error {
	depth := r.StackDepth()
	for {
		t, err := r.ReadToken()
		if err != nil {
			return ErrPayload
		}
		switch {
		case r.StackDepth() > maxDepth:
			return ErrTooDeep
		case r.StackDepth() == depth:
			return nil
		case t.Kind() == '"':
			if kind, n := r.StackIndex(r.StackDepth()); kind == '{' && n%2 == 1 { // a name
				if r.members++; r.members > maxMembers {
					return ErrTooMany
				}
			}
		}
	}
}
