package jwks

import "errors"

// Errors of [Cache.Key] and [Cache.Prefetch].
var (
	// ErrUnknownKey reports that the issuer was asked recently enough and publishes no usable key with that ID: the token
	// is invalid.
	ErrUnknownKey = errors.New("unknown key ID")
	// ErrUnavailable reports that it is unknown whether the issuer has that key: there is no key set that may be trusted,
	// or the cached one lacks the key and the last fetch failed. The token may be valid. It wraps the reason.
	ErrUnavailable = errors.New("the issuer's keys are unavailable")
)

// Errors of [New] and [Fetch] about their arguments.
var (
	ErrURL  = errors.New("the URL of the key set must be https, or http to a loopback host, without user, query or fragment")
	ErrSeed = errors.New("invalid seed key set") // wraps the reason
)

// Errors of a fetch, beside [ErrNotKeySet] and [ErrNoUsableKey].
var (
	ErrTransport = errors.New("the key set could not be fetched") // DNS, TCP, TLS, time-out: wraps the cause
	ErrStatus    = errors.New("the key server's status is not 200")
	ErrRedirect  = errors.New("the key server redirects, which is never followed")
	ErrTooLarge  = errors.New("the key set is larger than 64 KiB")
)

// Errors of [ParseKeySet] about the whole set.
var (
	ErrNotKeySet   = errors.New("not a JSON Web Key Set")
	ErrNoUsableKey = errors.New("the key set holds no usable key")
)

// Errors about one key of a set, see [KeySet.Refused].
var (
	ErrKeyMalformed  = errors.New("malformed key")
	ErrKeyID         = errors.New("key ID missing or not 1 to 128 of A-Z a-z 0-9 + / = _ -")
	ErrKeyType       = errors.New("key type is not RSA")
	ErrKeyUse        = errors.New("key is not for signatures")
	ErrKeyOperations = errors.New("key operations lack verify")
	ErrKeyAlgorithm  = errors.New("key is not for RS256")
	ErrKeyPrivate    = errors.New("private or secret key material is published")
	ErrModulus       = errors.New("modulus is not an odd number of 2048 to 4096 bits")
	ErrExponent      = errors.New("exponent is not an odd number from 3 to 2^31-1")
	ErrROCA          = errors.New("modulus has the ROCA fingerprint (CVE-2017-15361)")
	ErrKeyConflict   = errors.New("another key has the same ID")
)
