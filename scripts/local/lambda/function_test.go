package lambda_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
)

// start runs the probe until the test ends, and then checks that nothing of it is left.
func start(t *testing.T, o lambda.Options) *lambda.Function {
	t.Helper()
	o.Name = "probe"
	o.Timeout = cmp.Or(o.Timeout, time.Minute) // a busy machine must not cause a timeout
	o.Zip = lambdatest.Probe(t)
	f, err := lambda.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if n := f.Stats().Environments; n != 0 {
			t.Errorf("%d processes left", n)
		}
		if _, err := os.Stat(lambda.Dir(f)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the unpacked files are left: %v", err)
		}
	})
	return f
}

// event returns an event for the probe: a command word and fields, given as names and values.
func event(t *testing.T, word string, fields ...any) []byte {
	t.Helper()
	e := map[string]any{"do": word}
	for i := 0; i < len(fields); i += 2 {
		e[fields[i].(string)] = fields[i+1]
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// invoke invokes the function and decodes its response. A function error fails the test.
func invoke[T any](t *testing.T, f *lambda.Function, event []byte) (answer T, r lambda.Result) {
	t.Helper()
	r, err := f.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if r.FunctionError != "" {
		t.Fatalf("%s failed: %.500s", event, r.Payload)
	}
	if err := json.Unmarshal(r.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	return answer, r
}

// failure is a function error as Lambda reports it.
type failure struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// invokeToFail invokes the function and returns its function error. Success fails the test.
func invokeToFail(t *testing.T, f *lambda.Function, event []byte) (failed failure, r lambda.Result) {
	t.Helper()
	r, err := f.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if r.FunctionError != "Unhandled" {
		t.Fatalf("%s: function error %q, response %.200s", event, r.FunctionError, r.Payload)
	}
	if err := json.Unmarshal(r.Payload, &failed); err != nil {
		t.Fatalf("%q: %v", r.Payload, err)
	}
	return failed, r
}

func TestAProcessIsReused(t *testing.T) {
	f := start(t, lambda.Options{})
	first, r := invoke[int](t, f, event(t, "pid"))
	if !r.ColdStart || r.InitDuration <= 0 || r.Duration <= 0 {
		t.Errorf("the first invocation was reported as %+v", r)
	}
	for range 20 {
		again, r := invoke[int](t, f, event(t, "pid"))
		if again != first || r.ColdStart || r.InitDuration != 0 {
			t.Fatalf("process %d, then %d; cold start %v", first, again, r.ColdStart)
		}
	}
	if s := f.Stats(); s.ColdStarts != 1 || s.Invocations != 21 || s.Errors != 0 || s.Environments != 1 {
		t.Errorf("counted %+v", s)
	}
}

func TestTheFunctionSeesItsInvocation(t *testing.T) {
	f := start(t, lambda.Options{Timeout: 7 * time.Second, Region: "eu-central-1"})
	begin := time.Now()
	got, r := invoke[struct {
		RequestID, ARN, Trace string
		Deadline              time.Time
	}](t, f, event(t, "context"))
	if got.RequestID != r.RequestID || len(got.RequestID) != 36 {
		t.Errorf("request id %q, the result has %q", got.RequestID, r.RequestID)
	}
	if got.ARN != "arn:aws:lambda:eu-central-1:123456789012:function:probe" || got.ARN != f.ARN() {
		t.Errorf("ARN %q", got.ARN)
	}
	if !strings.HasPrefix(got.Trace, "Root=1-") {
		t.Errorf("trace id %q", got.Trace)
	}
	// The deadline is in whole milliseconds.
	if early, late := begin.Add(7*time.Second-time.Millisecond), time.Now().Add(7*time.Second); got.Deadline.Before(early) || got.Deadline.After(late) {
		t.Errorf("deadline %v is not between %v and %v", got.Deadline, early, late)
	}
	_, second := invoke[any](t, f, event(t, "context"))
	if second.RequestID == r.RequestID {
		t.Error("two invocations have the same id")
	}
}

func TestTheEnvironmentOfTheProcess(t *testing.T) {
	t.Setenv("HOST_SECRET", "must not leak")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "must not leak")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	f := start(t, lambda.Options{MemoryMB: 256, Env: map[string]string{"ISSUERS": "https://a,https://b", "AWS_ACCESS_KEY_ID": "local", "TZ": ":Europe/Berlin"}})
	list, _ := invoke[[]string](t, f, event(t, "environment"))
	got := map[string]string{}
	for _, v := range list {
		name, value, _ := strings.Cut(v, "=")
		got[name] = value
	}
	want := map[string]string{
		"AWS_ACCESS_KEY_ID": "local", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_FUNCTION_NAME": "probe", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/probe", "AWS_REGION": "eu-west-1", "ISSUERS": "https://a,https://b",
		"LAMBDA_TASK_ROOT": lambda.Dir(f), "LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ": ":Europe/Berlin", "_HANDLER": "bootstrap",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
		delete(got, name)
	}
	for _, name := range []string{"AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "_X_AMZN_TRACE_ID"} { // any value; the runtime sets the last one
		if got[name] == "" {
			t.Errorf("%s is not set", name)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("the process also sees %v", got)
	}
}

func TestACommandSeesTheEnvironmentOfThisMachineAndOfAFunction(t *testing.T) {
	t.Setenv("OF_THIS_MACHINE", "seen")
	f, err := lambda.Start(lambda.Options{Name: "probe", Command: "'" + lambdatest.Bootstrap(t) + "'", MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	list, _ := invoke[[]string](t, f, event(t, "environment"))
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"OF_THIS_MACHINE=seen", "PATH=" + os.Getenv("PATH"), "LAMBDA_TASK_ROOT=" + working, "AWS_LAMBDA_FUNCTION_NAME=probe",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_REGION=eu-west-1",
	} {
		if !slices.Contains(list, want) {
			t.Errorf("the process does not see %s", want)
		}
	}
}

func TestTheWorkingDirectoryIsTheUnpackedZip(t *testing.T) {
	f := start(t, lambda.Options{})
	got, _ := invoke[struct {
		Dir   string
		Modes map[string]string
	}](t, f, event(t, "files"))
	if got.Dir != lambda.Dir(f) {
		t.Errorf("working directory %q, want %q", got.Dir, lambda.Dir(f))
	}
	if got.Modes["bootstrap"] != "-rwxr-xr-x" || got.Modes["data/table.json"] != "-rw-r-----" {
		t.Errorf("modes %v are not those of the zip", got.Modes)
	}
}

func TestOutputIsLoggedInWholeLines(t *testing.T) {
	log := &lineCheck{t: t}
	f := start(t, lambda.Options{Log: log})
	var running sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		running.Go(func() {
			if _, err := f.Invoke(t.Context(), event(t, "print", "text", name)); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	environments := f.Stats().ColdStarts
	if err := f.Close(); err != nil { // waits until all output is written
		t.Fatal(err)
	}
	if got, want := len(log.lines), 3*400; got < want {
		t.Fatalf("%d lines, want %d and more", got, want)
	}
	slices.Sort(log.lines)
	for _, name := range []string{"a", "b", "c"} {
		for _, line := range []string{name + " out 0\n", name + " out 199\n", name + " err 0\n", name + " err 199\n"} {
			if _, ok := slices.BinarySearch(log.lines, line); !ok && !slices.ContainsFunc(log.lines, func(l string) bool { return strings.HasSuffix(l, "no end of line"+line) }) {
				t.Errorf("no line %q", line)
			}
		}
	}
	var unfinished int
	for _, line := range log.lines {
		if strings.HasSuffix(line, "no end of line\n") {
			unfinished++
		}
	}
	if unfinished != environments {
		t.Errorf("%d of %d unterminated last lines were written", unfinished, environments)
	}
}

func TestInvalidOptionsAreNamed(t *testing.T) {
	zip := lambdatest.Probe(t)
	for name, tt := range map[string]struct {
		options lambda.Options
		want    string
	}{
		"no name":               {lambda.Options{Zip: zip}, `function name ""`},
		"a path as the name":    {lambda.Options{Name: "../x", Zip: zip}, `function name "../x"`},
		"a negative timeout":    {lambda.Options{Name: "f", Zip: zip, Timeout: -1}, "timeout -1ns"},
		"a timeout over 15 min": {lambda.Options{Name: "f", Zip: zip, Timeout: time.Hour}, "timeout 1h0m0s"},
		"no concurrency":        {lambda.Options{Name: "f", Zip: zip, MaxConcurrency: -1}, "concurrency of -1"},
		"Lambda's own variable": {lambda.Options{Name: "f", Zip: zip, Env: map[string]string{"AWS_REGION": "x"}}, "AWS_REGION"},
		"another one":           {lambda.Options{Name: "f", Zip: zip, Env: map[string]string{"AWS_LAMBDA_RUNTIME_API": "x"}}, "AWS_LAMBDA_RUNTIME_API"},
		"a variable with =":     {lambda.Options{Name: "f", Zip: zip, Env: map[string]string{"A=B": "x"}}, `"A=B"`},
		"a value with NUL":      {lambda.Options{Name: "f", Zip: zip, Env: map[string]string{"A": "\x00"}}, `"A"`},
		"no zip":                {lambda.Options{Name: "f"}, "unusable deployment zip"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := lambda.Start(tt.options)
			if err == nil {
				_ = f.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not contain %q", err, tt.want)
			}
		})
	}
	for _, name := range []string{"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL", "AWS_SESSION_TOKEN", "PATH"} {
		f, err := lambda.Start(lambda.Options{Name: "f", Zip: zip, Env: map[string]string{name: "x"}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = f.Close()
	}
}

// safeBuffer is a buffer for concurrent use.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// lineCheck is a log that checks that each Write is one whole line. It has no lock, so that the race detector reports concurrent
// writes.
type lineCheck struct {
	t     *testing.T
	lines []string
}

func (l *lineCheck) Write(p []byte) (int, error) {
	if i := bytes.IndexByte(p, '\n'); i != len(p)-1 {
		l.t.Errorf("not one whole line: %q", p)
	}
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

var _ io.Writer = (*lineCheck)(nil)
