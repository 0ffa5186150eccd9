package jwks

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// timeout is for one key set, from the request to the last byte.
const timeout = 10 * time.Second

// keySet is a JSON Web Key Set (RFC 7517) of public RSA keys, with the members that verifying needs.
type keySet struct {
	Keys []key `json:"keys"`
}

type key struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// fetchAll gets the key set of each issuer.
func fetchAll(ctx context.Context, issuers []string) ([]keySet, error) {
	sets := make([]keySet, len(issuers))
	for i, issuer := range issuers {
		var err error
		if sets[i], err = fetch(ctx, jwks.URL(issuer)); err != nil {
			return nil, fmt.Errorf("the keys of %s: %w", issuer, err)
		}
	}
	return sets, nil
}

// fetch fetches a key set and keeps the keys that the authorizer would use.
func fetch(ctx context.Context, address string) (keySet, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	usable, err := jwks.Fetch(ctx, nil, address)
	if err != nil {
		return keySet{}, err
	}
	var set keySet
	for _, id := range usable.IDs() {
		public := usable.Public(id)
		set.Keys = append(set.Keys, key{
			KeyType: "RSA", Use: "sig", Algorithm: "RS256", ID: id,
			Modulus:  base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		})
	}
	return set, nil
}

// variables returns the content of the file: the variable jwks, whose value is the authorizer's setting JWKS, a JSON string.
// Several key sets are keyed by issuer.
func variables(issuers []string, sets []keySet) ([]byte, error) {
	var value any = sets[0]
	if len(issuers) > 1 {
		byIssuer := make(map[string]keySet, len(issuers))
		for i, issuer := range issuers {
			byIssuer[issuer] = sets[i]
		}
		value = byIssuer
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	content, err := json.MarshalIndent(map[string]string{"jwks": string(text)}, "", "  ")
	return append(content, '\n'), err
}
