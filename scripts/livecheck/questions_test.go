package livecheck

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// clock is moved by waiting.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// deployed is function.py in a process of its own.
type deployed struct {
	mu     sync.Mutex
	clock  *clock
	events io.Writer
	answer *bufio.Reader
}

func deploy(t *testing.T, c *clock, secret string) *deployed {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3, so function.py was not run")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "python3", "testdata/invoke.py", ".")
	cmd.Env = append(os.Environ(), "SECRET="+secret)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = events.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &deployed{clock: c, events: events, answer: bufio.NewReader(answers)}
}

// Invoke implements gateway.Invoker.
func (d *deployed) Invoke(_ context.Context, event []byte) (lambda.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := fmt.Fprintf(d.events, `{"now":%d,"event":%s}`+"\n", d.clock.time().Unix(), event); err != nil {
		return lambda.Result{}, err
	}
	line, err := d.answer.ReadBytes('\n')
	if err != nil {
		return lambda.Result{}, err
	}
	var answer struct {
		Error   bool
		Payload json.RawMessage
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return lambda.Result{}, err
	}
	result := lambda.Result{Payload: answer.Payload}
	if answer.Error {
		result.FunctionError = "Unhandled"
	}
	return result, nil
}

// The local gateway is no AWS, but its behaviour is known: the questions must find it out, with the real function.
func TestTheQuestionsFindOutWhatTheLocalGatewayDoes(t *testing.T) {
	c := newClock()
	function := deploy(t, c, "s3cret")
	g, err := gateway.Start(gateway.Options{
		Contract:    []byte(`{"openapi":"3.0.3","x-authorizer":{"caching":"stage"},"paths":{"/p/{rest+}":{"get":{"x-authorizer-rule":{"access":"token","any_of":[{}]}}}}}`),
		Integration: function, Now: c.time, Stage: stage,
		Authorizer: gateway.Authorizer{Function: function, Type: gateway.Token, TTL: cacheTTL * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	p := &prober{secret: "s3cret", client: http.DefaultClient, now: c.time, wait: c.wait}
	answers, err := p.interview(t.Context(), []api{{"REST", g.URL()}}, func(Answer) {})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Does a time condition end a cached Allow?":                 "yes",
		"What does the error Unauthorized become?":                  "401",
		"Is the error Unauthorized cached?":                         "no",
		"Is another error cached?":                                  "no",
		"Which form of an encoded path is the policy evaluated on?": "as sent",
		"… of an encoded slash?":                                    "as sent",
		"… of a path with a slash at its end?":                      "as sent",
		"… of a path with two slashes?":                             "as sent",
		"Do * and ? of a caller arrive as such in the ARN?":         "* does, ? does not",
		"Is NotResource honoured?":                                  "no: the result is refused",
		"How large may a result be?":                                "at least 262144 bytes",
	}
	for _, a := range answers {
		expected, known := want[a.Question]
		if known && a.Answer != expected || a.Answer == unknown || len(a.Evidence) == 0 {
			t.Errorf("%s %s, want %s: %s", a.Question, a.Answer, expected, a.Evidence)
		}
		delete(want, a.Question)
		if strings.Contains(fmt.Sprint(a.Evidence), "s3cret") {
			t.Error("the evidence holds the secret")
		}
	}
	for question := range want {
		t.Errorf("not asked: %s", question)
	}
}

func TestTheFunctionServesAnHTTPAPIAndNobodyWithoutTheSecret(t *testing.T) {
	c := newClock()
	function := deploy(t, c, "s3cret")
	invoke := func(event map[string]any) (lambda.Result, string) {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		result, err := function.Invoke(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return result, string(result.Payload)
	}
	p := &prober{secret: "s3cret", now: c.time}
	token, err := p.token(order{Statements: allowAll, DenyFrom: c.time().Add(time.Minute).Unix(), Bytes: 9000})
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:execute-api:eu-west-1:111122223333:abc123/$default/GET/p/a"
	_, text := invoke(map[string]any{"routeArn": arn, "headers": map[string]string{"authorization": token}})
	if !strings.Contains(text, `"arn:aws:execute-api:eu-west-1:111122223333:abc123/$default/*"`) || !strings.Contains(text, "2026-11-29T12:01:00Z") || len(text) < 9000 {
		t.Errorf("the result is %.300s", text)
	}
	_, text = invoke(map[string]any{"requestContext": map[string]any{"authorizer": map[string]any{"lambda": map[string]any{"invocation": "i", "arn": arn}}}})
	if !strings.Contains(text, `\"invocation\": \"i\"`) {
		t.Errorf("the backend answers %s", text)
	}
	for name, credentials := range map[string]string{"no token": "", "another secret": strings.Replace(token, "s3cret", "guess", 1)} {
		result, text := invoke(map[string]any{"routeArn": arn, "headers": map[string]string{"authorization": credentials}})
		if result.FunctionError == "" || !strings.Contains(text, `"Unauthorized"`) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Each row is what an API might do, call by call: a status, and the invocation of the authorizer that allowed it.
func TestAnAnswerFollowsFromWhatTheAPIDid(t *testing.T) {
	for name, tt := range map[string]struct {
		find    func(context.Context, *prober, api) (string, []string, error)
		replies []string
		want    string
	}{
		"the condition holds":             {timeCondition, []string{"200 a", "403"}, "yes"},
		"the condition is ignored":        {timeCondition, []string{"200 a", "200 a"}, "no"},
		"nothing is cached":               {timeCondition, []string{"200 a", "200 b"}, unknown},
		"the condition is refused":        {timeCondition, []string{"500", "500"}, unknown},
		"a failure instead of a denial":   {timeCondition, []string{"200 a", "500"}, unknown},
		"an error is cached":              {withError("x"), []string{"500", "500"}, "yes"},
		"an error is not cached":          {withError("x"), []string{"500", "200 a"}, "no"},
		"an error that turns into a 403":  {withError("x"), []string{"500", "403"}, unknown},
		"an error that refuses nobody":    {withError("x"), []string{"200 a", "200 a"}, unknown},
		"as sent only":                    {someForms, []string{"200 a", "403"}, "as sent"},
		"decoded only":                    {someForms, []string{"403", "200 a"}, "decoded"},
		"either form":                     {someForms, []string{"200 a", "200 a"}, "as sent and decoded"},
		"no form":                         {someForms, []string{"403", "403"}, "neither"},
		"a form that is refused":          {someForms, []string{"400"}, unknown},
		"NotResource is honoured":         {notResource, []string{"200 a", "403"}, "yes"},
		"NotResource is ignored":          {notResource, []string{"200 a", "200 a"}, "no: it is ignored"},
		"NotResource denies everything":   {notResource, []string{"403", "403"}, "no: it denies everything"},
		"NotResource is refused":          {notResource, []string{"500", "500"}, "no: the result is refused"},
		"NotResource the wrong way round": {notResource, []string{"403", "200 a"}, unknown},
		"a limit of 8 KB":                 {resultSize, []string{"200 a", "200 a", "500"}, "at least 8092 bytes, less than 8292"},
		"a limit below 7 KB":              {resultSize, []string{"500"}, unknown},
		"an implicit denial that allows":  {implicitDenial, []string{"200 a"}, unknown},
		"CORS on a 403":                   {corsOnRefusal, []string{"403 cors"}, "yes"},
		"no CORS on a 403":                {corsOnRefusal, []string{"403"}, "no"},
		"a Deny that allows":              {corsOnRefusal, []string{"200 a"}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			replies := tt.replies
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if len(replies) == 0 {
					t.Error("one call too many")
					return
				}
				status, word, _ := strings.Cut(replies[0], " ")
				replies = replies[1:]
				if word == "cors" {
					w.Header().Set("Access-Control-Allow-Origin", origin)
				}
				var code int
				_, _ = fmt.Sscan(status, &code)
				w.WriteHeader(code)
				if code == http.StatusOK {
					_, _ = fmt.Fprintf(w, `{"invocation":%q}`, word)
				}
			}))
			defer server.Close()
			c := newClock()
			p := &prober{client: server.Client(), now: c.time, wait: c.wait}
			got, evidence, err := tt.find(t.Context(), p, api{"REST", server.URL})
			if err != nil || got != tt.want || len(evidence) == 0 || len(replies) > 0 {
				t.Errorf("got %q, want %q; %v %v, %d calls not made", got, tt.want, evidence, err, len(replies))
			}
		})
	}
}

func withError(message string) func(context.Context, *prober, api) (string, []string, error) {
	return func(ctx context.Context, p *prober, at api) (string, []string, error) {
		return errorCached(ctx, p, at, message)
	}
}

var someForms = forms("a%41b", map[string]string{"as sent": "a%41b", "decoded": "aAb"})

func TestAnAPIThatNeverRespondsLeavesEveryQuestionUnknown(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c := newClock()
	p := &prober{client: server.Client(), now: c.time, wait: c.wait}
	answers, err := p.interview(t.Context(), []api{{"HTTP", server.URL}}, func(Answer) {})
	if err != nil || len(answers) != len(unanswered([]string{"HTTP"}, "")) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	for _, a := range answers {
		if a.Answer != unknown || !strings.Contains(a.Evidence[0], "status 404") {
			t.Errorf("%+v", a)
		}
	}
}
