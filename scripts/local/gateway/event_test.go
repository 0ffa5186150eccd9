package gateway_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

const arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/v1/"

// authorizerEvent returns the event of the authorizer, which the probe puts into the context of its response.
func authorizerEvent(t *testing.T, r reply) string {
	t.Helper()
	text, ok := r.event(t).RequestContext.Authorizer["event"].(string)
	if !ok {
		t.Fatal("the authorizer's context did not arrive")
	}
	return text
}

func TestATokenAuthorizerIsGivenTheTokenAndTheCall(t *testing.T) {
	s := start(t, func(o *gateway.Options) { o.Authorizer.TTL = 0 })
	for _, tt := range []struct {
		name string
		call string
		path string // in methodArn, after the stage
	}{
		{"a path", "GET /pets", "GET/pets"},
		{"a value of a parameter", "GET /pets/7", "GET/pets/7"},
		{"the root", "GET /", "GET/"},
		{"a slash at the end", "GET /pets/", "GET/pets/"},
		{"a query", "GET /pets?a=b", "GET/pets"},
		{"what is encoded stays encoded", "GET /pets/a%2Fb%20c", "GET/pets/a%2Fb%20c"},
		{"wildcards of the caller", "GET /pets/*?x=1", "GET/pets/*"},
		{"another method", "POST /pets", "POST/pets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := authorizerEvent(t, s.send(t, tt.call, bearer("allow")))
			want := `{"type":"TOKEN","methodArn":"` + arn + tt.path + `","authorizationToken":"Bearer allow"}`
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestARequestAuthorizerIsGivenTheRequest(t *testing.T) {
	s := start(t, func(o *gateway.Options) { o.Authorizer.Type = gateway.Request })
	r := s.send(t, "GET /pets/7?a=1&a=2&b=%20x", bearer("allow"), "X-Two: 1", "X-Two: 2", "User-Agent: test")
	text := authorizerEvent(t, r)
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "REQUEST" || e.MethodArn != arn+"GET/pets/7" || e.Resource != "/pets/{id}" || e.Path != "/pets/7" || e.HTTPMethod != "GET" {
		t.Errorf("type %q, ARN %q, resource %q, path %q, method %q", e.Type, e.MethodArn, e.Resource, e.Path, e.HTTPMethod)
	}
	if e.Headers["Authorization"] != "Bearer allow" || e.Headers["X-Two"] != "2" || !reflect.DeepEqual(e.MultiValueHeaders["X-Two"], []string{"1", "2"}) {
		t.Errorf("headers %q %q", e.Headers, e.MultiValueHeaders)
	}
	if !reflect.DeepEqual(e.QueryStringParameters, map[string]string{"a": "2", "b": " x"}) ||
		!reflect.DeepEqual(e.MultiValueQueryStringParameters, map[string][]string{"a": {"1", "2"}, "b": {" x"}}) {
		t.Errorf("query %q %q", e.QueryStringParameters, e.MultiValueQueryStringParameters)
	}
	if !reflect.DeepEqual(e.PathParameters, map[string]string{"id": "7"}) {
		t.Errorf("path parameters %q", e.PathParameters)
	}
	rc := e.RequestContext
	if rc.Path != "/v1/pets/7" || rc.AccountID != "123456789012" || rc.APIID != "a1b2c3d4e5" || rc.Stage != "v1" || rc.ResourcePath != "/pets/{id}" ||
		rc.HTTPMethod != "GET" || rc.ResourceID == "" || rc.RequestID != r.call.RequestID || rc.Identity.SourceIP != "127.0.0.1" {
		t.Errorf("request context %+v", rc)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatal(err)
	}
	if _, ok := raw["authorizationToken"]; ok {
		t.Error("it was given authorizationToken as well")
	}
	if string(raw["stageVariables"]) != "{}" {
		t.Errorf("stage variables %s", raw["stageVariables"])
	}
}

func TestTheFunctionIsGivenAProxyEvent(t *testing.T) {
	s := start(t, nil)
	r := s.sendBody(t, []byte(`{"name":"Rex"}`), "POST /pets?q=a%2Fb&q=c+d&empty", bearer("allow"), "Content-Type: application/json", "User-Agent: test")
	e := r.event(t)
	if e.Resource != "/pets" || e.Path != "/pets" || e.HTTPMethod != "POST" || e.Body != `{"name":"Rex"}` || e.IsBase64Encoded {
		t.Errorf("resource %q, path %q, method %q, body %q, base64 %v", e.Resource, e.Path, e.HTTPMethod, e.Body, e.IsBase64Encoded)
	}
	if !reflect.DeepEqual(e.MultiValueQueryStringParameters, map[string][]string{"q": {"a/b", "c d"}, "empty": {""}}) || e.QueryStringParameters["q"] != "c d" {
		t.Errorf("query %q %q", e.QueryStringParameters, e.MultiValueQueryStringParameters)
	}
	rc := e.RequestContext
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if rc.Path != "/v1/pets" || rc.ResourcePath != "/pets" || rc.Stage != "v1" || rc.OperationName != "addPet" || rc.Protocol != "HTTP/1.1" ||
		rc.RequestTime != "22/Nov/2026:12:00:00 +0000" || rc.RequestTimeEpoch != at.UnixMilli() || rc.Identity.UserAgent != "test" ||
		rc.RequestID != r.header.Get("x-amzn-RequestId") || rc.ExtendedRequestID != r.header.Get("x-amz-apigw-id") {
		t.Errorf("request context %+v", rc)
	}
	got := map[string]any{}
	for key, value := range rc.Authorizer {
		got[key] = value
	}
	delete(got, "event")
	if _, ok := got["integrationLatency"].(float64); !ok {
		t.Errorf("integrationLatency %v is not a number", got["integrationLatency"])
	}
	delete(got, "integrationLatency")
	want := map[string]any{"principalId": "probe-allow", "text": "a b", "number": "1795360000", "yes": "true"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("authorizer context %v, want %v", got, want)
	}
}

func TestAbsentValuesAreNull(t *testing.T) {
	s := start(t, nil)
	var e map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.send(t, "GET /health").body), &e); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"} {
		if string(e[name]) != "null" {
			t.Errorf("%s is %s", name, e[name])
		}
	}
	if strings.Contains(string(e["requestContext"]), `"authorizer"`) {
		t.Error("a public route has an authorizer in its context")
	}
}

func TestPathParametersArriveAsTheyWereSent(t *testing.T) {
	s := start(t, nil)
	for path, want := range map[string]string{"/pets/a%40b": "a%40b", "/pets/a@b": "a@b", "/pets/a+b": "a+b", "/pets/7/": "7"} {
		e := s.send(t, "GET "+path, bearer("allow")).event(t)
		if e.PathParameters["id"] != want || e.Path != path {
			t.Errorf("%s: parameter %q, path %q", path, e.PathParameters["id"], e.Path)
		}
	}
}

func TestABinaryBodyIsPassedOnAsAString(t *testing.T) {
	s := start(t, nil)
	e := s.sendBody(t, []byte{'a', 0xff, 'b'}, "POST /pets", bearer("allow")).event(t)
	if e.Body != "a\uFFFDb" || e.IsBase64Encoded {
		t.Errorf("body %q, base64 %v", e.Body, e.IsBase64Encoded)
	}
}

func TestTheMethodCanBeOverridden(t *testing.T) {
	s := start(t, nil)
	e := s.send(t, "POST /pets/7", bearer("allow"), "X-HTTP-Method-Override: patch").event(t)
	if e.HTTPMethod != "PATCH" || e.RequestContext.OperationName != "changePet" || e.Headers["X-Http-Method-Override"] != "" {
		t.Errorf("method %s, operation %s, headers %v", e.HTTPMethod, e.RequestContext.OperationName, e.Headers)
	}
	noRoute.check(t, s.send(t, "GET /pets/7", bearer("allow"), "X-HTTP-Method-Override: DELETE"))
}

func TestTheResponseOfTheFunctionReachesTheClient(t *testing.T) {
	s := start(t, nil)
	r := s.send(t, "GET /pets?do=headers", bearer("allow"))
	if r.status != 201 || r.body != "made" {
		t.Errorf("got %d %q", r.status, r.body)
	}
	for name, want := range map[string][]string{
		"X-One": {"1"}, "X-Number": {"7"}, "X-Yes": {"true"}, "Set-Cookie": {"a=1", "b=2"},
		"X-Both":                         {"multi"},
		"Content-Type":                   {"application/json"},
		"Content-Length":                 {"4"},
		"X-Amzn-Remapped-Content-Length": {"1000000"}, "X-Amzn-Remapped-Server": {"probe"}, "X-Amzn-Remapped-Date": {"today"},
		"X-Amzn-Remapped-Www-Authenticate": {"Basic"}, "X-Amzn-Remapped-Connection": {"close"},
		"Www-Authenticate": nil, "Server": nil,
	} {
		if got := r.header.Values(name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r := s.send(t, "GET /pets?do=base64", bearer("allow")); r.body != "aGVsbG8=" {
		t.Errorf("without binary media types, %q", r.body)
	}
	if r := s.send(t, "GET /pets?do=injection", bearer("allow")); r.header.Get("X-Two") != "" || r.header.Get("bad name") != "" {
		t.Errorf("a header was smuggled in: %q", r.header)
	}
}
