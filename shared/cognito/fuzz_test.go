package cognito_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// FuzzVerify: a token that nobody signed is never accepted, whatever its text.
func FuzzVerify(f *testing.F) {
	r := newRig(f)
	valid := r.pool.AccessToken(f)
	r.mustVerify(f, valid)
	issued := []string{valid.Reveal()}
	header, payload, signature := parts(f, valid)
	f.Add("")
	f.Add("..")
	f.Add(strings.Repeat(".", 100))
	f.Add(valid.Reveal())
	f.Add(valid.Reveal() + "\n")
	f.Add(valid.Reveal() + "=")
	f.Add("Bearer " + valid.Reveal())
	f.Add(cognitotest.Unsigned([]byte(`{"alg":"none"}`), payload, nil).Reveal())
	f.Add(cognitotest.Unsigned([]byte(`{"alg":"RS256","crit":[],"kid":"x"}`), payload, signature).Reveal())
	f.Add(cognitotest.Unsigned(header, []byte(`null`), signature).Reveal())
	f.Add(cognitotest.Unsigned(header, payload, make([]byte, 256)).Reveal())
	f.Add(cognitotest.SignHMAC(r.pool.JWKS(), []byte(`{"alg":"HS256","kid":"x"}`), payload).Reveal())
	f.Fuzz(func(t *testing.T, raw string) {
		token := cognito.NewToken(raw)
		claims, err := r.Verify(t.Context(), token)
		if err == nil && !slices.Contains(issued, raw) {
			t.Fatal("accepted, and nobody signed it")
		}
		check(t, token, claims, err, err)
	})
}

// placeholders stand in seeds for what differs from one process to the next: a fuzzer's workers have pools of
// their own.
func placeholders(r *rig, data []byte, fill bool) []byte {
	for placeholder, value := range map[string]string{"ISSUER": r.pool.Issuer(), "KID": r.pool.Keys()[0].ID} {
		if fill {
			data = bytes.ReplaceAll(data, []byte(placeholder), []byte(value))
		} else {
			data = bytes.ReplaceAll(data, []byte(value), []byte(placeholder))
		}
	}
	return data
}

// FuzzForge: any header, payload and signature, put together properly, are not accepted either.
func FuzzForge(f *testing.F) {
	r := newRig(f)
	header, payload, signature := parts(f, r.pool.AccessToken(f))
	r.mustVerify(f, r.pool.AccessToken(f))
	other, _, _ := parts(f, r.pool.IDToken(f))
	header, payload = placeholders(r, header, false), placeholders(r, payload, false)
	f.Add(header, payload, make([]byte, 256))
	f.Add(header, payload, bytes.Repeat([]byte{1}, 512))
	f.Add(header, []byte(`{}`), signature)
	f.Add(other, payload, signature)
	f.Add([]byte(`{"alg":"none"}`), payload, []byte{})
	f.Add([]byte(`{"alg":"RS256","kid":"KID","jwk":{}}`), payload, signature)
	f.Add(header, []byte(`{"exp":1e400,"sub":"\ud800"}`), signature)
	f.Fuzz(func(t *testing.T, h, p, s []byte) {
		token := cognitotest.Unsigned(placeholders(r, h, true), placeholders(r, p, true), s)
		claims, err := r.Verify(t.Context(), token)
		if err == nil { // not even the payload above, whose signature is not among the seeds
			t.Fatal("accepted, and nobody signed it")
		}
		check(t, token, claims, err, err)
	})
}

// FuzzMalleability: there is one text for each token. Changing, inserting or leaving out a character makes
// another token, which is refused.
func FuzzMalleability(f *testing.F) {
	r := newRig(f)
	valid := r.pool.AccessToken(f).Reveal()
	r.mustVerify(f, cognito.NewToken(valid))
	f.Add(0, byte('e'), byte(0))
	f.Add(len(valid)-1, byte('A'), byte(0)) // unused bits
	f.Add(len(valid), byte('='), byte(1))
	f.Add(10, byte('\n'), byte(1))
	f.Add(20, byte('.'), byte(1))
	f.Add(30, byte(0), byte(2))
	f.Fuzz(func(t *testing.T, at int, c, how byte) {
		at = int(uint(at) % uint(len(valid)))
		var changed string
		switch how % 4 {
		case 0:
			changed = valid[:at] + string([]byte{c}) + valid[at+1:]
		case 1:
			changed = valid[:at] + string([]byte{c}) + valid[at:]
		case 2:
			changed = valid[:at] + valid[at+1:]
		case 3:
			changed = valid + string([]byte{c})
		}
		token := cognito.NewToken(changed)
		claims, err := r.Verify(t.Context(), token)
		if (err == nil) != (changed == valid) {
			t.Fatalf("character %d changed to %q: %v", at, c, err)
		}
		check(t, token, claims, err, err)
	})
}

// FuzzSignedPayload: of payloads that are signed by a valid key, only those are accepted that a second, lenient
// reader understands in the same way and finds to be in order.
func FuzzSignedPayload(f *testing.F) {
	r := newRig(f)
	now := r.clock.Now()
	_, access, _ := parts(f, r.pool.AccessToken(f, cognitotest.Groups("admins", "owners")))
	_, id, _ := parts(f, r.pool.IDToken(f))
	_, machine, _ := parts(f, r.pool.MachineToken(f))
	for _, seed := range []*[]byte{&access, &id, &machine} {
		*seed = placeholders(r, *seed, false)
		f.Add(*seed)
	}
	for _, change := range []string{`"exp":1`, `"EXP":1`, `"\u0065xp":1`, `"aud":["x"]`, `"sub":"\ud800"`, `"x":[[[[[[[[[]]]]]]]]]`, `"nbf":1e3`} {
		f.Add([]byte(with(change)(string(access))))
	}
	key := r.pool.Keys()[0]
	header := []byte(`{"kid":"` + key.ID + `","alg":"RS256"}`)
	f.Fuzz(func(t *testing.T, payload []byte) {
		payload = placeholders(r, payload, true)
		if base64.RawURLEncoding.EncodedLen(len(payload)) > cognito.MaxTokenBytes || len(payload) == 0 {
			return
		}
		token := cognitotest.Sign(t, key, header, payload)
		claims, err := r.Verify(t.Context(), token)
		check(t, token, claims, err, err)
		if err != nil {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(payload, &m); err != nil {
			t.Fatal("accepted, but not JSON")
		}
		if string(claims.Raw()) != string(payload) {
			t.Error("other bytes than those that were signed")
		}
		use, _ := m["token_use"].(string)
		exp, _ := m["exp"].(float64)
		iat, _ := m["iat"].(float64)
		switch {
		case m["iss"] != r.pool.Issuer() || claims.Issuer != m["iss"]:
			t.Error("another issuer")
		case use != "access" && use != "id" || string(claims.Use) != use:
			t.Error("another use")
		case exp != math.Trunc(exp) || !now.Before(time.Unix(int64(exp), 0)) || claims.ExpiresAt.Unix() != int64(exp):
			t.Error("expired")
		case iat > float64(now.Unix()) || exp-iat > 86460 || claims.IssuedAt.Unix() != int64(iat):
			t.Error("issued in the future, or for too long")
		case use == "access" && m["client_id"] != claims.ClientID:
			t.Error("another client")
		case m["sub"] != nil && m["sub"] != claims.Subject, claims.Principal() == "":
			t.Error("another subject")
		case claims.ClientID != cognitotest.WebClient && claims.ClientID != cognitotest.MachineClient:
			t.Error("a client that is not accepted")
		case slices.ContainsFunc(append(claims.Scopes, claims.Groups...), func(s string) bool { return s == "" || strings.ContainsAny(s, " \t\r\n\x00") }):
			t.Error("a scope or group that cannot be joined by spaces")
		}
		if scope, ok := m["scope"].(string); ok && use == "access" && strings.Join(claims.Scopes, " ") != scope {
			t.Error("other scopes")
		}
	})
}
