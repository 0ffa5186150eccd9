package lambda_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
)

// gate is a server that processes call and that responds when the test allows it. It reports each call and, when the connection
// breaks, the end of the calling process.
type gate struct {
	*httptest.Server
	arrived  chan string // path of each call
	departed chan string // path of each call whose process ended before the response
	open     map[string]chan struct{}
	mu       sync.Mutex
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{arrived: make(chan string, 100), departed: make(chan string, 100), open: map[string]chan struct{}{}}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		opened := g.at(r.URL.Path)
		g.arrived <- r.URL.Path
		select {
		case <-opened:
			_, _ = io.WriteString(w, r.URL.Path)
		case <-r.Context().Done():
			g.departed <- r.URL.Path
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) at(path string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[path] == nil {
		g.open[path] = make(chan struct{})
	}
	return g.open[path]
}

// wait receives from a channel, and fails the test if that takes too long.
func wait[T any](t *testing.T, from <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(2 * time.Minute):
		t.Fatalf("timed out waiting for %s", what)
	}
	return v
}

// waiting starts an invocation that lasts until the gate opens at path, and returns when it is running. The channel receives its
// process ID.
func waiting(t *testing.T, f *lambda.Function, g *gate, path string) <-chan int {
	t.Helper()
	done := make(chan int, 1)
	e := event(t, "wait", "url", g.URL+path)
	go func() {
		answer, _ := invoke[struct{ PID int }](t, f, e)
		done <- answer.PID
	}()
	if got := wait(t, g.arrived, path); got != path {
		t.Fatalf("%s arrived, want %s", got, path)
	}
	return done
}

func TestTheMostRecentlyUsedEnvironmentIsUsedFirst(t *testing.T) {
	f, g := start(t, lambda.Options{}), newGate(t)
	a, b := waiting(t, f, g, "/a"), waiting(t, f, g, "/b")
	if s := f.Stats(); s.Environments != 2 || s.ColdStarts != 2 {
		t.Errorf("with two running invocations: %+v", s)
	}
	close(g.at("/a"))
	first := wait(t, a, "the end of a")
	close(g.at("/b"))
	second := wait(t, b, "the end of b")
	if first == second {
		t.Fatal("two concurrent invocations shared a process")
	}
	for range 5 {
		if pid, _ := invoke[int](t, f, event(t, "pid")); pid != second {
			t.Errorf("process %d was used, want the most recently used %d", pid, second)
		}
	}
}

func TestMaxConcurrency(t *testing.T) {
	f, g := start(t, lambda.Options{MaxConcurrency: 1}), newGate(t)
	a := waiting(t, f, g, "/a")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Invoke(ctx, event(t, "pid")); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller without time to wait got %v", err)
	}
	queued := make(chan int, 1)
	e := event(t, "pid")
	go func() {
		pid, _ := invoke[int](t, f, e)
		queued <- pid
	}()
	select {
	case <-queued:
		t.Fatal("a second invocation ran concurrently")
	default:
	}
	close(g.at("/a"))
	if first, next := wait(t, a, "the end of a"), wait(t, queued, "the end of the next"); first != next {
		t.Errorf("processes %d and %d", first, next)
	}
	if s := f.Stats(); s.ColdStarts != 1 || s.Invocations != 2 {
		t.Errorf("counted %+v", s)
	}
}

func TestConcurrentCallersGetTheirOwnResponses(t *testing.T) {
	f := start(t, lambda.Options{MaxConcurrency: 3})
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for i := range 25 {
				text := strings.Repeat("x", i)
				e := event(t, "echo", "text", text)
				if i == 20 {
					e = event(t, "exit", "size", 1)
				}
				r, err := f.Invoke(t.Context(), e)
				if err != nil || (r.FunctionError != "") != (i == 20) || i != 20 && string(r.Payload) != `"`+text+`"` {
					t.Errorf("got %+v, %v for %s", r, err, e)
				}
			}
		})
	}
	callers.Wait()
	if s := f.Stats(); s.Invocations != 200 || s.Errors != 8 || s.Environments > 3 || s.ColdStarts > 3+8 {
		t.Errorf("counted %+v", s)
	}
}

func TestACanceledCallerDoesNotEndTheInvocation(t *testing.T) {
	f, g := start(t, lambda.Options{}), newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	e := event(t, "wait", "url", g.URL+"/a")
	go func() {
		_, err := f.Invoke(ctx, e)
		left <- err
	}()
	wait(t, g.arrived, "the invocation")
	cancel()
	if err := wait(t, left, "the caller"); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v", err)
	}
	if s := f.Stats(); s.Environments != 1 || s.Invocations != 0 {
		t.Errorf("counted %+v", s)
	}
	close(g.at("/a"))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestATimeoutKillsAllProcessesOfTheFunction(t *testing.T) {
	f, g := start(t, lambda.Options{Timeout: 4 * time.Second}), newGate(t)
	invoke[any](t, f, event(t, "spawn", "url", g.URL+"/grandchild"))
	wait(t, g.arrived, "the grandchild")
	if got, _ := invokeToFail(t, f, event(t, "hang")); got.Type != "Sandbox.Timedout" {
		t.Errorf("got %+v", got)
	}
	wait(t, g.departed, "the end of the grandchild")
	if n := f.Stats().Environments; n != 0 {
		t.Errorf("%d processes left", n)
	}
}

func TestChildrenEndWithTheProcess(t *testing.T) {
	f, g := start(t, lambda.Options{}), newGate(t)
	invoke[any](t, f, event(t, "spawn", "url", g.URL+"/grandchild"))
	wait(t, g.arrived, "the grandchild")
	invokeToFail(t, f, event(t, "exit", "size", 1))
	wait(t, g.departed, "the end of the grandchild")
}

func TestCloseEndsEverything(t *testing.T) {
	f, g := start(t, lambda.Options{Timeout: time.Minute, MaxConcurrency: 2}), newGate(t)
	invoke[any](t, f, event(t, "spawn", "url", g.URL+"/grandchild"))
	wait(t, g.arrived, "the grandchild")
	results := make(chan error, 3)
	e := event(t, "wait", "url", g.URL+"/a")
	for range 3 { // two are running, one is waiting
		go func() {
			_, err := f.Invoke(context.Background(), e)
			results <- err
		}()
	}
	wait(t, g.arrived, "an invocation")
	wait(t, g.arrived, "an invocation")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := wait(t, results, "the callers"); !errors.Is(err, lambda.ErrClosed) {
			t.Errorf("a caller got %v", err)
		}
		wait(t, g.departed, "the end of a process")
	}
	if _, err := f.Invoke(t.Context(), e); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// A killed process cannot call Close.
func TestProcessesEndWithTheHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process with its parent")
	}
	g := newGate(t)
	host := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostToBeKilled$")
	host.Env = append(os.Environ(), "LAMBDA_TEST_ZIP="+lambdatest.Probe(t), "LAMBDA_TEST_URL="+g.URL+"/a", "TMPDIR="+t.TempDir())
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, g.arrived, "the invocation")
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wait(t, g.departed, "the end of the process")
	_, _ = io.Copy(io.Discard, bufio.NewReader(out))
	_ = host.Wait() // has been killed
}

func TestHostToBeKilled(t *testing.T) {
	zip, url := os.Getenv("LAMBDA_TEST_ZIP"), os.Getenv("LAMBDA_TEST_URL")
	if zip == "" {
		t.Skip("runs as a process of its own, see above")
	}
	f, err := lambda.Start(lambda.Options{Name: "orphan", Zip: zip, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Invoke(t.Context(), event(t, "wait", "url", url))
	t.Error("it was not killed")
}

func TestPeakMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells it")
	}
	f := start(t, lambda.Options{})
	invoke[int](t, f, event(t, "pid"))
	before := f.Stats().PeakMemory
	if before < 1<<20 || before > 100<<20 {
		t.Errorf("a small process has a peak memory of %d bytes", before)
	}
	invoke[string](t, f, event(t, "size", "size", 6<<20))
	during := f.Stats().PeakMemory
	if during < before+6<<20 {
		t.Errorf("%d bytes, and %d after a response of 6 MB", before, during)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if after := f.Stats().PeakMemory; after < during {
		t.Errorf("%d bytes, and %d after closing", during, after)
	}
}

func TestCPUTime(t *testing.T) {
	f := start(t, lambda.Options{})
	invoke[int](t, f, event(t, "pid"))
	during := f.Stats().CPU
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if after := f.Stats().CPU; after <= 0 || after < during-10*time.Millisecond || after > time.Minute { // the CPU time of running processes is in steps of 10 ms
		t.Errorf("%v while it ran, %v after its end", during, after)
	}
}
