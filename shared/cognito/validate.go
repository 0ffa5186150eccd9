package cognito

import (
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

const (
	// maxLifetime is the longest life that a user pool gives a token, and a minute for rounding. It is in seconds because
	// a time.Duration cannot hold every difference of two NumericDates.
	maxLifetime = 24*60*60 + 60
)

// validateClaims checks what the payload says, cheapest check first. No check needs a key. The result must not leave the
// package before the signature has been verified.
func (v *Verifier) validateClaims(p *payload, issuer Issuer) (Claims, error) {
	use := TokenUse(p.tokenUse)
	if !slices.Contains(v.uses, use) {
		return Claims{}, ErrTokenUse
	}
	client, err := validateAudience(use, p, issuer)
	if err != nil {
		return Claims{}, err
	}
	if err := v.validateTimes(p.times); err != nil {
		return Claims{}, err
	}
	c := Claims{
		Issuer: p.iss, Subject: p.sub, ClientID: client, Username: p.username, Use: use,
		ExpiresAt: time.Unix(p.exp, 0).UTC(), IssuedAt: time.Unix(p.iat, 0).UTC(),
		SessionID: p.originJTI, TokenID: p.jti,
	}
	if p.authTime != absent {
		c.AuthTime = time.Unix(p.authTime, 0).UTC()
	}
	if use == IDToken {
		c.Username = p.cognitoUsername
	}
	if err := validateSubject(use, p); err != nil {
		return Claims{}, err
	}
	if use == AccessToken && p.hasScope { // a scope in an ID token grants nothing
		if c.Scopes, err = splitScopes(p.scope); err != nil {
			return Claims{}, err
		}
	}
	if err := v.setGroups(&c, p); err != nil {
		return Claims{}, err
	}
	return c, nil
}

// setGroups sets the groups. cognito:groups must be as Cognito writes it. Of other claims, entries that cannot be group names
// are left out, since it is not Cognito that writes them; that only narrows what the caller may do.
func (v *Verifier) setGroups(c *Claims, p *payload) error {
	for _, name := range p.groups {
		if !identity.IsName(name) {
			return ErrGroups
		}
	}
	for _, claim := range v.groupsClaims {
		if claim == claimCognitoGroups {
			if c.Groups == nil {
				c.Groups = p.groups // the usual case, without an allocation
				continue
			}
			for _, name := range p.groups {
				if !slices.Contains(c.Groups, name) {
					c.Groups = append(c.Groups, name)
				}
			}
			continue
		}
		i := slices.IndexFunc(p.further, func(m member) bool { return m.name == claim })
		if i < 0 {
			continue
		}
		var unusable int
		if c.Groups, unusable = addGroups(c.Groups, p.further[i].json); unusable > 0 {
			c.UnusableGroups = append(c.UnusableGroups, UnusableGroups{claim, unusable})
		}
	}
	if len(c.Groups) > maxList {
		return ErrGroups
	}
	return nil
}

// validateAudience returns the app client of the issuer that the token was issued to. A token that names two is refused.
func validateAudience(use TokenUse, p *payload, issuer Issuer) (client string, err error) {
	if use == IDToken {
		// OpenID Connect Core section 2 allows several audiences. Cognito writes one.
		if len(p.aud) != 1 || !slices.Contains(issuer.ClientIDs, p.aud[0]) {
			return "", ErrAudience
		}
		if p.hasClient && p.clientID != p.aud[0] {
			return "", ErrClient
		}
		return p.aud[0], nil
	}
	if !slices.Contains(issuer.ClientIDs, p.clientID) {
		return "", ErrClient
	}
	// Resource binding (RFC 8707) puts the API that the token is meant for into aud.
	if p.hasAud && !slices.Contains(p.aud, p.clientID) &&
		!slices.ContainsFunc(p.aud, func(aud string) bool { return slices.Contains(issuer.Audiences, aud) }) {
		return "", ErrAudience
	}
	return p.clientID, nil
}

// validateTimes applies RFC 7519 sections 4.1.4 to 4.1.6, and the limits that Cognito documents.
func (v *Verifier) validateTimes(p times) error {
	now := v.now()
	if p.exp == absent {
		return ErrExpiry
	}
	if exp := time.Unix(p.exp, 0).Add(v.leeway); !now.Before(exp) { // a token is expired "on or after" its exp
		return ErrExpired
	}
	if p.iat == absent || p.iat > p.exp {
		return ErrIssuedAt
	}
	if p.exp-p.iat > maxLifetime {
		return ErrLifetime
	}
	for _, t := range []int64{p.nbf, p.iat, p.authTime} {
		if t != absent && time.Unix(t, 0).After(now.Add(v.skew)) {
			return ErrNotYetValid
		}
	}
	return nil
}

// validateSubject checks that the token names its principal, and that its names can be passed on.
func validateSubject(use TokenUse, p *payload) error {
	for _, claim := range []struct {
		present bool
		value   string
	}{
		{p.hasSub, p.sub}, {p.hasUsername, p.username}, {p.hasCognitoUsername, p.cognitoUsername},
		{p.hasJTI, p.jti}, {p.hasOriginJTI, p.originJTI},
	} {
		if claim.present && !identity.IsName(claim.value) {
			return ErrSubject
		}
	}
	machine := use == AccessToken && !p.hasUsername // its principal is the client
	if !p.hasSub && !machine {
		return ErrSubject
	}
	return nil
}

// splitScopes splits a scope claim (RFC 6749 section 3.3): printable ASCII without quote and backslash, separated by
// single spaces.
func splitScopes(s string) ([]string, error) {
	if strings.Count(s, " ") >= maxList {
		return nil, ErrScope
	}
	list := strings.Split(s, " ")
	for _, scope := range list {
		if !identity.IsScope(scope) {
			return nil, ErrScope
		}
	}
	return list, nil
}
