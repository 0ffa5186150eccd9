package cognito_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// warm returns a rig with cached keys and headers.
func warm(tb testing.TB) *rig {
	r := newRig(tb)
	r.mustVerify(tb, r.pool.AccessToken(tb))
	r.mustVerify(tb, r.pool.IDToken(tb))
	return r
}

// BenchmarkVerify measures a valid token with cached keys. BenchmarkRSA is its lower bound: compare the two within one run.
func BenchmarkVerify(b *testing.B) {
	r := warm(b)
	for _, kind := range []struct {
		name  string
		token cognito.Token
	}{
		{"access", r.pool.AccessToken(b, cognitotest.Scopes("api/users.read", "openid"), cognitotest.Groups("admins", "owners"))},
		{"id", r.pool.IDToken(b, cognitotest.Groups("admins"))},
		{"machine", r.pool.MachineToken(b)},
	} {
		b.Run(kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.mustVerify(b, kind.token)
			}
		})
	}
}

// BenchmarkSeen measures a cached token.
func BenchmarkSeen(b *testing.B) {
	r := newRig(b, remembering(8))
	token := r.pool.AccessToken(b, cognitotest.Scopes("api/users.read", "openid"), cognitotest.Groups("admins", "owners"))
	r.mustRemember(b, token)
	b.ReportAllocs()
	for b.Loop() {
		r.mustVerify(b, token)
	}
}

func BenchmarkRSA(b *testing.B) {
	r := warm(b)
	token := r.pool.AccessToken(b, cognitotest.Scopes("api/users.read", "openid"), cognitotest.Groups("admins", "owners"))
	_, _, signature := parts(b, token)
	raw := token.Reveal()
	signed := []byte(raw[:strings.LastIndexByte(raw, '.')])
	digest := sha256.Sum256(signed)
	key := &r.pool.Keys()[0].Private.PublicKey
	b.ReportAllocs()
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuse measures an invalid token at each stage.
func BenchmarkRefuse(b *testing.B) {
	r := warm(b)
	forged := r.pool.AccessToken(b, cognitotest.SignedBy(cognitotest.NewKey(b)))
	deep := strings.Repeat(`{"a":[`, 400)
	for _, stage := range []struct {
		name  string
		token cognito.Token
		want  error
	}{
		{"form, 1 MiB", cognito.NewToken(strings.Repeat("A", 1<<20)), cognito.ErrTooLarge},
		{"form, 8 KiB of dots", cognito.NewToken(strings.Repeat(".", 8<<10)), cognito.ErrMalformed},
		{"header", r.pool.AccessToken(b, cognitotest.Header("jku", "https://evil.example")), cognito.ErrHeaderMember},
		{"kid", r.pool.AccessToken(b, cognitotest.Header("kid", "../../")), cognito.ErrKeyID},
		{"issuer", r.pool.AccessToken(b, cognitotest.Claim("iss", "https://evil.example")), cognito.ErrIssuer},
		{"expired", r.pool.AccessToken(b, cognitotest.ExpiresIn(-1)), cognito.ErrExpired},
		{"groups", r.pool.AccessToken(b, cognitotest.Claim("cognito:groups", "admins")), cognito.ErrGroups},
		{"too deep", r.pool.AccessToken(b, cognitotest.RawPayload(`{"x":`+deep)), cognito.ErrTooDeep},
		{"signature of the wrong length", cognitotest.Unsigned([]byte(`{"alg":"RS256","kid":"x"}`), []byte(`{}`), []byte("x")), cognito.ErrSignature},
		{"signature", forged, cognito.ErrSignature},
	} {
		_, err := r.Verify(b.Context(), stage.token)
		check(b, stage.token, cognito.Claims{}, err, stage.want)
		b.Run(stage.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Verify(b.Context(), stage.token); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
