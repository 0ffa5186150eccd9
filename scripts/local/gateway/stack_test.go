package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// stack is a gateway between two real processes: the probe as authorizer, and the probe as integration.
type stack struct {
	*gateway.Gateway
	authorizer, integration *lambda.Function

	mu    sync.Mutex
	now   time.Time
	calls map[string]gateway.Call // by request id
}

// compile returns the contract.json of an OpenAPI document.
func compile(t *testing.T, document string) []byte {
	t.Helper()
	compiled, err := contract.Compile(document)
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Contract
}

// start runs a stack with a TOKEN authorizer and a cache, unless the options are changed.
func start(t *testing.T, change func(*gateway.Options)) *stack {
	t.Helper()
	zip := lambdatest.Probe(t)
	function := func(name string, timeout time.Duration) *lambda.Function {
		f, err := lambda.Start(lambda.Options{Name: name, Zip: zip, Timeout: timeout})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		return f
	}
	s := &stack{
		authorizer:  function("authorizer", time.Second),
		integration: function("integration", 10*time.Second),
		now:         time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		calls:       map[string]gateway.Call{},
	}
	options := gateway.Options{
		Contract:    compile(t, "testdata/pets.yaml"),
		Stage:       "v1",
		Integration: s.integration,
		Authorizer:  gateway.Authorizer{Function: s.authorizer, Type: gateway.Token, TTL: gateway.DefaultTTL},
		Now:         s.time,
		Observe: func(c gateway.Call) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.calls[c.RequestID] = c
		},
	}
	if change != nil {
		change(&options)
	}
	g, err := gateway.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	s.Gateway = g
	return s
}

func (s *stack) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// pass moves the clock.
func (s *stack) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// reply is what the client and the observer saw of one call.
type reply struct {
	status int
	header http.Header
	body   string
	call   gateway.Call
}

// send makes one call: "GET /pets", then headers as "Name: value".
func (s *stack) send(t *testing.T, call string, headers ...string) reply {
	t.Helper()
	return s.sendBody(t, nil, call, headers...)
}

func (s *stack) sendBody(t *testing.T, body []byte, call string, headers ...string) reply {
	t.Helper()
	method, path, _ := strings.Cut(call, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	id := resp.Header.Get("x-amzn-RequestId")
	s.mu.Lock()
	seen, ok := s.calls[id]
	s.mu.Unlock()
	if !ok {
		t.Fatalf("%s: the observer was not told of request %q before it was answered", call, id)
	}
	if seen.Status != resp.StatusCode {
		t.Errorf("%s: the observer was told of status %d, the client got %d", call, seen.Status, resp.StatusCode)
	}
	return reply{resp.StatusCode, resp.Header, string(content), seen}
}

// bearer returns the header with a token that selects what the probe does.
func bearer(word string) string { return "Authorization: Bearer " + word }

// event reads the event that the integration gave back.
func (r reply) event(t *testing.T) events.APIGatewayProxyRequest {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status %d, want the event", r.status)
	}
	var e events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		t.Fatal(err)
	}
	return e
}
