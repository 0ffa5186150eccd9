package applytest

import (
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// Settings shared by the tests.
const (
	origin = "https://app.example.com"
	topic  = "arn:aws:sns:eu-west-1:123456789012:on-call"
)

// A REST API with every option. The authorizer fetches the pool's key set over the network.
func TestARESTAPIWithAllOptions(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	tf := newConfiguration(t, c, "terraform", zips, map[string]any{
		"name": "applytest", "region": region,
		"manage_account_logging": true, "cors": map[string]any{"allowed_origins": []string{origin}}, "revocation_enabled": true,
		"deletion_protection": false, "callback_urls": []string{origin + "/"}, "machine_client_scopes": []string{"api/users.read"},
		"alarm_topic_arn": topic, "tags": map[string]string{"project": "applytest"},
	})
	outputs := tf.deploy(t)
	t.Run("what is there", func(t *testing.T) {
		checkFunctions(t, c, "applytest", outputs, []string{"dynamodb:BatchGetItem"})
		checkPool(t, c, outputs)
		checkAlarms(t, c, "applytest", "AWS/ApiGateway 5XXError")
		checkTable(t, c, outputs["revocations_table"])
		checkRESTAPI(t, c, outputs)
	})
	t.Run("who gets in", func(t *testing.T) { checkRESTCalls(t, c, outputs) })
	t.Run("which alarms go off", func(t *testing.T) { checkOutages(t, c, outputs) })
	tf.expectNoChanges(t)
	tf.destroy(t, c)
}

// checkRESTCalls runs the deployed functions behind the local gateway, which is configured by the document that API Gateway
// imported.
func checkRESTCalls(t *testing.T, c *cloud, outputs map[string]string) {
	host, _, _ := strings.Cut(strings.TrimPrefix(outputs["issuer"], "https://"), "/")
	way := newEgressProxy(t, host, c)
	extraEnv := way.environment()
	extraEnv["AWS_ENDPOINT_URL_DYNAMODB"] = c.URL
	authorizer, log := deployed(t, c, "applytest-authorizer", filepath.Join(zips, "authorizer.zip"), localCredentials(extraEnv))
	api, _ := deployed(t, c, "applytest-api", filepath.Join(zips, "api.zip"),
		localCredentials(map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": c.URL, "AWS_ENDPOINT_URL_DYNAMODB": c.URL}))
	contractJSON, err := os.ReadFile(filepath.Join(zips, "contract.json"))
	if err != nil {
		t.Fatal(err)
	}
	front, err := gateway.Start(gateway.Options{
		Contract: contractJSON, Integration: api, Region: region, AllowedOrigins: []string{origin},
		Authorizer: func() gateway.Authorizer { a := authorizerOf(t, c.document()); a.Function = authorizer; return a }(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })

	home := pool{api: idp.NewFromConfig(c.config()), id: outputs["user_pool_id"], clientID: outputs["web_client_id"]}
	foreign := newForeignPool(t, c)
	t.Cleanup(func() { foreign.remove(t) })
	home.add(t, "member")
	home.add(t, "admin", "admins")
	home.add(t, "owner", "owners")
	foreign.add(t, "member")
	member, admin, owner := home.signIn(t, "member", home.clientID), home.signIn(t, "admin", home.clientID), home.signIn(t, "owner", home.clientID)
	altered := cognito.NewToken(member.access.Reveal()[:len(member.access.Reveal())-8] + "AAAAAAAA")

	const notInvoked = "" // the authorizer was not invoked: API Gateway used its cache, or responded by itself
	for _, test := range []struct {
		name   string
		token  cognito.Token
		method string
		path   string
		want   int
		reason string // in the authorizer's log
	}{
		{"a public route requires no token", cognito.Token{}, "GET", "/health", 200, notInvoked},
		{"no token", cognito.Token{}, "GET", "/me", 401, notInvoked},
		{"a valid token", member.access, "GET", "/me", 200, "allowed"},
		{"the same token on another route", member.access, "GET", "/info", 200, notInvoked},
		{"an ID token", member.id, "GET", "/me", 401, "token_use"},
		{"an altered token", altered, "GET", "/me", 401, "signature"},
		{"a token of another pool, which moto signs with the same key", foreign.signIn(t, "member", foreign.clientID).access, "GET", "/me", 401, "issuer"},
		{"a token of another client of this pool", home.signIn(t, "member", home.newClient(t)).access, "GET", "/me", 401, "client"},
		{"the caller's own item", member.access, "GET", "/users/member", 200, notInvoked},
		{"another's item", member.access, "GET", "/users/admin", 403, notInvoked},
		{"another's item, by a group", admin.access, "GET", "/users/member", 200, "allowed"},
		{"a route that needs a group and a scope, with the group alone", admin.access, "POST", "/users/member/sign-out", 403, notInvoked},
		{"a route that needs another group, with that", owner.access, "POST", "/users/admin/sign-out", 204, "allowed"},
		{"a route that needs a scope, without it", admin.access, "GET", "/users", 403, notInvoked},
		{"a route that is not in the contract", owner.access, "GET", "/nowhere", 403, notInvoked},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(log.decisions(t))
			if got := call(t, front, test.method, test.path, test.token); got != test.want {
				t.Errorf("%s %s: %d, want %d", test.method, test.path, got, test.want)
			}
			all := log.decisions(t)
			if test.reason != notInvoked {
				all = log.decisionsAfter(t, before)
			}
			reason := ""
			if len(all) > before {
				reason = all[len(all)-1]
			}
			if reason != test.reason {
				t.Errorf("the authorizer's reason is %q, want %q", reason, test.reason)
			}
		})
	}

	t.Run("a session that was revoked", func(t *testing.T) {
		revokeSession(t, c, outputs["revocations_table"], member.access)
		if got := call(t, front, "GET", "/me", member.access); got != 200 {
			t.Errorf("a result that API Gateway has cached: %d, want 200", got)
		}
		front.FlushCache()
		if got := call(t, front, "GET", "/me", member.access); got != 401 {
			t.Errorf("a new result: %d, want 401", got)
		}
		if got := call(t, front, "GET", "/me", owner.access); got != 200 {
			t.Errorf("somebody else: %d, want 200", got)
		}
		if got := call(t, front, "GET", "/me", admin.access); got != 401 {
			t.Errorf("a user whom the API has signed out: %d, want 401", got)
		}
	})
	t.Run("the keys came from the pool's own address", func(t *testing.T) {
		if way.calls.Load() == 0 {
			t.Error("the key set was not fetched")
		}
	})
	t.Run("the log holds no token", func(t *testing.T) {
		for _, token := range []cognito.Token{member.access, admin.access, owner.access} {
			if strings.Contains(log.String(), token.Reveal()) {
				t.Error("a token is in the log")
			}
		}
	})
}

// call calls the API and returns the response's status. The response must allow the page's origin to read it.
func call(t *testing.T, front *gateway.Gateway, method, path string, token cognito.Token) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, front.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	if token.Reveal() != "" {
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("%s %s: %d may be read by %q, want %q", method, path, response.StatusCode, got, origin)
	}
	return response.StatusCode
}

// revokeSession puts the session of a token into the table.
func revokeSession(t *testing.T, c *cloud, table string, token cognito.Token) {
	t.Helper()
	claims := claimsOf(t, token)
	session, _ := claims["origin_jti"].(string)
	if session == "" {
		t.Fatal("the token names no session")
	}
	config := c.config()
	revoked := revocation.New(revocation.Config{Name: table, Region: config.Region, Endpoint: *config.BaseEndpoint, Credentials: config.Credentials})
	if err := revoked.Put(t.Context(), revocation.Session(session, time.Now(), true)); err != nil {
		t.Fatal(err)
	}
}

// openAPI is the part of the imported document that configures authorization.
type openAPI struct {
	Paths      map[string]map[string]operation
	Components struct {
		SecuritySchemes map[string]struct {
			AuthType   string `json:"x-amazon-apigateway-authtype"`
			Authorizer struct {
				Type                         string
				AuthorizerURI                string `json:"authorizerUri"`
				IdentitySource               string
				IdentityValidationExpression string
				AuthorizerResultTTLInSeconds *int
			} `json:"x-amazon-apigateway-authorizer"`
		}
	}
	GatewayResponses map[string]struct {
		ResponseParameters map[string]string
	} `json:"x-amazon-apigateway-gateway-responses"`
}

type operation struct {
	Security    []map[string][]string
	Integration struct{ Type, URI string } `json:"x-amazon-apigateway-integration"`
}

// authorizerOf returns the authorizer of the imported document, without its function.
func authorizerOf(t *testing.T, document []byte) gateway.Authorizer {
	t.Helper()
	a := decodeInto[openAPI](t, document).Components.SecuritySchemes["authorizer"].Authorizer
	if a.AuthorizerResultTTLInSeconds == nil {
		t.Fatal("the document sets no TTL: API Gateway would use five minutes")
	}
	return gateway.Authorizer{
		Type:                 map[string]gateway.AuthorizerType{"token": gateway.Token, "request": gateway.Request}[a.Type],
		IdentitySources:      strings.Split(a.IdentitySource, ", "),
		ValidationExpression: a.IdentityValidationExpression,
		TTL:                  time.Duration(*a.AuthorizerResultTTLInSeconds) * time.Second,
	}
}

// checkRESTAPI compares the imported document, and what moto created from it, with the contract.
func checkRESTAPI(t *testing.T, c *cloud, outputs map[string]string) {
	api := apigateway.NewFromConfig(c.config())
	found, err := api.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err != nil || len(found.Items) != 1 {
		t.Fatalf("%d REST APIs, want 1 (%v)", len(found.Items), err)
	}
	id := found.Items[0].Id
	if !strings.Contains(outputs["api_url"], *id) {
		t.Errorf("api_url %s is not that of %s", outputs["api_url"], *id)
	}
	document := decodeInto[openAPI](t, c.document())
	contract := contractRoutes(t)
	var sent []string
	for path, item := range document.Paths {
		for verb, operation := range item {
			route := strings.ToUpper(verb) + " " + path
			if verb == "options" {
				if operation.Integration.Type != "mock" || operation.Security != nil {
					t.Errorf("%s is not a preflight without a token", route)
				}
				continue
			}
			sent = append(sent, route)
			if guarded := len(operation.Security) == 1 && operation.Security[0]["authorizer"] != nil; guarded == contract[route] {
				t.Errorf("%s: public is %t in the contract, and its authorizer is there: %t", route, contract[route], guarded)
			}
			if !strings.Contains(operation.Integration.URI, ":function:applytest-api/") {
				t.Errorf("%s is answered by %s", route, operation.Integration.URI)
			}
		}
	}
	slices.Sort(sent)
	if want := slices.Sorted(maps.Keys(contract)); !slices.Equal(sent, want) {
		t.Errorf("the document has %v, want %v", sent, want)
	}
	scheme := document.Components.SecuritySchemes["authorizer"]
	if scheme.AuthType != "custom" || !strings.Contains(scheme.Authorizer.AuthorizerURI, ":function:applytest-authorizer/") {
		t.Errorf("the authorizer is %+v", scheme)
	}
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"} {
		if got := document.GatewayResponses[kind].ResponseParameters["gatewayresponse.header.Access-Control-Allow-Origin"]; got != "'"+origin+"'" {
			t.Errorf("%s may be read by %s", kind, got)
		}
	}

	resources, err := api.GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: id, Embed: []string{"methods"}, Limit: aws.Int32(500)})
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, resource := range resources.Items {
		for verb := range resource.ResourceMethods {
			if verb != http.MethodOptions {
				made = append(made, verb+" "+*resource.Path)
			}
		}
	}
	slices.Sort(made)
	if !slices.Equal(made, sent) {
		t.Errorf("API Gateway has %v, want %v", made, sent)
	}
	stage, err := api.GetStage(t.Context(), &apigateway.GetStageInput{RestApiId: id, StageName: aws.String("prod")})
	if err != nil {
		t.Fatal(err)
	}
	if stage.AccessLogSettings == nil || !strings.Contains(aws.ToString(stage.AccessLogSettings.Format), "$context.authorizer.principalId") {
		t.Error("the stage has no access log that names the caller")
	}
	for method, settings := range stage.MethodSettings {
		if settings.DataTraceEnabled {
			t.Errorf("data trace logging is on for %s", method)
		}
	}
	if settings := stage.MethodSettings["*/*"]; settings.ThrottlingBurstLimit != 200 || settings.ThrottlingRateLimit != 100 {
		t.Errorf("the stage is throttled by %+v", settings)
	}
}
