package gateway

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// handshake runs an opening handshake through the steps of API Gateway: the authorizer, then $connect, then the connection.
func (ws *WebSocket) handshake(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	req := newRequest(r, ws.options.Now())
	c := &connection{id: newConnectionID(), opening: req, connectedAt: req.received, lastActive: req.received}
	call := Call{RequestID: req.id, ExtendedRequestID: req.extendedID, Time: req.received, SourceIP: req.sourceIP, Resource: "$connect", Public: ws.access == contractjson.Public}

	protocol, failure := ws.admit(r.Context(), c, &call)
	call.Status = http.StatusOK // what API Gateway logs for a connection
	if failure != nil {
		call.ErrorType = cmp.Or(failure.kind, failure.errorType)
		call.Status = failure.status
	}
	call.Latency = time.Since(begin)
	ws.options.Observe(call)
	if failure != nil {
		resp := failure.plain()
		resp.headers = append(resp.headers, header{"x-amzn-RequestId", req.id})
		resp.write(w)
		return
	}
	if protocol != "" {
		w.Header().Set("Sec-WebSocket-Protocol", protocol) // as the function wrote it; a browser compares it with what it offered
	}
	if ws.accept(c, w, r) {
		ws.converse(c)
	}
}

// admit decides whether the connection may be opened, and returns the sub-protocol that the function chose.
func (ws *WebSocket) admit(ctx context.Context, c *connection, call *Call) (protocol string, _ *gatewayResponse) {
	if ws.access != contractjson.Public {
		v, err := ws.authorize(ctx, c, &call.Authorizer)
		switch {
		case errors.Is(err, errUnauthorized):
			call.Authorizer.Error = unauthorized
			return "", responseUnauthorized
		case err != nil:
			call.Authorizer.Error = err.Error()
			return "", responseAuthorizerError
		}
		call.PrincipalID, call.Identity = v.principalID, v.context
		switch v.policy.Evaluate(invokeAction, ws.arn(), ws.options.Now()) {
		case apigateway.Allowed:
		case apigateway.ExplicitDeny:
			return "", responseExplicitDeny
		default:
			return "", responseImplicitDeny
		}
		c.caller, c.authorizerLatency = v, call.Authorizer.Latency
	}
	resp, failure := ws.integrate(ctx, ws.connectEvent(c), call)
	switch {
	case failure != nil:
		return "", failure
	case resp.status < 200 || resp.status > 299: // the function refuses the connection
		call.Error = "the function refused the connection"
		return "", &gatewayResponse{"INTEGRATION_FAILURE", resp.status, "ForbiddenException", jsonType, `{"message":"Forbidden"}`}
	}
	return get(resp.headers, "Sec-WebSocket-Protocol"), nil
}

// authorize asks the authorizer. Its result is not cached.
func (ws *WebSocket) authorize(ctx context.Context, c *connection, log *AuthorizerLog) (*authorizerResult, error) {
	if _, ok := identify(ws.authorizer.sources, c.opening); !ok {
		log.Status = http.StatusUnauthorized
		return nil, errUnauthorized
	}
	event := ws.connectEvent(c)
	event.Type, event.MethodARN = Request, ws.arn()
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	return ws.authorizer.invoke(ctx, payload, log)
}

// newConnectionID returns an id of the form that API Gateway uses.
func newConnectionID() string {
	b := make([]byte, 11)
	_, _ = rand.Read(b) // never fails: it would end the program
	return base64.URLEncoding.EncodeToString(b)
}
