package cognito

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// TokenUse is the kind of a token, as its token_use claim names it.
type TokenUse string

// The kinds of tokens that can be accepted. A refresh token is opaque and none of these.
const (
	AccessToken TokenUse = "access"
	IDToken     TokenUse = "id"
)

// Claims is what a verified token says. The zero value says nothing and comes beside every error.
//
// Printed, logged or marshalled, Claims shows the use, client, subject and key alone: personal claims leave
// it by a field or by [Claims.Raw], on purpose. Package fmt cannot ask this of Claims that stand in an
// unexported field of another type, whose fields it prints one by one; even there the payload is not shown.
type Claims struct {
	Issuer   string   // iss, one of the configured
	Subject  string   // sub; may be empty for a machine client, see Principal
	ClientID string   // client_id of an access token, aud of an ID token; one of the configured
	Username string   // username, or cognito:username of an ID token; empty for a machine client
	Use      TokenUse // token_use, one of the configured
	Scopes   []string // scope, of an access token alone
	Groups   []string // cognito:groups

	ExpiresAt time.Time // exp, UTC
	IssuedAt  time.Time // iat, UTC
	AuthTime  time.Time // auth_time, the sign-in, UTC; zero if the token has none

	SessionID string // origin_jti, the same for all tokens of one sign-in; empty if the token has none
	TokenID   string // jti; empty if the token has none

	KeyID     string      // kid of the key that the signature is by
	KeyOrigin jwks.Origin // where that key came from, this time

	raw *string // the payload; behind a pointer, where no printer of fields follows it
}

// Principal is whom the token speaks for: sub, else client_id. It is never empty for a verified token.
func (c Claims) Principal() string {
	if c.Subject != "" {
		return c.Subject
	}
	return c.ClientID
}

// Identity is what the API behind the authorizer is told about the caller.
func (c Claims) Identity() identity.Identity {
	return identity.Identity{
		Subject:   c.Principal(),
		Username:  c.Username,
		ClientID:  c.ClientID,
		Scopes:    c.Scopes,
		Groups:    c.Groups,
		TokenUse:  string(c.Use),
		ExpiresAt: c.ExpiresAt,
		SessionID: c.SessionID,
	}
}

// Raw is the whole payload, byte for byte as it was signed, with every personal claim in it. It is nil for
// the zero value.
func (c Claims) Raw() json.RawMessage {
	if c.raw == nil {
		return nil
	}
	return json.RawMessage(*c.raw)
}

// String implements [fmt.Stringer] without personal claims.
func (c Claims) String() string {
	return fmt.Sprintf("%s token of client %q for %q, key %q", c.Use, c.ClientID, c.Principal(), c.KeyID)
}

// Format implements [fmt.Formatter]: the same for every verb.
func (c Claims) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalJSON implements [json.Marshaler] without personal claims. See [Claims.Raw].
func (c Claims) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{
		"token_use": string(c.Use), "client_id": c.ClientID, "sub": c.Principal(), "kid": c.KeyID,
	})
}

// LogValue implements [slog.LogValuer] without personal claims.
func (c Claims) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("token_use", string(c.Use)), slog.String("client_id", c.ClientID),
		slog.String("sub", c.Principal()), slog.String("kid", c.KeyID),
	)
}
