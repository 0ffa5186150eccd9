package fakecognito

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// scopeSelf allows calls about the user themselves, such as GetUser. Sign-ins through the API, rather than the sign-in page, get
// exactly this scope.
const scopeSelf = "aws.cognito.signin.user.admin"

// session is a completed sign-in.
type session struct {
	id       string // origin_jti
	eventID  string
	user     *user
	client   *client
	authTime time.Time
	scopes   []string
	hosted   bool   // signed in at the sign-in page, with OAuth scopes
	nonce    string // of the authorization request
	resource string // what access tokens are bound to (RFC 8707); may be empty
	revoked  bool   // by RevokeToken or a global sign-out
}

// startSession starts the session of a user who has signed in.
func (p *pool) startSession(u *user, c *client) *session {
	s := newSession(u, c, p.Now())
	p.sessions[s.id] = s
	return s
}

func newSession(u *user, c *client, authTime time.Time) *session {
	return &session{id: fakepool.NewUUID(), eventID: fakepool.NewUUID(), user: u, client: c, authTime: authTime, scopes: []string{scopeSelf}}
}

// revokeSessions revokes all sessions of the user, those at the sign-in page included, and unused authorization codes. Tokens that
// were already issued stay valid for verifiers that do not ask Cognito.
func (p *pool) revokeSessions(u *user) {
	maps.DeleteFunc(p.browsers, func(_ [sha256.Size]byte, b *browser) bool { return b.user == u })
	maps.DeleteFunc(p.codes, func(_ [sha256.Size]byte, c *authorizationCode) bool { return c.browser.user == u })
	for _, s := range p.sessions {
		if s.user == u {
			s.revoked = true
		}
	}
}

// authResult is the API's AuthenticationResult.
type authResult struct {
	AccessToken  string
	ExpiresIn    int // seconds
	TokenType    string
	RefreshToken string `json:",omitempty"`
	IDToken      string `json:"IdToken,omitempty"`
}

// issue returns new tokens of a session: an access token and, if the session has ID tokens, an ID token.
func (p *pool) issue(s *session) (authResult, error) {
	now := p.Now()
	access, err := fakepool.SignClaims(p.keys.access, p.accessClaims(s, now))
	if err != nil {
		return authResult{}, err
	}
	result := authResult{AccessToken: access, ExpiresIn: int(p.AccessTokenValidity.Seconds()), TokenType: "Bearer"}
	if !s.wantsIDToken() {
		return result, nil
	}
	claims := p.idClaims(s, now)
	if s.hosted {
		half := sha256.Sum256([]byte(access)) // OpenID Connect Core §3.1.3.6
		claims["at_hash"] = base64.RawURLEncoding.EncodeToString(half[:len(half)/2])
	}
	result.IDToken, err = fakepool.SignClaims(p.keys.id, claims)
	return result, err
}

// accessClaims returns the claims of an access token of the session.
func (p *pool) accessClaims(s *session, now time.Time) map[string]any {
	claims := p.signIn(s).AccessClaims(now, p.AccessTokenValidity)
	maps.Copy(claims, s.user.claims)
	if s.resource != "" {
		claims["aud"] = s.resource
	}
	return claims
}

// idClaims returns the claims of an ID token of the session, with the user's attributes.
func (p *pool) idClaims(s *session, now time.Time) map[string]any {
	claims := p.signIn(s).IDClaims(now, p.IDTokenValidity)
	for name, value := range s.user.attributes {
		if strings.HasSuffix(name, "_verified") {
			claims[name] = value == "true"
		} else {
			claims[name] = value
		}
	}
	maps.Copy(claims, s.user.claims)
	if s.nonce != "" {
		claims["nonce"] = s.nonce
	}
	return claims
}

// isOwnClaim reports whether Cognito lets no trigger set or remove the claim.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
func isOwnClaim(name string) bool {
	return strings.HasPrefix(name, "cognito:") || slices.Contains([]string{
		"acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "event_id", "exp", "iat", "iss", "jti", "nbf", "nonce", "origin_jti",
		"scope", "sub", "token_use", "username", "version",
	}, name)
}

func (p *pool) signIn(s *session) fakepool.SignIn {
	return fakepool.SignIn{
		Issuer: p.issuer, ClientID: s.client.id, Subject: s.user.sub, Username: s.user.name, Session: s.id, EventID: s.eventID,
		Scopes: s.scopes, Groups: p.groupsOf(s.user), Time: s.authTime,
	}
}

// machineClaims returns the claims of an access token of the client credentials grant.
func (p *pool) machineClaims(c *client, scopes []string, now time.Time) map[string]any {
	return fakepool.MachineClaims(p.issuer, c.id, scopes, now, p.AccessTokenValidity)
}

// wantsIDToken reports whether the session has ID tokens. Sign-ins at the sign-in page need the scope openid for that.
func (s *session) wantsIDToken() bool { return !s.hosted || slices.Contains(s.scopes, "openid") }
