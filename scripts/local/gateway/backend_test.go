package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

// withBackend starts a gateway in front of an HTTP server and returns what the server was sent last.
func withBackend(t *testing.T, answer http.HandlerFunc) (*stack, func() *http.Request) {
	t.Helper()
	var last atomic.Pointer[http.Request] // a call whose connection is aborted may overlap with the next one
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last.Store(r)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL + "/base")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(o *gateway.Options) { o.Integration, o.Backend = nil, address })
	return s, last.Load
}

func TestABackendLearnsTheCallerAndNoClientCanForgeIt(t *testing.T) {
	s, last := withBackend(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Own", "yes")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "got "+string(body))
	})
	forged := []string{bearer("allow"), "X-Identity-Sub: forged", "x-identity-groups: admins", "X_Identity_Scopes: all", "X-Identity_Username: root"}
	r := s.sendBody(t, []byte("a body"), "POST /pets?x=%2F&y", forged...)
	if r.status != http.StatusTeapot || r.body != "got a body" || r.header.Get("X-Own") != "yes" {
		t.Errorf("the response was changed: %d %q", r.status, r.body)
	}
	got := last()
	if got.Method != http.MethodPost || got.RequestURI != "/base/pets?x=%2F&y" {
		t.Errorf("it was sent %s %s", got.Method, got.RequestURI)
	}
	if len(r.call.Identity) == 0 {
		t.Fatal("the authorizer returned no context")
	}
	want := map[string]string{}
	for key, value := range r.call.Identity {
		want[gateway.IdentityHeader(key)] = value
	}
	for name := range got.Header {
		if folded := strings.ReplaceAll(strings.ToLower(name), "_", "-"); strings.HasPrefix(folded, "x-identity-") {
			if want[name] == "" || got.Header.Get(name) != want[name] {
				t.Errorf("%s reached the backend with %q", name, got.Header.Get(name))
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("the backend was not told %v", want)
	}
	s.send(t, "GET /health", forged[1:]...)
	for name := range last().Header {
		if strings.Contains(strings.ToLower(name), "identity") {
			t.Errorf("%s reached the backend on a public route", name)
		}
	}
}

func TestAPathReachesABackendAsItWasSent(t *testing.T) {
	s, last := withBackend(t, func(http.ResponseWriter, *http.Request) {})
	s.send(t, "GET /pets/a%2Fb%20c", bearer("allow"))
	if got := last().RequestURI; got != "/base/pets/a%2Fb%20c" {
		t.Errorf("got %s", got)
	}
}

func TestABackendIsNotAskedWhereTheCallerIsRefused(t *testing.T) {
	s, last := withBackend(t, func(http.ResponseWriter, *http.Request) {})
	explicitDeny.check(t, s.send(t, "GET /pets", bearer("deny")))
	unauthorized.check(t, s.send(t, "GET /pets"))
	if last() != nil {
		t.Error("it was asked")
	}
}

func TestABackendThatIsDownAndOneThatRedirects(t *testing.T) {
	s, _ := withBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/base/pets/mine" {
			http.Redirect(w, r, "https://elsewhere.example.com/", http.StatusFound)
			return
		}
		panic(http.ErrAbortHandler)
	})
	r := s.send(t, "GET /pets", bearer("allow"))
	answer{504, "InternalServerErrorException", "message", "Network error communicating with endpoint"}.check(t, r)
	if !strings.Contains(r.call.Error, "does not answer") {
		t.Errorf("the log has %q", r.call.Error)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/pets/mine", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer allow")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusFound || response.Header.Get("Location") != "https://elsewhere.example.com/" {
		t.Errorf("the redirect became %d %q", response.StatusCode, response.Header.Get("Location"))
	}
}

func TestTheNamesOfIdentityHeaders(t *testing.T) {
	for key, want := range map[string]string{
		"sub": "X-Identity-Sub", "clientId": "X-Identity-Client-Id", "tokenUse": "X-Identity-Token-Use", "custom:tenant": "X-Identity-Custom-Tenant",
	} {
		if got := gateway.IdentityHeader(key); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}
