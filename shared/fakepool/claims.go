package fakepool

import (
	"strings"
	"time"
)

// SignIn is one sign-in of a person, as far as the tokens of Cognito show it.
type SignIn struct {
	Issuer   string
	ClientID string
	Subject  string
	Username string
	Session  string // origin_jti
	EventID  string
	Scopes   []string
	Groups   []string // cognito:groups; if empty, the claim is absent
	Time     time.Time
}

// AccessClaims returns the claims of an access token of the sign-in. The jti is new with each call.
func (s SignIn) AccessClaims(issuedAt time.Time, validity time.Duration) map[string]any {
	claims := s.claims("access", issuedAt, validity)
	claims["version"] = 2
	claims["client_id"], claims["username"] = s.ClientID, s.Username
	claims["scope"] = strings.Join(s.Scopes, " ")
	return claims
}

// IDClaims returns the claims of an ID token of the sign-in, without the user's attributes. The jti is new with each call.
func (s SignIn) IDClaims(issuedAt time.Time, validity time.Duration) map[string]any {
	claims := s.claims("id", issuedAt, validity)
	claims["aud"], claims["cognito:username"] = s.ClientID, s.Username
	return claims
}

func (s SignIn) claims(use string, issuedAt time.Time, validity time.Duration) map[string]any {
	claims := tokenClaims(s.Issuer, s.Subject, use, issuedAt, validity)
	claims["auth_time"] = s.Time.Unix()
	claims["origin_jti"], claims["event_id"] = s.Session, s.EventID
	if len(s.Groups) > 0 {
		claims["cognito:groups"] = s.Groups
	}
	return claims
}

// MachineClaims returns the claims of an access token of the client credentials grant. The jti is new with each call.
func MachineClaims(issuer, clientID string, scopes []string, issuedAt time.Time, validity time.Duration) map[string]any {
	claims := tokenClaims(issuer, clientID, "access", issuedAt, validity)
	claims["auth_time"] = issuedAt.Unix()
	claims["version"] = 2
	claims["client_id"] = clientID
	claims["scope"] = strings.Join(scopes, " ")
	return claims
}

// tokenClaims returns the claims that every token has. Times are int64 seconds.
func tokenClaims(issuer, subject, use string, issuedAt time.Time, validity time.Duration) map[string]any {
	return map[string]any{
		"iss": issuer, "sub": subject, "token_use": use, "jti": NewUUID(),
		"iat": issuedAt.Unix(), "exp": issuedAt.Unix() + int64(validity/time.Second),
	}
}
