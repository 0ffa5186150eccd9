package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/getkin/kin-openapi/openapi3"
)

// call describes a request. event returns the event that API Gateway would send for it, based on one in testdata.
type call struct {
	kind      string // testdata file without .json: rest, http-1.0, http-2.0; if empty, rest
	method    string // if empty, GET
	route     string // path template of the contract, /{proxy+} or $default
	params    map[string]string
	path      string // only used with $default
	query     map[string]string
	origin    string
	anonymous bool // no authorizer was called
}

func (c call) event(t testing.TB) map[string]any {
	t.Helper()
	if c.kind == "" {
		c.kind = "rest"
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	text, err := os.ReadFile("testdata/" + c.kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	requestContext := e["requestContext"].(map[string]any)
	e["pathParameters"] = c.params
	if c.anonymous {
		delete(requestContext, "authorizer")
	}
	if c.kind == "http-2.0" {
		c.format2(e, requestContext)
	} else {
		c.format1(e, requestContext)
	}
	return e
}

func (c call) format1(e, requestContext map[string]any) {
	e["resource"], e["httpMethod"], e["path"] = c.route, c.method, c.path
	requestContext["resourcePath"], requestContext["httpMethod"] = c.route, c.method
	single, multi := map[string]any{}, map[string]any{}
	for name, value := range c.query {
		single[name], multi[name] = value, []string{value}
	}
	e["queryStringParameters"], e["multiValueQueryStringParameters"] = single, multi
	for _, name := range []string{"Origin", "origin"} {
		delete(e["headers"].(map[string]any), name)
		delete(e["multiValueHeaders"].(map[string]any), name)
	}
	if c.origin != "" {
		e["headers"].(map[string]any)["Origin"] = c.origin
		e["multiValueHeaders"].(map[string]any)["Origin"] = []string{c.origin}
	}
}

func (c call) format2(e, requestContext map[string]any) {
	routeKey := c.method + " " + c.route
	if c.route == defaultRoute {
		routeKey = c.route
	}
	e["routeKey"], requestContext["routeKey"], e["rawPath"] = routeKey, routeKey, c.path
	requestContext["http"].(map[string]any)["method"] = c.method
	query := make([]string, 0, len(c.query))
	for name, value := range c.query {
		query = append(query, name+"="+escapeQuery(value))
	}
	e["rawQueryString"] = strings.Join(query, "&")
	delete(e["headers"].(map[string]any), "origin")
	if c.origin != "" {
		e["headers"].(map[string]any)["origin"] = c.origin
	}
}

// escapeQuery percent-encodes the reserved characters of a query value.
func escapeQuery(value string) string {
	return strings.NewReplacer("%", "%25", "+", "%2B", "/", "%2F", "=", "%3D", "&", "%26").Replace(value)
}

// testAPI is an API under test with its log.
type testAPI struct {
	*api
	log *bytes.Buffer
}

func newTestAPI(t testing.TB, pool userPool, allowed ...string) testAPI {
	log := &bytes.Buffer{}
	t.Cleanup(func() {
		for _, secret := range []string{privateEmail, "eyJhbGciOiJub25lIn0", "Bearer", "not-a-secret", "192.0.2.17"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log contains %q", secret)
			}
		}
	})
	return testAPI{newAPI(pool, revocations{}, allowed, slog.New(slog.NewJSONHandler(log, nil))), log}
}

// do invokes the API and checks the response against the contract.
func (a testAPI) do(t testing.TB, event map[string]any) response {
	t.Helper()
	return a.doContext(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"}), t, event)
}

func (a testAPI) doContext(ctx context.Context, t testing.TB, event map[string]any) response {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	out, err := a.Invoke(ctx, payload)
	if err != nil {
		t.Fatalf("API Gateway would answer 502: %v", err)
	}
	var res response
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatal(err)
	}
	if res.Headers["Cache-Control"] != "no-store" {
		t.Errorf("Cache-Control is %q", res.Headers["Cache-Control"])
	}
	checkAgainstContract(t, event, res)
	return res
}

// checkAgainstContract checks that the contract documents the status of a response, its headers and its body. It ignores
// operations that are not in the contract.
func checkAgainstContract(t testing.TB, event map[string]any, res response) {
	t.Helper()
	method, _ := event["httpMethod"].(string)
	path, _ := event["resource"].(string)
	if key, ok := event["routeKey"].(string); ok {
		method, path, _ = strings.Cut(key, " ")
	}
	doc := document(t)
	if doc.Paths.Value(path) == nil || doc.Paths.Value(path).GetOperation(method) == nil {
		return
	}
	documented := doc.Paths.Value(path).GetOperation(method).Responses.Status(res.StatusCode)
	if documented == nil {
		t.Errorf("%s %s returned %d, which the contract does not document", method, path, res.StatusCode)
		return
	}
	for name, header := range documented.Value.Headers {
		if header.Value.Required && res.Headers[name] == "" {
			t.Errorf("%s %s returned %d without the header %s", method, path, res.StatusCode, name)
		}
	}
	if len(documented.Value.Content) == 0 {
		if res.Body != "" {
			t.Errorf("%s %s returned %d with a body", method, path, res.StatusCode)
		}
		return
	}
	described := documented.Value.Content.Get(res.Headers["Content-Type"])
	if described == nil {
		t.Errorf("%s %s returned %d as %q", method, path, res.StatusCode, res.Headers["Content-Type"])
		return
	}
	var body any
	if err := json.Unmarshal([]byte(res.Body), &body); err != nil {
		t.Errorf("%s %s returned %d with invalid JSON: %v", method, path, res.StatusCode, err)
		return
	}
	if err := doc.ValidateSchemaJSON(described.Schema.Value, body); err != nil {
		t.Errorf("%s %s returned %d with a body that does not match the contract: %v", method, path, res.StatusCode, err)
	}
}

var readDocument = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile("openapi.yaml")
})

// document returns the parsed OpenAPI document. Tests use it for responses and schemas, never for security.
func document(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (r response) detail(t testing.TB) string {
	t.Helper()
	var p problemDetails
	if err := json.Unmarshal([]byte(r.Body), &p); err != nil || p.Status != r.StatusCode || p.Title != http.StatusText(p.Status) {
		t.Errorf("not a problem document with status %d: %s", r.StatusCode, r.Body)
	}
	return p.Detail
}
