package site

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const root = "../../.."

var config = Config{
	Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE", ClientID: "4p9exampleclientid7abcd1234",
	LoginURL: "https://login.example.com", Scopes: []string{"openid"}, APIURL: "https://api.example.com/prod",
}

const contractJSON = `{"info":{"title":"T"},"paths":{}}`

// start serves a page; stage is the API under /api/.
func start(t *testing.T, stage string) *Page {
	t.Helper()
	p, err := Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := p.Serve(Content{Root: root, Config: config, Contract: []byte(contractJSON), Stage: stage}); err != nil {
		t.Fatal(err)
	}
	return p
}

// answer is a response of a page, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *Page) ask(t *testing.T, method, path string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.Origin()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func TestThePageAtEachAddress(t *testing.T) {
	p := start(t, "")
	for path, want := range map[string]struct {
		status int
		kind   string
		begins string
	}{
		"/":                    {200, "text/html; charset=utf-8", "<!doctype html>"},
		"/getUser":             {200, "text/html; charset=utf-8", "<!doctype html>"},
		"/no/such/place":       {200, "text/html; charset=utf-8", "<!doctype html>"},
		"/api":                 {200, "text/html; charset=utf-8", "<!doctype html>"},
		"/api/me":              {200, "text/html; charset=utf-8", "<!doctype html>"}, // no API at this origin
		"/app.js":              {200, "text/javascript; charset=utf-8", "// The page"},
		"/style.css":           {200, "text/css; charset=utf-8", ":root"},
		"/icon.svg":            {200, "image/svg+xml", "<svg"},
		"/config.json":         {200, "application/json", `{"issuer":"https://cognito-idp.`},
		"/missing.js":          {404, "text/plain; charset=utf-8", "404"},
		"/..%2fopenapi.yaml":   {404, "text/plain; charset=utf-8", "404"},
		"/%2e%2e/main.go":      {404, "text/plain; charset=utf-8", "404"},
		"/x/..%5copenapi.yaml": {404, "text/plain; charset=utf-8", "404"},
	} {
		a := p.ask(t, http.MethodGet, path)
		if got := a.header.Get("Content-Type"); a.status != want.status || got != want.kind || !strings.HasPrefix(a.body, want.begins) {
			t.Errorf("%s: %d %s, want %d %s", path, a.status, got, want.status, want.kind)
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy is %q", path, csp)
		}
	}
	if a := p.ask(t, http.MethodPost, "/"); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST / gives %d", a.status)
	}
}

func TestThePolicyNamesTheOriginsThatThePageTalksTo(t *testing.T) {
	for name, c := range map[string]struct{ api, want string }{
		"one origin":     {"/api", "connect-src 'self' https://login.example.com;"},
		"across origins": {"https://api.example.com/prod", "connect-src 'self' https://login.example.com https://api.example.com;"},
	} {
		config := config
		config.APIURL = c.api
		if got, err := policyOf(config); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestTheContractIsServedAsTheBuildWroteIt(t *testing.T) {
	if a := start(t, "").ask(t, http.MethodGet, "/contract.json"); a.status != http.StatusOK || a.body != contractJSON || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s %s", a.status, a.header.Get("Content-Type"), a.body)
	}
}

func TestTheAPIGetsItsPathWithoutThePrefixAndAsItWasSent(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Got", r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"Message":"no"}`)
	}))
	t.Cleanup(api.Close)
	p := start(t, api.URL+"/prod")
	for path, want := range map[string]string{
		"/api/me":                  "/prod/me",
		"/api/":                    "/prod/",
		"/api/users/a%2Fb?x=%20&y": "/prod/users/a%2Fb?x=%20&y",
		"/api/api/x.js":            "/prod/api/x.js",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.Origin()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer x")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("X-Got"); got != "DELETE "+want+" Bearer x" {
			t.Errorf("%s arrives as %s", path, got)
		}
		if resp.StatusCode != http.StatusForbidden || string(body) != `{"Message":"no"}` {
			t.Errorf("%s: the response was changed: %d %s", path, resp.StatusCode, body)
		}
	}
	api.Close()
	if a := p.ask(t, http.MethodGet, "/api/me"); a.status != http.StatusBadGateway {
		t.Errorf("an API that is down gives %d", a.status)
	}
}

// The page promises that nothing runs but its own files.
func TestThePageHasNoInlineScriptNoInlineStyleAndNothingOfOthers(t *testing.T) {
	seen := 0
	err := fs.WalkDir(filesOf(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		content, err := fs.ReadFile(filesOf(root), name)
		if err != nil {
			return err
		}
		text := string(content)
		for _, bad := range []string{"<style", " style=", " onclick=", " onload=", "innerHTML", "eval(", "localStorage", `src="http`, `href="http`, `from "http`} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
		if strings.Count(text, "<script") != strings.Count(text, `<script type="module" src="/`) {
			t.Errorf("%s has a script of its own", name)
		}
		return nil
	})
	if err != nil || seen < 9 {
		t.Errorf("%d files, %v", seen, err)
	}
}

func TestAnAddressThatOthersCanReachIsRefused(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "nonsense", "127.0.0.1"} {
		if p, err := Listen(address); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", address, err)
			if p != nil {
				p.Close()
			}
		}
	}
}

func TestWhatCannotBeServedIsNamed(t *testing.T) {
	p, err := Listen("")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Serve(Content{Root: root, Config: config}); err == nil || !strings.Contains(err.Error(), "contract") {
		t.Errorf("got %v", err)
	}
	if err := p.Serve(Content{Root: t.TempDir(), Config: config, Contract: []byte(contractJSON)}); err == nil || !strings.Contains(err.Error(), "index.html") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
