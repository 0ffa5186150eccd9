package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// Invoker runs a Lambda function. *[lambda.Function] is one.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) (lambda.Result, error)
}

// AuthorizerType is the type of an authorizer: it gets only the token, or the request.
type AuthorizerType string

// The types of a Lambda authorizer.
const (
	Token   AuthorizerType = "TOKEN"
	Request AuthorizerType = "REQUEST"
)

// DefaultTTL is how long API Gateway keeps a result when nothing else is configured.
const DefaultTTL = 300 * time.Second

// Authorizer is the authorizer of the operations that are not public.
//
// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
type Authorizer struct {
	Function Invoker        // required
	Type     AuthorizerType // required

	// IdentitySources are the places that say who calls, and what a result is cached under. When one of them is
	// missing or empty, the response is 401 without invoking the function. If nil, method.request.header.Authorization.
	// A TOKEN authorizer has one header; a REQUEST authorizer may have none ([]string{}) without caching.
	IdentitySources []string

	// ValidationExpression is what a token must match before the function is asked; TOKEN only. It need not
	// match the whole token. If empty, every token does. API Gateway's dialect is not documented; this is RE2.
	ValidationExpression string

	// TTL is how long a result counts, 0 to 1 hour. 0 asks the function each time; see [DefaultTTL].
	TTL time.Duration
}

// authorizer is an Authorizer at work.
type authorizer struct {
	Authorizer
	sources []identitySource
	pattern *regexp.Regexp // nil: everything matches
	cache   *resultCache
}

// authorizerResult is what an authorizer returned, as it is cached.
type authorizerResult struct {
	principalID string
	context     map[string]string
	policy      *apigateway.ParsedPolicy
}

// unauthorized is the exact text of an error that makes API Gateway answer 401 rather than 500.
const unauthorized = "Unauthorized"

// Reasons why an authorizer gave no result. The first is the caller's fault, the other two are not.
var (
	errUnauthorized = errors.New("unauthorized")
	errAuthorizer   = errors.New("the authorizer failed")
	errOutput       = errors.New("the authorizer's output is not valid")
)

func newAuthorizer(a Authorizer, g *Gateway) (*authorizer, error) {
	auth := &authorizer{Authorizer: a, cache: newResultCache(a.TTL)}
	if a.IdentitySources == nil {
		auth.IdentitySources = []string{"method.request.header.Authorization"}
	}
	for _, expression := range auth.IdentitySources {
		source, err := parseSource(expression, g)
		if err != nil {
			return nil, err
		}
		auth.sources = append(auth.sources, source)
	}
	var err error
	if a.ValidationExpression != "" {
		auth.pattern, err = regexp.Compile(a.ValidationExpression)
	}
	isHeader := regexp.MustCompile(`^method\.request\.header\.`)
	switch {
	case a.Function == nil:
		return nil, errors.New("the authorizer has no function")
	case a.Type != Token && a.Type != Request:
		return nil, fmt.Errorf("authorizer type %q: it must be TOKEN or REQUEST", a.Type)
	case err != nil:
		return nil, fmt.Errorf("identity validation expression: %w", err)
	case a.TTL < 0 || a.TTL > time.Hour:
		return nil, fmt.Errorf("the authorizer's TTL %v is not between 0 and 1 hour", a.TTL)
	case a.Type == Token && (len(auth.IdentitySources) != 1 || !isHeader.MatchString(auth.IdentitySources[0])):
		return nil, errors.New("a TOKEN authorizer takes exactly one identity source, method.request.header.NAME")
	case a.Type == Request && a.ValidationExpression != "":
		return nil, errors.New("a REQUEST authorizer accepts no identity validation expression")
	case len(auth.IdentitySources) == 0 && a.TTL > 0:
		return nil, errors.New("an authorizer without identity sources cannot be cached: set its TTL to 0")
	}
	return auth, nil
}

// authorize finds the result for a request, cached or fresh, and notes in the log how.
func (g *Gateway) authorize(ctx context.Context, req *request, log *AuthorizerLog) (*authorizerResult, error) {
	a := g.authorizer
	values, ok := identify(a.sources, req)
	if !ok || a.pattern != nil && !a.pattern.MatchString(values[0]) {
		log.Status = http.StatusUnauthorized
		return nil, errUnauthorized
	}
	key := cacheKey(g.options.Stage, values)
	if v := a.cache.get(key, g.options.Now()); v != nil {
		log.Cached, log.Status = true, http.StatusOK
		return v, nil
	}
	event := tokenEvent{Type: a.Type, MethodARN: g.methodARN(req)}
	var payload []byte
	var err error
	if a.Type == Token {
		event.AuthorizationToken = values[0]
		payload, err = json.Marshal(event)
	} else {
		payload, err = json.Marshal(requestEvent{event, g.requestData(req)})
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAuthorizer, err)
	}
	output, err := a.invoke(ctx, payload, log)
	if err == nil {
		// Timed by when it came, not by when it was asked for.
		a.cache.put(key, output, g.options.Now())
	}
	return output, err
}

// invoke asks the function and notes in the log what came of it.
func (a *authorizer) invoke(ctx context.Context, event []byte, log *AuthorizerLog) (*authorizerResult, error) {
	begin := time.Now()
	log.Invoked = true
	output, err := a.ask(ctx, event, log)
	log.Latency = time.Since(begin)
	log.Status = http.StatusOK
	switch {
	case errors.Is(err, errUnauthorized):
		log.Status = http.StatusUnauthorized
	case err != nil:
		log.Status = http.StatusInternalServerError
	}
	return output, err
}

// ask invokes the function and parses its output.
func (a *authorizer) ask(ctx context.Context, event []byte, log *AuthorizerLog) (*authorizerResult, error) {
	ctx, cancel := context.WithTimeout(ctx, maxIntegrationTimeout)
	defer cancel()
	result, err := a.Function.Invoke(ctx, event)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAuthorizer, err)
	}
	log.ID = result.RequestID
	if result.FunctionError != "" {
		var failure struct {
			Message string `json:"errorMessage"`
			Type    string `json:"errorType"`
		}
		_ = json.Unmarshal(result.Payload, &failure) // another form is another error
		if failure.Message == unauthorized {
			return nil, errUnauthorized
		}
		return nil, fmt.Errorf("%w: %s", errAuthorizer, cmp.Or(failure.Type, result.FunctionError))
	}
	return parseOutput(result.Payload)
}

// parseOutput parses the function's output as strictly as API Gateway does. Names are case-sensitive.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
func parseOutput(payload []byte) (*authorizerResult, error) {
	var output map[string]json.RawMessage
	if err := json.Unmarshal(payload, &output); err != nil || output == nil {
		return nil, fmt.Errorf("%w: it is not an object", errOutput)
	}
	v := &authorizerResult{context: map[string]string{}}
	if err := json.Unmarshal(output["principalId"], &v.principalID); err != nil || v.principalID == "" {
		return nil, fmt.Errorf("%w: principalId must be a text", errOutput)
	}
	var err error
	if v.policy, err = apigateway.ParsePolicy(output["policyDocument"]); err != nil {
		return nil, fmt.Errorf("%w: policyDocument: %w", errOutput, err)
	}
	values, ok := output["context"]
	if !ok {
		return v, nil
	}
	var context map[string]json.RawMessage
	if err := json.Unmarshal(values, &context); err != nil || context == nil {
		return nil, fmt.Errorf("%w: context must be an object", errOutput)
	}
	for key, value := range context {
		if v.context[key], ok = plain(value); !ok {
			return nil, fmt.Errorf("%w: context.%s must be a text, a number, true or false", errOutput, key)
		}
	}
	return v, nil
}

// plain makes a text of a JSON value: a number or a boolean as it is written. Lists, objects and null are not ok.
func plain(value json.RawMessage) (text string, ok bool) {
	if len(value) == 0 || strings.IndexByte("[{n", value[0]) >= 0 {
		return "", false
	}
	if value[0] == '"' {
		err := json.Unmarshal(value, &text)
		return text, err == nil
	}
	return string(value), true
}
