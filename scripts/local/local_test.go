package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

const root = "../.."

// zips is the folder of the zips for this machine, built once for all tests.
var zips string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if zips, err = os.MkdirTemp("", "cognito-authorizer-test-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(zips)
		job, err := bundle.Sample(root, zips, bundle.Host())
		if job.Quick = true; err == nil {
			_, err = job.Build(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// commandPath returns the path of the command, compiled once for all tests, with the flags of scripts/cognito-authorizer.sh.
func commandPath(t *testing.T) string {
	t.Helper()
	path, err := compiledCommand()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var compiledCommand = sync.OnceValues(func() (string, error) {
	path := filepath.Join(zips, "bin", "cognito-authorizer")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, "../cognito-authorizer")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// start starts a stack whose calls and log lines the test can look at.
func start(t *testing.T, change func(*stack.Options)) (*stack.Stack, *observer, *bytes.Buffer) {
	t.Helper()
	var seen observer
	var log bytes.Buffer
	o := stack.Options{
		Zips: zips, People: stack.SamplePeople(), TTL: gateway.DefaultTTL, AllowedOrigins: []string{origin}, Observe: seen.observe, Log: &syncWriter{to: &log},
	}
	if change != nil {
		change(&o)
	}
	s, err := stack.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, &seen, &log
}

func TestEveryResponseOfTheDemoIsTheExpectedOne(t *testing.T) {
	for _, kind := range []gateway.AuthorizerType{gateway.Token, gateway.Request} {
		t.Run(string(kind), func(t *testing.T) {
			s, seen, log := start(t, func(o *stack.Options) { o.Authorizer = kind })
			calls, err := script(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var tokens []string
			for _, c := range calls {
				if c.before != nil {
					if err := c.before(&c); err != nil {
						t.Fatal(err)
					}
				}
				if kind == gateway.Request && c.asked == nobody && c.status == http.StatusUnauthorized && (c.token != "" || c.header != nil) {
					c.asked = authorizer // a REQUEST authorizer has no validation expression before it
				}
				got, err := c.do(t.Context(), s.Gateway.URL())
				if err != nil {
					t.Fatalf("%s: %v", c.what, err)
				}
				for _, problem := range c.check(got, seen.last()) {
					t.Errorf("%s: %s %s: %s", c.what, c.method, c.path, problem)
				}
				if strings.Count(c.token, ".") == 2 && len(c.token) > 100 {
					tokens = append(tokens, c.token)
				}
			}
			if err := s.Close(); err != nil { // so that all is written
				t.Fatal(err)
			}
			noTokenIn(t, log.String(), tokens)
		})
	}
}

// noTokenIn checks that nothing was written of a token, not even a part that identifies it.
func noTokenIn(t *testing.T, log string, tokens []string) {
	t.Helper()
	if !strings.Contains(log, "decision") || len(tokens) == 0 {
		t.Fatal("there is nothing to look at")
	}
	for _, token := range tokens {
		for _, part := range strings.Split(token, ".") {
			if part != "" && strings.Contains(log, part) {
				t.Fatal("a part of a token was logged")
			}
		}
	}
}

// Each kind of caller, each route first: whichever route's result is cached, it has to be right on
// all the others.
func TestAResultOfAnyRouteIsRightOnEveryOther(t *testing.T) {
	s, seen, _ := start(t, nil)
	routes := []call{
		{method: http.MethodGet, path: "/info"}, {method: http.MethodGet, path: "/me"}, {method: http.MethodGet, path: "/users"},
		{method: http.MethodGet, path: "/users/alice"}, {method: http.MethodGet, path: "/users/oscar"}, {method: http.MethodPost, path: "/users/nobody/sign-out"},
	}
	expected := map[string][]int{ // by caller, in the order of routes; 404 is the API's own answer, so the caller got through
		"alice":   {200, 200, 403, 200, 403, 403},
		"olivia":  {200, 200, 403, 200, 200, 403},
		"oscar":   {200, 200, 403, 403, 200, 404},
		"machine": {200, 200, 200, 200, 200, 403},
	}
	for caller, statuses := range expected {
		token, err := s.MachineToken(t.Context(), "api/users.read")
		if caller != "machine" {
			var tokens stack.Tokens
			tokens, err = signIn(t.Context(), s, caller)
			token = tokens.Access
		}
		if err != nil {
			t.Fatal(err)
		}
		for first := range routes {
			s.Gateway.FlushCache()
			for i := range routes {
				at := (first + i) % len(routes)
				c := routes[at]
				c.token, c.status, c.asked = token, statuses[at], cache
				if i == 0 {
					c.asked = authorizer
				}
				got, err := c.do(t.Context(), s.Gateway.URL())
				if err != nil {
					t.Fatal(err)
				}
				for _, problem := range c.check(got, seen.last()) {
					t.Errorf("%s, first asked for %s, then on %s %s: %s", caller, routes[first].path, c.method, c.path, problem)
				}
			}
		}
	}
}

func TestAFunctionThatDoesNotStartAllowsNobody(t *testing.T) {
	s, _, log := start(t, func(o *stack.Options) { o.Settings = map[string]string{"LEEWAY": "1h", "TOKEN_USE": "any"} })
	tokens, err := signIn(t.Context(), s, "alice")
	if err != nil {
		t.Fatal(err)
	}
	got, err := call{method: http.MethodGet, path: "/me", token: tokens.Access}.do(t.Context(), s.Gateway.URL())
	if err != nil {
		t.Fatal(err)
	}
	if got.status != http.StatusInternalServerError {
		t.Errorf("status %d", got.status)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"LEEWAY", "TOKEN_USE"} {
		if !strings.Contains(log.String(), name) {
			t.Errorf("the log does not name %s", name)
		}
	}
}

// TestRunLeavesNothing runs the command as a person would, and stops it by Ctrl-C.
func TestRunLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	cmd := exec.CommandContext(t.Context(), commandPath(t), "run", "--json", "--root", root, "--zips", zips)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "XDG_CACHE_HOME="+t.TempDir()) // run is announced in the cache; another one may be running
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var d description
	if err := json.NewDecoder(bufio.NewReader(stdout)).Decode(&d); err != nil {
		t.Fatal(err)
	}
	got, err := call{method: http.MethodGet, path: "/health"}.do(t.Context(), d.API)
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("%v, %v", got.status, err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it exited with %v", err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("it left files: %v, %v", left, err)
	}
	if processes, err := exec.Command("pgrep", "-f", temporary).Output(); err == nil {
		t.Errorf("it left processes: %s", processes)
	}
}

func TestInvalidFlagsAreReportedInOneLine(t *testing.T) {
	console := cli.Console{In: os.Stdin, Out: io.Discard, Err: io.Discard}
	built := options{Root: root, Zips: zips}
	for name, o := range map[string]struct {
		err  error
		want string
	}{
		"another folder":        {(&DemoCommand{options: options{Root: t.TempDir()}}).Run(t.Context(), console), "functions/api/openapi.yaml"},
		"a TTL over 1h":         {(&RunCommand{options: built, TTL: 3601e9}).Run(t.Context(), console), "--ttl"},
		"a public address":      {(&RunCommand{options: built, Listen: "0.0.0.0:0"}).Run(t.Context(), console), "loopback"},
		"an origin with a path": {(&RunCommand{options: built, Origins: []string{"https://a.example/x"}}).Run(t.Context(), console), "origin"},
		"no zips":               {(&RunCommand{options: options{Root: root, Zips: t.TempDir()}}).Run(t.Context(), console), "manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			if o.err == nil || errors.Is(o.err, context.Canceled) || !strings.Contains(o.err.Error(), o.want) || strings.Contains(o.err.Error(), "\n") {
				t.Errorf("got %v, want one line that says %q", o.err, o.want)
			}
		})
	}
}

// syncBuffer may be written to and read at the same time.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	grown  chan struct{} // closed and replaced by each Write; nil before the first wait
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grown != nil {
		close(b.grown)
		b.grown = nil
	}
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// await waits until the text has been written.
func (b *syncBuffer) await(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		b.mu.Lock()
		found := strings.Contains(b.buffer.String(), text)
		if b.grown == nil {
			b.grown = make(chan struct{})
		}
		grown := b.grown
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("%q was not written:\n%s", text, b.String())
		}
	}
}

// syncWriter lets two functions log to one buffer.
type syncWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
