package cognito

import (
	"errors"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// maxHeaderBytes bounds the length of a header, decoded. Cognito's have about 80 bytes.
const maxHeaderBytes = 1 << 10

// parseHeader checks a header (RFC 7515 section 4) and returns its kid. It allows three members and no other, so it
// does not matter what a library makes of crit, jku, x5u, jwk, zip, b64, cty, …
func parseHeader(data []byte) (kid string, err error) {
	if len(data) > maxHeaderBytes {
		return "", ErrHeader
	}
	var alg, typ string
	var hasTyp, hasKid bool
	err = strictjson.Read(data, strictjson.Options{}, func(r *strictjson.Reader) error {
		return r.Object(func(name string) (err error) {
			switch name {
			case "alg":
				alg, err = r.String()
				return ifWrongType(err, ErrAlgorithm)
			case "kid":
				hasKid = true
				kid, err = r.String()
				return ifWrongType(err, ErrKeyID)
			case "typ":
				hasTyp = true
				typ, err = r.String()
				return ifWrongType(err, ErrType)
			}
			return ErrHeaderMember
		})
	})
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return "", refused
	case err != nil:
		return "", ErrHeader
	case alg != "RS256": // Cognito signs with nothing else; case-sensitive, as RFC 7515 section 4.1.1 requires
		return "", ErrAlgorithm
	case hasTyp && !strings.EqualFold(typ, "JWT") && !strings.EqualFold(typ, "at+jwt"): // RFC 9068 section 2.1
		return "", ErrType
	case !hasKid || !jwks.ValidKeyID(kid):
		return "", ErrKeyID
	}
	return kid, nil
}

// ifWrongType replaces strictjson's error for a value of another type by the error of the member that has it.
func ifWrongType(err, wrong error) error {
	if errors.Is(err, strictjson.ErrType) {
		return wrong
	}
	return err
}
