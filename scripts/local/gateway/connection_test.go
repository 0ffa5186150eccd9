package gateway_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

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
