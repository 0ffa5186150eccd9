package gateway

import "github.com/coder/websocket"

// webSocketEvent is what the authorizer and the function behind a WebSocket API are given.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
type webSocketEvent struct {
	Type      AuthorizerType `json:"type,omitempty"`      // of an authorizer's event
	MethodARN string         `json:"methodArn,omitempty"` // likewise

	Headers                         map[string]string   `json:"headers,omitempty"` // messages have none
	MultiValueHeaders               map[string][]string `json:"multiValueHeaders,omitempty"`
	QueryStringParameters           map[string]string   `json:"queryStringParameters,omitempty"`
	MultiValueQueryStringParameters map[string][]string `json:"multiValueQueryStringParameters,omitempty"`
	RequestContext                  webSocketContext    `json:"requestContext"`
	Body                            *string             `json:"body,omitempty"`
	IsBase64Encoded                 bool                `json:"isBase64Encoded"`
}

// webSocketContext is $context as an event has it.
type webSocketContext struct {
	RouteKey             string            `json:"routeKey"`
	EventType            string            `json:"eventType"`
	MessageID            string            `json:"messageId,omitempty"`
	MessageDirection     string            `json:"messageDirection"`
	Authorizer           map[string]any    `json:"authorizer,omitempty"`
	ConnectionID         string            `json:"connectionId"`
	ConnectedAt          int64             `json:"connectedAt"`
	DisconnectStatusCode int               `json:"disconnectStatusCode,omitempty"`
	DisconnectReason     string            `json:"disconnectReason,omitempty"`
	Identity             map[string]string `json:"identity"`
	RequestID            string            `json:"requestId"`
	ExtendedRequestID    string            `json:"extendedRequestId"`
	RequestTime          string            `json:"requestTime"`
	RequestTimeEpoch     int64             `json:"requestTimeEpoch"`
	Stage                string            `json:"stage"`
	APIID                string            `json:"apiId"`
	DomainName           string            `json:"domainName"`
}

// identity describes the client of a connection.
func (c *connection) identity() map[string]string {
	return map[string]string{"sourceIp": c.opening.sourceIP, "userAgent": get(c.opening.headers, "User-Agent")}
}

// event begins the event of a connection's route. What the authorizer found out at the handshake is in each of them.
func (ws *WebSocket) event(c *connection, routeKey, eventType, requestID string) webSocketEvent {
	now := ws.options.Now()
	e := webSocketEvent{RequestContext: webSocketContext{
		RouteKey: routeKey, EventType: eventType, MessageDirection: "IN", ConnectionID: c.id, ConnectedAt: c.connectedAt.UnixMilli(),
		Identity: c.identity(), RequestID: requestID, ExtendedRequestID: c.opening.extendedID,
		RequestTime: now.UTC().Format(accessLogTime), RequestTimeEpoch: now.UnixMilli(),
		Stage: ws.options.Stage, APIID: webSocketID, DomainName: c.opening.host,
	}}
	if c.caller != nil {
		e.RequestContext.Authorizer = c.caller.asContext(c.authorizerLatency)
	}
	return e
}

func (ws *WebSocket) connectEvent(c *connection) webSocketEvent {
	e := ws.event(c, "$connect", "CONNECT", c.opening.id)
	e.Headers, e.MultiValueHeaders = c.opening.headerMaps()
	e.QueryStringParameters, e.MultiValueQueryStringParameters = c.opening.queryMaps()
	return e
}

func (ws *WebSocket) messageEvent(c *connection, requestID, body string) webSocketEvent {
	e := ws.event(c, "$default", "MESSAGE", requestID)
	e.RequestContext.MessageID, e.Body = newConnectionID(), &body
	return e
}

func (ws *WebSocket) disconnectEvent(c *connection, requestID string, closing websocket.CloseError) webSocketEvent {
	e := ws.event(c, "$disconnect", "DISCONNECT", requestID)
	e.Headers = map[string]string{"Host": c.opening.host}
	e.MultiValueHeaders = map[string][]string{"Host": {c.opening.host}}
	e.RequestContext.DisconnectStatusCode, e.RequestContext.DisconnectReason = int(closing.Code), closing.Reason
	return e
}
