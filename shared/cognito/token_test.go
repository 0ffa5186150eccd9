package cognito_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%e", "%g", "%t", "%T", "%p",
	"%100v", "%-5s", "%.3s", "%w", "%!", "%z", "%[1]v %[1]s", "%*v",
}

// prints returns what every way of printing and encoding makes of v.
func prints(t *testing.T, v any) map[string]string {
	t.Helper()
	all := map[string]string{"Sprint": fmt.Sprint(v), "Sprintln": fmt.Sprintln(v)}
	for _, verb := range verbs {
		all[verb] = fmt.Sprintf(verb, v)
	}
	if b, err := json.Marshal(v); err == nil {
		all["JSON"] = string(b)
	}
	if b, err := xml.Marshal(v); err == nil {
		all["XML"] = string(b)
	}
	var log bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, options), slog.NewTextHandler(&log, options)} {
		slog.New(handler).Info(fmt.Sprint(v), slog.Any("any", v), slog.Group("group", slog.Any("value", v)))
	}
	all["slog"] = log.String()
	all["error"] = fmt.Errorf("wrapped: %v", v).Error()
	all["joined"] = errors.Join(fmt.Errorf("%+v", v)).Error()
	func() {
		defer func() { all["panic"] = fmt.Sprint(recover()) }()
		panic(fmt.Sprintf("%#v", v))
	}()
	return all
}

// shapes returns values that contain v in every position.
func shapes[T any](v T) map[string]any {
	type exported struct{ Value T }
	type unexported struct{ value T }
	type pointer struct{ value *T }
	return map[string]any{
		"itself": v, "a pointer": &v, "a field": exported{v}, "an unexported field": unexported{v},
		"a pointer to a struct": &unexported{v}, "a pointer in a struct": pointer{&v}, "a slice": []T{v},
		"a map": map[string]T{"value": v}, "a map of structs": map[int]unexported{1: {v}}, "any": []any{v, &v},
		"a nested struct": struct{ inner unexported }{unexported{v}},
	}
}

func TestATokenIsNeverPrinted(t *testing.T) {
	const raw = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0cGF5bG9hZA.c2VjcmV0c2lnbmF0dXJl"
	secret := strings.Split(raw, ".")
	for shape, v := range shapes(cognito.NewToken(raw)) {
		for way, text := range prints(t, v) {
			for _, part := range secret {
				if strings.Contains(text, part) || strings.Contains(text, fmt.Sprintf("%x", part)) ||
					strings.Contains(text, fmt.Sprintf("%X", part)) || strings.Contains(text, fmt.Sprintf("% x", part)) {
					t.Errorf("%s, printed by %s, gives the token away", shape, way)
				}
			}
		}
	}
	token := cognito.NewToken(raw)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for name, v := range map[string]any{"a token": token, "a pointer to it": &token, "none": cognito.Token{}} {
			if got := fmt.Sprintf(verb, v); got != "[redacted]" {
				t.Errorf("%s of %s is %q", verb, name, got)
			}
		}
	}
	if b, err := json.Marshal(map[string]any{"token": token}); err != nil || string(b) != `{"token":"[redacted]"}` {
		t.Errorf("JSON: %s, %v", b, err)
	}
	if token.Reveal() != raw || (cognito.Token{}).Reveal() != "" {
		t.Error("Reveal does not give the token")
	}
}

func TestClaimsArePrintedWithoutThePerson(t *testing.T) {
	r := newRig(t)
	claims := r.mustVerify(t, r.pool.IDToken(t, cognitotest.Claim("name", "Alice Liddell"), cognitotest.Claim("phone_number", "+15550100")))
	person := []string{cognitotest.Email, "Alice Liddell", "+15550100"}
	for shape, v := range shapes(claims) {
		for way, text := range prints(t, v) {
			for _, personal := range person {
				if strings.Contains(text, personal) {
					t.Errorf("%s, printed by %s, holds a personal claim", shape, way)
				}
			}
		}
	}
	for _, text := range prints(t, claims) {
		if strings.Contains(text, `"`+cognitotest.Username+`"`) {
			t.Error("the user name is printed")
		}
	}
	if !bytes.Contains(claims.Raw(), []byte(cognitotest.Email)) {
		t.Error("Raw lacks what the token says")
	}
	if (cognito.Claims{}).Raw() != nil {
		t.Error("the zero claims have a payload")
	}
}

// FuzzTokenRedaction: whatever a token's text is, no way of formatting depends on it.
func FuzzTokenRedaction(f *testing.F) {
	f.Add("a.b.c", "%v")
	f.Add("[redacted]", "%s")
	f.Add("%!s(MISSING)", "%#v")
	f.Add("\x00", "%+q")
	f.Add("x", "%[1]*[1]d")
	f.Add("x", "%p")
	f.Add("x", "%w")
	const marker = "c2VjcmV0"
	f.Fuzz(func(t *testing.T, text, verb string) {
		if len(verb) > 8 || strings.Contains(verb, marker) { // enough for flags, width and verb; no megabytes of padding
			return
		}
		some, none := cognito.NewToken(marker+text), cognito.Token{}
		got := fmt.Sprintf(verb, some)
		if strings.Contains(got, marker) || strings.Contains(got, fmt.Sprintf("%x", marker)) || strings.Contains(got, fmt.Sprintf("%X", marker)) {
			t.Error("the token is printed")
		}
		// For %p, and for %w anywhere but in Errorf, fmt prints where the text is. For all others there is no difference.
		if !strings.ContainsAny(verb, "pw") && got != fmt.Sprintf(verb, none) {
			t.Error("two tokens print differently")
		}
		a, errA := json.Marshal(some)
		b, errB := json.Marshal(none)
		if !bytes.Equal(a, b) || errA != nil || errB != nil {
			t.Error("two tokens marshal differently")
		}
	})
}
