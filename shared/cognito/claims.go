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

// TokenUse is the kind of a token, the value of its token_use claim.
type TokenUse string

// The token uses that can be accepted. A refresh token is opaque and has none.
const (
	AccessToken TokenUse = "access"
	IDToken     TokenUse = "id"
)

// Claims holds the claims of a verified token. Verify returns the zero value with every error.
//
// Printed, logged or marshalled, Claims shows only the use, client, subject and key: personal claims leave it by a field or
// by [Claims.Raw], on purpose. fmt does not call methods on unexported fields, so a Claims nested in one is printed field
// by field; the raw payload stays hidden even then.
type Claims struct {
	Issuer   string   // iss, one of Config.Issuers
	Subject  string   // sub; may be empty for a machine client, see Principal
	ClientID string   // client_id of an access token, aud of an ID token; one of Issuer.ClientIDs
	Username string   // username, or cognito:username of an ID token; empty for a machine client
	Use      TokenUse // token_use, one of Config.TokenUses
	Scopes   []string // scope, of an access token alone
	Groups   []string // cognito:groups, or the claims of Config.GroupsClaims

	ExpiresAt time.Time // exp, UTC
	IssuedAt  time.Time // iat, UTC
	AuthTime  time.Time // auth_time, the sign-in, UTC; zero if the token has none

	SessionID string // origin_jti, the same for all tokens of one sign-in; empty if the token has none
	TokenID   string // jti; empty if the token has none

	KeyID     string      // kid of the key that signed the token
	KeyOrigin jwks.Origin // where this verification got that key from

	// UnusableGroups are how many entries of the other claims of Config.GroupsClaims cannot be group names.
	UnusableGroups []UnusableGroups

	further furtherClaims // the claims of Config.Claims that the token has

	raw *string // the payload; behind a pointer, which fmt does not follow
}

// UnusableGroups is how many entries of a claim were left out of [Claims.Groups].
type UnusableGroups struct {
	Claim string
	Count int
}

// Principal returns the principal of the token: sub, or client_id if it has none. It is never empty for a verified token.
func (c Claims) Principal() string {
	if c.Subject != "" {
		return c.Subject
	}
	return c.ClientID
}

// Identity returns what the backend learns about the caller.
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

// Raw returns the whole payload, byte for byte as it was signed, with every personal claim in it. It is nil for the zero
// value.
func (c Claims) Raw() json.RawMessage {
	if c.raw == nil {
		return nil
	}
	return json.RawMessage(*c.raw)
}

// String implements [fmt.Stringer]. It shows no personal claims.
func (c Claims) String() string {
	return fmt.Sprintf("%s token of client %q for %q, key %q", c.Use, c.ClientID, c.Principal(), c.KeyID)
}

// Format implements [fmt.Formatter]: the same for every verb.
func (c Claims) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalJSON implements [json.Marshaler]. It shows no personal claims; see [Claims.Raw].
func (c Claims) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{
		"token_use": string(c.Use), "client_id": c.ClientID, "sub": c.Principal(), "kid": c.KeyID,
	})
}

// LogValue implements [slog.LogValuer]. It shows no personal claims.
func (c Claims) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("token_use", string(c.Use)), slog.String("client_id", c.ClientID),
		slog.String("sub", c.Principal()), slog.String("kid", c.KeyID),
	)
}
