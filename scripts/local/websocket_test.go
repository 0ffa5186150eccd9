package local

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// dial opens a connection; conn is nil if that was refused.
func dial(t *testing.T, url string, o websocket.DialOptions) (conn *websocket.Conn, status int) {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), url, &o) //nolint:bodyclose // the package closes it
	if err != nil {
		if resp == nil {
			t.Fatal("there was no response")
		}
		return nil, resp.StatusCode
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, resp.StatusCode
}

// asProtocol is how a browser sends a token: new WebSocket(url, ["bearer", token]).
func asProtocol(token string) websocket.DialOptions {
	return websocket.DialOptions{Subprotocols: []string{"bearer", token}}
}

func say(t *testing.T, conn *websocket.Conn, message string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// The real authorizer, out of its zip, decides about handshakes.
func TestATokenInAnyOfThreePlacesOpensAWebSocket(t *testing.T) {
	r := startRun(t, "--zips", zips, "--websocket-listen", "127.0.0.1:0")
	token := r.token(t, "alice")
	header := websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}}
	for name, tt := range map[string]struct {
		query    string
		by       websocket.DialOptions
		protocol string
	}{
		"header":            {"", header, ""},
		"query":             {"?access_token=" + token, websocket.DialOptions{}, ""},
		"sub-protocol":      {"", asProtocol(token), "bearer"},
		"Bearer with a cap": {"", websocket.DialOptions{Subprotocols: []string{"chat", "Bearer", token}}, "Bearer"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, status := dial(t, r.WebSocket+tt.query, tt.by)
			if conn == nil {
				t.Fatalf("status %d", status)
			}
			if conn.Subprotocol() != tt.protocol {
				t.Errorf("another sub-protocol than %q was chosen", tt.protocol)
			}
			say(t, conn, "hello")
			_, reply, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Message string
				Caller  map[string]string
			}
			if err := json.Unmarshal(reply, &got); err != nil || got.Message != "hello" || got.Caller["username"] != "alice" || got.Caller["expiresAt"] == "" {
				t.Errorf("%s %v", reply, err)
			}
		})
	}
	for name, tt := range map[string]struct {
		query string
		by    websocket.DialOptions
	}{
		"no token":             {"", websocket.DialOptions{}},
		"not a token":          {"", asProtocol("a.b.c")},
		"a changed signature":  {"", asProtocol(token[:len(token)-6] + "AAAAAA")},
		"two different tokens": {"?access_token=a.b.c", header},
		"without the word":     {"", websocket.DialOptions{Subprotocols: []string{token}}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, status := dial(t, r.WebSocket+tt.query, tt.by); status != 401 {
				t.Errorf("status %d, want 401", status)
			}
		})
	}
	for _, line := range []string{"alice          $connect", "alice          $default", "nobody         $connect", "refused: token_ambiguous", "refused: signature", "refused: token_missing"} {
		r.stderr.await(t, line)
	}
	if strings.Contains(r.stderr.String(), "eyJ") {
		t.Error("a token was printed")
	}
}

// startWithWebSocket starts a stack whose WebSocket API has the echo behind it, with a clock of its own.
func startWithWebSocket(t *testing.T, function func(endpoint string) (gateway.Invoker, error)) (*stack.Stack, string) {
	t.Helper()
	s, _, _ := start(t, func(o *stack.Options) { o.WebSocket = function })
	token, err := s.Cognito.Mint(fakecognito.MintOptions{Username: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	return s, token
}

func TestTheEchoClosesAConnectionWhoseTokenHasExpired(t *testing.T) {
	now := make(chan time.Time, 2)
	now <- time.Now()
	now <- time.Now().Add(61 * time.Minute) // longer than a token lives
	s, token := startWithWebSocket(t, func(endpoint string) (gateway.Invoker, error) {
		return webSocketEcho{endpoint, func() time.Time {
			select {
			case at := <-now:
				return at
			default:
				return time.Now()
			}
		}}, nil
	})
	conn, status := dial(t, s.WebSocket.URL(), asProtocol(token))
	if conn == nil {
		t.Fatalf("status %d", status)
	}
	say(t, conn, "in time")
	if _, _, err := conn.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	say(t, conn, "too late")
	_, reply, err := conn.Read(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the reply is %q, %v", reply, err)
	}
}

// pythonFunction is a function in Python, in a process of its own. One event is answered at a time.
type pythonFunction struct {
	mu     sync.Mutex
	events io.Writer
	answer *bufio.Reader
}

// startPython starts terraform/examples/websocket/handler.py with a clock that is ahead by so many seconds.
func startPython(t *testing.T, ahead, endpoint string) *pythonFunction {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "python3", "testdata/invoke.py", ahead, root+"/terraform/examples/websocket")
	cmd.Env = append(os.Environ(), "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", managementEndpoint+"="+endpoint)
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
	return &pythonFunction{events: events, answer: bufio.NewReader(answers)}
}

// Invoke implements gateway.Invoker.
func (f *pythonFunction) Invoke(_ context.Context, event []byte) (lambda.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.events.Write(append(event, '\n')); err != nil {
		return lambda.Result{}, err
	}
	answer, err := f.answer.ReadBytes('\n')
	return lambda.Result{Payload: answer}, err
}

// awaitIdle waits until the event that is being answered, if any, has its answer.
func (f *pythonFunction) awaitIdle() {
	f.mu.Lock()
	defer f.mu.Unlock()
}

// The example's function is Python, as it would be on AWS, with the AWS SDK as its only dependency.
func TestTheExamplesFunctionClosesAConnectionWhoseTokenHasExpired(t *testing.T) {
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not there, so the example was not run")
	}
	for name, tt := range map[string]struct {
		ahead string // seconds; a token lives for an hour
		reply string
		code  websocket.StatusCode
	}{
		"in time":  {"0", `"message": "hello"`, -1},
		"too late": {"3660", "", websocket.StatusNormalClosure},
	} {
		t.Run(name, func(t *testing.T) {
			var function *pythonFunction
			s, token := startWithWebSocket(t, func(endpoint string) (gateway.Invoker, error) {
				function = startPython(t, tt.ahead, endpoint)
				return function, nil
			})
			conn, status := dial(t, s.WebSocket.URL(), asProtocol(token))
			if conn == nil {
				t.Fatalf("status %d", status)
			}
			say(t, conn, "hello")
			_, reply, err := conn.Read(t.Context())
			if !strings.Contains(string(reply), tt.reply) || websocket.CloseStatus(err) != tt.code {
				t.Errorf("the reply is %q, %v", reply, err)
			}
			function.awaitIdle() // its call that closes the connection returns after the client has noticed
		})
	}
}

// A program behind the WebSocket API is run as Lambda runs it, and told where the management API is.
func TestRunRunsAFunctionBehindTheWebSocket(t *testing.T) {
	probe := lambdatest.Bootstrap(t)
	r := startRun(t, "--zips", zips, "--websocket-listen", "127.0.0.1:0", "--websocket-function", "'"+probe+"'")
	conn, status := dial(t, r.WebSocket, asProtocol(r.token(t, "alice")))
	if conn == nil {
		t.Fatalf("status %d\n%s", status, r.stderr.String())
	}
	say(t, conn, "hello") // the probe returns the event
	_, reply, err := conn.Read(t.Context())
	if err != nil || !strings.Contains(string(reply), `"routeKey":"$default"`) || !strings.Contains(string(reply), `"body":"hello"`) {
		t.Errorf("the reply is %s, %v", reply, err)
	}
}

func TestAContractThatOpensConnectToNobodyHasNoWebSocket(t *testing.T) {
	r := startRun(t, "--contract", orders, "--websocket-listen", "127.0.0.1:0")
	if r.WebSocket != "" || r.Management != "" {
		t.Errorf("there is one at %s", r.WebSocket)
	}
}
