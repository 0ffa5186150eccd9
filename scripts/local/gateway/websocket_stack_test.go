package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/coder/websocket"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// function is a Lambda function in this process.
type function func(event []byte) (any, error)

func (f function) Invoke(_ context.Context, event []byte) (lambda.Result, error) {
	answer, err := f(event)
	if err != nil {
		payload, _ := json.Marshal(map[string]string{"errorMessage": err.Error(), "errorType": "errorString"})
		return lambda.Result{Payload: payload, FunctionError: "Unhandled"}, nil //nolint:nilerr // the function failed, not its invocation
	}
	payload, err := json.Marshal(answer)
	return lambda.Result{Payload: payload}, err
}

// socketStack is a WebSocket API between an authorizer that does what the query parameter "as" says, and a function that
// records its events, picks the first sub-protocol, and answers messages.
type socketStack struct {
	*gateway.WebSocket
	authorizerEvents chan []byte
	events           chan []byte
	calls            chan gateway.Call
}

// startWebSocket starts one for a contract whose top-level security is that of testdata/pets.yaml.
func startWebSocket(t *testing.T, change func(*gateway.WebSocketOptions)) *socketStack {
	t.Helper()
	s := &socketStack{authorizerEvents: make(chan []byte, 16), events: make(chan []byte, 16), calls: make(chan gateway.Call, 16)}
	o := gateway.WebSocketOptions{
		Contract: compile(t, "testdata/pets.yaml"), Stage: "v1", Authorizer: function(s.authorize),
		Integration: func(string) (gateway.Invoker, error) { return function(s.integrate), nil },
		Now:         func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
		Observe:     func(c gateway.Call) { s.calls <- c },
	}
	if change != nil {
		change(&o)
	}
	ws, err := gateway.StartWebSocket(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	s.WebSocket = ws
	return s
}

func (s *socketStack) authorize(event []byte) (any, error) {
	s.authorizerEvents <- event
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	effect, resource := "Allow", e.MethodArn
	switch e.QueryStringParameters["as"] {
	case "nobody":
		return nil, errors.New("Unauthorized")
	case "broken":
		return nil, errors.New("no keys")
	case "denied":
		effect = "Deny"
	case "silent":
		resource = strings.TrimSuffix(resource, "$connect") + "$default"
	}
	return map[string]any{
		"principalId": "ann", "context": map[string]any{"sub": "ann", "expiresAt": "2026-11-22T13:00:00Z"},
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}}},
	}, nil
}

func (s *socketStack) integrate(event []byte) (any, error) {
	s.events <- event
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	switch {
	case e.RequestContext.EventType == "CONNECT" && e.QueryStringParameters["refuse"] != "":
		return map[string]any{"statusCode": 409}, nil
	case e.RequestContext.EventType == "CONNECT":
		protocol, _, _ := strings.Cut(protocols(e.Headers), ",")
		return map[string]any{"statusCode": 200, "headers": map[string]string{"Sec-WebSocket-Protocol": protocol}}, nil
	case e.Body == "fail":
		return nil, errors.New("broken")
	case e.Body == "silence":
		return map[string]any{"statusCode": 200}, nil
	}
	return map[string]any{"statusCode": 200, "body": "got " + e.Body}, nil
}

// protocols returns the header with the sub-protocols, whose name Go's clients spell differently than browsers do.
func protocols(headers map[string]string) string {
	for name, value := range headers {
		if strings.EqualFold(name, "Sec-WebSocket-Protocol") {
			return value
		}
	}
	return ""
}

// next returns the next event of the function, which must be of that type.
func (s *socketStack) next(t *testing.T, eventType string) events.APIGatewayWebsocketProxyRequest {
	t.Helper()
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(<-s.events, &e); err != nil {
		t.Fatal(err)
	}
	if e.RequestContext.EventType != eventType {
		t.Fatalf("an event of type %s, want %s", e.RequestContext.EventType, eventType)
	}
	return e
}

// dial opens a connection, or returns the status with which that was refused.
func (s *socketStack) dial(t *testing.T, query string, protocols ...string) (*websocket.Conn, int) {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), s.URL()+query, &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		Subprotocols: protocols, HTTPHeader: http.Header{"X-Two": {"1", "2"}, "Origin": {"https://elsewhere.example"}},
	})
	if err != nil {
		if resp == nil {
			t.Fatal(err)
		}
		return nil, resp.StatusCode
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, resp.StatusCode
}

func (s *socketStack) connect(t *testing.T) *websocket.Conn {
	t.Helper()
	conn, status := s.dial(t, "")
	if conn == nil {
		t.Fatalf("status %d", status)
	}
	return conn
}

func say(t *testing.T, conn *websocket.Conn, message string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, message, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

// closing waits for the end of a connection.
func closing(t *testing.T, conn *websocket.Conn) websocket.StatusCode {
	t.Helper()
	_, message, err := conn.Read(t.Context())
	if err == nil {
		t.Fatalf("a message instead: %s", message)
	}
	return websocket.CloseStatus(err)
}

// get makes a call that is not a handshake.
func (s *socketStack) get(t *testing.T, method, url string, body io.Reader, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
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
