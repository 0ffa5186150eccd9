// Package srp implements both sides of Amazon Cognito's variant of the Secure Remote Password protocol (USER_SRP_AUTH): a [Client]
// that proves a password without sending it, and the [Verifier] that a user pool stores.
//
//	client                                         user pool
//	USERNAME, SRP_A = gᵃ mod N            ───▶
//	                                      ◀───    USER_ID_FOR_SRP, SALT, SRP_B = k·v + gᵇ mod N, SECRET_BLOCK
//	signature over SECRET_BLOCK and time  ───▶    compares it with its own signature
//
// Cognito differs from RFC 5054, so general SRP libraries cannot be used:
//
//   - The group is the 3072-bit one of RFC 3526 with g = 2; RFC 5054 has the same N with g = 5.
//   - Integers are hashed in their shortest two's complement form (Java's BigInteger.toByteArray), not
//     padded to the width of N. A value with a leading zero byte is therefore hashed shorter.
//   - The username in the password hash is preceded by the pool's name, the part of the pool ID after the first underscore.
//   - The session key is HKDF-SHA256 (RFC 5869) of the shared secret, 16 bytes long.
//   - The proof is an HMAC over pool name, user, secret block and a timestamp in a format of its own.
//
// Input from the peer is never trusted: the length of every number is limited before it is parsed, and every kind of invalid input
// has an error value. No input causes a panic.
//
// The package makes no HTTP calls, and does not support remembered devices (DEVICE_SRP_AUTH). It does not limit the age of a
// challenge or the number of answers to it: the caller must. math/big does not run in constant time, so do not use this
// package for a server that untrusted clients can time.
package srp

import "errors"

// Errors of this package. Each is wrapped with the name of the invalid value. No error contains a password, key or signature.
var (
	// ErrPoolID reports that a user pool ID does not have the form REGION_NAME, such as eu-west-1_AbCdEf123.
	ErrPoolID = errors.New("srp: not a user pool ID")
	// ErrUser reports an empty username, or one that is not the challenged one.
	ErrUser = errors.New("srp: missing or wrong username")
	// ErrRandom reports that the source of randomness failed or returned only zeros.
	ErrRandom = errors.New("srp: no randomness")
	// ErrNumber reports that an integer is not plain hexadecimal, or is too long.
	ErrNumber = errors.New("srp: not a hexadecimal number of the expected size")
	// ErrPublicValue reports that A or B is not between 1 and N-1, so that the key would not depend on the password (RFC 5054
	// §2.5.3, §2.5.4).
	ErrPublicValue = errors.New("srp: public value out of range")
	// ErrScrambler reports that u, the hash of A and B, is zero, so that the key would not depend on the password (SRP-6a).
	ErrScrambler = errors.New("srp: the hash of the public values is zero")
	// ErrSecret reports that the shared secret is zero, which anybody could guess.
	ErrSecret = errors.New("srp: the shared secret is zero")
	// ErrSecretBlock reports that the secret block is not base64, is too long, or is not the one of the challenge.
	ErrSecretBlock = errors.New("srp: invalid secret block")
	// ErrTimestamp reports a timestamp that is not in Cognito's format, or too far from this machine's time.
	ErrTimestamp = errors.New("srp: invalid timestamp")
	// ErrSignature reports a wrong signature: a wrong password, or an answer to another challenge.
	ErrSignature = errors.New("srp: wrong signature")
)
