package fakecognito

import (
	"crypto/hmac"
	"crypto/sha1" // the hash of authenticator apps; HMAC-SHA-1 is still secure (RFC 6238 §1.2)
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

const (
	totpStep   = 30 // seconds
	totpDigits = 6
	totpWindow = 1 // accepted steps before and after the current one
)

var totpAlphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// ErrTOTPSecret reports that a secret is not base32 without padding.
var ErrTOTPSecret = errors.New("TOTP secret is not base32 without padding")

// TOTP returns the code that an authenticator app shows at a time for a secret from AssociateSoftwareToken: RFC 6238 with SHA-1, six
// digits and 30 seconds. The error is [ErrTOTPSecret].
func TOTP(secret string, at time.Time) (string, error) {
	key, err := totpAlphabet.DecodeString(secret)
	if err != nil || len(key) == 0 {
		return "", ErrTOTPSecret
	}
	return totpCode(key, at.Unix()/totpStep), nil
}

// totpCode returns the HOTP of RFC 4226 §5.3.
func totpCode(key []byte, counter int64) string {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(counter))) //nolint:gosec // bits, not a quantity
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000)
}

// totpCounter returns the time step of the code, if it is close to now.
func totpCounter(key []byte, code string, now time.Time) (counter int64, ok bool) {
	current := now.Unix() / totpStep
	for c := current - totpWindow; c <= current+totpWindow; c++ {
		if hmac.Equal([]byte(totpCode(key, c)), []byte(code)) {
			counter, ok = c, true
		}
	}
	return counter, ok && len(key) > 0
}
