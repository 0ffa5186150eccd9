package fakecognito

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// Signature is the way in which [Server.Mint] signs.
type Signature int

// Ways to sign a token. A verifier must reject all but the first.
const (
	SignedByPool         Signature = iota // with the pool's key for this kind of token
	SignedByStranger                      // with an unpublished key, but the pool's kid
	SignedWithUnknownKey                  // with an unpublished key and its own kid
	SignedWithPublicKey                   // HS256, with the pool's public key as the secret
	Unsigned                              // alg none and no signature
)

// MintOptions describe a token for [Server.Mint].
type MintOptions struct {
	// Username is a user of the pool. If empty, the token is the machine client's.
	Username string
	// ID asks for an ID token instead of an access token.
	ID bool
	// IssuedAt is iat and auth_time; exp is the validity later. If zero, now.
	IssuedAt time.Time
	// Claims are added or replace claims. A nil value removes a claim.
	Claims map[string]any
	// Signature is the way to sign. The zero value signs as the pool does.
	Signature Signature
}

// Mint returns a token outside of any session, for tests of what verifiers reject: an expired token (IssuedAt), a token of
// another pool or client (Claims), or a forged one (Signature). The fake's own calls reject it. Mint fails for an unknown
// user and for an ID token of the machine client.
func (s *Server) Mint(o MintOptions) (string, error) {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	issued := o.IssuedAt
	if issued.IsZero() {
		issued = p.Now()
	}
	claims, err := p.mintClaims(o, issued)
	if err != nil {
		return "", err
	}
	maps.Copy(claims, o.Claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("mint: %w", err)
	}
	key := p.keys.access
	if o.ID {
		key = p.keys.id
	}
	return sign(o.Signature, key, payload)
}

func (p *pool) mintClaims(o MintOptions, issued time.Time) (map[string]any, error) {
	if o.Username == "" {
		if o.ID {
			return nil, errors.New("mint: machine clients have no ID token: set Username")
		}
		return p.machineClaims(p.machine, p.machine.scopes, issued), nil
	}
	u := p.find(o.Username)
	if u == nil {
		return nil, fmt.Errorf("mint: unknown user %q", o.Username)
	}
	s := newSession(u, p.web, issued)
	if o.ID {
		return p.idClaims(s, issued), nil
	}
	return p.accessClaims(s, issued), nil
}

// sign signs payload in one of the ways of [Signature]. key is the pool's key for this kind of token.
func sign(how Signature, key fakepool.Key, payload []byte) (string, error) {
	header := func(alg string) []byte { return fmt.Appendf(nil, `{"alg":%q,"kid":%q}`, alg, key.ID) }
	switch how {
	case SignedByPool:
		return fakepool.Sign(key, header("RS256"), payload)
	case SignedByStranger, SignedWithUnknownKey:
		stranger, err := fakepool.NewKey()
		if err != nil {
			return "", err
		}
		if how == SignedWithUnknownKey {
			key.ID = stranger.ID
		}
		return fakepool.Sign(stranger, header("RS256"), payload)
	case SignedWithPublicKey:
		der, err := x509.MarshalPKIXPublicKey(key.Private.Public())
		if err != nil {
			return "", err
		}
		secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		return fakepool.SignHMAC(secret, header("HS256"), payload), nil
	case Unsigned:
		return fakepool.Unsigned(header("none"), payload, nil), nil
	}
	return "", fmt.Errorf("mint: unknown signature %d", how)
}
