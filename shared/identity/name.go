package identity

import (
	"unicode"
	"unicode/utf8"
)

const maxName = 128 // characters of a user name, group name, subject or session ID; Cognito's own limit

// IsScope reports whether s can be one scope of a token (RFC 6749 section 3.3): printable ASCII without space, quote and
// backslash.
func IsScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// IsName reports whether s can be the name of a Cognito user or group: 1 to 128 letters, marks, numbers, punctuation or
// symbols. White space, control and invisible characters are none of these.
func IsName(s string) bool {
	if s == "" || len(s) > maxName*utf8.UTFMax || utf8.RuneCountInString(s) > maxName {
		return false
	}
	for _, r := range s {
		if r == ' ' || !unicode.IsPrint(r) { // IsPrint: L, M, N, P, S and the ASCII space
			return false
		}
	}
	return true
}
