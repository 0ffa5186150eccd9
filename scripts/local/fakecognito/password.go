package fakecognito

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"unicode"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

const (
	hashRounds = 10_000 // low, because hashes only exist in the memory of one run
	hashBytes  = 32
)

// credential is the stored form of a password: a slow hash for flows that send the password, and a verifier for SRP. The zero
// credential matches no password.
type credential struct {
	salt     []byte
	hash     []byte
	verifier srp.Verifier
}

func (p *pool) newCredential(username, password string) (credential, error) {
	c := credential{salt: randomBytes(16)}
	var err error
	if c.hash, err = hashPassword(password, c.salt); err != nil {
		return credential{}, err
	}
	if c.verifier, err = srp.NewVerifier(p.id, username, password, c.salt); err != nil {
		return credential{}, err
	}
	return c, nil
}

// matches reports whether password is the right one. It takes as long for the zero credential as for any other.
func (c credential) matches(password string) bool {
	got, err := hashPassword(password, c.salt)
	return err == nil && subtle.ConstantTimeCompare(got, c.hash) == 1
}

func hashPassword(password string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, salt, hashRounds, hashBytes)
}

const (
	minPassword     = 8
	maxPassword     = 256
	passwordSymbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "
)

// checkPassword returns an error unless password satisfies Cognito's default policy.
func checkPassword(password string) error {
	refuse := func(why string) error {
		return fail("InvalidPasswordException", "Password did not conform with policy: %s", why)
	}
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(password, is) }
	switch {
	case len(password) < minPassword:
		return refuse("Password not long enough")
	case len(password) > maxPassword:
		return refuse("Password too long")
	case strings.TrimSpace(password) != password:
		return refuse("Password must not begin or end with a space")
	case !has(func(r rune) bool { return r >= 'A' && r <= 'Z' }):
		return refuse("Password must have uppercase characters")
	case !has(func(r rune) bool { return r >= 'a' && r <= 'z' }):
		return refuse("Password must have lowercase characters")
	case !has(unicode.IsDigit):
		return refuse("Password must have numeric characters")
	case !strings.ContainsAny(password, passwordSymbols):
		return refuse("Password must have symbol characters")
	}
	return nil
}
