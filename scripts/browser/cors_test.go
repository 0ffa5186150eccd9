package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/site"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

func TestAnErrorOfTheGatewayIsReadableAcrossOrigins(t *testing.T) {
	s := start(t, nil)
	s.Cognito.SetFaults(fakecognito.Faults{KeysDown: true}) // before the authorizer has any key
	b := s.open(t, s.pages.Cross.Address())
	b.signIn(s.person(t, "alice"))
	if got := b.call("getMe"); got.Status != "500" || !strings.HasPrefix(got.Meaning, "Try later") {
		t.Errorf("the keys are unavailable: status %s, explained by %q", got.Status, got.Meaning)
	}
}

func TestAnErrorOfTheAPIIsReadableAcrossOriginsWithItsRetryAfter(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Cross.Address())
	b.signIn(s.person(t, "olivia"))
	s.Cognito.SetFaults(fakecognito.Faults{Throttled: true})
	if got := b.call("getUser", "username", "alice"); got.Status != "503" || !strings.Contains(got.Meaning, "wait 2 s") {
		t.Errorf("the pool is busy: status %s, explained by %q", got.Status, got.Meaning)
	}
}

// Without CORS headers on the gateway's own responses, the browser hides 401, 403 and 500 from the page, which then cannot distinguish them
// from a network failure. The page and the API are the same, only these headers are missing.
func TestWithoutTheGatewaysHeadersTheBrowserBlocksErrors(t *testing.T) {
	bare, err := site.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bare.Close() })
	s := start(t, func(o *stack.Options) {
		o.AllowedOrigins = append(o.AllowedOrigins, bare.Origin())
		o.CallbackURLs = append(o.CallbackURLs, bare.Address())
	})
	config := site.ConfigOf(s.Stack)
	config.APIURL = withoutCORS(t, s.Gateway.URL())
	if err := bare.Serve(site.Content{Root: root, Contract: s.ContractJSON, Config: config}); err != nil {
		t.Fatal(err)
	}
	b := s.open(t, bare.Address())
	b.refusals = append(b.refusals, config.APIURL)

	for _, c := range []struct{ operation, status string }{{"getHealth", "200"}, {"getMe", "none"}} {
		if got := b.call(c.operation); got.Status != c.status {
			t.Errorf("nobody signed in, %s: status %s, expected %s", c.operation, got.Status, c.status)
		}
	}
	b.signIn(s.person(t, "alice"))
	for _, c := range []struct{ operation, status string }{{"getMe", "200"}, {"listUsers", "none"}} {
		got := b.call(c.operation)
		if got.Status != c.status {
			t.Errorf("alice, %s: status %s, expected %s", c.operation, got.Status, c.status)
		}
		if c.status == "none" && !strings.Contains(got.Meaning, "CORS") {
			t.Errorf("the page explains it by %q", got.Meaning)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.blocked) != 2 || !strings.Contains(b.blocked[0], "No 'Access-Control-Allow-Origin' header") {
		t.Errorf("what the browser says of it: %q", b.blocked)
	}
}

// withoutCORS returns the gateway at another address, without Access-Control headers on its own responses.
func withoutCORS(t *testing.T, gateway string) string {
	t.Helper()
	target, err := url.Parse(gateway)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) },
		ModifyResponse: func(r *http.Response) error {
			if r.Header.Get("x-amzn-ErrorType") != "" {
				r.Header.Del("Access-Control-Allow-Origin")
			}
			return nil
		},
	}
	return serve(t, proxy) + target.Path
}

const table = "docs/site.md"

// TestTheCORSTableInTheDocs requests each status from both origins and compares the headers with the table in docs/site.md.
func TestTheCORSTableInTheDocs(t *testing.T) {
	s := start(t, nil)
	machine, err := s.MachineToken(t.Context(), "api/users.read")
	if err != nil {
		t.Fatal(err)
	}
	token := func(name string) string {
		tokens, err := s.SignIn(t.Context(), s.person(t, name))
		if err != nil {
			t.Fatal(err)
		}
		return tokens.Access
	}
	alice, oscar := token("alice"), token("oscar")
	fault := start(t, nil)
	fault.Cognito.SetFaults(fakecognito.Faults{KeysDown: true})

	var rows strings.Builder
	rows.WriteString("| status | who answers | call | across origins | one origin |\n|---|---|---|---|---|\n")
	for _, c := range []struct {
		status       int
		by           string
		what         string
		system       *system
		method, path string
		token        string
		before       fakecognito.Faults
	}{
		{204, "gateway", "preflight, never with a token", s, "OPTIONS", "/me", "", fakecognito.Faults{}},
		{200, "function", "`GET /health`, public", s, "GET", "/health", "", fakecognito.Faults{}},
		{200, "function", "`GET /me`", s, "GET", "/me", alice, fakecognito.Faults{}},
		{204, "function", "`POST /users/{username}/sign-out` by an owner", s, "POST", "/users/alice/sign-out", oscar, fakecognito.Faults{}},
		{400, "function", "`GET /users?limit=0`", s, "GET", "/users?limit=0", machine, fakecognito.Faults{}},
		{401, "gateway", "`GET /me` without a token", s, "GET", "/me", "", fakecognito.Faults{}},
		{401, "gateway", "`GET /me` with a token that has expired", s, "GET", "/me", s.expired(t, "alice"), fakecognito.Faults{}},
		{403, "gateway", "`GET /users` without the scope", s, "GET", "/users", alice, fakecognito.Faults{}},
		{403, "gateway", "a route that does not exist", s, "GET", "/nothing", alice, fakecognito.Faults{}},
		{404, "function", "a user that does not exist", s, "GET", "/users/nobody", machine, fakecognito.Faults{}},
		{500, "gateway", "the keys are unavailable", fault, "GET", "/me", alice, fakecognito.Faults{KeysDown: true}},
		{503, "function", "the user pool is busy", s, "GET", "/users/alice", machine, fakecognito.Faults{Throttled: true}},
	} {
		c.system.Cognito.SetFaults(c.before)
		token := c.token
		if c.system == fault {
			tokens, err := fault.SignIn(t.Context(), fault.person(t, "alice"))
			if err != nil {
				t.Fatal(err)
			}
			token = tokens.Access
		}
		cells := make([]string, 0, 2)
		for _, way := range []struct{ base, origin string }{
			{c.system.Gateway.URL(), c.system.pages.Cross.Origin()},
			{c.system.pages.Same.Origin() + "/api", c.system.pages.Same.Origin()},
		} {
			status, header := ask(t, c.method, way.base+c.path, way.origin, token)
			gateway := header.Get("x-amzn-ErrorType") != "" || c.method == http.MethodOptions
			if status != c.status || gateway != (c.by == "gateway") {
				t.Errorf("%s %s: status %d, by the gateway: %t; expected %d by the %s", c.method, c.path, status, gateway, c.status, c.by)
			}
			if across := way.origin == c.system.pages.Cross.Origin(); across != (header.Get("Access-Control-Allow-Origin") == way.origin) {
				t.Errorf("%s %s, across origins: %t: Access-Control-Allow-Origin is %q", c.method, c.path, across, header.Get("Access-Control-Allow-Origin"))
			}
			cells = append(cells, headersOf(header, way.origin))
		}
		fmt.Fprintf(&rows, "| %d | %s | %s | %s | %s |\n", c.status, c.by, c.what, cells[0], cells[1])
	}

	file := filepath.Join(root, table)
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(source), "<!-- cors -->\n")
	inside, after, ok2 := strings.Cut(rest, "<!-- /cors -->")
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", table)
	}
	switch {
	case inside == rows.String():
	case os.Getenv("UPDATE_DOCS") == "1":
		if err := os.WriteFile(file, []byte(before+"<!-- cors -->\n"+rows.String()+"<!-- /cors -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table in %s is not what was found (UPDATE_DOCS=1 writes it):\n%s", table, rows.String())
	}
}

// ask sends the request that a page of the origin would send.
func ask(t *testing.T, method, address, origin, token string) (status int, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodOptions {
		req.Header.Set("Access-Control-Request-Method", "GET")
		req.Header.Set("Access-Control-Request-Headers", "authorization")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header
}

// metadataURL is in the header of a 401. Its port changes from run to run.
var metadataURL = regexp.MustCompile(`resource_metadata="[^"]*"`)

// headersOf returns the CORS headers for a cell of the table.
func headersOf(h http.Header, origin string) string {
	var found []string
	for name, values := range h {
		if strings.HasPrefix(name, "Access-Control-") || slices.Contains([]string{"Vary", "Www-Authenticate", "Retry-After"}, name) {
			name = strings.Replace(name, "Www-", "WWW-", 1)
			value := metadataURL.ReplaceAllString(strings.Join(values, ", "), `resource_metadata="…"`)
			found = append(found, "`"+name+": "+strings.ReplaceAll(value, origin, "*the page's origin*")+"`")
		}
	}
	if len(found) == 0 {
		return "–"
	}
	slices.Sort(found)
	return strings.ReplaceAll(strings.Join(found, "<br>"), "`Access-Control-Allow-Origin: *the page's origin*`", "`Access-Control-Allow-Origin`: the page's origin")
}
