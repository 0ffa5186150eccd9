package gateway_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/coder/websocket"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

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

func TestAnInvalidHandshakeReachesNoFunction(t *testing.T) {
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

func TestEveryEventNamesTheCaller(t *testing.T) {
	s := startWebSocket(t, nil)
	conn := s.connect(t)
	opened := s.next(t, "CONNECT")
	say(t, conn, "hello")
	if got := hear(t, conn); got != "got hello" {
		t.Errorf("the reply is %q", got)
	}
	message := s.next(t, "MESSAGE")
	if err := conn.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Fatal(err)
	}
	ended := s.next(t, "DISCONNECT")
	for _, e := range []events.APIGatewayWebsocketProxyRequest{opened, message, ended} {
		rc := e.RequestContext
		authorizer, _ := rc.Authorizer.(map[string]any)
		if authorizer["sub"] != "ann" || authorizer["expiresAt"] != "2026-11-22T13:00:00Z" || authorizer["principalId"] != "ann" {
			t.Errorf("%s: the caller is %v", rc.EventType, rc.Authorizer)
		}
		if rc.ConnectionID != opened.RequestContext.ConnectionID || rc.ConnectedAt != opened.RequestContext.ConnectedAt || rc.APIID != "w9x8y7z6v5" || rc.Stage != "v1" {
			t.Errorf("%s: %+v", rc.EventType, rc)
		}
	}
	if rc := message.RequestContext; message.Body != "hello" || rc.RouteKey != "$default" || rc.MessageID == nil || message.Headers != nil || rc.RequestID == opened.RequestContext.RequestID {
		t.Errorf("the message is %+v", message)
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
