package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// BenchmarkRSA is the baseline: the RSA operation that every verification needs.
func BenchmarkRSA(b *testing.B) {
	pool := cognitotest.NewPool(b)
	raw := pool.AccessToken(b).Reveal()
	signed, text := raw[:strings.LastIndexByte(raw, '.')], raw[strings.LastIndexByte(raw, '.')+1:]
	signature, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte(signed))
	key := &pool.Keys()[0].Private.PublicKey
	b.ReportAllocs()
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAccessToken verifies one access token with this project and with comparable modules, each used as its documentation
// shows, with the keys already loaded. All check the signature, iss, exp, client_id and token_use. Only this project checks
// more.
func BenchmarkAccessToken(b *testing.B) {
	pool := cognitotest.NewPool(b)
	token := pool.AccessToken(b, cognitotest.Scopes("api/users.read", "openid"), cognitotest.Groups("admins", "owners"))
	for _, peer := range []struct {
		name string
		make func(*testing.B, *cognitotest.Pool) func(context.Context, cognito.Token) error
	}{
		{"this project", thisProject(0)},
		{"this project, token seen before", thisProject(16)},
		{"go-jose", goJOSE},
		{"golang-jwt with keyfunc", golangJWT},
		{"go-oidc", goOIDC},
		{"jwx", jwx},
	} {
		verify := peer.make(b, pool)
		for name, invalid := range map[string]cognito.Token{
			"forged":           pool.AccessToken(b, cognitotest.SignedBy(cognitotest.NewKey(b))),
			"expired":          pool.AccessToken(b, cognitotest.At(-2*time.Hour)),
			"another client's": pool.AccessToken(b, cognitotest.Claim("client_id", "other")),
			"an ID token":      pool.IDToken(b),
		} {
			if verify(b.Context(), invalid) == nil {
				b.Fatalf("%s accepts a token that is %s: the benchmark does not use it correctly", peer.name, name)
			}
		}
		b.Run(peer.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func thisProject(cachedTokens int) func(*testing.B, *cognitotest.Pool) func(context.Context, cognito.Token) error {
	return func(b *testing.B, pool *cognitotest.Pool) func(context.Context, cognito.Token) error {
		keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer()), Seed: pool.JWKS()})
		if err != nil {
			b.Fatal(err)
		}
		verifier, err := cognito.NewVerifier(cognito.Config{
			Issuers:   map[string]cognito.Issuer{pool.Issuer(): {Keys: keys, ClientIDs: []string{cognitotest.WebClient}}},
			TokenUses: []cognito.TokenUse{cognito.AccessToken}, CachedTokens: cachedTokens,
		})
		if err != nil {
			b.Fatal(err)
		}
		return func(ctx context.Context, token cognito.Token) error {
			_, err := verifier.Verify(ctx, token)
			return err
		}
	}
}

var errClaims = errors.New("wrong client, or not an access token")

// cognitoClaims holds the Cognito claims that a user of the other modules must check.
type cognitoClaims struct {
	ClientID string   `json:"client_id"`
	TokenUse string   `json:"token_use"`
	Scope    string   `json:"scope"`
	Username string   `json:"username"`
	Groups   []string `json:"cognito:groups"`
}

func (c cognitoClaims) check() error {
	if c.ClientID != cognitotest.WebClient || c.TokenUse != "access" {
		return errClaims
	}
	return nil
}

func goJOSE(b *testing.B, pool *cognitotest.Pool) func(context.Context, cognito.Token) error {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(pool.JWKS(), &set); err != nil {
		b.Fatal(err)
	}
	return func(_ context.Context, token cognito.Token) error {
		parsed, err := josejwt.ParseSigned(token.Reveal(), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			return err
		}
		var standard josejwt.Claims
		var own cognitoClaims
		if err := parsed.Claims(set, &standard, &own); err != nil {
			return err
		}
		if err := standard.ValidateWithLeeway(josejwt.Expected{Issuer: pool.Issuer(), Time: time.Now()}, 0); err != nil {
			return err
		}
		return own.check()
	}
}

func golangJWT(b *testing.B, pool *cognitotest.Pool) func(context.Context, cognito.Token) error {
	keys, err := keyfunc.NewJWKSetJSON(pool.JWKS())
	if err != nil {
		b.Fatal(err)
	}
	type claims struct {
		cognitoClaims
		jwt.RegisteredClaims
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(pool.Issuer()), jwt.WithExpirationRequired())
	return func(_ context.Context, token cognito.Token) error {
		var c claims
		if _, err := parser.ParseWithClaims(token.Reveal(), &c, keys.Keyfunc); err != nil {
			return err
		}
		return c.check()
	}
}

func goOIDC(_ *testing.B, pool *cognitotest.Pool) func(context.Context, cognito.Token) error {
	keys := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&pool.Keys()[0].Private.PublicKey}}
	verifier := oidc.NewVerifier(pool.Issuer(), keys, &oidc.Config{SkipClientIDCheck: true})
	return func(ctx context.Context, token cognito.Token) error {
		verified, err := verifier.Verify(ctx, token.Reveal())
		if err != nil {
			return err
		}
		var c cognitoClaims
		if err := verified.Claims(&c); err != nil {
			return err
		}
		return c.check()
	}
}

func jwx(b *testing.B, pool *cognitotest.Pool) func(context.Context, cognito.Token) error {
	set, err := jwk.Parse(pool.JWKS())
	if err != nil {
		b.Fatal(err)
	}
	return func(_ context.Context, token cognito.Token) error {
		parsed, err := jwxjwt.Parse([]byte(token.Reveal()), jwxjwt.WithKeySet(set), jwxjwt.WithIssuer(pool.Issuer()), jwxjwt.WithValidate(true))
		if err != nil {
			return err
		}
		var c cognitoClaims
		if err := errors.Join(parsed.Get("client_id", &c.ClientID), parsed.Get("token_use", &c.TokenUse)); err != nil {
			return err
		}
		return c.check()
	}
}
