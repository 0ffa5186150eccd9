package jwks

import "errors"

// What [Cache.Key] and [Cache.Prefetch] answer when there is no key.
var (
	// ErrUnknownKey reports that the issuer was asked recently enough and publishes no usable key of that id.
	// The token is at fault.
	ErrUnknownKey = errors.New("no key of that id")
	// ErrUnavailable reports that it cannot be known whether the issuer has that key: there is no set that may
	// be trusted, or the set at hand lacks the key and the last fetch failed. The token is not at fault.
	// It wraps the reason.
	ErrUnavailable = errors.New("the issuer's keys are not available")
)

// Why a [Config] is refused.
var (
	ErrURL  = errors.New("the key set's address must be https, or http to a loopback host, without user, query or fragment")
	ErrAges = errors.New("the key cache's times must not be negative, and the soft age not above the hard age")
	ErrSeed = errors.New("the key set given by configuration cannot be used") // wraps the reason
)

// Why a fetch failed. [ErrNotKeySet] and [ErrNoUsableKey] are such reasons, too.
var (
	ErrTransport = errors.New("the key set could not be fetched") // DNS, TCP, TLS, time: wraps the cause
	ErrStatus    = errors.New("the key server did not answer 200")
	ErrRedirect  = errors.New("the key server answered with a redirect, which is never followed")
	ErrTooLarge  = errors.New("the key set is too large")
)

// Why a whole key set is refused.
var (
	ErrNotKeySet   = errors.New("not a JSON Web Key Set")
	ErrNoUsableKey = errors.New("the key set holds no usable key")
)

// Why one key of a set is refused, see [KeySet.Refused].
var (
	ErrKeyMalformed  = errors.New("malformed key")
	ErrKeyID         = errors.New("key id missing or not 1 to 128 of A-Z a-z 0-9 + / = _ -")
	ErrKeyType       = errors.New("key type is not RSA")
	ErrKeyUse        = errors.New("key is not for signatures")
	ErrKeyOperations = errors.New("key operations lack verify")
	ErrKeyAlgorithm  = errors.New("key is not for RS256")
	ErrKeyPrivate    = errors.New("private or secret key material is published")
	ErrModulus       = errors.New("modulus is not an odd number of 2048 to 4096 bits")
	ErrExponent      = errors.New("exponent is not an odd number from 3 to 2^31-1")
	ErrROCA          = errors.New("modulus has the ROCA fingerprint (CVE-2017-15361)")
	ErrKeyConflict   = errors.New("another key has the same id")
)
