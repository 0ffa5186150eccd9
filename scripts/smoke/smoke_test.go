package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// outcome is the result of running the command.
type outcome struct {
	code     int
	out, err string
}

// smoke runs the command as main does, with the tokens on standard input if there are any.
func smoke(t *testing.T, tokens map[string]string, args ...string) outcome {
	t.Helper()
	var in bytes.Buffer
	if tokens != nil {
		if err := json.NewEncoder(&in).Encode(tokens); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--tokens-stdin")
	}
	args = append(args, "--contract", contractFile)
	return smokeWith(t.Context(), t, console{in: &in, getenv: os.Getenv, patience: time.Hour}, args...)
}

// execute runs the command with a console of the test's own.
func execute(ctx context.Context, c console, args ...string) int {
	app := cli.App{Name: "smoke", Grammar: &Command{console: &c}}
	return app.Run(ctx, args, cli.Console{In: os.Stdin, Out: c.out, Err: c.err})
}

func smokeWith(ctx context.Context, t *testing.T, c console, args ...string) outcome {
	t.Helper()
	var out, err syncBuffer
	c.out, c.err = &out, &err
	o := outcome{code: execute(ctx, c, args...)}
	o.out, o.err = out.String(), err.String()
	if looksLikeToken.MatchString(o.out + o.err) {
		t.Error("a token was printed")
	}
	return o
}

func TestAnAPIThatBehavesPasses(t *testing.T) {
	a := newTestAPI(t)
	o := smoke(t, a.tokens(t), "--url", a.URL, "--origin", page, "--require-all")
	if o.code != 0 || o.err != "" {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	// Five routes, each by nobody, three tokens and a browser; then an unknown token and an expired one.
	if !strings.HasSuffix(o.out, ": 27 passed, 0 failed, 0 skipped, 0 not made\n") {
		t.Errorf("got\n%s", o.out)
	}
	for _, want := range []string{
		"GET /health|as nobody|expected 2xx|got 200",
		"GET /info|as nobody|expected 401|got 401",
		"GET /info|as member|expected 2xx|got 200",
		"GET /users|as member|expected 403|got 403",
		"GET /users|as admin|expected 403|got 403",
		"GET /users|as machine|expected 2xx|got 200",
		"GET /users/{username}|as member|expected 403|got 403",
		"GET /users/{username}|as admin|expected 2xx or 404|got 404",
		"OPTIONS /users|as a browser|expected 2xx|got 204",
		"GET /info|as an unknown token|expected 401|got 401",
		"GET /info|as expired|expected 401 or 403|got 401",
	} {
		if !hasLine(o.out, "ok", strings.Split(want, "|")) {
			t.Errorf("no line with %s in\n%s", want, o.out)
		}
	}
}

func hasLine(out, first string, parts []string) bool {
	return slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool {
		return strings.HasPrefix(line, first) && strings.HasSuffix(line, " ms") &&
			!slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part+" ") })
	})
}

func TestNothingIsCalledThatCouldChangeAnything(t *testing.T) {
	a := newTestAPI(t)
	a.allowAll = true
	smoke(t, a.tokens(t), "--url", a.URL, "--origin", page)
	if len(a.calls) == 0 {
		t.Fatal("no calls")
	}
	for _, call := range a.calls {
		if !strings.HasPrefix(call, "GET ") && !strings.HasPrefix(call, "OPTIONS ") {
			t.Errorf("%s was called", call)
		}
	}
}

func TestBrokenDeployments(t *testing.T) {
	always := func(status int, kind string) func(a *testAPI) {
		return func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Authorization") == "" {
					return false
				}
				a.say(w, status, kind)
				return true
			}
		}
	}
	for name, tt := range map[string]struct {
		breaks func(a *testAPI)
		fails  string // one of the checks that fail
		says   string
		failed int
	}{
		"the authorizer allows everything": {func(a *testAPI) { a.allowAll = true },
			"GET /info|as nobody|got 200", "the authorizer allows everybody: a call by nobody succeeded", 9},
		"the authorizer treats any token as an admin's": {func(a *testAPI) { always(200, "")(a) },
			"GET /users|as member|expected 403|got 200", "allows a caller whom the contract denies (member needs scope api/users.read)", 5},
		"no CORS headers on 401": {func(a *testAPI) {
			a.grants = func(status int) string {
				return map[bool]string{false: page}[status == http.StatusUnauthorized]
			}
		}, "GET /info|as nobody|expected 401|got 401", "API Gateway's own responses need it too", 6},
		"no CORS headers on the API's own responses": {func(a *testAPI) {
			a.grants = func(status int) string { return map[bool]string{true: page}[status >= 400] }
		}, "GET /health|as nobody|got 200", `Access-Control-Allow-Origin is ""; the API's own response lacks it`, 16},
		"CORS for another origin": {func(a *testAPI) { a.grants = func(int) string { return "https://other.example.com" } },
			"GET /info|as nobody|got 401", "a page of https://app.example.com cannot read this response", 27},
		"a preflight that does not name Authorization": {func(a *testAPI) { a.allowed = "*" },
			"OPTIONS /info|as a browser|got 204", "Access-Control-Allow-Headers does not name Authorization", 5},
		"a preflight that needs a token": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodOptions {
					return false
				}
				a.say(w, http.StatusUnauthorized, "UnauthorizedException")
				return true
			}
		}, "OPTIONS /info|as a browser|expected 2xx|got 401", "preflight requests fail", 5},
		"tokens do not expire": {func(a *testAPI) { a.ends = false },
			"GET /info|as expired|expected 401 or 403|got 200", "an expired token is still accepted", 1},
		"a cached result outlives the token": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Authorization") != "Bearer "+a.expired {
					return false
				}
				a.say(w, http.StatusOK, "")
				return true
			}
		}, "GET /info|as expired|expected 401 or 403|got 200", "an expired token is still accepted", 1},
		"the authorizer fails": {always(500, "AuthorizerConfigurationException"),
			"GET /info|as member|got 500", "the authorizer failed, or API Gateway may not call it", 17},
		"the API fails": {always(502, ""),
			"GET /info|as member|got 502", "an error of the API or of the authorizer", 17},
		"tokens of another pool": {always(401, "UnauthorizedException"),
			"GET /info|as member|expected 2xx|got 401", "the authorizer refuses the token itself", 15},
		"an older route table": {always(403, "AccessDeniedException"),
			"GET /info|as member|expected 2xx|got 403", "denies a caller whom the contract allows (member: open to any signed-in caller)", 13},
		"a route that is not deployed": {func(a *testAPI) { a.undeployed = "/users" },
			"GET /users|as member|expected 403|got 403", "the route is not there: another contract is deployed", 4},
		"a route that an HTTP API does not have": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/users" && r.Method == http.MethodGet {
					a.say(w, http.StatusNotFound, "")
					return true
				}
				return false
			}
		}, "GET /users|as nobody|expected 401|got 404", "the route is not there: another contract is deployed", 4},
		"a protected route responds with 404 to nobody": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/users/smoke-test" && r.Method == http.MethodGet {
					a.say(w, http.StatusNotFound, "")
					return true
				}
				return false
			}
		}, "GET /users/{username}|as nobody|expected 401|got 404",
			"the authorizer allows everybody: a call by nobody succeeded, unless the route is not deployed at all", 2},
		"403 instead of 401": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" || r.URL.Path == "/health" {
					return false
				}
				a.say(w, http.StatusForbidden, "AccessDeniedException")
				return true
			}
		}, "GET /me|as nobody|expected 401|got 403", "must get 401, or no client will sign in again", 4},
		"a public route with an authorizer": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/health" || r.Header.Get("Authorization") != "" || r.Method != http.MethodGet {
					return false
				}
				a.say(w, http.StatusUnauthorized, "UnauthorizedException")
				return true
			}
		}, "GET /health|as nobody|expected 2xx|got 401", "the route is public, but an authorizer is attached to it", 1},
		"a redirect": {func(a *testAPI) {
			a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/me" || r.Method != http.MethodGet {
					return false
				}
				w.Header().Set("Location", "/info")
				a.say(w, http.StatusFound, "")
				return true
			}
		}, "GET /me|as nobody|expected 401|got 302", "neither the API nor API Gateway should respond with this status", 4},
		"throttling": {always(429, "TooManyRequestsException"), "GET /me|as admin|got 429", "API Gateway throttles", 17},
	} {
		t.Run(name, func(t *testing.T) {
			a := newTestAPI(t)
			tokens := a.tokens(t)
			tt.breaks(a)
			o := smoke(t, tokens, "--url", a.URL, "--origin", page)
			if o.code != cli.ExitRefused || !hasLine(o.out, "FAIL", strings.Split(tt.fails, "|")) || !strings.Contains(o.out, tt.says) {
				t.Errorf("exit %d, want a failure of %s that says %q\n%s", o.code, tt.fails, tt.says, o.out)
			}
			if failed := strings.Count(o.out, "FAIL "); failed != tt.failed {
				t.Errorf("%d checks failed\n%s", failed, o.out)
			}
		})
	}
}

func TestAnAPIThatIsDownIsReportedOnce(t *testing.T) {
	a := newTestAPI(t)
	tokens := a.tokens(t)
	a.Close()
	o := smoke(t, tokens, "--url", a.URL)
	if o.code != cli.ExitRefused || strings.Count(o.out, "the API cannot be reached") != 1 ||
		!strings.Contains(o.out, "got nothing") || !strings.Contains(o.out, "0 passed, 1 failed, 1 skipped, 21 not made") {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
}

func TestACallThatTakesTooLongEnds(t *testing.T) {
	a := newTestAPI(t)
	a.respondWith = func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}
	o := smoke(t, nil, "--url", a.URL, "--timeout", "50ms")
	if o.code != cli.ExitRefused || !strings.Contains(o.out, "the API cannot be reached") {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
}

func TestProgressIsPrintedWhileWaiting(t *testing.T) {
	a := newTestAPI(t)
	var c console
	told := make(chan struct{})
	a.respondWith = func(http.ResponseWriter, *http.Request) bool {
		<-told // the API responds only after progress was printed
		return false
	}
	c = console{getenv: os.Getenv, patience: time.Millisecond}
	var progress syncBuffer
	progress.onWrite = func() {
		select {
		case <-told:
		default:
			close(told)
		}
	}
	var out syncBuffer
	c.out, c.err = &out, &progress
	if code := execute(t.Context(), c, "--url", a.URL, "--contract", contractFile, "--json"); code != 0 {
		t.Errorf("exit %d\n%s", code, out.String())
	}
	for _, want := range []string{"still waiting for GET /health as nobody\n", "1 of 6 checks made\n"} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("no %q in %q", want, progress.String())
		}
	}
}

func TestAnInterruptedRunReportsIt(t *testing.T) {
	a := newTestAPI(t)
	ctx, cancel := context.WithCancel(t.Context())
	a.respondWith = func(http.ResponseWriter, *http.Request) bool { cancel(); return false }
	o := smokeWith(ctx, t, console{getenv: os.Getenv, patience: time.Hour}, "--url", a.URL, "--contract", contractFile)
	if o.code != cli.ExitInterrupted || !strings.Contains(o.err, "interrupted") || !strings.Contains(o.out, "6 not made") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
}

func TestWhatIsNotCheckedIsPrinted(t *testing.T) {
	a := newTestAPI(t)
	all := a.tokens(t)
	for name, tt := range map[string]struct {
		tokens map[string]string
		says   []string
	}{
		"no tokens": {nil, []string{"no token named member", "no token named admin", "no token named machine", "no token named expired",
			"403 is not checked", "a response with a token is not checked", "CORS is not checked"}},
		"an empty one": {map[string]string{"member": all["member"], "admin": all["admin"], "machine": all["machine"], "expired": ""},
			[]string{"no token named expired was given: the response to an expired token is not checked", "CORS is not checked"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := smoke(t, tt.tokens, "--url", a.URL)
			if o.code != 0 || strings.Count(o.out, "SKIPPED ") != len(tt.says) {
				t.Errorf("exit %d\n%s", o.code, o.out)
			}
			strict := smoke(t, tt.tokens, "--url", a.URL, "--require-all")
			if strict.code != cli.ExitRefused || strings.Count(strict.out, "FAIL ") != len(tt.says) {
				t.Errorf("--require-all: exit %d\n%s", strict.code, strict.out)
			}
			for _, want := range tt.says {
				if !strings.Contains(o.out, want) || !strings.Contains(strict.out, want) {
					t.Errorf("not printed: %s\n%s", want, o.out)
				}
			}
		})
	}
}

func TestJSON(t *testing.T) {
	a := newTestAPI(t)
	a.allowAll = true
	o := smoke(t, a.tokens(t), "--url", a.URL+"/prod/", "--json")
	var r report
	if err := json.Unmarshal([]byte(o.out), &r); err != nil {
		t.Fatalf("%v\n%s", err, o.out)
	}
	if o.code != cli.ExitRefused || r.Passed+r.Failed != len(r.Checks) || r.Failed != 9 || len(r.Skipped) != 1 || r.URL != a.URL+"/prod/" {
		t.Errorf("exit %d: %+v", o.code, r)
	}
	i := slices.IndexFunc(r.Checks, func(l line) bool { return l.Route == "/info" && l.Caller == nobody })
	l := r.Checks[i]
	if l.Method != http.MethodGet || l.Expected != "401" || l.Got != 200 || l.OK || l.Millis <= 0 || !strings.Contains(l.Meaning, "allows everybody") {
		t.Errorf("got %+v", l)
	}
}

func TestATokenIsSentOnlyToItsHost(t *testing.T) {
	reached := false
	elsewhere := newTestAPI(t)
	elsewhere.respondWith = func(http.ResponseWriter, *http.Request) bool { reached = true; return false }
	a := newTestAPI(t)
	a.respondWith = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		return true
	}
	if o := smoke(t, a.tokens(t), "--url", a.URL); o.code != cli.ExitRefused || reached {
		t.Errorf("exit %d, redirect followed: %v", o.code, reached)
	}
}

func TestAPortThatIsClosedIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	if o := smoke(t, nil, "--url", "http://"+address); !strings.Contains(o.out, address) || strings.Contains(o.out, "Get \"") {
		t.Errorf("got\n%s", o.out)
	}
}

// looksLikeToken matches the beginning of a JWT; "eyJ" alone may also occur in a random pool ID.
var looksLikeToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10}`)
