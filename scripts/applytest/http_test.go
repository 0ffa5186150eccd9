package applytest

import (
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// An HTTP API with simple results, each for one path because the sample has a route for its owner. It is protected from deletion
// at first. The second apply seeds the authorizer with the pool's key set, so that the authorizer runs without any network, and
// turns protection off.
func TestAnHTTPAPIWithSimpleResponsesAndConfiguredKeys(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	tf := newConfiguration(t, c, "terraform", zips, map[string]any{
		"name": "applytest", "region": region,
		"api_type": "http", "http_response": "simple-per-path", "cors": map[string]any{"allowed_origins": []string{origin}},
		"alarm_topic_arn": topic,
	})
	outputs := tf.deploy(t)
	t.Run("what is refused", func(t *testing.T) { checkRefusals(t, c, tf) })
	tf.variables["jwks"] = keySet(t, c, outputs["user_pool_id"])
	tf.variables["deletion_protection"] = false
	done := timeStep(t, "apply, seeded")
	outputs = tf.apply(t)
	done()
	t.Run("what is there", func(t *testing.T) {
		checkFunctions(t, c, "applytest", outputs, nil)
		checkPool(t, c, outputs)
		checkAlarms(t, c, "applytest", "AWS/ApiGateway 5xx")
		checkHTTPAPI(t, c, outputs)
	})
	t.Run("who gets in", func(t *testing.T) { checkHTTPCalls(t, c, outputs) })
	tf.expectNoChanges(t)
	tf.destroy(t, c)
}

// keySet returns the pool's key set, as make jwks reads it.
func keySet(t *testing.T, c *cloud, poolID string) string {
	t.Helper()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/"+poolID+"/.well-known/jwks.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil || len(set.Keys) == 0 {
		t.Fatalf("the pool publishes no keys (%v)", err)
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkHTTPCalls runs the deployed functions with the events of format 2.0 that an HTTP API sends.
func checkHTTPCalls(t *testing.T, c *cloud, outputs map[string]string) {
	nowhere := map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
	authorizer, _ := deployed(t, c, "applytest-authorizer", filepath.Join(zips, "authorizer.zip"), localCredentials(nowhere))
	api, _ := deployed(t, c, "applytest-api", filepath.Join(zips, "api.zip"),
		localCredentials(map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": c.URL}))

	home := pool{api: idp.NewFromConfig(c.config()), id: outputs["user_pool_id"], clientID: outputs["web_client_id"]}
	foreign := newForeignPool(t, c)
	t.Cleanup(func() { foreign.remove(t) })
	home.add(t, "member")
	home.add(t, "admin", "admins")
	foreign.add(t, "member")
	member, admin := home.signIn(t, "member", home.clientID), home.signIn(t, "admin", home.clientID)

	for _, test := range []struct {
		name  string
		token cognito.Token
		route string
		path  string
		want  int
	}{
		{"a good token", member.access, "GET /me", "/me", 200},
		{"a token of another pool, which moto signs with the same key", foreign.signIn(t, "member", foreign.clientID).access, "GET /me", "/me", 401},
		{"an ID token", member.id, "GET /me", "/me", 401},
		{"the caller's own item", member.access, "GET /users/{username}", "/users/member", 200},
		{"another's item", member.access, "GET /users/{username}", "/users/admin", 403},
		{"another's item, by a group", admin.access, "GET /users/{username}", "/users/member", 200},
		{"a route that needs a scope, without it", admin.access, "GET /users", "/users", 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := httpCall{route: test.route, path: test.path, token: test.token}
			if got := call.send(t, authorizer, api); got != test.want {
				t.Errorf("%s: %d, want %d", test.route, got, test.want)
			}
		})
	}
}

// httpCall is one call of an HTTP API.
type httpCall struct {
	route, path string
	token       cognito.Token
}

// send returns API Gateway's status. It invokes the authorizer and, if that allows the call, the API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func (h httpCall) send(t *testing.T, authorizer, api *lambda.Function) int {
	t.Helper()
	method, _, _ := strings.Cut(h.route, " ")
	bearer := "Bearer " + h.token.Reveal()
	context := map[string]any{
		"accountId": "123456789012", "apiId": "abc123", "stage": "$default", "routeKey": h.route, "requestId": "request-1",
		"http": map[string]any{"method": method, "path": h.path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
	}
	event := map[string]any{
		"version": "2.0", "type": "REQUEST", "routeKey": h.route, "rawPath": h.path, "rawQueryString": "",
		"routeArn":       "arn:aws:execute-api:" + region + ":123456789012:abc123/$default/" + method + h.path,
		"identitySource": []string{bearer, h.route, h.path},
		"headers":        map[string]string{"authorization": bearer, "host": "abc123.execute-api." + region + ".amazonaws.com"},
		"requestContext": context,
	}
	response := invoke(t, authorizer, event)
	if response.FunctionError != "" {
		if failure := decodeInto[struct{ ErrorMessage string }](t, response.Payload); failure.ErrorMessage != "Unauthorized" {
			t.Errorf("the authorizer failed: %s", failure.ErrorMessage)
			return http.StatusInternalServerError
		}
		return http.StatusUnauthorized
	}
	decision := decodeInto[struct {
		IsAuthorized *bool
		Context      map[string]any
	}](t, response.Payload)
	if decision.IsAuthorized == nil {
		t.Fatalf("the response is not a simple one: %s", response.Payload)
	}
	if !*decision.IsAuthorized {
		return http.StatusForbidden
	}
	inside := maps.Clone(event)
	delete(inside, "routeArn")
	delete(inside, "identitySource")
	delete(inside, "type")
	context["authorizer"] = map[string]any{"lambda": decision.Context}
	if _, name, parameter := strings.Cut(h.route, "{"); parameter {
		inside["pathParameters"] = map[string]string{strings.TrimSuffix(name, "}"): h.path[strings.LastIndex(h.path, "/")+1:]}
	}
	response = invoke(t, api, inside)
	if response.FunctionError != "" {
		t.Fatalf("the API failed: %s", response.Payload)
	}
	return decodeInto[struct{ StatusCode int }](t, response.Payload).StatusCode
}

func invoke(t *testing.T, f *lambda.Function, event any) lambda.Result {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	result, err := f.Invoke(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// checkHTTPAPI compares the routes and the authorizer of the API with the contract.
func checkHTTPAPI(t *testing.T, c *cloud, outputs map[string]string) {
	api := apigatewayv2.NewFromConfig(c.config())
	found, err := api.GetApis(t.Context(), &apigatewayv2.GetApisInput{})
	if err != nil || len(found.Items) != 1 {
		t.Fatalf("%d HTTP APIs, want 1 (%v)", len(found.Items), err)
	}
	id := found.Items[0].ApiId
	if !strings.Contains(outputs["api_url"], *id) {
		t.Errorf("api_url %s is not that of %s", outputs["api_url"], *id)
	}
	routes, err := api.GetRoutes(t.Context(), &apigatewayv2.GetRoutesInput{ApiId: id})
	if err != nil {
		t.Fatal(err)
	}
	contract := contractRoutes(t)
	if len(routes.Items) != len(contract) {
		t.Errorf("%d routes, want %d", len(routes.Items), len(contract))
	}
	authorizers := map[string]bool{}
	for _, route := range routes.Items {
		public, known := contract[*route.RouteKey]
		switch {
		case !known:
			t.Errorf("the contract knows no %s", *route.RouteKey)
		case public && route.AuthorizationType != types.AuthorizationTypeNone:
			t.Errorf("%s is public and asks for %s", *route.RouteKey, route.AuthorizationType)
		case !public && route.AuthorizationType != types.AuthorizationTypeCustom:
			t.Errorf("%s is not guarded: %s", *route.RouteKey, route.AuthorizationType)
		case !public:
			authorizers[aws.ToString(route.AuthorizerId)] = true
		}
	}
	if len(authorizers) != 1 {
		t.Errorf("the routes are guarded by %v, want one authorizer", slices.Collect(maps.Keys(authorizers)))
	}
	for id := range authorizers {
		checkHTTPAuthorizer(t, api, found.Items[0].ApiId, id)
	}
	stage, err := api.GetStage(t.Context(), &apigatewayv2.GetStageInput{ApiId: id, StageName: aws.String("$default")})
	if err != nil || stage.AccessLogSettings == nil {
		t.Errorf("the stage has no access log (%v)", err)
	}
}

func checkHTTPAuthorizer(t *testing.T, api *apigatewayv2.Client, apiID *string, id string) {
	t.Helper()
	authorizer, err := api.GetAuthorizer(t.Context(), &apigatewayv2.GetAuthorizerInput{ApiId: apiID, AuthorizerId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if !aws.ToBool(authorizer.EnableSimpleResponses) || !slices.Contains(authorizer.IdentitySource, "$context.routeKey") || !slices.Contains(authorizer.IdentitySource, "$context.path") ||
		aws.ToInt32(authorizer.AuthorizerResultTtlInSeconds) != 300 || aws.ToString(authorizer.AuthorizerPayloadFormatVersion) != "2.0" ||
		!strings.Contains(aws.ToString(authorizer.AuthorizerUri), ":function:applytest-authorizer/") {
		t.Errorf("the authorizer is %+v", authorizer)
	}
}
