package cognito

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// maxTolerance bounds Config.Leeway and Config.ClockSkew. The clocks of Cognito and Lambda are synchronised.
const maxTolerance = time.Minute

// KeySet returns the keys of one issuer by their key ID. [jwks.Cache] is one.
//
// It must return [jwks.ErrUnknownKey] if the issuer has no such key; any other error means that the keys are unavailable.
// It never sees a token: format, claims and signature are checked by the Verifier.
type KeySet interface {
	Key(ctx context.Context, kid string) (jwks.Key, error)
}

// Issuer is a user pool whose tokens are accepted. Its clients and audiences are those of its own tokens alone. A field
// without a stated default is required.
type Issuer struct {
	Keys      KeySet
	ClientIDs []string // client_id of an access token, aud of an ID token
	Audiences []string // resource identifiers of this API in aud of an access token (RFC 8707); if empty, none
}

// Config holds the settings of a Verifier. A field without a stated default is required.
type Config struct {
	Issuers   map[string]Issuer // by exact iss
	TokenUses []TokenUse        // AccessToken, IDToken or both
	Leeway    time.Duration     // tolerated after exp, at most a minute; if zero, none
	ClockSkew time.Duration     // tolerated before nbf, iat and auth_time, at most a minute; if zero, none
	Now       func() time.Time  // if nil, time.Now

	// GroupsClaims are the claims that list groups; if nil, cognito:groups. Another claim may be an array, or a string, of which
	// "[a, b]" is the form of a SAML attribute with several values. An entry that cannot be a group name is left out there.
	GroupsClaims []string
	// Claims are further claims that [Claims.Values] and [Claims.Scalar] return.
	Claims []string

	// CachedTokens is how many verified tokens are cached, in at most 1 MiB. A cached token is checked against the clock
	// and its issuer's keys, without an RSA operation. If zero, none are cached.
	CachedTokens int
}

// validate returns every problem at once.
func (c Config) validate() error {
	var problems []error
	addProblem := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	addProblem(len(c.Issuers) == 0, "no issuer is accepted")
	for _, iss := range slices.Sorted(maps.Keys(c.Issuers)) {
		issuer := c.Issuers[iss]
		addProblem(strings.TrimSpace(iss) != iss || iss == "", "issuer %q is empty or has space around it", iss)
		addProblem(issuer.Keys == nil, "issuer %q has no key set", iss)
		addProblem(len(issuer.ClientIDs) == 0, "no client of issuer %q is accepted", iss)
		for _, id := range issuer.ClientIDs {
			addProblem(strings.TrimSpace(id) != id || id == "", "client ID %q is empty or has space around it", id)
		}
		addProblem(slices.Contains(issuer.Audiences, ""), "an audience of issuer %q is empty", iss)
	}
	addProblem(len(c.TokenUses) == 0, "no token use is accepted")
	for _, use := range c.TokenUses {
		addProblem(use != AccessToken && use != IDToken, "token use %q is neither access nor id", use)
	}
	addProblem(c.Leeway < 0 || c.Leeway > maxTolerance, "leeway %s is not between 0s and %s", c.Leeway, maxTolerance)
	addProblem(c.ClockSkew < 0 || c.ClockSkew > maxTolerance, "clock skew %s is not between 0s and %s", c.ClockSkew, maxTolerance)
	for _, name := range slices.Concat(c.GroupsClaims, c.Claims) {
		addProblem(name == "", "the name of a claim is empty")
	}
	addProblem(c.CachedTokens < 0, "the number of cached tokens is negative: %d", c.CachedTokens)
	return errors.Join(problems...)
}

// Verifier verifies tokens. It is made by [NewVerifier] and safe for concurrent use; the zero value refuses every token.
type Verifier struct {
	issuers      map[string]Issuer
	uses         []TokenUse
	groupsClaims []string
	claims       []string // Config.Claims
	further      []string // both
	leeway, skew time.Duration
	now          func() time.Time
	cache        cache
}

// NewVerifier returns a Verifier. Its error names everything that is wrong with the configuration.
func NewVerifier(config Config) (*Verifier, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	v := &Verifier{
		issuers:      make(map[string]Issuer, len(config.Issuers)),
		uses:         slices.Clone(config.TokenUses),
		groupsClaims: slices.Clone(config.GroupsClaims),
		claims:       slices.Clone(config.Claims),
		leeway:       config.Leeway,
		skew:         config.ClockSkew,
		now:          config.Now,
		cache:        cache{tokens: newTokenCache(config.CachedTokens)},
	}
	if v.groupsClaims == nil {
		v.groupsClaims = []string{claimCognitoGroups}
	}
	v.further = slices.Concat(v.claims, slices.DeleteFunc(slices.Clone(v.groupsClaims), func(name string) bool { return name == claimCognitoGroups }))
	for iss, issuer := range config.Issuers {
		v.issuers[iss] = Issuer{issuer.Keys, slices.Clone(issuer.ClientIDs), slices.Clone(issuer.Audiences)}
	}
	return v, nil
}

// Verify applies the checks of the package documentation in their order and returns the claims of the token. Only the
// last two checks, key and signature, may cost a fetch or cryptography.
//
// On an error the claims are zero. The error wraps one error value of this package, [jwks.ErrUnknownKey], or
// [jwks.ErrUnavailable]; the last means that the token could not be verified, so nobody may be let in, but the token may
// be valid. Errors print nothing of the token; [KeyID] and [Claimed] return what they hold of it.
//
// Verify does not check whether the token has been revoked, nor what its bearer may do.
func (v *Verifier) Verify(ctx context.Context, t Token) (Claims, error) {
	raw := t.Reveal()
	segments, err := splitCompact(raw)
	if err != nil {
		return Claims{}, err
	}
	cached := v.cache.lookup(raw, segments.header)
	if cached.entry != nil {
		return v.reverify(ctx, cached.entry)
	}
	token, err := segments.decode()
	if err != nil {
		return Claims{}, err
	}
	kid := cached.header.kid
	if !cached.hasHeader {
		if kid, err = parseHeader(token.header); err != nil {
			return Claims{}, err
		}
	}
	claims, by, err := v.verify(ctx, raw, token, kid, cached)
	if err != nil {
		return Claims{}, &tokenError{err, kid, by}
	}
	return claims, nil
}

// verify is Verify from the payload on: parse, validate, find the key, check the signature. With an error, by is the
// unverified client and user of the payload.
func (v *Verifier) verify(ctx context.Context, raw string, token parsedToken, kid string, cached lookup) (claims Claims, by claimed, err error) {
	if len(token.signature) < minSignature || len(token.signature) > maxSignature {
		return Claims{}, by, ErrSignature
	}
	p, err := parsePayload(token.payload, v.further)
	if err != nil {
		return Claims{}, by, err
	}
	by = p.claimed()
	issuer, ok := v.issuers[p.iss]
	if !ok {
		return Claims{}, by, ErrIssuer
	}
	claims, err = v.validateClaims(&p, issuer)
	if err != nil {
		return Claims{}, by, err
	}
	key, err := publicKey(ctx, issuer.Keys, kid)
	if err != nil {
		return Claims{}, by, err
	}
	h := cached.header
	if !cached.hasHeader {
		if h, err = newHeader(token.headerText, kid); err != nil {
			return Claims{}, by, err
		}
	}
	if err := h.verify(token.payload, token.signature, key.Public); err != nil {
		return Claims{}, by, err
	}
	text := p.text // a variable of its own, so that the pointer does not keep all of p
	claims.KeyID, claims.KeyOrigin, claims.raw = kid, key.Origin, &text
	claims.further = readFurther(p.further, v.claims)
	v.cache.add(raw, token.headerText, h, cached, entry{claims: claims, times: p.times, keys: issuer.Keys, key: key.Public})
	return claims, by, nil
}

// reverify is Verify for a cached token. Time and keys are checked again as for any other token. The signature stays valid
// for as long as the issuer has its key.
func (v *Verifier) reverify(ctx context.Context, e *entry) (Claims, error) {
	claims := e.claims.clone()
	err := v.validateTimes(e.times)
	if err == nil {
		var key jwks.Key
		key, err = publicKey(ctx, e.keys, claims.KeyID)
		if err == nil && key.Public != e.key && !e.key.Equal(key.Public) {
			err = ErrSignature // the key ID names another key now
		}
		claims.KeyOrigin = key.Origin
	}
	if err != nil {
		v.cache.tokens.remove(e.digest)
		return Claims{}, &tokenError{err, claims.KeyID, claimed{claims.ClientID, claims.Subject}}
	}
	return claims, nil
}

// publicKey returns a key of the issuer, and rejects a nil key or a different key ID.
func publicKey(ctx context.Context, keys KeySet, kid string) (jwks.Key, error) {
	key, err := keys.Key(ctx, kid)
	switch {
	case errors.Is(err, jwks.ErrUnavailable), errors.Is(err, jwks.ErrUnknownKey):
		return jwks.Key{}, err
	case err != nil:
		return jwks.Key{}, fmt.Errorf("%w: %w", jwks.ErrUnavailable, err)
	case key.Public == nil || key.ID != kid:
		return jwks.Key{}, fmt.Errorf("%w: the key set returned another key", jwks.ErrUnavailable)
	}
	return key, nil
}
