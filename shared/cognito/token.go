package cognito

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for a token wherever one is printed.
const redacted = "[redacted]"

// Token is a compact token as the caller sent it. Whatever prints or encodes a Token gets "[redacted]"; only
// [Token.Reveal] gives it away. The text is behind a function, where no printer of fields finds it. For the
// same reason tokens cannot be compared or be the key of a map: two texts can carry the same signature.
//
// The zero value is no token and is refused with [ErrMissing].
type Token struct {
	reveal func() string
}

// NewToken hides raw. It checks nothing: that is what [Verifier.Verify] is for.
func NewToken(raw string) Token { return Token{func() string { return raw }} }

// Reveal is the token itself. It belongs into an Authorization header and nowhere else.
func (t Token) Reveal() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// Format implements [fmt.Formatter] for every verb and flag.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements [fmt.Stringer].
func (t Token) String() string { return redacted }

// GoString implements [fmt.GoStringer].
func (t Token) GoString() string { return redacted }

// MarshalText implements [encoding.TextMarshaler], and with it JSON, XML and the like.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON implements [json.Marshaler].
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue implements [slog.LogValuer].
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }
