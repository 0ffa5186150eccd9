package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// errEvent says that the function was invoked with something other than the event of an API Gateway
// authorizer. That is a mistake in the set-up, not in the caller's token: a 500.
var errEvent = errors.New("not an API Gateway authorizer event")

// eventKind tells the five events apart that API Gateway sends to an authorizer.
type eventKind int

const (
	restToken   eventKind = iota + 1 // REST API, type TOKEN
	restRequest                      // REST API, type REQUEST
	httpV1                           // HTTP API, payload format 1.0
	httpV2                           // HTTP API, payload format 2.0
	webSocket                        // WebSocket API, route $connect
)

// event is what the authorizer needs of any of them. The rest of an event is skipped, not decoded.
type event struct {
	kind     eventKind
	call     apigateway.MethodARN // the call that is asked about
	method   string               // of the route that API Gateway matched, such as GET or ANY; empty in a TOKEN event
	template string               // of that route, such as "/users/{username}"; empty in a TOKEN event
	bearers  []string             // everything that may hold the token, in the order found
}

// rawEvent holds the members that matter, of all the events together, as in
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
type rawEvent struct {
	version, typ, methodARN, routeARN, routeKey, resource, httpMethod, authorizationToken string

	connectionID, eventType string // of requestContext

	authorization []string // of headers and multiValueHeaders
	protocols     []string // Sec-WebSocket-Protocol, likewise
	accessToken   []string // of the two maps of the query string
	identity      []string // identitySource of an HTTP API: what its answers are cached under
}

// decodeEvent reads an event and says which of the five it is. An event that fits none of them, or two of
// them at once, is refused.
func decodeEvent(payload []byte) (event, error) {
	raw, ok := readEvent(payload)
	if !ok {
		return event{}, errEvent
	}
	ev := event{kind: raw.kind()}
	arn := raw.methodARN
	switch ev.kind {
	case restToken:
		ev.bearers = []string{raw.authorizationToken}
	case restRequest, httpV1:
		ev.method, ev.template, ev.bearers = raw.httpMethod, raw.resource, raw.authorization
	case webSocket:
		ev.template = connectRoute
		ev.bearers = webSocketBearers(raw)
	case httpV2:
		arn = raw.routeARN
		ev.method, ev.template, _ = strings.Cut(raw.routeKey, " ") // $default has no template, so no contract has it
		ev.bearers = raw.authorization
	default:
		return event{}, fmt.Errorf("%w: version and type fit none", errEvent)
	}
	call, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		return event{}, fmt.Errorf("%w: %w", errEvent, err)
	}
	ev.call = call
	if ev.call.IsConnect() != (ev.kind == webSocket) {
		return event{}, fmt.Errorf("%w: the ARN and the event are of different kinds of API", errEvent)
	}
	if !raw.identifies(ev.bearers) {
		return event{}, fmt.Errorf("%w: the token is not among the identity sources, so the answer would be cached for others", errEvent)
	}
	return ev, nil
}

// identifies reports whether an HTTP API that names identity sources has the credentials among them. If not, an answer
// would be replayed to whoever sends the same sources and other credentials, or none. Format 1.0 joins them by commas.
func (raw *rawEvent) identifies(bearers []string) bool {
	if len(raw.identity) == 0 || len(bearers) == 0 {
		return true
	}
	return slices.ContainsFunc(raw.identity, func(source string) bool {
		return source == bearers[0] || raw.version == "1.0" && strings.Contains(source, bearers[0])
	})
}

// connectRoute is the one route of a WebSocket that an authorizer is asked about.
const connectRoute = "$connect"

// kind is zero when the event fits none, or carries the marks of two.
func (raw *rawEvent) kind() eventKind {
	v1, v2 := raw.methodARN != "", raw.routeARN != ""
	socket := raw.connectionID != "" || raw.eventType == "CONNECT"
	switch {
	case v1 == v2:
		return 0
	case v2:
		if raw.version == "2.0" && raw.typ == "REQUEST" && !socket {
			return httpV2
		}
	case raw.typ == "TOKEN":
		if raw.version == "" && !socket {
			return restToken
		}
	case raw.typ == "REQUEST":
		switch {
		case raw.version == "1.0" && !socket:
			return httpV1
		case raw.version == "" && socket:
			return webSocket
		case raw.version == "":
			return restRequest
		}
	}
	return 0
}

// readEvent reads the members that matter. AWS may add members at any time, so others are skipped. A member that is
// read and comes twice is refused, whatever its values; a header that does is one more of that name.
func readEvent(payload []byte) (raw rawEvent, ok bool) {
	r := reader{data: payload}
	r.object()
	var read uint
	for name, more := r.member(); more; name, more = r.member() {
		switch string(name) {
		case "version":
			r.once(&read, 0)
			r.text(&raw.version)
		case "type":
			r.once(&read, 1)
			r.text(&raw.typ)
		case "methodArn":
			r.once(&read, 2)
			r.text(&raw.methodARN)
		case "routeArn":
			r.once(&read, 3)
			r.text(&raw.routeARN)
		case "routeKey":
			r.once(&read, 4)
			r.text(&raw.routeKey)
		case "resource":
			r.once(&read, 5)
			r.text(&raw.resource)
		case "httpMethod":
			r.once(&read, 6)
			r.text(&raw.httpMethod)
		case "authorizationToken":
			r.once(&read, 7)
			r.text(&raw.authorizationToken)
		case "identitySource":
			r.once(&read, 8)
			r.texts(&raw.identity)
		case "headers":
			r.once(&read, 9)
			raw.readHeaders(&r)
		case "multiValueHeaders":
			r.once(&read, 10)
			raw.readHeaders(&r)
		case "queryStringParameters":
			r.once(&read, 11)
			raw.readQuery(&r)
		case "multiValueQueryStringParameters":
			r.once(&read, 12)
			raw.readQuery(&r)
		case "requestContext":
			r.once(&read, 13)
			raw.readContext(&r)
		default:
			r.skip()
		}
	}
	return raw, r.end()
}

// readHeaders does so without regard to case: REST APIs hand over the client's spelling, HTTP APIs lower case.
func (raw *rawEvent) readHeaders(r *reader) {
	if !r.object() {
		return
	}
	for name, more := r.member(); more; name, more = r.member() {
		switch {
		case bytes.EqualFold(name, []byte("authorization")):
			r.texts(&raw.authorization)
		case bytes.EqualFold(name, []byte("sec-websocket-protocol")):
			r.texts(&raw.protocols)
		default:
			r.skip()
		}
	}
}

func (raw *rawEvent) readQuery(r *reader) {
	if !r.object() {
		return
	}
	for name, more := r.member(); more; name, more = r.member() {
		if string(name) == "access_token" { // RFC 6750 section 2.3
			r.texts(&raw.accessToken)
		} else {
			r.skip()
		}
	}
}

func (raw *rawEvent) readContext(r *reader) {
	if !r.object() {
		return
	}
	var read uint
	for name, more := r.member(); more; name, more = r.member() {
		switch string(name) {
		case "connectionId":
			r.once(&read, 0)
			r.text(&raw.connectionID)
		case "eventType":
			r.once(&read, 1)
			r.text(&raw.eventType)
		default:
			r.skip()
		}
	}
}
