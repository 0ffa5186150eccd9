package fakecognito

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Signature says how [Server.Mint] signs.
type Signature int

// The ways to sign a token. All but the first make one that nobody may accept.
const (
	SignedByPool         Signature = iota // with the pool's key for the kind of token
	SignedByOtherKey                      // with the pool's key for the other kind: valid for whoever looks at kid and nothing else
	SignedByStranger                      // with a key that nobody published, under the pool's kid
	SignedWithUnknownKey                  // with a key that nobody published, under its own kid
	SignedWithPublicKey                   // HS256, with the pool's public key as the secret
	Unsigned                              // alg none, no signature
)

// MintOptions describe a token that the pool did not issue to anybody.
type MintOptions struct {
	// Username is whose token it is: a user of the pool. If empty, it is the machine client's.
	Username string
	// ID asks for an ID token instead of an access token.
	ID bool
	// IssuedAt is iat and auth_time; exp follows from it. If zero, now.
	IssuedAt time.Time
	// Claims replace claims or add some. A nil value takes a claim away.
	Claims map[string]any
	// Signature says how to sign. The zero value signs as the pool does.
	Signature Signature
}

// Mint makes a token outside any session, to see what is refused: one that has expired (IssuedAt), is
// from another pool or for another client (Claims), or is signed by somebody else (Signature). Cognito's
// own calls take none of them. Errors: a user that does not exist, an ID token for a machine.
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
	key, other := p.keys.access, p.keys.id
	if o.ID {
		key, other = other, key
	}
	return sign(o.Signature, key, other, payload)
}

func (p *pool) mintClaims(o MintOptions, issued time.Time) (map[string]any, error) {
	if o.Username == "" {
		if o.ID {
			return nil, errors.New("mint: a machine client has no ID token: set Username")
		}
		return p.machineClaims(p.machine, p.machine.scopes, issued), nil
	}
	u := p.find(o.Username)
	if u == nil {
		return nil, fmt.Errorf("mint: there is no user %q", o.Username)
	}
	s := &session{
		id: newUUID(), eventID: newUUID(), user: u, client: p.web, authTime: issued, scopes: []string{scopeSelf},
	}
	if o.ID {
		return p.idClaims(s, issued), nil
	}
	return p.accessClaims(s, issued), nil
}

// sign signs in one of the ways of [Signature]; key is the right one, other the pool's second.
func sign(how Signature, key, other signingKey, payload []byte) (string, error) {
	switch how {
	case SignedByPool:
		return key.sign(payload)
	case SignedByOtherKey:
		return other.sign(payload)
	case SignedByStranger, SignedWithUnknownKey:
		stranger, err := newSigningKey()
		if err != nil {
			return "", err
		}
		if how == SignedByStranger {
			stranger.id = key.id
		}
		return stranger.sign(payload)
	case SignedWithPublicKey:
		der, err := x509.MarshalPKIXPublicKey(key.private.Public())
		if err != nil {
			return "", err
		}
		secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: key.id}}, nil)
		if err != nil {
			return "", err
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			return "", err
		}
		return signed.CompactSerialize()
	case Unsigned:
		header, err := json.Marshal(map[string]string{"alg": "none", "kid": key.id})
		if err != nil {
			return "", err
		}
		encode := base64.RawURLEncoding.EncodeToString
		return encode(header) + "." + encode(payload) + ".", nil
	}
	return "", fmt.Errorf("mint: no such signature: %d", how)
}
