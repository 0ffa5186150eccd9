package cognito

import (
	"encoding/json/jsontext"
	"errors"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

const (
	maxDepth   = 8               // of nesting in a payload
	maxMembers = 256             // of a payload, over all its objects; a pool has at most 50 custom attributes
	maxList    = 100             // scopes or groups; Cognito's own limits are 50 and 100
	maxSeconds = 253402300799    // the end of the year 9999
	absent     = int64(-1 << 62) // a time that the payload does not have
)

// payload holds the claims that are used. Their types have been checked, their meaning has not.
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

	further []member // of the claims that the configuration names

	text string // the whole payload
}

// times are the claims about time: seconds since 1970, or absent.
type times struct{ exp, iat, nbf, authTime int64 }

// usedClaims are the names of the claims that are used.
var usedClaims = []string{
	"iss", "sub", "aud", "client_id", "token_use", "username", "cognito:username", claimCognitoGroups, "scope",
	"exp", "iat", "nbf", "auth_time", "jti", "origin_jti",
}

// parsePayload decodes the claims once, strictly: one JSON object, no duplicate name at any depth, no invalid UTF-8, no
// lone surrogate, bounded depth and members. Each claim that is used must have its own type; the values of the others do
// not matter; those named by further are kept as they are. The strings of the result are parts of its text.
func parsePayload(data []byte, further []string) (p payload, err error) {
	p.times = times{absent, absent, absent, absent}
	err = strictjson.Read(data, strictjson.Options{Depth: maxDepth, Members: maxMembers}, func(r *strictjson.Reader) error {
		p.text = r.Input()
		if r.Kind() != '{' {
			return ErrPayload
		}
		d := claimsDecoder{r}
		return r.Object(func(name string) error {
			begin := r.Offset()
			if err := d.claim(name, &p); err != nil {
				return err
			}
			if slices.Contains(further, name) {
				p.further = append(p.further, member{name, r.TextSince(begin)})
			}
			return nil
		})
	})
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return payload{}, refused
	case errors.Is(err, strictjson.ErrTooDeep):
		return payload{}, ErrTooDeep
	case errors.Is(err, strictjson.ErrTooMany):
		return payload{}, ErrTooMany
	case err != nil:
		return payload{}, ErrPayload
	}
	return p, nil
}

// claimed returns whom the payload names, unverified.
func (p *payload) claimed() claimed {
	client := p.clientID
	if client == "" && len(p.aud) == 1 {
		client = p.aud[0] // of an ID token
	}
	return claimed{client, p.sub}
}

// claimsDecoder reads the values of claims. A value of the wrong type is refused with the error given.
type claimsDecoder struct{ *strictjson.Reader }

// claim reads the value of one claim into p.
func (d claimsDecoder) claim(name string, p *payload) (err error) {
	switch name {
	case "iss":
		p.iss, err = d.string(ErrIssuer)
	case "sub":
		p.hasSub = true
		p.sub, err = d.string(ErrSubject)
	case "aud":
		p.hasAud = true
		p.aud, err = d.audience()
	case "client_id":
		p.hasClient = true
		p.clientID, err = d.string(ErrClient)
	case "token_use":
		p.tokenUse, err = d.string(ErrTokenUse)
	case "username":
		p.hasUsername = true
		p.username, err = d.string(ErrSubject)
	case "cognito:username":
		p.hasCognitoUsername = true
		p.cognitoUsername, err = d.string(ErrSubject)
	case claimCognitoGroups:
		p.groups, err = d.strings(ErrGroups)
	case "scope":
		p.hasScope = true
		p.scope, err = d.string(ErrScope)
	case "exp":
		p.exp, err = d.seconds(ErrExpiry)
	case "iat":
		p.iat, err = d.seconds(ErrIssuedAt)
	case "nbf":
		p.nbf, err = d.seconds(ErrTime)
	case "auth_time":
		p.authTime, err = d.seconds(ErrTime)
	case "jti":
		p.hasJTI = true
		p.jti, err = d.string(ErrSubject)
	case "origin_jti":
		p.hasOriginJTI = true
		p.originJTI, err = d.string(ErrSubject)
	default:
		if isMisspelt(name) {
			return ErrPayloadName // RFC 7519 section 7.2 compares names exactly, other readers do not
		}
		return d.Skip()
	}
	return err
}

// isMisspelt reports whether a reader that ignores case might confuse name with a claim that is used.
func isMisspelt(name string) bool {
	for _, used := range usedClaims {
		if len(name) >= len(used) && strings.EqualFold(name, used) {
			return true
		}
	}
	return false
}

func (d claimsDecoder) string(wrong error) (string, error) {
	s, err := d.String()
	return s, ifWrongType(err, wrong)
}

// strings reads an array of at most maxList strings.
func (d claimsDecoder) strings(wrong error) ([]string, error) {
	list, err := d.Strings()
	if err != nil {
		return nil, ifWrongType(err, wrong)
	}
	if len(list) > maxList {
		return nil, wrong
	}
	return list, nil
}

// seconds reads a NumericDate (RFC 7519 section 2), of which Cognito writes whole seconds. A fraction or an exponent is
// refused rather than rounded: two readers might round differently.
func (d claimsDecoder) seconds(wrong error) (int64, error) {
	n, err := d.Int()
	if err != nil {
		return 0, ifWrongType(err, wrong)
	}
	if n < 0 || n > maxSeconds {
		return 0, wrong
	}
	return n, nil
}

// audience reads aud, a string or an array of strings (RFC 7519 section 4.1.3).
func (d claimsDecoder) audience() ([]string, error) {
	if d.Kind() == jsontext.KindBeginArray {
		return d.strings(ErrAudience)
	}
	s, err := d.string(ErrAudience)
	return []string{s}, err
}
