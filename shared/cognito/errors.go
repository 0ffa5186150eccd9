package cognito

import (
	"errors"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// refusal is one way in which a token fails. Its text is fixed, so that nothing of a token gets into a log.
type refusal struct{ reason, text string }

func (r *refusal) Error() string { return r.text }

// Why a token is refused, in the order of the checks. Errors of [Verifier.Verify] wrap exactly one of these,
// or [jwks.ErrUnknownKey], or [jwks.ErrUnavailable], which is a fault of ours and no refusal.
var (
	ErrMissing      error = &refusal{"token_missing", "no token"}
	ErrTooLarge     error = &refusal{"token_too_large", "the token is longer than 8192 bytes"}
	ErrMalformed    error = &refusal{"token_malformed", "the token is not three parts of canonical base64url (RFC 7515 section 7.1)"}
	ErrHeader       error = &refusal{"header_malformed", "the token's header is not a strict JSON object of at most 1024 bytes"}
	ErrHeaderMember error = &refusal{"header_member", "the token's header has a member other than kid, alg and typ"}
	ErrAlgorithm    error = &refusal{"algorithm", "the token's alg is not RS256"}
	ErrType         error = &refusal{"type", "the token's typ is neither JWT nor at+jwt"}
	ErrKeyID        error = &refusal{"key_id", "the token's kid is missing or cannot be a key id"}

	ErrPayload     error = &refusal{"payload_malformed", "the token's payload is not a strict JSON object (RFC 7519 section 7.2)"}
	ErrPayloadName error = &refusal{"payload_name", "a name in the token's payload differs from a known claim in case alone"}
	ErrTooDeep     error = &refusal{"payload_too_deep", "the token's payload is nested too deep"}
	ErrTooMany     error = &refusal{"payload_too_many", "the token's payload has too many members"}

	ErrIssuer      error = &refusal{"issuer", "the token's iss is not one that is accepted"}
	ErrTokenUse    error = &refusal{"token_use", "the token's token_use is not one that is accepted"}
	ErrClient      error = &refusal{"client", "the token's client_id is not one that is accepted"}
	ErrAudience    error = &refusal{"audience", "the token's aud is not one that is accepted"}
	ErrExpiry      error = &refusal{"expiry_malformed", "the token's exp is missing or not a whole number of seconds before the year 10000"}
	ErrExpired     error = &refusal{"expired", "the token has expired"}
	ErrIssuedAt    error = &refusal{"issued_at", "the token's iat is missing, not a whole number of seconds, or after its exp"}
	ErrLifetime    error = &refusal{"lifetime", "the token is valid for longer than a user pool allows"}
	ErrTime        error = &refusal{"time_malformed", "the token's nbf or auth_time is not a whole number of seconds"}
	ErrNotYetValid error = &refusal{"not_yet_valid", "the token's nbf, iat or auth_time is in the future"}
	ErrSubject     error = &refusal{"subject", "the token's sub, username or session is missing, empty, too long or not printable"}
	ErrScope       error = &refusal{"scope", "the token's scope is not a list of scopes (RFC 6749 section 3.3)"}
	ErrGroups      error = &refusal{"groups", "the token's cognito:groups is not an array of group names"}

	ErrSignature error = &refusal{"signature", "the token's signature is not good"}
)

// The reasons that are not a refusal of this package.
const (
	reasonUnknownKey  = "key_unknown"
	reasonUnavailable = "keys_unavailable"
	reasonInternal    = "internal"
)

// refusals are all the values above, for Reasons.
var refusals = []error{
	ErrMissing, ErrTooLarge, ErrMalformed, ErrHeader, ErrHeaderMember, ErrAlgorithm, ErrType, ErrKeyID,
	ErrPayload, ErrPayloadName, ErrTooDeep, ErrTooMany,
	ErrIssuer, ErrTokenUse, ErrClient, ErrAudience, ErrExpiry, ErrExpired, ErrIssuedAt, ErrLifetime, ErrTime,
	ErrNotYetValid, ErrSubject, ErrScope, ErrGroups, ErrSignature,
}

// Reason names the failure by one word out of the closed list of [Reasons], for logs and metrics. It is
// empty for nil, and "internal" for an error that does not come from here.
func Reason(err error) string {
	var r *refusal
	switch {
	case err == nil:
		return ""
	case errors.Is(err, jwks.ErrUnavailable): // first: what is our fault is never called the token's
		return reasonUnavailable
	case errors.Is(err, jwks.ErrUnknownKey):
		return reasonUnknownKey
	case errors.As(err, &r):
		return r.reason
	}
	return reasonInternal
}

// Reasons lists every word that [Reason] can answer, except the empty one.
func Reasons() []string {
	all := make([]string, 0, len(refusals)+3)
	for _, r := range refusals {
		all = append(all, Reason(r))
	}
	return append(all, reasonUnknownKey, reasonUnavailable, reasonInternal)
}

// keyedError carries the key id of a refused token to [KeyID].
type keyedError struct {
	error
	kid string
}

func (e *keyedError) Unwrap() error { return e.error }

// KeyID is the key id that a refused token named, for the log: 1 to 128 printable ASCII characters. It is
// empty if the token was refused before it had a valid one. Nobody has verified it.
func KeyID(err error) string {
	var k *keyedError
	if errors.As(err, &k) {
		return k.kid
	}
	return ""
}
