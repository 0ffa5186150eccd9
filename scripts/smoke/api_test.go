package smoke

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

const (
	contractFile = "../testdata/users.yaml"
	page         = "https://app.example.com"
)

// testAPI is an API behind an authorizer, over real HTTP: it verifies real tokens and decides by the real
// contract. Its fields break it in the ways that a deployment can be broken.
type testAPI struct {
	*httptest.Server
	pool *cognitotest.Pool

	table       *routes.Table
	verifier    *cognito.Verifier
	allowAll    bool                                              // whatever the token
	ends        bool                                              // whether tokens end
	grants      func(status int) string                           // Access-Control-Allow-Origin
	allowed     string                                            // Access-Control-Allow-Headers
	respondWith func(w http.ResponseWriter, r *http.Request) bool // instead of the API, if it returns true
	undeployed  string                                            // a path that is not there

	expired string // as in tokens

	mu    sync.Mutex
	calls []string // method and path
}

func newTestAPI(t *testing.T) *testAPI {
	t.Helper()
	table, err := readContract(contractFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := cognitotest.NewPool(t)
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer())})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := cognito.NewVerifier(cognito.Config{
		Issuers:   map[string]cognito.Issuer{pool.Issuer(): {Keys: keys, ClientIDs: []string{cognitotest.WebClient, cognitotest.MachineClient}}},
		TokenUses: []cognito.TokenUse{cognito.AccessToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := &testAPI{pool: pool, table: table, verifier: verifier, ends: true, allowed: "authorization,content-type",
		grants: func(int) string { return page }}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *testAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/prod")
	a.mu.Lock()
	a.calls = append(a.calls, r.Method+" "+path)
	a.mu.Unlock()
	if a.respondWith != nil && a.respondWith(w, r) {
		return
	}
	if r.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Headers", a.allowed)
		a.say(w, http.StatusNoContent, "")
		return
	}
	status, kind := a.respond(r, path)
	a.say(w, status, kind)
}

func (a *testAPI) say(w http.ResponseWriter, status int, kind string) {
	if origin := a.grants(status); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
	if kind != "" {
		w.Header().Set("x-amzn-ErrorType", kind)
	}
	w.WriteHeader(status)
}

// respond responds as a REST API does, with the status and the error type.
func (a *testAPI) respond(r *http.Request, path string) (int, string) {
	route, found := a.table.Match(r.Method, path)
	if !found || path == a.undeployed {
		return http.StatusForbidden, "MissingAuthenticationTokenException"
	}
	if !route.Rule.Public && !a.allowAll {
		raw, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		claims, err := a.verifier.Verify(r.Context(), cognito.NewToken(raw))
		if err != nil && (a.ends || cognito.Reason(err) != "expired") {
			return http.StatusUnauthorized, "UnauthorizedException"
		}
		rights := routes.Principal{Scopes: claims.Scopes, Groups: claims.Groups}
		if !a.table.Decide(rights, r.Method, route.Template).Allowed {
			return http.StatusForbidden, "AccessDeniedException"
		}
	}
	if strings.Contains(path, placeholder) {
		return http.StatusNotFound, "" // the API's own: there is nobody by that name
	}
	return http.StatusOK, ""
}

// tokens returns the tokens that a pipeline would pass.
func (a *testAPI) tokens(t *testing.T) map[string]string {
	a.expired = a.pool.AccessToken(t, cognitotest.At(-2*time.Hour)).Reveal()
	return map[string]string{
		"member":  a.pool.AccessToken(t).Reveal(),
		"admin":   a.pool.AccessToken(t, cognitotest.Groups("admins")).Reveal(),
		"machine": a.pool.MachineToken(t).Reveal(),
		"expired": a.expired,
	}
}
