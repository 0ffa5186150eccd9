package jwks_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// change returns a key with some members set, or removed if the value is nil.
func change(key map[string]any, members map[string]any) map[string]any {
	changed := maps.Clone(key)
	for name, value := range members {
		if value == nil {
			delete(changed, name)
		} else {
			changed[name] = value
		}
	}
	return changed
}

func document(t testing.TB, keys ...any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func number(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

// odd returns an odd number of that many bits. A modulus need not be the product of two primes to be refused for its size.
func odd(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.Add(n, big.NewInt(1234567))
}

// each key is alone in a set, and then between two valid ones, which it must not spoil.
func TestAKeyThatIsNotForOurSignaturesIsRefusedAlone(t *testing.T) {
	first, last, own := cognitotest.NewKey(t), cognitotest.NewKey(t), cognitotest.NewKey(t)
	key := own.JWK()
	for name, tt := range map[string]struct {
		key  any
		want error
	}{
		"as Cognito publishes it":       {key, nil},
		"without use":                   {change(key, map[string]any{"use": nil}), nil},
		"without alg":                   {change(key, map[string]any{"alg": nil}), nil},
		"key_ops verify":                {change(key, map[string]any{"key_ops": []string{"verify"}}), nil},
		"unknown members":               {change(key, map[string]any{"x5c": []string{"AA"}, "x5u": "https://evil.example", "issuer": map[string]any{"a": 1}}), nil},
		"a leading zero octet":          {change(key, map[string]any{"n": base64.RawURLEncoding.EncodeToString(append([]byte{0}, own.Private.N.Bytes()...))}), nil},
		"4096 bits and two zero octets": {change(key, map[string]any{"n": base64.RawURLEncoding.EncodeToString(append(make([]byte, 2), odd(4096).Bytes()...))}), nil},
		"exponent 3":                    {change(key, map[string]any{"e": "Aw"}), nil},
		"exponent 2^31-1":               {change(key, map[string]any{"e": number(big.NewInt(1<<31 - 1))}), nil},
		"4096 bits":                     {change(key, map[string]any{"n": number(odd(4096))}), nil},
		"null":                          {nil, jwks.ErrKeyMalformed},
		"a string":                      {"x", jwks.ErrKeyMalformed},
		"a list":                        {[]any{key}, jwks.ErrKeyMalformed},
		"a name twice":                  {json.RawMessage(`{"kid":"a","kid":"a","kty":"RSA"}`), jwks.ErrKeyMalformed},
		"a name twice, once escaped":    {json.RawMessage(`{"kid":"a","\u006bid":"a"}`), jwks.ErrKeyMalformed},
		"a name twice, further down":    {json.RawMessage(`{"kid":"a","x":[{"y":1,"y":2}]}`), jwks.ErrKeyMalformed},
		"a lone surrogate":              {json.RawMessage(`{"kid":"\ud800"}`), jwks.ErrKeyMalformed},
		"kid a number":                  {change(key, map[string]any{"kid": 1}), jwks.ErrKeyMalformed},
		"n a number":                    {change(key, map[string]any{"n": 1}), jwks.ErrKeyMalformed},
		"key_ops a string":              {change(key, map[string]any{"key_ops": "verify"}), jwks.ErrKeyMalformed},
		"key_ops with a number":         {change(key, map[string]any{"key_ops": []any{"verify", 1}}), jwks.ErrKeyMalformed},
		"no kid":                        {change(key, map[string]any{"kid": nil}), jwks.ErrKeyID},
		"an empty kid":                  {change(key, map[string]any{"kid": ""}), jwks.ErrKeyID},
		"a kid of 129 characters":       {change(key, map[string]any{"kid": strings.Repeat("k", 129)}), jwks.ErrKeyID},
		"a kid with a line feed":        {change(key, map[string]any{"kid": "a\nb"}), jwks.ErrKeyID},
		"no kty":                        {change(key, map[string]any{"kty": nil}), jwks.ErrKeyType},
		"kty in lower case":             {change(key, map[string]any{"kty": "rsa"}), jwks.ErrKeyType},
		"an unknown kty":                {change(key, map[string]any{"kty": "AKP"}), jwks.ErrKeyType},
		"an elliptic curve":             {map[string]any{"kid": "a", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, jwks.ErrKeyType},
		"an unknown curve":              {map[string]any{"kid": "a", "kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}, jwks.ErrKeyType},
		"Ed25519":                       {map[string]any{"kid": "a", "kty": "OKP", "crv": "Ed25519", "x": "AA"}, jwks.ErrKeyType},
		"a shared secret":               {map[string]any{"kid": "a", "kty": "oct", "k": "c2VjcmV0"}, jwks.ErrKeyType},
		"with its private half":         {change(key, map[string]any{"d": number(own.Private.D)}), jwks.ErrKeyPrivate},
		"with a prime":                  {change(key, map[string]any{"p": number(own.Private.Primes[0])}), jwks.ErrKeyPrivate},
		"with a null private half":      {json.RawMessage(`{"kid":"a","kty":"RSA","d":null}`), jwks.ErrKeyPrivate},
		"RSA with a shared secret":      {change(key, map[string]any{"k": "AA"}), jwks.ErrKeyPrivate},
		"for encryption":                {change(key, map[string]any{"use": "enc"}), jwks.ErrKeyUse},
		"an empty use":                  {change(key, map[string]any{"use": ""}), jwks.ErrKeyUse},
		"key_ops sign":                  {change(key, map[string]any{"key_ops": []string{"sign"}}), jwks.ErrKeyOperations},
		"no key_ops at all":             {change(key, map[string]any{"key_ops": []string{}}), jwks.ErrKeyOperations},
		"RS512":                         {change(key, map[string]any{"alg": "RS512"}), jwks.ErrKeyAlgorithm},
		"PS256":                         {change(key, map[string]any{"alg": "PS256"}), jwks.ErrKeyAlgorithm},
		"RSA-OAEP":                      {change(key, map[string]any{"alg": "RSA-OAEP"}), jwks.ErrKeyAlgorithm},
		"no n":                          {change(key, map[string]any{"n": nil}), jwks.ErrModulus},
		"n not base64url":               {change(key, map[string]any{"n": "a+b/"}), jwks.ErrModulus},
		"n padded":                      {change(key, map[string]any{"n": number(own.Private.N) + "=="}), jwks.ErrModulus},
		"n with a line feed":            {change(key, map[string]any{"n": number(own.Private.N)[:9] + "\n" + number(own.Private.N)[9:]}), jwks.ErrModulus},
		"512 bits":                      {change(key, map[string]any{"n": number(odd(512))}), jwks.ErrModulus},
		"1024 bits":                     {change(key, map[string]any{"n": number(odd(1024))}), jwks.ErrModulus},
		"2047 bits":                     {change(key, map[string]any{"n": number(odd(2047))}), jwks.ErrModulus},
		"1024 bits filled up by zeroes": {change(key, map[string]any{"n": base64.RawURLEncoding.EncodeToString(append(make([]byte, 128), odd(1024).Bytes()...))}), jwks.ErrModulus},
		"4097 bits":                     {change(key, map[string]any{"n": number(odd(4097))}), jwks.ErrModulus},
		"4096 bits and three of them":   {change(key, map[string]any{"n": base64.RawURLEncoding.EncodeToString(append(make([]byte, 3), odd(4096).Bytes()...))}), jwks.ErrModulus},
		"8192 bits":                     {change(key, map[string]any{"n": number(odd(8192))}), jwks.ErrModulus},
		"16384 bits":                    {change(key, map[string]any{"n": number(odd(16384))}), jwks.ErrModulus},
		"an even modulus":               {change(key, map[string]any{"n": number(new(big.Int).Add(odd(2048), big.NewInt(1)))}), jwks.ErrModulus},
		"no e":                          {change(key, map[string]any{"e": nil}), jwks.ErrExponent},
		"exponent 0":                    {change(key, map[string]any{"e": "AA"}), jwks.ErrExponent},
		"exponent 1":                    {change(key, map[string]any{"e": "AQ"}), jwks.ErrExponent},
		"exponent 2":                    {change(key, map[string]any{"e": "Ag"}), jwks.ErrExponent},
		"an even exponent":              {change(key, map[string]any{"e": number(big.NewInt(65536))}), jwks.ErrExponent},
		"exponent 2^31+1":               {change(key, map[string]any{"e": number(big.NewInt(1<<31 + 1))}), jwks.ErrExponent},
		"exponent 2^32+1":               {change(key, map[string]any{"e": number(big.NewInt(1<<32 + 1))}), jwks.ErrExponent},
		"an exponent of 100 bytes":      {change(key, map[string]any{"e": number(odd(800))}), jwks.ErrExponent},
		"a ROCA modulus":                {change(key, map[string]any{"n": number(rocaModulus(t))}), jwks.ErrROCA},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := jwks.ParseKeySet(document(t, tt.key))
			want := tt.want
			if want != nil {
				if !errors.Is(err, jwks.ErrNoUsableKey) {
					t.Errorf("alone: got %v, want %v", err, jwks.ErrNoUsableKey)
				}
			}
			if !errors.Is(err, want) || (err == nil) != (set.Len() == 1) {
				t.Errorf("alone: got %v, %d keys, want %v", err, set.Len(), want)
			}

			set, err = jwks.ParseKeySet(document(t, first.JWK(), tt.key, last.JWK()))
			if err != nil {
				t.Fatalf("between valid ones: %v", err)
			}
			for _, valid := range []cognitotest.Key{first, last} {
				if pub := set.Public(valid.ID); pub == nil || !pub.Equal(valid.Private.Public()) {
					t.Error("a valid key is lost")
				}
			}
			refused := set.Refused()
			if want == nil && (len(refused) != 0 || set.Len() != 3) {
				t.Errorf("refused: %v", refused)
			}
			if want != nil && (len(refused) != 1 || !errors.Is(refused[0], want) || !strings.HasPrefix(refused[0].Error(), "key 2 (kid ") || set.Len() != 2) {
				t.Errorf("refused %v, want %v of key 2", refused, want)
			}
		})
	}
}

func TestADocumentThatIsNotAKeySetIsRefused(t *testing.T) {
	valid := string(document(t, cognitotest.NewKey(t).JWK()))
	list := valid[len(`{"keys":`) : len(valid)-1]
	for name, tt := range map[string]struct {
		document string
		want     error
	}{
		"as it is":                         {valid, nil},
		"with unknown members":             {`{"issuer":"x","a":[{"b":1}],"keys":` + list + `}`, nil},
		"nothing":                          {"", jwks.ErrNotKeySet},
		"white space":                      {" \n", jwks.ErrNotKeySet},
		"HTML":                             {"<!doctype html><title>503</title>", jwks.ErrNotKeySet},
		"cut short":                        {valid[:len(valid)-1], jwks.ErrNotKeySet},
		"null":                             {"null", jwks.ErrNotKeySet},
		"a list of keys without an object": {list, jwks.ErrNotKeySet},
		"an empty object":                  {"{}", jwks.ErrNotKeySet},
		"an error document":                {`{"message":"Internal Server Error"}`, jwks.ErrNotKeySet},
		"keys null":                        {`{"keys":null}`, jwks.ErrNotKeySet},
		"keys an object":                   {`{"keys":{}}`, jwks.ErrNotKeySet},
		"keys a string":                    {`{"keys":"x"}`, jwks.ErrNotKeySet},
		"KEYS":                             {`{"KEYS":` + list + `}`, jwks.ErrNotKeySet},
		"keys twice":                       {`{"keys":[],"keys":` + list + `}`, jwks.ErrNotKeySet},
		"keys twice, once escaped":         {`{"\u006beys":[],"keys":` + list + `}`, jwks.ErrNotKeySet},
		"another name twice":               {`{"a":1,"a":1,"keys":` + list + `}`, jwks.ErrNotKeySet},
		"a name twice beside the keys":     {`{"a":{"b":1,"b":1},"keys":` + list + `}`, jwks.ErrNotKeySet},
		"invalid UTF-8 beside the keys":    {"{\"a\":\"\xff\",\"keys\":" + list + "}", jwks.ErrNotKeySet},
		"invalid UTF-8 in a name":          {"{\"\xff\":1,\"keys\":" + list + "}", jwks.ErrNotKeySet},
		"two documents":                    {valid + valid, jwks.ErrNotKeySet},
		"junk behind it":                   {valid + "x", jwks.ErrNotKeySet},
		"a byte order mark":                {"\ufeff" + valid, jwks.ErrNotKeySet},
		"deep":                             {`{"a":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + `,"keys":` + list + `}`, jwks.ErrNotKeySet},
		"as deep as fits":                  {strings.Repeat("[", jwks.MaxBytes), jwks.ErrNotKeySet},
		"no key":                           {`{"keys":[]}`, jwks.ErrNoUsableKey},
		"no usable key":                    {`{"keys":[null,1,{}]}`, jwks.ErrNoUsableKey},
		"as large as allowed":              {valid + strings.Repeat(" ", jwks.MaxBytes-len(valid)), nil},
		"one byte larger":                  {valid + strings.Repeat(" ", jwks.MaxBytes-len(valid)+1), jwks.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := jwks.ParseKeySet([]byte(tt.document))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if (err == nil) != (set.Len() > 0) {
				t.Errorf("%d keys beside %v", set.Len(), err)
			}
		})
	}
}

func TestTwoKeysOfOneID(t *testing.T) {
	one, two, three := cognitotest.NewKey(t), cognitotest.NewKey(t), cognitotest.NewKey(t)
	two.ID = one.ID
	invalid := change(one.JWK(), map[string]any{"use": "enc"})
	for name, tt := range map[string]struct {
		keys []any
		want []string
	}{
		"the same key twice is one":               {[]any{one.JWK(), one.JWK(), three.JWK()}, []string{one.ID, three.ID}},
		"different keys are both refused":         {[]any{one.JWK(), two.JWK(), three.JWK()}, []string{three.ID}},
		"even if the first comes again":           {[]any{one.JWK(), two.JWK(), one.JWK(), three.JWK()}, []string{three.ID}},
		"a key that is not usable does not count": {[]any{invalid, one.JWK(), three.JWK()}, []string{one.ID, three.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := jwks.ParseKeySet(document(t, tt.keys...))
			slices.Sort(tt.want)
			if err != nil || !slices.Equal(set.IDs(), tt.want) {
				t.Errorf("got %d keys, %v, want %d", set.Len(), err, len(tt.want))
			}
			if conflict := slices.ContainsFunc(set.Refused(), func(err error) bool { return errors.Is(err, jwks.ErrKeyConflict) }); conflict != (len(tt.want) == 1) {
				t.Errorf("refused: %v", set.Refused())
			}
		})
	}
}

func TestKeyIDs(t *testing.T) {
	for kid, want := range map[string]bool{
		"1234example=": true, "abcdefghijklmnopqrsexample=": true, "a/b+c==": true, "CognitoLocal": true, "dummy": true,
		"3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11": true, "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg": true,
		strings.Repeat("k", 128): true, strings.Repeat("k", 129): false, "": false, " ": false, "a b": false, "../../": false, "a.b": false,
		"a\x00": false, "a\n": false, "a\r": false, "'": false, "\"": false, "\\": false, "ä": false, "\u202e": false, "%2e": false, "@": false, "[": false, "`": false, "{": false,
	} {
		if got := jwks.ValidKeyID(kid); got != want {
			t.Errorf("ValidKeyID(%q) = %v", kid, got)
		}
	}
}

// rocaModulus makes a modulus as the broken generator does: primes of the form k·M + (65537^a mod M), where M
// is the product of the first 126 primes.
func rocaModulus(t *testing.T) *big.Int {
	t.Helper()
	m := big.NewInt(1)
	for p, n := int64(2), 0; n < 126; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			m.Mul(m, big.NewInt(p))
			n++
		}
	}
	prime := func(a int64) *big.Int {
		base := new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), m)
		k := new(big.Int).Lsh(big.NewInt(3), 1022)
		k.Div(k, m)
		for p := new(big.Int).Mul(k, m); ; p.Add(p, m) {
			if candidate := new(big.Int).Add(p, base); candidate.ProbablyPrime(1) {
				return candidate
			}
		}
	}
	n := new(big.Int).Mul(prime(12345), prime(67890))
	if n.BitLen() != 2048 {
		t.Fatalf("the test's modulus has %d bits", n.BitLen())
	}
	return n
}

func TestValidKeysHaveNoROCAFingerprint(t *testing.T) {
	n := odd(2048)
	for range 500 {
		n.Add(n, big.NewInt(2))
		key := map[string]any{"kid": "a", "kty": "RSA", "e": "AQAB", "n": number(n)}
		if _, err := jwks.ParseKeySet(document(t, key)); err != nil {
			t.Fatalf("n = %x: %v", n, err)
		}
	}
}

// FuzzParseKeySet: whatever stands beside a valid key, before or behind it, the valid key survives, unless it
// is another usable key of the same id, or makes the whole no JSON.
func FuzzParseKeySet(f *testing.F) {
	valid := cognitotest.NewKey(f)
	jwk, err := json.Marshal(valid.JWK())
	if err != nil {
		f.Fatal(err)
	}
	other := cognitotest.NewKey(f)
	for _, seed := range []string{
		`null`, `{}`, `[]`, `"x"`, `1e999`, `{"kty":"oct","k":"AA"}`, `{"kty":"EC","crv":"P-999"}`, `{"kid":"a","kid":"a"}`, `{"n":"","e":""}`,
		`{"kid":"\ud800"}`, "{\"kid\":\"\xff\"}", `{"kid":"a","kty":"RSA","n":"AQ","e":"AQ"}`, `{"use":"enc"}`, `{"a":[[[[[]]]]]}`, string(jwk),
	} {
		f.Add([]byte(seed))
	}
	named, err := json.Marshal(other.JWK())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(named)
	f.Fuzz(func(t *testing.T, invalid []byte) {
		alone, err := jwks.ParseKeySet(bytes.Join([][]byte{[]byte(`{"keys":[`), invalid, []byte(`]}`)}, nil))
		if err != nil && alone.Len() > 0 {
			t.Fatal("keys beside an error")
		}
		for _, id := range alone.IDs() {
			pub := alone.Public(id)
			if bits := pub.N.BitLen(); bits < 2048 || bits > 4096 || pub.N.Bit(0) == 0 || pub.E < 3 || pub.E%2 == 0 || !jwks.ValidKeyID(id) {
				t.Fatalf("a weak key is usable: %d bits, e = %d", bits, pub.E)
			}
		}
		if errors.Is(err, jwks.ErrNotKeySet) || errors.Is(err, jwks.ErrTooLarge) || alone.Public(valid.ID) != nil {
			return
		}
		for _, list := range []string{"%s,%s", "%[2]s,%[1]s", "%s,%s,%[1]s"} {
			doc := fmt.Sprintf(`{"keys":[`+list+`]}`, invalid, jwk)
			if len(bytes.TrimSpace(invalid)) == 0 || len(doc) > jwks.MaxBytes {
				return
			}
			set, err := jwks.ParseKeySet([]byte(doc))
			if err != nil {
				t.Fatalf("the set is lost: %v", err)
			}
			if pub := set.Public(valid.ID); pub == nil || !pub.Equal(valid.Private.Public()) {
				t.Fatal("the valid key is lost")
			}
		}
	})
}
