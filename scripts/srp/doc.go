// Package srp is the Secure Remote Password protocol as Amazon Cognito speaks it (USER_SRP_AUTH), both
// sides: a [Client] that proves a password without sending it, and the [Verifier] that a user pool keeps.
//
//	client                                         user pool
//	USERNAME, SRP_A = gᵃ mod N            ───▶
//	                                      ◀───    USER_ID_FOR_SRP, SALT, SRP_B = k·v + gᵇ mod N, SECRET_BLOCK
//	signature over SECRET_BLOCK and time  ───▶    the same signature, compared
//
// Cognito's protocol differs from RFC 5054 in ways that rule out a general SRP library:
//
//   - The group is the 3072-bit one of RFC 3526 with g = 2; RFC 5054 has the same N with g = 5.
//   - Integers are hashed in their shortest two's complement form (Java's BigInteger.toByteArray), not
//     padded to the width of N. A value with a leading zero byte is therefore hashed shorter.
//   - The user name in the password hash is preceded by the pool's name, which is what follows the first
//     underscore of the pool id.
//   - The session key is HKDF-SHA256 (RFC 5869) of the shared secret, 16 bytes long.
//   - The proof is an HMAC over pool name, user, secret block and a timestamp in a format of its own.
//
// What a peer sends is never trusted: every number is bounded before it is parsed, and each way in which
// it can be wrong has an error value. Nothing here panics on input.
//
// What is not here: the HTTP calls, the age of a challenge and whether it was answered before (whoever
// keeps the challenges knows that), and remembered devices (DEVICE_SRP_AUTH). math/big does not run in
// constant time, so a server that strangers may time should not be built on this package.
package srp

import "errors"

// The reasons why this package refuses. Each is wrapped with what it was that was refused; no error
// holds a password, a key or a signature.
var (
	// ErrPoolID: a user pool id reads REGION_NAME, for example eu-west-1_AbCdEf123.
	ErrPoolID = errors.New("srp: not a user pool id")
	// ErrUser: the user name is empty.
	ErrUser = errors.New("srp: no user name")
	// ErrRandom: the source of randomness failed, or gave zeros.
	ErrRandom = errors.New("srp: no randomness")
	// ErrNumber: an integer of the peer is not plain hexadecimal, or longer than any honest one.
	ErrNumber = errors.New("srp: not a hexadecimal number of the expected size")
	// ErrPublicValue: A or B is not between 1 and N-1, so the key would not depend on
	// the password (RFC 5054 §2.5.3, §2.5.4).
	ErrPublicValue = errors.New("srp: public value out of range")
	// ErrScrambler: u, the hash of A and B, is zero, so the password would not matter (SRP-6a).
	ErrScrambler = errors.New("srp: the hash of the public values is zero")
	// ErrSecret: the shared secret is zero, which anybody could guess.
	ErrSecret = errors.New("srp: the shared secret is zero")
	// ErrSecretBlock: the secret block is not base64, too long, or not the one that was handed out.
	ErrSecretBlock = errors.New("srp: bad secret block")
	// ErrTimestamp: not in Cognito's format, or too far from this machine's time.
	ErrTimestamp = errors.New("srp: bad timestamp")
	// ErrSignature: the signature does not fit: a wrong password, or an answer to another challenge.
	ErrSignature = errors.New("srp: wrong signature")
)
