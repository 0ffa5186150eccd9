package lambda_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
)

func TestFunctionErrorsAreReportedAsInLambda(t *testing.T) {
	f := start(t, lambda.Options{Timeout: time.Minute})
	const limit = 6<<20 + 100
	for _, tt := range []struct {
		name     string
		event    []byte
		want     failure // %ID is replaced by the request ID
		survives bool    // the same process serves the next invocation
	}{
		{"an error", event(t, "fail", "text", "the keys cannot be had"), failure{"errorString", "the keys cannot be had"}, true},
		{"a panic", event(t, "panic", "text", "boom"), failure{"string", "boom"}, false},
		{"an exit with a status", event(t, "exit", "size", 3), failure{"Runtime.ExitError", "RequestId: %ID Error: Runtime exited with error: exit status 3"}, false},
		{"an exit without a reason", event(t, "exit", "size", 0), failure{"Runtime.ExitError", "RequestId: %ID Error: Runtime exited without providing a reason"}, false},
		{"a response one byte over the limit", event(t, "size", "size", limit+1), failure{"Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."}, false},
		{"an error that is not JSON", event(t, "text as error"), failure{"Runtime.Unknown", "not JSON"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, _ := invoke[int](t, f, event(t, "pid"))
			got, r := invokeToFail(t, f, tt.event)
			tt.want.Message = strings.ReplaceAll(tt.want.Message, "%ID", r.RequestID)
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			after, _ := invoke[int](t, f, event(t, "pid"))
			if (after == before) != tt.survives {
				t.Errorf("process %d, then %d; want the same: %v", before, after, tt.survives)
			}
		})
	}
	if s := f.Stats(); s.Errors != 6 || s.Invocations != 18 || s.ColdStarts != 6 {
		t.Errorf("counted %+v", s)
	}
}

func TestAHangingFunctionTimesOutAndItsProcessEnds(t *testing.T) {
	f := start(t, lambda.Options{Timeout: time.Second})
	for range 2 {
		got, r := invokeToFail(t, f, event(t, "hang"))
		want := failure{"Sandbox.Timedout", "RequestId: " + r.RequestID + " Error: Task timed out after 1.00 seconds"}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if s := f.Stats(); s.Errors != 2 || s.ColdStarts != 2 {
		t.Errorf("counted %+v, want a new process for each invocation", s)
	}
}

func TestALargeResponseWithinTheLimit(t *testing.T) {
	f := start(t, lambda.Options{})
	const limit = 6<<20 + 100
	if _, r := invoke[string](t, f, event(t, "size", "size", limit)); len(r.Payload) != limit {
		t.Errorf("%d bytes arrived", len(r.Payload))
	}
}

func TestInvalidEventsAreNotRun(t *testing.T) {
	f := start(t, lambda.Options{})
	for _, tt := range []struct {
		name  string
		event []byte
		want  error
	}{
		{"no JSON", []byte("{"), lambda.ErrPayloadNotJSON},
		{"nothing", nil, lambda.ErrPayloadNotJSON},
		{"too large", []byte(`"` + strings.Repeat("x", 6<<20+99) + `"`), lambda.ErrPayloadTooLarge},
	} {
		if r, err := f.Invoke(t.Context(), tt.event); !errors.Is(err, tt.want) || r.Payload != nil {
			t.Errorf("%s: got %+v, %v; want %v", tt.name, r, err, tt.want)
		}
	}
	if s := f.Stats(); s.Invocations != 0 || s.ColdStarts != 0 {
		t.Errorf("counted %+v", s)
	}
	if got, _ := invoke[string](t, f, event(t, "echo", "text", strings.Repeat("x", 6<<20))); len(got) != 6<<20 {
		t.Errorf("the response to an event within the limit has %d bytes", len(got))
	}
}

func TestInitErrorsAreReported(t *testing.T) {
	for how, want := range map[string]failure{
		"report": {"Probe.Init", "a setting is missing"},
		"exit":   {"Runtime.ExitError", "RequestId: %ID Error: Runtime exited with error: exit status 3"},
		"hang":   {"Sandbox.Timedout", "RequestId: %ID Error: Init timed out after 0.20 seconds"},
	} {
		t.Run(how, func(t *testing.T) {
			var log bytes.Buffer
			f := start(t, lambda.Options{Env: map[string]string{"PROBE_INIT": how}, Log: &log})
			if how == "hang" {
				lambda.SetInitLimit(f, 200*time.Millisecond)
			}
			for range 2 { // a new process each time
				got, r := invokeToFail(t, f, event(t, "pid"))
				want := failure{want.Type, strings.ReplaceAll(want.Message, "%ID", r.RequestID)}
				if got != want || !r.ColdStart || r.InitDuration <= 0 || r.Duration != 0 {
					t.Errorf("got  %+v, %+v\nwant %+v", got, r, want)
				}
			}
			if s := f.Stats(); s.ColdStarts != 2 || s.Environments != 0 {
				t.Errorf("counted %+v", s)
			}
			if how == "exit" && log.String() != "a setting is missing\na setting is missing\n" {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

func TestABootstrapThatCannotRun(t *testing.T) {
	zip := lambdatest.Zip(t, lambdatest.File{Name: "bootstrap", Mode: 0o755, Content: []byte("\x7fELF of another kind")})
	f, err := lambda.Start(lambda.Options{Name: "other", Zip: zip})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _ := invokeToFail(t, f, []byte("{}"))
	if got.Type != "Runtime.InvalidEntrypoint" || !strings.Contains(got.Message, "exec format error") {
		t.Errorf("got %+v", got)
	}
}

func TestRuntimeAPIProtocolErrors(t *testing.T) {
	var log safeBuffer
	f := start(t, lambda.Options{Log: &log})
	t.Run("the first of two responses counts", func(t *testing.T) {
		if got, _ := invoke[string](t, f, event(t, "answer twice")); got != "first" {
			t.Errorf("got %q", got)
		}
	})
	for word, want := range map[string]int{
		"answer another":  400, // with the ID of another invocation
		"ask early":       403, // asks for the next invocation before its response
		"late init error": 403,
	} {
		t.Run(word, func(t *testing.T) {
			if got, _ := invoke[int](t, f, event(t, word)); got != want {
				t.Errorf("status %d, want %d", got, want)
			}
		})
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "answers 202 403\n") {
		t.Errorf("the second response was not refused: %q", log.String())
	}
}
