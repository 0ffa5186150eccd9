package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// connection is one that was opened, or is being opened.
type connection struct {
	id                string
	opening           *request          // the handshake
	caller            *authorizerResult // nil if anybody may connect
	authorizerLatency time.Duration
	connectedAt       time.Time
	socket            *websocket.Conn

	mu         sync.Mutex
	lastActive time.Time
	closed     *websocket.CloseError // why this side closed it, if it did
}

func (c *connection) touch(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastActive = now
}

func (c *connection) active() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastActive
}

// close tells the client why, and does not wait for its reply.
func (c *connection) close(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	if c.closed == nil {
		c.closed = &websocket.CloseError{Code: code, Reason: reason}
	}
	c.mu.Unlock()
	go func() { _ = c.socket.Close(code, reason) }() // an error: the client has left
}

// end cuts the connection.
func (c *connection) end() { _ = c.socket.CloseNow() }

// accept answers the handshake and makes the connection known to the management API, both at once: whoever has seen the response
// finds the connection. It reports false if the handshake failed, or the API is being closed.
func (ws *WebSocket) accept(c *connection, w http.ResponseWriter, r *http.Request) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	// API Gateway compares no origin: the token, which a page of another origin does not have, is what opens the connection.
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return false // it has been answered
	}
	socket.SetReadLimit(maxMessage)
	c.socket = socket
	if ws.closed {
		c.end()
		return false
	}
	ws.connections[c.id] = c
	ws.open.Add(1)
	return true
}

func (ws *WebSocket) connection(id string) *connection {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.connections[id]
}

// remove forgets a connection. It reports whether the function is to be told.
func (ws *WebSocket) remove(c *connection) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.connections, c.id)
	return !ws.closed
}

// converse passes messages to the function, one after the other, until the connection ends.
func (ws *WebSocket) converse(c *connection) {
	defer ws.open.Done()
	goingAway := func() { c.close(websocket.StatusGoingAway, "Going away") }
	oldest := time.AfterFunc(ws.options.MaxAge, goingAway)
	defer oldest.Stop()
	idle := time.AfterFunc(ws.options.IdleTimeout, goingAway)
	defer idle.Stop()
	ctx := context.Background() // the connection outlives the request that opened it
	var ended error
	for {
		kind, message, err := c.socket.Read(ctx)
		if err != nil {
			ended = err
			break
		}
		idle.Reset(ws.options.IdleTimeout)
		c.touch(ws.options.Now())
		if kind != websocket.MessageText {
			c.close(websocket.StatusUnsupportedData, "Binary messages are not supported")
			continue // until the connection is closed
		}
		ws.message(ctx, c, string(message))
	}
	c.end()
	if ws.remove(c) {
		ws.disconnected(ctx, c, ended)
	}
}

// message hands a message to the function, and its response to the client.
func (ws *WebSocket) message(ctx context.Context, c *connection, body string) {
	call := ws.newCall(c, "$default")
	resp, failure := ws.integrate(ctx, ws.messageEvent(c, call.RequestID, body), &call)
	call.Status = resp.status
	reply := resp.body
	if failure != nil {
		call.Status, call.ErrorType = http.StatusInternalServerError, failure.kind
		reply, _ = json.Marshal(map[string]string{"message": "Internal server error", "connectionId": c.id, "requestId": call.RequestID})
	}
	call.Latency = time.Since(call.Time)
	ws.options.Observe(call)
	if len(reply) > 0 {
		_ = c.socket.Write(ctx, websocket.MessageText, reply) // an error: Read reports the end of the connection
	}
}

// disconnected tells the function that a connection has ended. Its response does not matter.
func (ws *WebSocket) disconnected(ctx context.Context, c *connection, why error) {
	closing := websocket.CloseError{Code: websocket.StatusAbnormalClosure, Reason: "Connection closed abnormally"}
	_ = errors.As(why, &closing) // otherwise there was no closing frame (RFC 6455, section 7.1.5)
	if errors.Is(why, websocket.ErrMessageTooBig) {
		closing = websocket.CloseError{Code: websocket.StatusMessageTooBig, Reason: "Message too big"}
	}
	c.mu.Lock()
	if c.closed != nil {
		closing = *c.closed
	}
	c.mu.Unlock()
	call := ws.newCall(c, "$disconnect")
	resp, failure := ws.integrate(ctx, ws.disconnectEvent(c, call.RequestID, closing), &call)
	call.Status = resp.status
	if failure != nil {
		call.Status, call.ErrorType = failure.status, failure.kind
	}
	call.Latency = time.Since(call.Time)
	ws.options.Observe(call)
}

// newCall begins the log of a message or a disconnection.
func (ws *WebSocket) newCall(c *connection, route string) Call {
	call := Call{RequestID: newUUID(), Time: ws.options.Now(), SourceIP: c.opening.sourceIP, Resource: route, Public: c.caller == nil}
	if c.caller != nil {
		call.PrincipalID, call.Identity = c.caller.principalID, c.caller.context
	}
	return call
}

// integrate invokes the function and reads its response.
func (ws *WebSocket) integrate(ctx context.Context, event webSocketEvent, call *Call) (response, *gatewayResponse) {
	payload, err := json.Marshal(event)
	if err != nil {
		return response{}, responseIntegrationError
	}
	return invokeIntegration(ctx, ws.integration, maxIntegrationTimeout, payload, call)
}

// manage handles a call of the management API, by which a backend sends to a connection, looks it up and closes it.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
func (ws *WebSocket) manage(w http.ResponseWriter, r *http.Request, id string) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		responseNoRoute.plain().write(w) // the signature itself is not checked; a page of a browser cannot send one
		return
	}
	c := ws.connection(id)
	if c == nil {
		responseGone.plain().write(w)
		return
	}
	switch r.Method {
	case http.MethodPost:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
		switch {
		case err != nil:
			responseMessageTooLarge.plain().write(w)
		case c.socket.Write(r.Context(), websocket.MessageText, body) != nil:
			responseGone.plain().write(w)
		default:
			c.touch(ws.options.Now())
			w.WriteHeader(http.StatusOK)
		}
	case http.MethodGet:
		w.Header().Set("Content-Type", jsonType)
		_ = json.NewEncoder(w).Encode(map[string]any{ // a client that has left misses nothing
			"connectedAt": c.connectedAt.UTC().Format(time.RFC3339), "lastActiveAt": c.active().UTC().Format(time.RFC3339),
			"identity": c.identity(),
		})
	case http.MethodDelete:
		c.close(websocket.StatusNormalClosure, "Connection closed by the backend")
		w.WriteHeader(http.StatusNoContent)
	default:
		responseNoRoute.plain().write(w)
	}
}
