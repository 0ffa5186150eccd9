package fakecognito

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// signingKey is one of the two keys with which a pool signs at a time.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

// newSigningKey makes an RSA key as large as Cognito's.
func newSigningKey() (signingKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signingKey{}, fmt.Errorf("no RSA key could be made: %w", err)
	}
	return signingKey{id: base64.StdEncoding.EncodeToString(randomBytes(32)), private: private}, nil
}

// sign makes a compact token whose header is alg and kid and nothing else.
func (k signingKey) sign(payload []byte) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.RS256,
		Key:       jose.JSONWebKey{Key: k.private, KeyID: k.id},
	}, nil)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// keyring holds the keys of a pool: one that signs ID tokens, one that signs access tokens, and those
// whose tokens may still be good.
type keyring struct {
	id, access signingKey
	keep       time.Duration // how long a key is published after it signed last
	retired    []retiredKey
}

type retiredKey struct {
	signingKey
	until time.Time
}

func newKeyring(keep time.Duration, now time.Time) (*keyring, error) {
	k := &keyring{keep: keep}
	if err := k.rotate(now); err != nil {
		return nil, err
	}
	return k, nil
}

// rotate makes two new keys and retires the two before. If it fails, nothing has changed.
func (k *keyring) rotate(now time.Time) error {
	id, err := newSigningKey()
	if err != nil {
		return err
	}
	access, err := newSigningKey()
	if err != nil {
		return err
	}
	if k.id.private != nil {
		until := now.Add(k.keep)
		k.retired = append(k.retired, retiredKey{k.id, until}, retiredKey{k.access, until})
	}
	k.id, k.access = id, access
	return nil
}

// public is the key set as it is published at the given time.
func (k *keyring) public(now time.Time) jose.JSONWebKeySet {
	keys := []signingKey{k.id, k.access}
	for _, r := range k.retired {
		if now.Before(r.until) {
			keys = append(keys, r.signingKey)
		}
	}
	var set jose.JSONWebKeySet
	for _, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.private.Public(), KeyID: key.id, Algorithm: "RS256", Use: "sig"})
	}
	return set
}
