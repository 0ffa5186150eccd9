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

// maxTolerance bounds Config.Leeway and Config.ClockSkew: Cognito and Lambda both keep time well.
const maxTolerance = time.Minute

// KeySet finds an issuer's key by its id. [jwks.Cache] is one.
//
// It must answer with [jwks.ErrUnknownKey] if the issuer has no such key; any other error means that keys
// cannot be had. It is not asked to look at a token: form, claims and signature are the Verifier's job.
type KeySet interface {
	Key(ctx context.Context, kid string) (jwks.Key, error)
}

// Config says which tokens a Verifier accepts. A field without a stated default is required.
type Config struct {
	Issuers   map[string]KeySet // exact iss, and the keys that its tokens are signed by
	ClientIDs []string          // client_id of an access token, aud of an ID token
	TokenUses []TokenUse        // AccessToken, IDToken or both
	Resources []string          // names of this API in aud of an access token (RFC 8707); if empty, none
	Leeway    time.Duration     // tolerated after exp, at most a minute; if zero, none
	ClockSkew time.Duration     // tolerated before nbf, iat and auth_time, at most a minute; if zero, none
	Now       func() time.Time  // if nil, time.Now

	// SeenTokens is how many verified tokens are remembered at most, and together at most 1 MiB. The same token
	// again is checked by the clock and by its issuer's keys, without an RSA operation. If zero, none are.
	SeenTokens int
}

// validate names every problem at once.
func (c Config) validate() error {
	var problems []error
	problem := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	problem(len(c.Issuers) == 0, "no issuer is accepted")
	for _, iss := range slices.Sorted(maps.Keys(c.Issuers)) {
		problem(strings.TrimSpace(iss) != iss || iss == "", "issuer %q is empty or has space around it", iss)
		problem(c.Issuers[iss] == nil, "issuer %q has no source of keys", iss)
	}
	problem(len(c.ClientIDs) == 0, "no client is accepted")
	for _, id := range c.ClientIDs {
		problem(strings.TrimSpace(id) != id || id == "", "client id %q is empty or has space around it", id)
	}
	problem(len(c.TokenUses) == 0, "no kind of token is accepted")
	for _, use := range c.TokenUses {
		problem(use != AccessToken && use != IDToken, "token use %q is neither access nor id", use)
	}
	problem(slices.Contains(c.Resources, ""), "a resource is empty")
	problem(c.Leeway < 0 || c.Leeway > maxTolerance, "leeway %s is not between 0s and %s", c.Leeway, maxTolerance)
	problem(c.ClockSkew < 0 || c.ClockSkew > maxTolerance, "clock skew %s is not between 0s and %s", c.ClockSkew, maxTolerance)
	problem(c.SeenTokens < 0, "a number of seen tokens of %d is not possible", c.SeenTokens)
	return errors.Join(problems...)
}

// Verifier checks tokens. It is made by [NewVerifier] and safe for use by several goroutines; the zero value
// refuses every token.
type Verifier struct {
	issuers      map[string]KeySet
	clients      []string
	uses         []TokenUse
	resources    []string
	leeway, skew time.Duration
	now          func() time.Time
	headers      headers
	seen         seen
}

// NewVerifier makes a Verifier. Its error names everything that is wrong with the configuration.
func NewVerifier(config Config) (*Verifier, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Verifier{
		issuers:   maps.Clone(config.Issuers),
		clients:   slices.Clone(config.ClientIDs),
		uses:      slices.Clone(config.TokenUses),
		resources: slices.Clone(config.Resources),
		leeway:    config.Leeway,
		skew:      config.ClockSkew,
		now:       config.Now,
		seen:      newSeen(config.SeenTokens),
	}, nil
}

// Verify checks a token by the checks of the package documentation, in their order, and returns what it says.
// Only the last two checks, key and signature, may cost a fetch or cryptography.
//
// On an error the claims are zero. The error wraps one error value of this package, [jwks.ErrUnknownKey], or
// [jwks.ErrUnavailable]; the last means that the token could not be checked, so nobody may be let in, but
// neither is the token at fault. Errors hold nothing of the token but its key id, see [KeyID].
//
// Whether the token has been revoked is not checked, nor what it allows its bearer to do.
func (v *Verifier) Verify(ctx context.Context, t Token) (Claims, error) {
	raw := t.Reveal()
	parts, err := cut(raw)
	if err != nil {
		return Claims{}, err
	}
	var d digest
	h, known := v.headers.get(parts.header)
	if known { // else the token cannot have been seen, and junk is not worth a digest
		d = v.seen.digest(raw)
		if s := v.seen.find(d); s != nil {
			return v.again(ctx, s)
		}
	}
	f, err := parts.decode()
	if err != nil {
		return Claims{}, err
	}
	if !known {
		if h.kid, err = parseHeader(f.header); err != nil {
			return Claims{}, err
		}
		d = v.seen.digest(raw)
	}
	claims, err := v.verify(ctx, f, h, known, d)
	if err != nil {
		return Claims{}, &keyedError{err, h.kid}
	}
	return claims, nil
}

// verify is Verify from the payload on.
func (v *Verifier) verify(ctx context.Context, f form, h header, known bool, d digest) (Claims, error) {
	if len(f.signature) < minSignature || len(f.signature) > maxSignature {
		return Claims{}, ErrSignature
	}
	text := string(f.payload)
	p, err := parsePayload(text, f.payload)
	if err != nil {
		return Claims{}, err
	}
	keys, ok := v.issuers[p.iss]
	if !ok {
		return Claims{}, ErrIssuer
	}
	claims, err := v.judge(&p)
	if err != nil {
		return Claims{}, err
	}
	key, err := publicKey(ctx, keys, h.kid)
	if err != nil {
		return Claims{}, err
	}
	if !known {
		if h, err = newHeader(f.headerText, h.kid); err != nil {
			return Claims{}, err
		}
	}
	if err := h.verify(f.payload, f.signature, key.Public); err != nil {
		return Claims{}, err
	}
	if !known {
		v.headers.add(f.headerText, h)
	}
	claims.KeyID, claims.KeyOrigin, claims.raw = h.kid, key.Origin, &text
	v.seen.add(seenToken{digest: d, claims: claims, times: p.times, keys: keys, key: key.Public})
	return claims, nil
}

// again is Verify for a token that has been found good before. What the token says has not changed; the time
// has, and the issuer's keys may have. So both are checked as they would be for a token not seen before, and
// the signature is good for as long as the issuer has the key that it is by.
func (v *Verifier) again(ctx context.Context, s *seenToken) (Claims, error) {
	claims := s.claims.clone()
	err := v.inTime(s.times)
	if err == nil {
		var key jwks.Key
		key, err = publicKey(ctx, s.keys, claims.KeyID)
		if err == nil && key.Public != s.key && !s.key.Equal(key.Public) {
			err = ErrSignature // the id is another key's now
		}
		claims.KeyOrigin = key.Origin
	}
	if err != nil {
		v.seen.forget(s.digest)
		return Claims{}, &keyedError{err, claims.KeyID}
	}
	return claims, nil
}

// publicKey asks for a key and makes sure that the answer is one.
func publicKey(ctx context.Context, keys KeySet, kid string) (jwks.Key, error) {
	key, err := keys.Key(ctx, kid)
	switch {
	case errors.Is(err, jwks.ErrUnavailable), errors.Is(err, jwks.ErrUnknownKey):
		return jwks.Key{}, err
	case err != nil:
		return jwks.Key{}, fmt.Errorf("%w: %w", jwks.ErrUnavailable, err)
	case key.Public == nil || key.ID != kid:
		return jwks.Key{}, fmt.Errorf("%w: the source of keys answered with another key", jwks.ErrUnavailable)
	}
	return key, nil
}
