package contractjson_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// compile compiles the paths of a document and reads the result.
func compile(t *testing.T, document string) *contractjson.Contract {
	t.Helper()
	file := filepath.Join(t.TempDir(), "api.yaml")
	if err := os.WriteFile(file, []byte("openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"+document), 0o600); err != nil {
		t.Fatal(err)
	}
	compiled, err := contract.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !contractjson.IsCompiled(compiled.Contract) {
		t.Error("contract.json is not recognised")
	}
	read, err := contractjson.Parse(compiled.Contract)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

const schemes = `
components:
  securitySchemes:
    group: {type: http, scheme: bearer}
    scope: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://login.example.com/oauth2/token, scopes: {read: r}}}}
    sigv4: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
`

func TestTheRuleOfEachRouteIsTheOneCompiled(t *testing.T) {
	c := compile(t, `paths:
  /a:
    get: {security: []}
    put: {security: [{}]}
    post: {security: [{group: [admins]}, {}]}
    delete: {security: [{group: [admins], scope: [read]}]}
    patch: {security: [{sigv4: []}]}
    x-amazon-apigateway-any-method: {security: [{group: []}]}`+schemes)
	got := map[string]contractjson.Access{}
	for _, r := range c.Routes {
		got[r.Method] = r.Access
	}
	for method, want := range map[string]contractjson.Access{"GET": "public", "PUT": "public", "POST": "public", "DELETE": "token", "PATCH": "iam", "ANY": "token"} {
		if got[method] != want {
			t.Errorf("%s is %q, want %q", method, got[method], want)
		}
	}
	if len(c.Table().Routes()) != 5 {
		t.Errorf("the table is %v", c.Table().Routes())
	}
	if d := c.Table().Decide(routes.Principal{Groups: []string{"admins"}}, "DELETE", "/a"); d.Allowed {
		t.Error("a group opens what needs a scope")
	}
	if strings.Join(c.Groups, " ") != "admins" || strings.Join(c.Scopes, " ") != "read" {
		t.Errorf("groups %v, scopes %v", c.Groups, c.Scopes)
	}
}

func TestAnInvalidContractIsRefused(t *testing.T) {
	for name, document := range map[string]string{
		"an OpenAPI document":  `{"openapi":"3.0.3","paths":{"/a":{"get":{"security":[]}}}}`,
		"no rule":              `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"security":[]}}}}`,
		"an unknown access":    `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"open"}}}}}`,
		"a token for nothing":  `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"token"}}}}}`,
		"public with a rule":   `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"public","any_of":[{}]}}}}}`,
		"an unknown condition": `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"token","any_of":[{"moon":"full"}]}}}}}`,
		"an unknown method":    `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"gte":{"x-authorizer-rule":{"access":"public"}}}}}`,
		"an unknown caching":   `{"x-authorizer":{"caching":"all"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"public"}}}}}`,
		"no path":              `{"x-authorizer":{"caching":"stage"},"paths":{}}`,
		"a member twice":       `{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"x-authorizer-rule":{"access":"token","any_of":[{}],"access":"public"}}}}}`,
		"no JSON":              `openapi: 3.0.3`,
	} {
		if c, err := contractjson.Parse([]byte(document)); !errors.Is(err, contractjson.ErrContract) || c != nil {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}
