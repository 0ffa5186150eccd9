package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// request is what the handlers know of an event, whichever kind of API it came from.
type request struct {
	method   string
	segments []string       // the path without stage or base path, as the event has it
	encoded  bool           // the segments are still percent-encoded
	query    url.Values     // decoded
	origin   string         // the Origin header; empty if there is none, or more than one
	context  map[string]any // what the authorizer said; nil if it was not asked

	route  string            // the operation as the contract names it, once it is found
	allow  string            // the methods of this path, once it is found
	params map[string]string // path parameters, once the operation is found
	caller identity.Identity // zero on a public operation
}

// errEvent says that the event is none that API Gateway sends to an API. Only fixed words are ever added to
// it: the errors of encoding/json quote values of the event.
var errEvent = errors.New("not an API Gateway proxy event")

// The route of an HTTP API that takes what no other route takes.
const defaultRoute = "$default"

// readEvent tells the two proxy formats apart by the event itself:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
//	                        version  path and parameters
//	REST API                absent   as the caller sent them
//	HTTP API, format 1.0    1.0      decoded by API Gateway
//	HTTP API, format 2.0    2.0      decoded by API Gateway
func readEvent(payload []byte) (request, error) {
	var kind struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(payload, &kind) != nil {
		return request{}, fmt.Errorf("%w: no JSON object whose version is text", errEvent)
	}
	switch kind.Version {
	case "", "1.0":
		var e events.APIGatewayProxyRequest
		if json.Unmarshal(payload, &e) != nil {
			return request{}, fmt.Errorf("%w: not JSON of format 1.0", errEvent)
		}
		return fromFormat1(e, kind.Version == "")
	case "2.0":
		var e events.APIGatewayV2HTTPRequest
		if json.Unmarshal(payload, &e) != nil {
			return request{}, fmt.Errorf("%w: not JSON of format 2.0", errEvent)
		}
		return fromFormat2(e)
	}
	return request{}, fmt.Errorf("%w: unknown version", errEvent)
}

func fromFormat1(e events.APIGatewayProxyRequest, encoded bool) (request, error) {
	req := request{
		method:  e.HTTPMethod,
		query:   e.MultiValueQueryStringParameters, // decoded by API Gateway for every kind of API
		origin:  originOf(e.Headers, e.MultiValueHeaders),
		context: e.RequestContext.Authorizer,
		encoded: encoded,
	}
	stage := stagePrefix(e.RequestContext.Stage, e.RequestContext.DomainPrefix, e.RequestContext.APIID)
	var err error
	req.segments, err = segmentsOf(e.Resource, e.PathParameters, e.Path, stage)
	return req, err
}

func fromFormat2(e events.APIGatewayV2HTTPRequest) (request, error) {
	req := request{method: e.RequestContext.HTTP.Method, origin: originOf(e.Headers, nil)}
	if e.RequestContext.Authorizer != nil {
		req.context = e.RequestContext.Authorizer.Lambda
	}
	template := e.RouteKey
	if _, path, found := strings.Cut(e.RouteKey, " "); found { // "GET /users" or "ANY /users"
		template = path
	}
	stage := stagePrefix(e.RequestContext.Stage, e.RequestContext.DomainPrefix, e.RequestContext.APIID)
	var err error
	if req.segments, err = segmentsOf(template, e.PathParameters, e.RawPath, stage); err != nil {
		return req, err
	}
	if req.query, err = url.ParseQuery(e.RawQueryString); err != nil {
		return req, badRequest("the query string is not well formed")
	}
	return req, nil
}

// segmentsOf returns the path that API Gateway matched: its route with the parameters put in. So no stage and
// no base path of a custom domain can get in. Nothing is decoded here: a policy for a REST API is held against
// the path as sent, so below {proxy+} the segment %75sers must not turn into users. For an HTTP API the event
// has only what API Gateway decoded, and that is what counts. Only the catch-all $default says nothing about the
// path; there the path of the event counts, without the stage. A base path is not known there and leads to a 404.
func segmentsOf(template string, params map[string]string, path, stage string) ([]string, error) {
	if template == defaultRoute {
		if rest, found := strings.CutPrefix(path, stage+"/"); found {
			return strings.Split(rest, "/"), nil
		}
		return nil, fmt.Errorf("%w: a path without its stage", errEvent)
	}
	rest, found := strings.CutPrefix(template, "/")
	if !found {
		return nil, fmt.Errorf("%w: no route", errEvent)
	}
	var segments []string
	for segment := range strings.SplitSeq(rest, "/") {
		name, isParam := parameterName(segment)
		if !isParam {
			segments = append(segments, segment)
			continue
		}
		greedy := strings.HasSuffix(name, "+") // {proxy+}: everything from here on
		value, given := params[strings.TrimSuffix(name, "+")]
		switch {
		case !given:
			return nil, fmt.Errorf("%w: a path parameter is missing", errEvent)
		case greedy:
			segments = append(segments, strings.Split(value, "/")...)
		default:
			segments = append(segments, value)
		}
	}
	return segments, nil
}

// stagePrefix is what a named stage puts before every path on an API's own host name. Custom domains have
// no stage in their paths, and there a first segment that happens to be named like the stage must stay.
func stagePrefix(stage, domainPrefix, apiID string) string {
	if stage == "" || stage == defaultRoute || domainPrefix == "" || domainPrefix != apiID {
		return ""
	}
	return "/" + stage
}

// originOf finds the Origin header however it is spelled. Browsers send one; of several, none is believed.
func originOf(headers map[string]string, multi map[string][]string) string {
	var found []string
	for name, values := range multi {
		if strings.EqualFold(name, "Origin") {
			found = append(found, values...)
		}
	}
	if len(multi) == 0 {
		for name, value := range headers {
			if strings.EqualFold(name, "Origin") {
				found = append(found, value)
			}
		}
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 {
		return ""
	}
	return found[0]
}
