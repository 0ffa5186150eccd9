package fakecognito

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// accessTokenInput is the input of calls of a signed-in user about themselves.
type accessTokenInput struct{ AccessToken string }

var errAccessToken = notAuthorized("Invalid Access Token")

// sessionOf returns the session of an access token that allows calls about the user.
func (p *pool) sessionOf(accessToken string) (*session, error) {
	s, scopes, err := p.checkAccessToken(accessToken)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(scopes, scopeSelf) {
		return nil, notAuthorized("Access Token does not have required scopes")
	}
	return s, nil
}

// checkAccessToken verifies an access token as Cognito does. Unlike an API, Cognito knows which sessions were revoked.
func (p *pool) checkAccessToken(accessToken string) (*session, []string, error) {
	if err := required("accessToken", accessToken); err != nil {
		return nil, nil, err
	}
	token, err := jwt.ParseSigned(accessToken, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, nil, errAccessToken
	}
	var claims struct {
		jwt.Claims
		TokenUse  string `json:"token_use"`
		OriginJTI string `json:"origin_jti"`
		Scope     string `json:"scope"`
	}
	now := p.Now()
	err = errors.New("unknown key ID")
	for _, key := range p.keys.published(now) {
		if key.ID == token.Headers[0].KeyID {
			err = token.Claims(&key.Private.PublicKey, &claims)
		}
	}
	if err != nil || claims.TokenUse != "access" || claims.Issuer != p.issuer || claims.Expiry == nil {
		return nil, nil, errAccessToken
	}
	if !now.Before(claims.Expiry.Time()) {
		return nil, nil, notAuthorized("Access Token has expired")
	}
	s := p.sessions[claims.OriginJTI]
	if s == nil {
		return nil, nil, errAccessToken // for example a machine client's token
	}
	if s.revoked {
		return nil, nil, notAuthorized("Access Token has been revoked")
	}
	return s, strings.Fields(claims.Scope), nil
}

func (p *pool) getUser(in *accessTokenInput) (any, error) {
	s, err := p.sessionOf(in.AccessToken)
	if err != nil {
		return nil, err
	}
	u := s.user
	return struct {
		Username            string
		UserAttributes      []attribute
		PreferredMfaSetting string   `json:",omitempty"`
		UserMFASettingList  []string `json:",omitempty"`
	}{u.name, u.describe(), u.secondFactors.preferred, u.secondFactors.enabled}, nil
}
