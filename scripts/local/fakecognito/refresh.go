package fakecognito

import (
	"crypto/sha256"
	"strings"
	"time"
)

// refreshToken is an issued refresh token. The token itself is not stored.
type refreshToken struct {
	session  *session
	expires  time.Time
	replaced time.Time // when rotation replaced it; zero if it is current
}

func (p *pool) newRefreshToken(s *session, expires time.Time) string {
	token := randomToken()
	p.refresh[sha256.Sum256([]byte(token))] = &refreshToken{session: s, expires: expires}
	return token
}

// validRefreshToken returns the refresh token if the client may use it, or Cognito's error.
func (p *pool) validRefreshToken(c *client, token string) (*refreshToken, error) {
	r := p.refresh[sha256.Sum256([]byte(token))]
	now := p.Now()
	switch {
	case r == nil || r.session.client != c:
		return nil, notAuthorized("Invalid Refresh Token")
	case r.session.revoked:
		return nil, notAuthorized("Refresh Token has been revoked")
	case !now.Before(r.expires):
		return nil, notAuthorized("Refresh Token has expired")
	case !r.replaced.IsZero() && !now.Before(r.replaced.Add(p.RefreshTokenGrace)):
		return nil, fail("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
	}
	return r, r.session.user.maySignIn()
}

// renew returns new tokens of the session, with the same origin_jti and auth_time. With rotation there is a new refresh token too,
// which expires when the first one would have.
func (p *pool) renew(r *refreshToken) (authResult, error) {
	result, err := p.issue(r.session)
	if err != nil || !p.RotateRefreshTokens {
		return result, err
	}
	if r.replaced.IsZero() {
		r.replaced = p.Now()
	}
	result.RefreshToken = p.newRefreshToken(r.session, r.expires)
	return result, nil
}

// refreshTokenAuth implements the flow REFRESH_TOKEN_AUTH of InitiateAuth.
func (p *pool) refreshTokenAuth(c *client, parameters map[string]string) (any, error) {
	if err := c.allows("REFRESH_TOKEN_AUTH"); err != nil {
		return nil, err
	}
	token, err := parameter(parameters, "REFRESH_TOKEN")
	if err != nil {
		return nil, err
	}
	r, err := p.validRefreshToken(c, token)
	if err != nil {
		return nil, err
	}
	if err := c.checkSecretHash(parameters["SECRET_HASH"], r.session.user.name, r.session.user.sub); err != nil {
		return nil, err
	}
	result, err := p.renew(r)
	if err != nil {
		return nil, err
	}
	return authOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: &result}, nil
}

type getTokensInput struct {
	RefreshToken string
	ClientID     string `json:"ClientId"`
	ClientSecret string
}

func (p *pool) getTokensFromRefreshToken(in *getTokensInput) (any, error) {
	c, err := p.client(in.ClientID)
	if err != nil {
		return nil, err
	}
	if err := required("refreshToken", in.RefreshToken); err != nil {
		return nil, err
	}
	if !c.checkSecret(in.ClientSecret) {
		return nil, notAuthorized("Unable to verify the secret of client %s", c.id)
	}
	r, err := p.validRefreshToken(c, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	result, err := p.renew(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"AuthenticationResult": result}, nil
}

type revokeTokenInput struct {
	Token        string
	ClientID     string `json:"ClientId"`
	ClientSecret string
}

func (p *pool) revokeToken(in *revokeTokenInput) (any, error) {
	if err := required("token", in.Token); err != nil {
		return nil, err
	}
	c, err := p.client(in.ClientID)
	if err != nil {
		return nil, err
	}
	if !c.checkSecret(in.ClientSecret) {
		return nil, notAuthorized("Unable to verify the secret of client %s", c.id)
	}
	return nothing{}, p.revoke(c, in.Token)
}

// revoke revokes the session of a refresh token: the token itself and, for Cognito's own calls, its access tokens. An unknown token
// is not an error (RFC 7009 §2.2).
func (p *pool) revoke(c *client, token string) error {
	if strings.Count(token, ".") == 2 {
		return fail("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
	}
	r := p.refresh[sha256.Sum256([]byte(token))]
	if r == nil {
		return nil
	}
	if r.session.client != c {
		return fail("UnauthorizedException", "The token was issued to another client")
	}
	r.session.revoked = true
	return nil
}
