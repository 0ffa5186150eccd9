package apigateway

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// wildcard is a pattern of IAM: "*" stands for any run of characters, "/" and ":" among them and an empty
// one too, "?" for exactly one character. Case counts.
type wildcard struct {
	prefix string // up to the first of these
	rest   string
}

func newWildcard(pattern string) wildcard {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return wildcard{pattern[:i], pattern[i:]}
	}
	return wildcard{prefix: pattern}
}

func anyMatch(patterns []wildcard, text string) bool {
	return slices.ContainsFunc(patterns, func(w wildcard) bool { return w.matches(text) })
}

// matches reports whether the pattern covers the whole text.
func (w wildcard) matches(text string) bool {
	text, ok := strings.CutPrefix(text, w.prefix)
	return ok && match(w.rest, text)
}

// match does the work of matches. On a mismatch only the last "*" needs to be tried again with one character
// more, so the time is bounded by the product of both lengths.
func match(pattern, text string) bool {
	const none = -1
	retry, resume := none, 0 // where the pattern goes on after its last "*", and where the text went on then
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			retry, resume = p, t
		case p < len(pattern) && pattern[p] == '?':
			_, width := utf8.DecodeRuneInString(text[t:])
			p++
			t += width
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case retry == none:
			return false
		case retry == len(pattern):
			return true // a "*" at the end matches the rest
		default:
			_, width := utf8.DecodeRuneInString(text[resume:])
			resume += width
			p, t = retry, resume
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
