package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// maxIntegrationTimeout is the longest that API Gateway waits for an integration, unless a quota is raised.
const maxIntegrationTimeout = 29 * time.Second

// integrate invokes the function behind the API for the request, and returns its response.
func (g *Gateway) integrate(ctx context.Context, req *request, v *authorizerResult, call *Call) (response, *gatewayResponse) {
	event, err := json.Marshal(g.proxyEvent(req, v, call.Authorizer))
	if err != nil {
		return response{}, responseIntegrationError
	}
	resp, failure := invokeIntegration(ctx, g.options.Integration, g.options.IntegrationTimeout, event, call)
	if failure == nil {
		resp.headers = append(resp.headers, header{"X-Amzn-Trace-Id", req.traceID})
	}
	return resp, failure
}

// invokeIntegration invokes the function behind an API and parses its response.
func invokeIntegration(ctx context.Context, function Invoker, timeout time.Duration, event []byte, call *Call) (response, *gatewayResponse) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	begin := time.Now()
	result, err := function.Invoke(ctx, event)
	call.IntegrationLatency = time.Since(begin)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		call.Error = err.Error()
		return response{}, responseIntegrationTimeout
	case errors.Is(err, lambda.ErrPayloadTooLarge): // Lambda accepts less than API Gateway does
		return response{}, responseTooLong
	case err != nil:
		call.Error = err.Error()
		return response{}, responseIntegrationError
	case result.FunctionError != "":
		call.Error = "the function failed"
		return response{}, responseIntegrationError
	}
	resp, err := parseResponse(result.Payload)
	if err != nil {
		call.Error = err.Error()
		return response{}, responseIntegrationError
	}
	call.IntegrationStatus = resp.status
	return resp, nil
}

// parseResponse parses the response of a proxy integration. No field is mandatory, and none is accepted that is not
// known: API Gateway calls that a malformed Lambda proxy response.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
func parseResponse(payload []byte) (response, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil || fields == nil {
		return response{}, errors.New("malformed proxy response: it is not an object")
	}
	var answer struct {
		status   json.Number
		headers  map[string]json.RawMessage
		multi    map[string][]json.RawMessage
		body     *string
		isBase64 bool // read for its form; without binary media types nothing is decoded
	}
	targets := map[string]any{"statusCode": &answer.status, "headers": &answer.headers,
		"multiValueHeaders": &answer.multi, "body": &answer.body, "isBase64Encoded": &answer.isBase64}
	for name, value := range fields {
		target, ok := targets[name]
		if !ok {
			return response{}, fmt.Errorf("malformed proxy response: there is no field %s", name)
		}
		if err := json.Unmarshal(value, target); err != nil {
			return response{}, fmt.Errorf("malformed proxy response: %s has the wrong type", name)
		}
	}
	r := response{status: http.StatusOK}
	if answer.status != "" {
		status, err := strconv.Atoi(answer.status.String())
		if err != nil || status < 200 || status > 599 {
			return response{}, errors.New("malformed proxy response: statusCode must be a whole number from 200 to 599")
		}
		r.status = status
	}
	if answer.body != nil {
		r.body = []byte(*answer.body)
	}
	var err error
	if r.headers, err = responseHeaders(answer.headers, answer.multi); err != nil {
		return response{}, err
	}
	if get(r.headers, "Content-Type") == "" {
		r.headers = append(r.headers, header{"Content-Type", jsonType})
	}
	return r, nil
}

// remapped are the headers of a response that reach the client under another name.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
var remapped = []string{"connection", "content-length", "date", "server", "www-authenticate"}

// responseHeaders joins both maps. Where both have a name, the list counts.
func responseHeaders(single map[string]json.RawMessage, multi map[string][]json.RawMessage) ([]header, error) {
	var list []header
	add := func(name string, value json.RawMessage) error {
		text, ok := plain(value)
		if !ok {
			return fmt.Errorf("malformed proxy response: the header %s has no plain value", name)
		}
		switch {
		case strings.EqualFold(name, "Transfer-Encoding"):
			return nil // dropped
		case slices.Contains(remapped, strings.ToLower(name)):
			name = "x-amzn-Remapped-" + name
		}
		list = append(list, header{name, text})
		return nil
	}
	for name, value := range single {
		inBoth := false
		for other := range multi {
			inBoth = inBoth || strings.EqualFold(name, other)
		}
		if inBoth {
			continue
		}
		if err := add(name, value); err != nil {
			return nil, err
		}
	}
	for name, values := range multi {
		for _, value := range values {
			if err := add(name, value); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}
