package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
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

func TestAWebSocketsAuthorizerIsGivenTheHandshake(t *testing.T) {
	s := startWebSocket(t, nil)
	if conn, status := s.dial(t, "?access_token=a.b.c&x=1&x=2", "bearer", "d.e.f"); conn == nil {
		t.Fatalf("status %d", status)
	}
	text := <-s.authorizerEvents
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "REQUEST" || e.MethodArn != "arn:aws:execute-api:eu-west-1:123456789012:w9x8y7z6v5/v1/$connect" {
		t.Errorf("type %q, ARN %q", e.Type, e.MethodArn)
	}
	if protocols(e.Headers) != "bearer,d.e.f" || e.Headers["X-Two"] != "2" || !slices.Equal(e.MultiValueHeaders["X-Two"], []string{"1", "2"}) || e.Headers["X-Forwarded-Proto"] != "https" {
		t.Errorf("headers %q %q", e.Headers, e.MultiValueHeaders)
	}
	if e.QueryStringParameters["access_token"] != "a.b.c" || !slices.Equal(e.MultiValueQueryStringParameters["x"], []string{"1", "2"}) {
		t.Errorf("query %q %q", e.QueryStringParameters, e.MultiValueQueryStringParameters)
	}
	var rest struct {
		HTTPMethod     *string `json:"httpMethod"`
		Resource       *string `json:"resource"`
		Path           *string `json:"path"`
		RequestContext map[string]any
	}
	if err := json.Unmarshal(text, &rest); err != nil {
		t.Fatal(err)
	}
	if rest.HTTPMethod != nil || rest.Resource != nil || rest.Path != nil {
		t.Error("it has members of a REST API's event")
	}
	rc := rest.RequestContext
	id, _ := rc["connectionId"].(string)
	delete(rc, "connectionId")
	for _, generated := range []string{"requestId", "extendedRequestId", "domainName"} {
		if rc[generated] == "" {
			t.Errorf("%s is empty", generated)
		}
		delete(rc, generated)
	}
	at := float64(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMilli())
	want := map[string]any{
		"routeKey": "$connect", "eventType": "CONNECT", "messageDirection": "IN", "stage": "v1", "apiId": "w9x8y7z6v5", "connectedAt": at,
		"requestTime": "22/Nov/2026:12:00:00 +0000", "requestTimeEpoch": at, "identity": map[string]any{"sourceIp": "127.0.0.1", "userAgent": "Go-http-client/1.1"},
	}
	if len(id) != 16 || !reflect.DeepEqual(rc, want) {
		t.Errorf("connection %q, context %v, want %v", id, rc, want)
	}
}

func TestTheAuthorizersResultDecidesAboutTheHandshake(t *testing.T) {
	for name, tt := range map[string]struct {
		query     string
		status    int
		errorType string
	}{
		"an Allow":                        {"", 101, ""},
		"Unauthorized":                    {"?as=nobody", 401, "UNAUTHORIZED"},
		"a Deny":                          {"?as=denied", 403, "ACCESS_DENIED"},
		"an Allow of another route":       {"?as=silent", 403, "ACCESS_DENIED"},
		"a failure":                       {"?as=broken", 500, "AUTHORIZER_CONFIGURATION_ERROR"},
		"the function refuses":            {"?refuse=1", 409, "INTEGRATION_FAILURE"},
		"nobody is cached, whoever calls": {"?as=nobody", 401, "UNAUTHORIZED"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startWebSocket(t, nil)
			for range 2 { // the second time is no different: nothing is cached
				if _, status := s.dial(t, tt.query); status != tt.status {
					t.Errorf("status %d, want %d", status, tt.status)
				}
				<-s.authorizerEvents
				call := <-s.calls
				if call.Resource != "$connect" || call.ErrorType != tt.errorType || call.Authorizer.Cached || !call.Authorizer.Invoked {
					t.Errorf("the log is %+v", call)
				}
			}
			if tt.status == 101 || tt.status == 409 {
				s.next(t, "CONNECT")
			}
		})
	}
}

func TestWhatIsNoHandshakeReachesNoFunction(t *testing.T) {
	s := startWebSocket(t, func(o *gateway.WebSocketOptions) {
		o.IdentitySources = []string{"route.request.querystring.access_token"}
	})
	for name, tt := range map[string]struct {
		path    string
		headers []string
		status  int
	}{
		"a plain request":             {"", nil, 426},
		"another path":                {"/x", []string{"Upgrade: websocket"}, 403},
		"no stage":                    {"/../other", []string{"Upgrade: websocket"}, 403},
		"without the identity source": {"", []string{"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Authorization: Bearer a.b.c"}, 401},
		"headers over 10 KB":          {"", []string{"Upgrade: websocket", "X: " + strings.Repeat("x", 10240)}, 431},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := s.get(t, http.MethodGet, s.ManagementURL()+tt.path, nil, tt.headers...); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
		})
	}
	if len(s.authorizerEvents)+len(s.events) > 0 {
		t.Error("a function was asked")
	}
}

// get makes a call that is no handshake.
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

func TestTheSubProtocolIsTheOneThatTheFunctionChose(t *testing.T) {
	s := startWebSocket(t, nil)
	conn, status := s.dial(t, "", "Bearer", "a.b.c")
	if conn == nil {
		t.Fatalf("status %d", status)
	}
	if got := conn.Subprotocol(); got != "Bearer" {
		t.Errorf("sub-protocol %q", got)
	}
	if conn := s.connect(t); conn.Subprotocol() != "" {
		t.Errorf("sub-protocol %q, and none was offered", conn.Subprotocol())
	}
}

func TestEveryEventSaysWhoTheCallerIs(t *testing.T) {
	s := startWebSocket(t, nil)
	conn := s.connect(t)
	opened := s.next(t, "CONNECT")
	say(t, conn, "hello")
	if got := hear(t, conn); got != "got hello" {
		t.Errorf("the reply is %q", got)
	}
	said := s.next(t, "MESSAGE")
	if err := conn.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Fatal(err)
	}
	ended := s.next(t, "DISCONNECT")
	for _, e := range []events.APIGatewayWebsocketProxyRequest{opened, said, ended} {
		rc := e.RequestContext
		authorizer, _ := rc.Authorizer.(map[string]any)
		if authorizer["sub"] != "ann" || authorizer["expiresAt"] != "2026-11-22T13:00:00Z" || authorizer["principalId"] != "ann" {
			t.Errorf("%s: the caller is %v", rc.EventType, rc.Authorizer)
		}
		if rc.ConnectionID != opened.RequestContext.ConnectionID || rc.ConnectedAt != opened.RequestContext.ConnectedAt || rc.APIID != "w9x8y7z6v5" || rc.Stage != "v1" {
			t.Errorf("%s: %+v", rc.EventType, rc)
		}
	}
	if rc := said.RequestContext; said.Body != "hello" || rc.RouteKey != "$default" || rc.MessageID == nil || said.Headers != nil || rc.RequestID == opened.RequestContext.RequestID {
		t.Errorf("the message is %+v", said)
	}
	if rc := ended.RequestContext; rc.RouteKey != "$disconnect" || rc.DisconnectStatusCode != 1000 || rc.DisconnectReason == nil || *rc.DisconnectReason != "bye" {
		t.Errorf("the end is %+v", ended)
	}
	for _, want := range []string{"$connect", "$default", "$disconnect"} {
		if call := <-s.calls; call.Resource != want || call.Status != 200 || call.PrincipalID != "ann" {
			t.Errorf("the log of %s is %+v", want, call)
		}
	}
}

func TestAMessageThatFailsDoesNotEndTheConnection(t *testing.T) {
	s := startWebSocket(t, nil)
	conn := s.connect(t)
	say(t, conn, "fail")
	if got := hear(t, conn); !strings.Contains(got, `"message":"Internal server error"`) || !strings.Contains(got, `"connectionId"`) {
		t.Errorf("the reply is %s", got)
	}
	say(t, conn, "silence") // has no reply, so the next one is that of the message after it
	say(t, conn, "again")
	if got := hear(t, conn); got != "got again" {
		t.Errorf("the reply is %s", got)
	}
}

func TestAConnectionEndsWhereAPIGatewayEndsIt(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(*gateway.WebSocketOptions)
		message string
		kind    websocket.MessageType
		want    websocket.StatusCode
	}{
		"idle":                   {func(o *gateway.WebSocketOptions) { o.IdleTimeout = time.Millisecond }, "", 0, websocket.StatusGoingAway},
		"old":                    {func(o *gateway.WebSocketOptions) { o.MaxAge = time.Millisecond }, "", 0, websocket.StatusGoingAway},
		"a message over 128 KB":  {nil, strings.Repeat("x", 128<<10+1), websocket.MessageText, websocket.StatusMessageTooBig},
		"a message that is bits": {nil, "\x00", websocket.MessageBinary, websocket.StatusUnsupportedData},
	} {
		t.Run(name, func(t *testing.T) {
			s := startWebSocket(t, tt.change)
			conn := s.connect(t)
			conn.SetReadLimit(1 << 20)
			s.next(t, "CONNECT")
			if tt.message != "" {
				if err := conn.Write(t.Context(), tt.kind, []byte(tt.message)); err != nil {
					t.Fatal(err)
				}
			}
			if got := closing(t, conn); got != tt.want {
				t.Errorf("closed with %d, want %d", got, tt.want)
			}
			if got := s.next(t, "DISCONNECT").RequestContext.DisconnectStatusCode; got != int64(tt.want) {
				t.Errorf("the function is told %d, want %d", got, tt.want)
			}
		})
	}
}

func TestABackendSendsToAConnectionAndClosesIt(t *testing.T) {
	s := startWebSocket(t, nil)
	conn := s.connect(t)
	id := s.next(t, "CONNECT").RequestContext.ConnectionID
	url := s.ManagementURL() + "/@connections/" + id
	signed := "Authorization: AWS4-HMAC-SHA256 Credential=x"
	if status, _ := s.get(t, http.MethodPost, url, strings.NewReader("hello")); status != 403 {
		t.Errorf("without a signature: %d", status)
	}
	if status, _ := s.get(t, http.MethodPost, url, strings.NewReader("hello"), signed); status != 200 {
		t.Errorf("status %d", status)
	}
	if got := hear(t, conn); got != "hello" {
		t.Errorf("got %q", got)
	}
	if status, _ := s.get(t, http.MethodPost, url, bytes.NewReader(make([]byte, 128<<10+1)), signed); status != 413 {
		t.Errorf("a message over 128 KB: %d", status)
	}
	status, body := s.get(t, http.MethodGet, url, nil, signed)
	var found struct {
		ConnectedAt, LastActiveAt string
		Identity                  map[string]string
	}
	if err := json.Unmarshal([]byte(body), &found); err != nil || status != 200 || found.ConnectedAt != "2026-11-22T12:00:00Z" || found.LastActiveAt != found.ConnectedAt || found.Identity["sourceIp"] != "127.0.0.1" {
		t.Errorf("%d %s %v", status, body, err)
	}
	if status, _ := s.get(t, http.MethodPut, url, nil, signed); status != 403 {
		t.Errorf("another method: %d", status)
	}
	if status, _ := s.get(t, http.MethodDelete, url, nil, signed); status != 204 {
		t.Errorf("status %d", status)
	}
	if got := closing(t, conn); got != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", got)
	}
	if got := s.next(t, "DISCONNECT").RequestContext.DisconnectStatusCode; got != 1000 {
		t.Errorf("the function is told %d", got)
	}
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		if status, _ := s.get(t, method, url, nil, signed); status != 410 {
			t.Errorf("%s afterwards: %d", method, status)
		}
	}
}

func TestClosingTheAPICutsItsConnections(t *testing.T) {
	s := startWebSocket(t, nil)
	conn := s.connect(t)
	say(t, conn, "hello")
	hear(t, conn)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err == nil {
		t.Error("the connection is open")
	}
	s.next(t, "CONNECT")
	s.next(t, "MESSAGE")
	if len(s.events) > 0 {
		t.Error("the function was asked once more")
	}
}

func TestAPublicHandshakeNeedsNoAuthorizer(t *testing.T) {
	public := []byte(`{"openapi":"3.0.3","x-authorizer":{"caching":"stage","connect":{"access":"public"}},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"public"}}}}}`)
	s := startWebSocket(t, func(o *gateway.WebSocketOptions) { o.Contract = public })
	conn, status := s.dial(t, "?as=nobody")
	if conn == nil || len(s.authorizerEvents) > 0 {
		t.Fatalf("status %d", status)
	}
	if e := s.next(t, "CONNECT"); e.RequestContext.Authorizer != nil {
		t.Errorf("the caller is %v", e.RequestContext.Authorizer)
	}
}

func TestAWrongOptionOfAWebSocketIsRefusedByName(t *testing.T) {
	closed := []byte(`{"openapi":"3.0.3","x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"public"}}}}}`)
	for _, tt := range []struct {
		name   string
		change func(*gateway.WebSocketOptions)
		want   string
	}{
		{"no contract", func(o *gateway.WebSocketOptions) { o.Contract = nil }, "contract cannot be served"},
		{"a contract that opens it to nobody", func(o *gateway.WebSocketOptions) { o.Contract = closed }, "add security at the top"},
		{"no function", func(o *gateway.WebSocketOptions) { o.Integration = nil }, "function behind the API"},
		{"a function that does not start", func(o *gateway.WebSocketOptions) {
			o.Integration = func(string) (gateway.Invoker, error) { return nil, errors.New("no such program") }
		}, "no such program"},
		{"no authorizer", func(o *gateway.WebSocketOptions) { o.Authorizer = nil }, "authorizer has no function"},
		{"the source of a REST API", func(o *gateway.WebSocketOptions) {
			o.IdentitySources = []string{"method.request.header.Authorization"}
		}, `"method.request.header.Authorization"`},
		{"a stage with a slash", func(o *gateway.WebSocketOptions) { o.Stage = "a/b" }, `stage "a/b"`},
		{"an address for everybody", func(o *gateway.WebSocketOptions) { o.Listen = "0.0.0.0:0" }, `listen address "0.0.0.0:0"`},
		{"three hours", func(o *gateway.WebSocketOptions) { o.MaxAge = 3 * time.Hour }, "2h0m0s"},
		{"an idle hour", func(o *gateway.WebSocketOptions) { o.IdleTimeout = time.Hour }, "10m0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := gateway.WebSocketOptions{
				Contract: compile(t, "testdata/pets.yaml"), Authorizer: noFunction{},
				Integration: func(string) (gateway.Invoker, error) { return noFunction{}, nil },
			}
			tt.change(&o)
			ws, err := gateway.StartWebSocket(o)
			if err == nil {
				_ = ws.Close()
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q; want %q in it", err, tt.want)
			}
		})
	}
}
