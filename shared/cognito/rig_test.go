package cognito_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// rig is a pool and a verifier for it, on a clock that stands still.
type rig struct {
	pool  *cognitotest.Pool
	clock *cognitotest.Clock
	keys  *jwks.Cache
	*cognito.Verifier
}

// newRig accepts access and ID tokens of the pool unless change says otherwise. Its key cache is cold.
func newRig(t testing.TB, change ...func(*cognito.Config)) *rig {
	t.Helper()
	clock := cognitotest.NewClock()
	return rigFor(t, cognitotest.NewPool(t, cognitotest.WithClock(clock)), clock, change...)
}

func rigFor(t testing.TB, pool *cognitotest.Pool, clock *cognitotest.Clock, change ...func(*cognito.Config)) *rig {
	t.Helper()
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer()), Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	config := cognito.Config{
		Issuers:   map[string]cognito.Issuer{pool.Issuer(): {Keys: keys, ClientIDs: []string{cognitotest.WebClient, cognitotest.MachineClient}}},
		TokenUses: []cognito.TokenUse{cognito.AccessToken, cognito.IDToken},
		Now:       clock.Now,
	}
	for _, c := range change {
		c(&config)
	}
	verifier, err := cognito.NewVerifier(config)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{pool, clock, keys, verifier}
}

// again returns the same rig with an empty cache of keys and headers.
func (r *rig) again(t testing.TB, change ...func(*cognito.Config)) *rig {
	t.Helper()
	return rigFor(t, r.pool, r.clock, change...)
}

// row is one token and what must become of it. A nil want means that it is accepted.
type row struct {
	name    string
	token   cognito.Token
	want    error
	fetches int // of the key set, from a cold cache
}

// run checks each row by a verifier of its own.
func (r *rig) run(t *testing.T, rows []row) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			r := r.again(t)
			before := r.pool.Fetches()
			claims, err := r.Verify(t.Context(), tt.token)
			check(t, tt.token, claims, err, tt.want)
			if got := r.pool.Fetches() - before; got != tt.fetches {
				t.Errorf("%d fetches of the key set, want %d", got, tt.fetches)
			}
		})
	}
}

// check compares a result with the expected one. A refusal must not contain the token.
func check(t testing.TB, token cognito.Token, claims cognito.Claims, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if err == nil {
		return
	}
	if !reflect.DeepEqual(claims, cognito.Claims{}) {
		t.Error("claims beside the error")
	}
	if reason := cognito.Reason(err); reason == "internal" || !slices.Contains(cognito.Reasons(), reason) {
		t.Errorf("reason %q is not one of the list", reason)
	}
	for _, secret := range secrets(token) {
		if strings.Contains(err.Error(), secret) {
			t.Error("the error's text holds part of the token or of its claims")
		}
	}
	if kid := cognito.KeyID(err); kid != "" && !jwks.ValidKeyID(kid) {
		t.Error("the key id for the log is not fit for a log")
	}
}

// secrets returns the strings that no error may contain: the parts of the token, and the user's name and address.
func secrets(token cognito.Token) []string {
	all := []string{cognitotest.Username, cognitotest.Email, cognitotest.Subject}
	for _, part := range strings.Split(token.Reveal(), ".") {
		if len(part) > 16 {
			all = append(all, part)
		}
	}
	return all
}

// mustVerify returns the claims of a token, and fails the test if it is refused.
func (r *rig) mustVerify(t testing.TB, token cognito.Token) cognito.Claims {
	t.Helper()
	claims, err := r.Verify(t.Context(), token)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return claims
}

// sourceFunc is a source of keys made of a function.
type sourceFunc func(ctx context.Context, kid string) (jwks.Key, error)

func (f sourceFunc) Key(ctx context.Context, kid string) (jwks.Key, error) { return f(ctx, kid) }

// keysOf returns a KeySet of a pool's keys that needs no server.
func keysOf(pool *cognitotest.Pool) cognito.KeySet {
	return sourceFunc(func(_ context.Context, kid string) (jwks.Key, error) {
		for _, key := range pool.Keys() {
			if key.ID == kid {
				return jwks.Key{ID: kid, Public: &key.Private.PublicKey, Origin: jwks.OriginSeed}, nil
			}
		}
		return jwks.Key{}, jwks.ErrUnknownKey
	})
}
