package cognito_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func decode(t testing.TB, part string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// take apart a valid token into its decoded parts.
func parts(t testing.TB, token cognito.Token) (header, payload, signature []byte) {
	t.Helper()
	p := strings.Split(token.Reveal(), ".")
	return decode(t, p[0]), decode(t, p[1]), decode(t, p[2])
}

func TestNoOtherSignatureIsValid(t *testing.T) {
	r := newRig(t)
	valid := r.pool.AccessToken(t)
	header, payload, signature := parts(t, valid)
	key := r.pool.Keys()[0]
	other := cognitotest.NewPool(t)
	with := func(signature []byte) cognito.Token { return cognitotest.Unsigned(header, payload, signature) }
	signing := []byte(strings.Join(strings.Split(valid.Reveal(), ".")[:2], "."))
	sum := sha256.Sum256(signing)
	pss, err := rsa.SignPSS(rand.Reader, key.Private, crypto.SHA256, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	sum512 := crypto.SHA512.New()
	sum512.Write(signing)
	rs512, err := rsa.SignPKCS1v15(nil, key.Private, crypto.SHA512, sum512.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	rawSum := sha256.Sum256([]byte(string(header) + "." + string(payload)))
	overJSON, err := rsa.SignPKCS1v15(nil, key.Private, crypto.SHA256, rawSum[:])
	if err != nil {
		t.Fatal(err)
	}
	otherHeader := []byte(strings.Replace(string(header), "{", `{"typ":"JWT",`, 1))
	otherPayload := []byte(strings.Replace(string(payload), cognitotest.Username, "mallo", 1))
	modulus := key.Private.N.FillBytes(make([]byte, 256))

	r.run(t, []row{
		{"the valid one", valid, nil, 1},
		{"cut by one byte", with(signature[:255]), cognito.ErrSignature, 0},
		{"one byte", with(signature[:1]), cognito.ErrSignature, 0},
		{"one byte longer", with(append(signature[:256:256], 0)), cognito.ErrSignature, 1},
		{"one zero byte before it", with(append([]byte{0}, signature...)), cognito.ErrSignature, 1},
		{"twice as long", with(append(signature[:256:256], signature...)), cognito.ErrSignature, 1},
		{"longer than any key's", with(make([]byte, 513)), cognito.ErrSignature, 0},
		{"all zero", with(make([]byte, 256)), cognito.ErrSignature, 1},
		{"one", with(append(make([]byte, 255), 1)), cognito.ErrSignature, 1},
		{"the modulus itself", with(modulus), cognito.ErrSignature, 1},
		{"random bytes", with(pss[:128:128]), cognito.ErrSignature, 0},
		{"by the same key, but PSS", with(pss), cognito.ErrSignature, 1},
		{"by the same key, but SHA-512", with(rs512), cognito.ErrSignature, 1},
		{"over the JSON instead of its base64url", with(overJSON), cognito.ErrSignature, 1},
		{"by another pool's key under this kid", r.pool.AccessToken(t, cognitotest.SignedBy(other.Keys()[0])), cognito.ErrSignature, 1},
		{"by the pool's other key under this kid", r.pool.AccessToken(t, cognitotest.SignedBy(r.pool.Keys()[1])), cognito.ErrSignature, 1},
		{"of another token of the pool", with(third(t, r.pool.AccessToken(t))), cognito.ErrSignature, 1},
		{"the payload changed", cognitotest.Unsigned(header, otherPayload, signature), cognito.ErrSignature, 1},
		{"the payload with white space behind it", cognitotest.Unsigned(header, append(payload[:len(payload):len(payload)], ' '), signature), cognito.ErrSignature, 1},
		{"the header changed", cognitotest.Unsigned(otherHeader, payload, signature), cognito.ErrSignature, 1},
		{"the header with white space behind it", cognitotest.Unsigned(append(header[:len(header):len(header)], ' '), payload, signature), cognito.ErrSignature, 1},
		{"a signed token as the payload of another", cognitotest.Sign(t, key, header, []byte(valid.Reveal())), cognito.ErrPayload, 0},
	})
}

func third(t testing.TB, token cognito.Token) []byte {
	t.Helper()
	_, _, signature := parts(t, token)
	return signature
}

func TestThePublicKeyIsNoSecret(t *testing.T) {
	r := newRig(t)
	key := r.pool.Keys()[0]
	_, payload, _ := parts(t, r.pool.AccessToken(t))
	pkix, err := x509.MarshalPKIXPublicKey(&key.Private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&key.Private.PublicKey)
	jwk, err := json.Marshal(key.JWK())
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for name, secret := range map[string][]byte{
		"PEM":            pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix}),
		"PEM of PKCS #1": pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}),
		"DER":            pkix,
		"PKCS #1":        pkcs1,
		"the modulus":    key.Private.N.Bytes(),
		"the JWK":        jwk,
		"the whole set":  r.pool.JWKS(),
		"nothing":        nil,
	} {
		header := `{"kid":"` + key.ID + `","alg":"HS256"}`
		lying := `{"kid":"` + key.ID + `","alg":"RS256"}`
		rows = append(rows,
			row{"HS256 with " + name, cognitotest.SignHMAC(secret, []byte(header), payload), cognito.ErrAlgorithm, 0},
			row{"HS256 called RS256 with " + name, cognitotest.SignHMAC(secret, []byte(lying), payload), cognito.ErrSignature, 0})
	}
	rows = append(rows, row{
		"no signature at all", cognito.NewToken(strings.TrimSuffix(cognitotest.Unsigned([]byte(`{"alg":"none"}`), payload, nil).Reveal(), ".")),
		cognito.ErrMalformed, 0,
	}, row{
		"alg none with an empty signature", cognitotest.Unsigned([]byte(`{"alg":"none"}`), payload, nil), cognito.ErrMalformed, 0,
	})
	r.run(t, rows)
}

func TestEveryBitOfTheSignatureCounts(t *testing.T) {
	r := newRig(t)
	valid := r.pool.AccessToken(t)
	r.mustVerify(t, valid)
	header, payload, signature := parts(t, valid)
	fetches := r.pool.Fetches()
	for bit := range 8 * len(signature) {
		signature[bit/8] ^= 1 << (bit % 8)
		token := cognitotest.Unsigned(header, payload, signature)
		claims, err := r.Verify(t.Context(), token)
		check(t, token, claims, err, cognito.ErrSignature)
		signature[bit/8] ^= 1 << (bit % 8)
	}
	if r.pool.Fetches() != fetches {
		t.Error("an invalid signature cost a fetch")
	}
}
