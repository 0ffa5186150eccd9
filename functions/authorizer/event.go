package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
)

// errEvent reports that the function was invoked with something other than the event of an API Gateway authorizer: a
// configuration error rather than an invalid token, hence a 500.
var errEvent = errors.New("not an API Gateway authorizer event")

// eventKind is one of the five types of event that API Gateway sends to an authorizer.
type eventKind int

const (
	restToken   eventKind = iota + 1 // REST API, type TOKEN
	restRequest                      // REST API, type REQUEST
	httpV1                           // HTTP API, payload format 1.0
	httpV2                           // HTTP API, payload format 2.0
	webSocket                        // WebSocket API, route $connect
)

// event holds what the authorizer needs of an event of any type.
type event struct {
	kind        eventKind
	call        apigateway.MethodARN // the call to authorize
	path        string               // of the call, with its leading slash
	method      string               // of the route that API Gateway matched, such as GET or ANY; empty in a TOKEN event
	template    string               // of that route, such as "/users/{username}"; empty in a TOKEN event
	credentials []string             // every value that may hold the token, in the order found
	requestID   string               // API Gateway's, of the call; empty in a TOKEN event
}

// rawEvent holds the members that matter, of all types of event together. See
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
type rawEvent struct {
	version, typ, methodARN, routeARN, routeKey, resource, httpMethod, authorizationToken string

	connectionID, eventType, requestID string // of requestContext

	authorization []string // of headers and multiValueHeaders
	protocols     []string // Sec-WebSocket-Protocol, likewise
	accessToken   []string // of the two maps of the query string
	identity      []string // identitySource of an HTTP API, by which its results are cached
}

// decodeEvent reads an event and determines its type. An event that matches no type, or more than one, is refused.
func decodeEvent(payload []byte) (event, error) {
	raw, ok := readEvent(payload)
	if !ok {
		return event{}, errEvent
	}
	ev := event{kind: raw.kind()}
	if requestIDChars.AllWithin(raw.requestID, 1, maxRequestID) {
		ev.requestID = raw.requestID
	}
	arn := raw.methodARN
	switch ev.kind {
	case restToken:
		ev.credentials = []string{raw.authorizationToken}
	case restRequest, httpV1:
		ev.method, ev.template, ev.credentials = raw.httpMethod, raw.resource, raw.authorization
	case webSocket:
		ev.template = connectRoute
		ev.credentials = webSocketCredentials(raw)
	case httpV2:
		arn = raw.routeARN
		ev.method, ev.template, _ = strings.Cut(raw.routeKey, " ") // $default has no template, so it is in no contract
		ev.credentials = raw.authorization
	default:
		return event{}, fmt.Errorf("%w: version and type match no known event", errEvent)
	}
	call, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		return event{}, fmt.Errorf("%w: %w", errEvent, err)
	}
	ev.call, ev.path = call, "/"+call.Path
	if ev.call.IsConnect() != (ev.kind == webSocket) {
		return event{}, fmt.Errorf("%w: the ARN and the event belong to different types of API", errEvent)
	}
	if !raw.tokenIsIdentitySource(ev.credentials) {
		return event{}, fmt.Errorf("%w: the token is not among the identity sources, so its result would be cached for other callers: add $request.header.Authorization to them", errEvent)
	}
	return ev, nil
}

// A client can choose the request ID of a REST API. It gets into logs and into the result, so its form is checked: UUIDs and
// base64 have it.
var requestIDChars = ascii.Alphanumeric.With("-_=")

const maxRequestID = 64 // bytes

// tokenIsIdentitySource reports whether the token is one of the identity sources. HTTP APIs cache by identity source, so
// otherwise one caller's result would be replayed to another. Format 1.0 joins the sources by commas.
func (raw *rawEvent) tokenIsIdentitySource(credentials []string) bool {
	if len(raw.identity) == 0 || len(credentials) == 0 {
		return true
	}
	return slices.ContainsFunc(raw.identity, func(source string) bool {
		return source == credentials[0] || raw.version == "1.0" && strings.Contains(source, credentials[0])
	})
}

// connectRoute is the only route of a WebSocket API that has an authorizer.
const connectRoute = "$connect"

// kind returns 0 if the event matches no known type, or more than one.
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

// readEvent reads the members that matter. AWS may add members at any time, so others are skipped. A duplicate of a member
// that is read is refused; a header may come several times.
func readEvent(payload []byte) (raw rawEvent, ok bool) {
	r := eventScanner{data: payload}
	r.object()
	var seen struct {
		version, typ, methodARN, routeARN, routeKey, resource, httpMethod, authorizationToken, identity bool
		headers, multiValueHeaders, query, multiValueQuery, context                                     bool
	}
	for name, more := r.member(); more; name, more = r.member() {
		switch string(name) {
		case "version":
			r.once(&seen.version)
			r.string(&raw.version)
		case "type":
			r.once(&seen.typ)
			r.string(&raw.typ)
		case "methodArn":
			r.once(&seen.methodARN)
			r.string(&raw.methodARN)
		case "routeArn":
			r.once(&seen.routeARN)
			r.string(&raw.routeARN)
		case "routeKey":
			r.once(&seen.routeKey)
			r.string(&raw.routeKey)
		case "resource":
			r.once(&seen.resource)
			r.string(&raw.resource)
		case "httpMethod":
			r.once(&seen.httpMethod)
			r.string(&raw.httpMethod)
		case "authorizationToken":
			r.once(&seen.authorizationToken)
			r.string(&raw.authorizationToken)
		case "identitySource":
			r.once(&seen.identity)
			r.strings(&raw.identity)
		case "headers":
			r.once(&seen.headers)
			raw.readHeaders(&r)
		case "multiValueHeaders":
			r.once(&seen.multiValueHeaders)
			raw.readHeaders(&r)
		case "queryStringParameters":
			r.once(&seen.query)
			raw.readQuery(&r)
		case "multiValueQueryStringParameters":
			r.once(&seen.multiValueQuery)
			raw.readQuery(&r)
		case "requestContext":
			r.once(&seen.context)
			raw.readContext(&r)
		default:
			r.skip()
		}
	}
	return raw, r.end()
}

// readHeaders compares names without regard to case: REST APIs pass on the client's spelling, HTTP APIs lower case.
func (raw *rawEvent) readHeaders(r *eventScanner) {
	if !r.object() {
		return
	}
	for name, more := r.member(); more; name, more = r.member() {
		switch {
		case bytes.EqualFold(name, []byte("authorization")):
			r.strings(&raw.authorization)
		case bytes.EqualFold(name, []byte("sec-websocket-protocol")):
			r.strings(&raw.protocols)
		default:
			r.skip()
		}
	}
}

func (raw *rawEvent) readQuery(r *eventScanner) {
	if !r.object() {
		return
	}
	for name, more := r.member(); more; name, more = r.member() {
		if string(name) == "access_token" { // RFC 6750 section 2.3
			r.strings(&raw.accessToken)
		} else {
			r.skip()
		}
	}
}

func (raw *rawEvent) readContext(r *eventScanner) {
	if !r.object() {
		return
	}
	var seenConnectionID, seenEventType, seenRequestID bool
	for name, more := r.member(); more; name, more = r.member() {
		switch string(name) {
		case "connectionId":
			r.once(&seenConnectionID)
			r.string(&raw.connectionID)
		case "eventType":
			r.once(&seenEventType)
			r.string(&raw.eventType)
		case "requestId":
			r.once(&seenRequestID)
			r.string(&raw.requestID)
		default:
			r.skip()
		}
	}
}
