package cognito

import (
	"errors"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// refusal is one reason to refuse a token. Its text is fixed, so that nothing of a token gets into a log.
type refusal struct{ reason, text string }

func (r *refusal) Error() string { return r.text }

// Reasons to refuse a token, in the order of the checks. Errors of [Verifier.Verify] wrap exactly one of these, or
// [jwks.ErrUnknownKey], or [jwks.ErrUnavailable], which means the keys were unavailable, not that the token is invalid.
var (
	ErrMissing      error = &refusal{"token_missing", "no token"}
	ErrTooLarge     error = &refusal{"token_too_large", "token longer than 8192 bytes"}
	ErrMalformed    error = &refusal{"token_malformed", "token is not three segments of canonical base64url (RFC 7515 section 7.1)"}
	ErrHeader       error = &refusal{"header_malformed", "header is not a strict JSON object of at most 1024 bytes"}
	ErrHeaderMember error = &refusal{"header_member", "header has a member other than kid, alg and typ"}
	ErrAlgorithm    error = &refusal{"algorithm", "alg is not RS256"}
	ErrType         error = &refusal{"type", "typ is neither JWT nor at+jwt"}
	ErrKeyID        error = &refusal{"key_id", "kid is missing or invalid"}

	ErrPayload     error = &refusal{"payload_malformed", "payload is not a strict JSON object (RFC 7519 section 7.2)"}
	ErrPayloadName error = &refusal{"payload_name", "a name in the payload differs from a claim only in case"}
	ErrTooDeep     error = &refusal{"payload_too_deep", "payload is nested too deep"}
	ErrTooMany     error = &refusal{"payload_too_many", "payload has too many members"}

	ErrIssuer      error = &refusal{"issuer", "issuer not allowed (iss)"}
	ErrTokenUse    error = &refusal{"token_use", "token use not allowed (token_use)"}
	ErrClient      error = &refusal{"client", "client not allowed (client_id)"}
	ErrAudience    error = &refusal{"audience", "audience not allowed (aud)"}
	ErrExpiry      error = &refusal{"expiry_malformed", "exp is missing or not a whole number of seconds before the year 10000"}
	ErrExpired     error = &refusal{"expired", "token expired"}
	ErrIssuedAt    error = &refusal{"issued_at", "iat is missing, not a whole number of seconds, or after exp"}
	ErrLifetime    error = &refusal{"lifetime", "token valid for longer than a user pool allows"}
	ErrTime        error = &refusal{"time_malformed", "nbf or auth_time is not a whole number of seconds"}
	ErrNotYetValid error = &refusal{"not_yet_valid", "nbf, iat or auth_time is in the future"}
	ErrSubject     error = &refusal{"subject", "sub, username or session is missing, empty, too long or not printable"}
	ErrScope       error = &refusal{"scope", "scope is not a list of scopes (RFC 6749 section 3.3)"}
	ErrGroups      error = &refusal{"groups", "cognito:groups is not an array of group names"}

	ErrSignature error = &refusal{"signature", "invalid signature"}
)

// Reasons of errors that other packages define.
const (
	reasonUnknownKey  = "key_unknown"
	reasonUnavailable = "keys_unavailable"
	reasonInternal    = "internal"
)

// refusals lists the errors above, for Reasons.
var refusals = []error{
	ErrMissing, ErrTooLarge, ErrMalformed, ErrHeader, ErrHeaderMember, ErrAlgorithm, ErrType, ErrKeyID,
	ErrPayload, ErrPayloadName, ErrTooDeep, ErrTooMany,
	ErrIssuer, ErrTokenUse, ErrClient, ErrAudience, ErrExpiry, ErrExpired, ErrIssuedAt, ErrLifetime, ErrTime,
	ErrNotYetValid, ErrSubject, ErrScope, ErrGroups, ErrSignature,
}

// Reason returns the word for an error in logs and metrics, one of [Reasons]. It is empty for nil, and "internal" for an
// error that is not from this package.
func Reason(err error) string {
	var r *refusal
	switch {
	case err == nil:
		return ""
	case errors.Is(err, jwks.ErrUnavailable): // first: unavailable keys must never be reported as an invalid token
		return reasonUnavailable
	case errors.Is(err, jwks.ErrUnknownKey):
		return reasonUnknownKey
	case errors.As(err, &r):
		return r.reason
	}
	return reasonInternal
}

// Reasons returns every word that [Reason] can return, except the empty one.
func Reasons() []string {
	all := make([]string, 0, len(refusals)+3)
	for _, r := range refusals {
		all = append(all, Reason(r))
	}
	return append(all, reasonUnknownKey, reasonUnavailable, reasonInternal)
}

// Meaning returns a reason of [Reasons] in words, for a person. It is empty for another word.
func Meaning(reason string) string {
	switch reason {
	case reasonUnknownKey:
		return "the issuer publishes no key of this ID"
	case reasonUnavailable:
		return "the keys of the issuer are unavailable"
	case reasonInternal:
		return "an error without a reason of its own"
	}
	for _, err := range refusals {
		if Reason(err) == reason {
			return err.Error()
		}
	}
	return ""
}

// tokenError carries what a refused token says of itself to [KeyID] and [Claimed].
type tokenError struct {
	error
	kid string
	by  claimed
}

// claimed is whom a token names: the app client and the user. Neither need be true.
type claimed struct{ client, sub string }

func (e *tokenError) Unwrap() error { return e.error }

// KeyID returns the key ID that a refused token named, for the log: 1 to 128 printable ASCII characters, unverified. It is
// empty if the token was refused before its key ID was read.
func KeyID(err error) string {
	var e *tokenError
	if errors.As(err, &e) {
		return e.kid
	}
	return ""
}

// Claimed returns the client and the user that a refused token named, for the log. Nothing about them is verified: anybody
// can write a token that names somebody else. Each is empty if the token was refused before its payload was read, and if it does
// not have the form of an app client ID or a sub. No e-mail address, phone number or name with a space has that form.
func Claimed(err error) (clientID, sub string) {
	var e *tokenError
	if !errors.As(err, &e) {
		return "", ""
	}
	if clientIDChars.AllWithin(e.by.client, 1, 128) {
		clientID = e.by.client
	}
	if subChars.AllWithin(e.by.sub, 36, 36) {
		sub = e.by.sub
	}
	return clientID, sub
}

// A sub is a UUID. A client ID has the form that the Cognito API reference gives ClientIdType.
var (
	clientIDChars = ascii.Alphanumeric.With("_+")
	subChars      = ascii.Alphanumeric.With("-")
)
