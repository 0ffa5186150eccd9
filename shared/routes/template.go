package routes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// ErrTemplate reports that a path template cannot be served by API Gateway, or that a policy cannot express
// it safely.
var ErrTemplate = errors.New("path cannot be used")

// ErrMethod reports that API Gateway does not serve a method.
var ErrMethod = errors.New("method cannot be used")

// ErrName reports that no token can carry the name of a scope or a group.
var ErrName = errors.New("name cannot be used")

// methods are those that API Gateway serves. ANY stands for all of them.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// Methods returns the methods that API Gateway serves, sorted.
func Methods() []string { return slices.Clone(methods) }

// anyMethod stands for every method that the same path does not name itself.
const anyMethod = "ANY"

// connectRoute is the handshake of a WebSocket.
const connectRoute = "$connect"

// literalPunctuation may occur in a literal segment beside letters and digits. These characters mean the
// same to everything between client and policy: no wildcard ("*", "?"), no policy variable ("$"), no escape ("%", "\"),
// nothing that JSON escapes ("&", "<"), nothing outside of ASCII, which travels percent-encoded.
const literalPunctuation = "-._~:@!,+="

// maxSegments bounds the depth of a path. API Gateway's own limits are reached long before it.
const maxSegments = 32

// Segment is one part of a path template between slashes.
type Segment struct {
	Text   string // of a literal; the name of a parameter
	Param  bool   // {name}: one segment, not empty
	Greedy bool   // {name+}: one segment or more, at the end only; Param is set too
}

// parseTemplate reads a path template: the segments of "/users/{id}" are "users" and {id}. The root has one
// segment, which is the empty literal. Errors: [ErrTemplate].
func parseTemplate(template string) ([]Segment, error) {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: %q: %s", ErrTemplate, template, fmt.Sprintf(format, args...))
	}
	if template == "/" {
		return []Segment{{}}, nil
	}
	rest, ok := strings.CutPrefix(template, "/")
	if !ok {
		return nil, refuse("it must begin with a slash")
	}
	count := strings.Count(rest, "/") + 1
	if count > maxSegments {
		return nil, refuse("it has more than %d segments", maxSegments)
	}
	segments := make([]Segment, 0, count)
	for text := range strings.SplitSeq(rest, "/") {
		last := len(segments) == count-1
		switch {
		case text == "" && last:
			return nil, refuse("it ends with a slash; API Gateway has no such resource")
		case text == "":
			return nil, refuse("it has an empty segment")
		case text == "." || text == "..":
			return nil, refuse("a segment %q is resolved away by clients and proxies", text)
		case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
			s := Segment{Text: text[1 : len(text)-1], Param: true}
			s.Text, s.Greedy = strings.CutSuffix(s.Text, "+")
			if s.Greedy && !last {
				return nil, refuse("{%s+} stands for the rest of the path, so it must come last", s.Text)
			}
			if !isName(s.Text) {
				return nil, refuse("a parameter is named with letters, digits and . _ -")
			}
			if slices.ContainsFunc(segments, func(o Segment) bool { return o.Param && o.Text == s.Text }) {
				return nil, refuse("{%s} occurs in it twice", s.Text)
			}
			segments = append(segments, s)
		case strings.ContainsAny(text, "{}"):
			return nil, refuse("a parameter must be a whole segment; API Gateway does not serve %q", text)
		case !isLiteral(text):
			return nil, refuse("segment %q: only letters, digits and %s are safe in a policy", text, literalPunctuation)
		default:
			segments = append(segments, Segment{Text: text})
		}
	}
	return segments, nil
}

var (
	literalChars = ascii.Alphanumeric.With(literalPunctuation)
	nameChars    = ascii.Alphanumeric.With("._-")
)

func isLiteral(s string) bool { return literalChars.All(s) }

func isName(s string) bool { return s != "" && nameChars.All(s) }

// checkMethod accepts ANY and the methods of API Gateway, in upper case. Errors: [ErrMethod].
func checkMethod(method string) error {
	if method != anyMethod && !slices.Contains(methods, method) {
		return fmt.Errorf("%w: %q: API Gateway serves %s and ANY", ErrMethod, method, strings.Join(methods, ", "))
	}
	return nil
}

// checkScope refuses a scope that no token can carry. Errors: [ErrName].
func checkScope(name string) error {
	if err := checkName("scope", name); err != nil {
		return err
	}
	if !identity.IsScope(name) {
		return fmt.Errorf("%w: scope %q: no token can carry it, since scopes are printable ASCII without quote and backslash", ErrName, name)
	}
	return nil
}

// checkGroup refuses a group that no token can carry. Errors: [ErrName].
func checkGroup(name string) error {
	if err := checkName("group", name); err != nil {
		return err
	}
	if !identity.IsName(name) {
		return fmt.Errorf("%w: group %q: no token can carry it, since names of groups have at most 128 characters, all of them visible", ErrName, name)
	}
	return nil
}

// checkName refuses an empty name, white space and control characters. Errors: [ErrName].
func checkName(kind, name string) error {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar }
	switch {
	case name == "":
		return fmt.Errorf("%w: a %s without a name", ErrName, kind)
	case strings.ContainsFunc(name, odd):
		return fmt.Errorf("%w: %s %q holds white space or a control character", ErrName, kind, name)
	}
	return nil
}

// shape returns a method and a template without the names of its parameters. It is the same for routes that
// serve the same calls.
func shape(method string, segments []Segment) string {
	b := append(make([]byte, 0, 128), method...) // on the stack
	b = append(b, ' ')
	for _, s := range segments {
		b = append(b, '/')
		switch {
		case s.Greedy:
			b = append(b, "{+}"...)
		case s.Param:
			b = append(b, "{}"...)
		default:
			b = append(b, s.Text...)
		}
	}
	return string(b)
}
