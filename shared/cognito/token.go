package cognito

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is printed in place of a token.
const redacted = "[redacted]"

// Token is a compact token as the caller sent it. Printing or encoding a Token yields "[redacted]"; only [Token.Reveal]
// returns it. The string is captured by a function, where reflection does not find it. For the same reason tokens cannot
// be compared or used as map keys.
//
// The zero value represents a missing token and is refused with [ErrMissing].
type Token struct {
	reveal func() string
}

// NewToken returns raw as a Token. It checks nothing, see [Verifier.Verify].
func NewToken(raw string) Token { return Token{func() string { return raw }} }

// Reveal returns the token itself. It belongs in an Authorization header and nowhere else.
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
