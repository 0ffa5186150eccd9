package local

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
)

const orders = "testdata/orders.yaml"

// perRoute returns a copy of the contract that caches per route.
func perRouteContract(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(orders)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "orders.yaml")
	if err := os.WriteFile(file, append(text, "x-authorizer-caching: route\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// command runs a command of this package with arguments.
func command(ctx context.Context, out, stderr io.Writer, args ...string) int {
	var commands struct {
		Run  RunCommand  `cmd:""`
		Demo DemoCommand `cmd:""`
	}
	app := cli.App{Name: "cognito-authorizer", Grammar: &commands}
	return app.Run(ctx, args, cli.Console{In: os.Stdin, Out: out, Err: stderr})
}

func TestTheDemoOfAnyContractExpectsItsRules(t *testing.T) {
	for name, file := range map[string]string{"per stage": orders, "per route": perRouteContract(t), "another one": "../testdata/users.yaml", "owners, claims and the age of a sign-in": "../testdata/tenants.yaml"} {
		t.Run(name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			if code := command(t.Context(), &out, &stderr, "demo", "--contract", file, "--root", root, "--json"); code != 0 {
				t.Fatalf("exit code %d\n%s%s", code, stderr.String(), out.String())
			}
			var report demoReport
			if err := json.Unmarshal(out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			if report.Failed != 0 || report.Passed != len(report.Results) {
				t.Errorf("%+v", report)
			}
			switch file {
			case "../testdata/users.yaml":
				return
			case "../testdata/tenants.yaml":
				for _, want := range []string{"somebody else's item, by claim sub", "somebody else's item, by claim custom:tenant_id", "without claim custom:plan", "another value of claim custom:plan", "a sign-in too long ago"} {
					if !strings.Contains(out.String(), want) {
						t.Errorf("there was no call of the kind %q", want)
					}
				}
				return
			}
			seen := map[string]bool{}
			for _, r := range report.Results {
				seen[r.Method+" "+r.Path+" "+r.Expected] = true
			}
			for _, want := range []string{
				"GET /status 200", "GET /orders 401", "GET /orders 403", "GET /orders 200", "POST /orders 403", "POST /orders 200", "DELETE /orders/demo-1 403",
				"DELETE /orders/demo-1 200", "GET /profile 200", "POST /profile 403", "POST /profile 200", "GET /files/demo-1/demo-2 200", "POST /internal/rebuild 403",
			} {
				if !seen[want] {
					t.Errorf("there was no call %s", want)
				}
			}
		})
	}
}

// A demo that calls everything right is of no use: here the authorizer allows what the contract denies.
func TestTheDemoNoticesAnAuthorizerThatAllowsTooMuch(t *testing.T) {
	dir := withAuthorizer(t, "./testdata/allowall")
	var out, stderr bytes.Buffer
	if code := command(t.Context(), &out, &stderr, "demo", "--zips", dir, "--json"); code != 1 || !strings.Contains(stderr.String(), "were not as expected") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

// startedRun is a run under way.
type startedRun struct {
	description
	stderr *syncBuffer
}

// startRun starts the command and stops it when the test ends, as Ctrl-C does.
func startRun(t *testing.T, args ...string) startedRun {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	r := startedRun{stderr: &syncBuffer{}}
	ended := make(chan int, 1)
	go func() {
		ended <- command(ctx, writer, r.stderr, append([]string{"run", "--json", "--root", root, "--listen", "127.0.0.1:0", "--cognito-listen", "127.0.0.1:0"}, args...)...)
		_ = writer.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d\n%s", code, r.stderr.String())
		}
	})
	if err := json.NewDecoder(reader).Decode(&r.description); err != nil {
		t.Fatalf("%v\n%s", err, r.stderr.String())
	}
	return r
}

// token signs a person in.
func (r startedRun) token(t *testing.T, name string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": r.WebClientID,
		"AuthParameters": map[string]string{"USERNAME": name, "PASSWORD": r.Passwords[name]}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.Endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AuthenticationResult struct{ AccessToken string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.AuthenticationResult.AccessToken == "" {
		t.Fatalf("%s cannot sign in: %d %v", name, resp.StatusCode, err)
	}
	return answer.AuthenticationResult.AccessToken
}

func (r startedRun) call(t *testing.T, method, path, token string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.API+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestRunPutsTheAuthorizerInFrontOfABackend(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path, "username": r.Header.Get("X-Identity-Username"), "groups": r.Header.Get("X-Identity-Groups")})
	}))
	t.Cleanup(backend.Close)
	r := startRun(t, "--contract", orders, "--backend", backend.URL)
	for _, name := range []string{"alice", "staff", "managers"} { // one person per group, and one in none
		if r.Passwords[name] == "" {
			t.Errorf("there is no %s in the pool", name)
		}
	}
	staff, alice := r.token(t, "staff"), r.token(t, "alice")
	if status, body := r.call(t, "GET", "/orders", staff, "X-Identity-Username: root"); status != 200 || !strings.Contains(body, `"groups":"staff"`) || !strings.Contains(body, `"username":"staff"`) || !strings.Contains(body, `"path":"/orders"`) {
		t.Errorf("%d %s", status, body)
	}
	for _, tt := range []struct {
		method, path, token string
		want                int
		line                string
	}{
		{"GET", "/status", "", 200, "public"},
		{"GET", "/orders", "", 401, "refused: no bearer token"},
		{"GET", "/orders", alice, 403, "denied: needs scope orders/read or group staff"},
		{"GET", "/orders", staff[:len(staff)-6] + "AAAAAA", 401, "refused: signature"},
		{"GET", "/orders/7", staff, 200, "allowed"},
		{"GET", "/nowhere", staff, 403, "no such route"},
		{"POST", "/internal/rebuild", staff, 403, "authorized by IAM"},
	} {
		if status, body := r.call(t, tt.method, tt.path, tt.token); status != tt.want {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, status, body)
		}
		r.stderr.await(t, tt.line)
	}
	outside := r
	outside.API = strings.TrimSuffix(r.API, "/local")
	if status, body := outside.call(t, "GET", "/status", ""); status != 403 {
		t.Errorf("outside of the stage: %d %s", status, body)
	}
	r.stderr.await(t, "paths begin with the stage: "+r.API)
	if text := r.stderr.String(); strings.Contains(text, "eyJ") || !strings.Contains(text, "cached") || !strings.Contains(text, "staff") {
		t.Errorf("the lines are\n%s", text)
	}
}

func TestRunRunsAFunction(t *testing.T) {
	probe := lambdatest.Bootstrap(t)
	r := startRun(t, "--contract", orders, "--function", "'"+probe+"'")
	if status, body := r.call(t, "GET", "/orders/7", r.token(t, "staff")); status != 200 || !strings.Contains(body, `"resource":"/orders/{id}"`) || !strings.Contains(body, `"groups":"staff"`) {
		t.Errorf("%d %s", status, body)
	}
}

// blockOf returns the block of docs/adopt.md that begins with a line.
func blockOf(t *testing.T, first string) string {
	t.Helper()
	page, err := os.ReadFile(root + "/docs/adopt.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n"+first+"\n")
	block, _, ended := strings.Cut(rest, "\n```")
	if !found || !ended {
		t.Fatalf("docs/adopt.md has no block that begins with %s", first)
	}
	return block
}

func TestRunRunsTheHandlersOfThePageForAdopters(t *testing.T) {
	folder := t.TempDir()
	examples, err := filepath.Abs(root + "/examples/functions")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ file, first, command string }{
		"node":           {"handler.mjs", "// handler.mjs", "'" + examples + "/runtime.mjs' '" + folder + "/handler.mjs'"},
		"python3":        {"app.py", "# app.py", "-B '" + examples + "/runtime.py' app.handler"},
		"aws-lambda-ric": {"handler.mjs", "// handler.mjs", "'" + folder + "/handler.handler'"}, // AWS's own; most machines lack it
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil {
				t.Skipf("there is no %s: the handler was not run", name)
			}
			if err := os.WriteFile(filepath.Join(folder, tt.file), []byte(blockOf(t, tt.first)), 0o600); err != nil {
				t.Fatal(err)
			}
			r := startRun(t, "--contract", root+"/examples/cdk/openapi.yaml", "--function", "env PYTHONPATH='"+folder+"' "+name+" "+tt.command)
			var caller struct {
				Username *string
				Groups   []string
			}
			status, body := r.call(t, "GET", "/orders/7", r.token(t, "staff"))
			if err := json.Unmarshal([]byte(body), &caller); err != nil || status != 200 || caller.Username == nil || *caller.Username != "staff" || len(caller.Groups) != 1 {
				t.Errorf("staff: %d %s %v", status, body, err)
			}
			caller.Groups = nil
			if status, body = r.call(t, "GET", "/orders/7", r.token(t, "alice")); status != 200 || json.Unmarshal([]byte(body), &caller) != nil || len(caller.Groups) != 0 {
				t.Errorf("alice, who is in no group: %d %s", status, body)
			}
			if status, _ := r.call(t, "GET", "/status", ""); status != 502 {
				t.Errorf("a public route, where the handler throws: %d", status)
			}
		})
	}
}

func TestRunWithoutABackendEchoesAndWithMoreUsers(t *testing.T) {
	users := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(users, []byte(`[{"name":"ann","password":"Ann-secret-1","groups":["staff","managers"]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startRun(t, "--contract", orders, "--users", users, "--set", "TOKEN_USE=id,access", "--logs", "json")
	if r.Passwords["ann"] != "Ann-secret-1" || r.Passwords["alice"] == "" || r.Passwords["staff"] != "" {
		t.Errorf("the people are %v", r.Passwords)
	}
	if status, body := r.call(t, "DELETE", "/profile", r.token(t, "ann")); status != 200 || !strings.Contains(body, `"route": "DELETE /profile"`) {
		t.Errorf("%d %s", status, body)
	}
	r.stderr.await(t, `"path":"/profile"`)
	r.stderr.await(t, `"reason":"allowed"`)
}

func TestAnInvalidRunIsACommandLineError(t *testing.T) {
	for name, args := range map[string][]string{
		"no contract file":           {"run", "--contract", "none.yaml"},
		"an invalid backend address": {"run", "--contract", orders, "--backend", "localhost"},
		"backend and function":       {"run", "--contract", orders, "--backend", "http://127.0.0.1:1", "--function", "x"},
		"port and address":           {"run", "--contract", orders, "--port", "1", "--listen", "127.0.0.1:1"},
		"zips and contract":          {"run", "--contract", orders, "--zips", "."},
		"a TTL over an hour":         {"run", "--contract", orders, "--ttl", "2h"},
		"users that are not JSON":    {"run", "--contract", orders, "--root", root, "--users", orders},
	} {
		var out, stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if code := command(ctx, &out, &stderr, args...); code != 2 {
			t.Errorf("%s: exit code %d\n%s", name, code, stderr.String())
		}
		cancel()
	}
}
