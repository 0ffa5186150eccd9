package cognito

import (
	"errors"
	"io"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// maxHeaderBytes is how long a header may be, decoded. Cognito's have about 80 bytes.
const maxHeaderBytes = 1 << 10

// parseHeader checks a header (RFC 7515 section 4) and returns its kid. It allows three members and no
// other, so that what a library makes of crit, jku, x5u, jwk, zip, b64, cty, … does not matter.
func parseHeader(data []byte) (kid string, err error) {
	if len(data) > maxHeaderBytes {
		return "", ErrHeader
	}
	d := read("", data)
	defer d.release()
	if d.PeekKind() != '{' {
		return "", ErrHeader
	}
	var alg, typ string
	var hasTyp, hasKid bool
	if _, err := d.ReadToken(); err != nil {
		return "", ErrHeader
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return "", ErrHeader
		}
		var into *string
		var wrong error
		switch name.String() {
		case "alg":
			into, wrong = &alg, ErrAlgorithm
		case "kid":
			into, wrong, hasKid = &kid, ErrKeyID, true
		case "typ":
			into, wrong, hasTyp = &typ, ErrType, true
		default:
			return "", ErrHeaderMember
		}
		if d.PeekKind() != '"' {
			return "", wrong
		}
		value, err := d.ReadToken()
		if err != nil {
			return "", ErrHeader
		}
		*into = value.String()
	}
	if _, err := d.ReadToken(); err != nil { // }
		return "", ErrHeader
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) { // something follows
		return "", ErrHeader
	}
	switch {
	case alg != "RS256": // Cognito signs with nothing else; exact, as RFC 7515 section 4.1.1 asks
		return "", ErrAlgorithm
	case hasTyp && !strings.EqualFold(typ, "JWT") && !strings.EqualFold(typ, "at+jwt"): // RFC 9068 section 2.1
		return "", ErrType
	case !hasKid || !jwks.ValidKeyID(kid):
		return "", ErrKeyID
	}
	return kid, nil
}
