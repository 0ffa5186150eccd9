package fakecognito

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// scopeSelf lets a person use the API about themselves, such as GetUser. A sign-in through the API, not
// through the sign-in page, gets this scope and no other.
const scopeSelf = "aws.cognito.signin.user.admin"

// session is one sign-in, for as long as its refresh token lives.
type session struct {
	id       string // origin_jti
	eventID  string
	user     *user
	client   *client
	authTime time.Time
	scopes   []string
	hosted   bool   // through the sign-in page, with OAuth scopes
	nonce    string // of the authorization request
	ended    bool   // by RevokeToken, a global sign-out, or because the user is disabled or gone
}

// startSession begins a session for a user who has proved who they are.
func (p *pool) startSession(u *user, c *client) *session {
	s := &session{
		id: newUUID(), eventID: newUUID(), user: u, client: c, authTime: p.Now(), scopes: []string{scopeSelf},
	}
	p.sessions[s.id] = s
	return s
}

// endSessions ends all sessions of the user, those at the sign-in page, and those about to begin. Tokens
// already issued stay valid for whoever does not ask Cognito.
func (p *pool) endSessions(u *user) {
	maps.DeleteFunc(p.browsers, func(_ [sha256.Size]byte, b *browser) bool { return b.user == u })
	maps.DeleteFunc(p.codes, func(_ [sha256.Size]byte, c *authorizationCode) bool { return c.browser.user == u })
	for _, s := range p.sessions {
		if s.user == u {
			s.ended = true
		}
	}
}

// authResult is AuthenticationResult of the API.
type authResult struct {
	AccessToken  string
	ExpiresIn    int // seconds
	TokenType    string
	RefreshToken string `json:",omitempty"`
	IDToken      string `json:"IdToken,omitempty"`
}

// issue makes the access token of a session, and the ID token if there is to be one.
func (p *pool) issue(s *session) (authResult, error) {
	now := p.Now()
	access, err := p.signClaims(p.keys.access, p.accessClaims(s, now))
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
	result.IDToken, err = p.signClaims(p.keys.id, claims)
	return result, err
}

func (p *pool) signClaims(key signingKey, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return key.sign(payload)
}

// accessClaims are the claims of a person's access token.
func (p *pool) accessClaims(s *session, now time.Time) map[string]any {
	claims := p.sharedClaims(s, now, p.AccessTokenValidity)
	claims["token_use"] = "access"
	claims["version"] = 2
	claims["client_id"] = s.client.id
	claims["username"] = s.user.name
	claims["scope"] = strings.Join(s.scopes, " ")
	return claims
}

// idClaims are the claims of an ID token.
func (p *pool) idClaims(s *session, now time.Time) map[string]any {
	claims := p.sharedClaims(s, now, p.IDTokenValidity)
	for name, value := range s.user.attributes {
		if strings.HasSuffix(name, "_verified") {
			claims[name] = value == "true"
		} else {
			claims[name] = value
		}
	}
	claims["token_use"] = "id"
	claims["aud"] = s.client.id
	claims["cognito:username"] = s.user.name
	if s.nonce != "" {
		claims["nonce"] = s.nonce
	}
	return claims
}

// sharedClaims are those that the two tokens of a session have in common.
func (p *pool) sharedClaims(s *session, now time.Time, validity time.Duration) map[string]any {
	claims := map[string]any{
		"iss":        p.issuer,
		"sub":        s.user.sub,
		"origin_jti": s.id,
		"event_id":   s.eventID,
		"jti":        newUUID(),
		"auth_time":  s.authTime.Unix(),
		"iat":        now.Unix(),
		"exp":        now.Unix() + int64(validity.Seconds()),
	}
	if groups := p.groupsOf(s.user); len(groups) > 0 {
		claims["cognito:groups"] = groups
	}
	return claims
}

// machineClaims are the claims of an access token of the client credentials grant.
func (p *pool) machineClaims(c *client, scopes []string, now time.Time) map[string]any {
	return map[string]any{
		"iss":       p.issuer,
		"sub":       c.id,
		"client_id": c.id,
		"token_use": "access",
		"version":   2,
		"scope":     strings.Join(scopes, " "),
		"jti":       newUUID(),
		"auth_time": now.Unix(),
		"iat":       now.Unix(),
		"exp":       now.Unix() + int64(p.AccessTokenValidity.Seconds()),
	}
}

// wantsIDToken reports whether the session has ID tokens: a sign-in through the API has, one through the
// page only with the scope openid.
func (s *session) wantsIDToken() bool { return !s.hosted || slices.Contains(s.scopes, "openid") }
