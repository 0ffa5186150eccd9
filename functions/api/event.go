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

// request is an API Gateway event in a form that is the same for every type of API.
type request struct {
	method   string
	segments []string       // the path without stage or base path, decoded only as far as the event is
	encoded  bool           // whether the segments are still percent-encoded
	query    url.Values     // decoded
	origin   string         // the Origin header; empty if absent or ambiguous
	context  map[string]any // the authorizer's context; nil if no authorizer was called

	route  string            // method and path template of the operation; set by router.find
	allow  string            // the methods of the path, for Allow; set by router.find
	params map[string]string // path parameters, decoded; set by router.find
	caller identity.Identity // zero on a public operation
}

// errEvent reports an event that is not an API Gateway proxy event. It is wrapped with fixed strings only, because the errors
// of encoding/json quote values of the event.
var errEvent = errors.New("not an API Gateway proxy event")

// defaultRoute is the HTTP API route that receives requests no other route matches.
const defaultRoute = "$default"

// readEvent reads an event of either proxy format. The event itself shows which one it is:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
//	                        version  path and parameters
//	REST API                absent   percent-encoded, as the caller sent them
//	HTTP API, format 1.0    1.0      decoded by API Gateway
//	HTTP API, format 2.0    2.0      decoded by API Gateway
func readEvent(payload []byte) (request, error) {
	var format struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(payload, &format) != nil {
		return request{}, fmt.Errorf("%w: not a JSON object with a string as its version", errEvent)
	}
	switch format.Version {
	case "", "1.0":
		var e events.APIGatewayProxyRequest
		if json.Unmarshal(payload, &e) != nil {
			return request{}, fmt.Errorf("%w: not JSON of format 1.0", errEvent)
		}
		return fromFormat1(e, format.Version == "")
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
		query:   e.MultiValueQueryStringParameters, // decoded by API Gateway for every type of API
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
		return req, badRequest("malformed query string")
	}
	return req, nil
}

// segmentsOf returns the path that API Gateway matched: the route's template with its parameters filled in. So the path never
// includes a stage or the base path of a custom domain.
//
// Nothing is decoded here. A REST API evaluates the authorizer's policy against the path as sent, so below {proxy+} the segment
// %75sers must not become users. HTTP API events only have the decoded path, and HTTP APIs match routes by it.
//
// The route $default has no template. For it, the path of the event is used, without the stage. A base path cannot be
// recognized there and leads to a 404.
func segmentsOf(template string, params map[string]string, path, stage string) ([]string, error) {
	if template == defaultRoute {
		if rest, found := strings.CutPrefix(path, stage+"/"); found {
			return strings.Split(rest, "/"), nil
		}
		return nil, fmt.Errorf("%w: the path lacks the stage", errEvent)
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
		greedy := strings.HasSuffix(name, "+") // {proxy+} matches the rest of the path
		value, present := params[strings.TrimSuffix(name, "+")]
		switch {
		case !present:
			return nil, fmt.Errorf("%w: a path parameter is missing", errEvent)
		case greedy:
			segments = append(segments, strings.Split(value, "/")...)
		default:
			segments = append(segments, value)
		}
	}
	return segments, nil
}

// stagePrefix returns the prefix that a named stage adds to every path on the API's own host name. Paths on custom domains
// have no stage: there a first segment equal to the stage's name is part of the path.
func stagePrefix(stage, domainPrefix, apiID string) string {
	if stage == "" || stage == defaultRoute || domainPrefix == "" || domainPrefix != apiID {
		return ""
	}
	return "/" + stage
}

// originOf returns the Origin header; its name is case-insensitive. Browsers send exactly one, so with several different
// values it returns an empty string.
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
