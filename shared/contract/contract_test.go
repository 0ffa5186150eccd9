package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// head is lines 1 to 9 of the documents in these tests. The paths start in line 10.
const head = `openapi: 3.1.0
info: {title: Test, version: "1"}
components:
  securitySchemes:
    cognito: {type: openIdConnect, openIdConnectUrl: "https://example.com"}
    groups: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-API-Key}
    other: {type: apiKey, in: query, name: k}
    sigv4: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
`

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ruleOf compiles a document with one security list and returns its rule.
func ruleOf(t *testing.T, schemes, security string) (rule string, findings []contract.Finding, err error) {
	t.Helper()
	text := "openapi: 3.1.0\ninfo: {title: Test, version: \"1\"}\ncomponents:\n  securitySchemes:\n" + schemes +
		"paths:\n  /a:\n    get:\n      security: " + security + "\n  /public:\n    get: {security: []}\n"
	compiled, err := contract.Compile(write(t, "openapi.yaml", text))
	if err != nil {
		return "", nil, err
	}
	for _, r := range compiled.Table.Routes() {
		if r.Template == "/a" {
			return r.Rule.String(), compiled.Findings, nil
		}
	}
	return "left out", compiled.Findings, nil
}

func TestTheMeaningOfNamesForEachScheme(t *testing.T) {
	const (
		oidc    = "    s: {type: openIdConnect, openIdConnectUrl: \"https://example.com\"}\n"
		bearer  = "    s: {type: http, scheme: Bearer}\n"
		pools   = "    s: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: cognito_user_pools}\n"
		jwt     = "    s: {type: oauth2, flows: {}, x-amazon-apigateway-authorizer: {type: jwt}}\n"
		custom  = "    s: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: custom, x-authorizer-token: true}\n"
		key     = "    key: {type: apiKey, in: header, name: x-api-key}\n"
		unknown = "    other: {type: apiKey, in: query, name: k}\n"
		iam     = "    iam: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}\n"
	)
	for name, tt := range map[string]struct {
		schemes, security, want string
		says                    string // a finding
	}{
		"openIdConnect, no names":            {oidc, "[s: []]", "any signed-in caller", ""},
		"openIdConnect, names":               {oidc, "[s: [b, a]]", "scope a and scope b", ""},
		"bearer, no names":                   {bearer, "[s: []]", "any signed-in caller", ""},
		"bearer, names":                      {bearer, "[s: [b, a]]", "group a and group b", ""},
		"API Gateway's own, no names":        {pools, "[s: []]", "any signed-in caller", ""},
		"API Gateway's own, names":           {pools, "[s: [b, a]]", "scope a or scope b", ""},
		"a jwt authorizer, names":            {jwt, "[s: [b, a]]", "scope a or scope b", "is replaced by this authorizer"},
		"a scheme that stands for the token": {custom, "[s: []]", "any signed-in caller", ""},
		"any of, all of":                     {oidc + strings.Replace(bearer, "    s:", "    g:", 1), "[{s: [a], g: [x]}, {g: [y]}]", "scope a and group x, or group y", ""},
		"an empty list":                      {oidc, "[]", "public", ""},
		"an empty object":                    {oidc, "[{}]", "public", ""},
		"an optional token":                  {oidc, "[s: [a], {}]", "public", "a token that is sent along is not read"},
		"a usage plan's key beside it":       {oidc + key, "[{s: [a], key: []}]", "scope a", "checks x-api-key itself"},
		"another key instead":                {oidc + unknown, "[s: [a], other: []]", "scope a", "the entry is left out"},
		"IAM":                                {oidc + iam, "[iam: []]", "left out", "authorizes the route by IAM"},
	} {
		t.Run(name, func(t *testing.T) {
			got, findings, err := ruleOf(t, tt.schemes, tt.security)
			if err != nil || got != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			if tt.says != "" && !strings.Contains(fmt.Sprint(findings), tt.says) {
				t.Errorf("%q is not in %v", tt.says, findings)
			}
		})
	}
}

func TestErrorsNameLineRouteAndAdvice(t *testing.T) {
	for name, tt := range map[string]struct {
		text string // after head, from line 10 on
		line int
		says []string
		want error
	}{
		"an operation without security":  {"paths:\n  /a:\n    get: {responses: {}}\n", 12, []string{"GET /a", "no security", "x-authorizer-unsecured: public"}, contract.ErrRefused},
		"security that is null":          {"paths:\n  /a:\n    get:\n      security:\n", 13, []string{"GET /a", "null, not a list", "Write []"}, contract.ErrRefused},
		"an entry that is null":          {"paths:\n  /a:\n    get:\n      security:\n        - # cognito\n", 14, []string{"GET /a", "null, not an object"}, contract.ErrRefused},
		"a flow list with null":          {"paths: {/a: {get: {security: [null]}}}\n", 10, []string{"GET /a", "null, not an object"}, contract.ErrRefused},
		"an object for a list":           {"paths: {/a: {get: {security: {cognito: []}}}}\n", 10, []string{"GET /a", "an object, not a list"}, contract.ErrRefused},
		"the document's entry is null":   {"security: [null]\npaths: {/a: {get: {}}}\n", 10, []string{"null, not an object"}, contract.ErrRefused},
		"a scheme that lists null":       {"paths:\n  /a:\n    get:\n      security: [cognito: ]\n", 13, []string{"GET /a", "null, not a list"}, contract.ErrRefused},
		"a scheme that is not declared":  {"paths: {/a: {get: {security: [nobody: []]}}}\n", 10, []string{"GET /a", `"nobody" is not declared`}, contract.ErrRefused},
		"only another key":               {"paths: {/a: {get: {security: [other: []]}}}\n", 10, []string{"GET /a", "nothing else opens the route"}, contract.ErrRefused},
		"only a usage plan's key":        {"paths: {/a: {get: {security: [key: []]}}}\n", 10, []string{"GET /a", "does not authorize anybody"}, contract.ErrRefused},
		"a misspelt security":            {"security: [cognito: []]\npaths:\n  /a:\n    get:\n      securty: [groups: [g]]\n", 14, []string{"GET /a", "securty", `"security"`}, contract.ErrRefused},
		"a method in upper case":         {"paths:\n  /a:\n    GET: {security: []}\n    put: {security: []}\n", 12, []string{`"GET"`, `"get"`}, contract.ErrRefused},
		"trace":                          {"paths:\n  /a:\n    trace: {security: []}\n", 12, []string{"TRACE /a"}, routes.ErrMethod},
		"two names for one parameter":    {"paths:\n  /a/{x}:\n    get: {security: []}\n  /a/{y}:\n    get: {security: []}\n", 14, []string{"GET /a/{y}", "GET /a/{x} in line 12"}, routes.ErrDuplicate},
		"a slash at the end":             {"paths: {/a/: {get: {security: []}}}\n", 10, []string{"GET /a/"}, routes.ErrTemplate},
		"a path in another file":         {"paths: {/a: {$ref: other.yaml}}\n", 10, []string{"/a", "another file", "Bundle"}, contract.ErrRefused},
		"an operation that is a $ref":    {"paths: {/a: {get: {$ref: '#/x-get'}}}\nx-get: {security: []}\n", 10, []string{"GET /a", "$ref"}, contract.ErrRefused},
		"a method beside a $ref":         {"paths: {/a: {$ref: '#/x-a', get: {security: []}}}\nx-a: {put: {security: []}}\n", 10, []string{"/a", "beside a $ref"}, contract.ErrRefused},
		"no operation":                   {"paths: {}\n", 1, []string{"no operation"}, contract.ErrRefused},
		"a resource policy":              {"x-amazon-apigateway-policy: {}\npaths: {/a: {get: {security: []}}}\n", 10, []string{"could undo"}, contract.ErrRefused},
		"an extension that is not known": {"x-amazon-apigateway-new: {}\npaths: {/a: {get: {security: []}}}\n", 10, []string{"x-amazon-apigateway-new"}, contract.ErrRefused},
		"an extension of ours, misspelt": {"x-authorizer-cacheing: route\npaths: {/a: {get: {security: []}}}\n", 10, []string{"x-authorizer-caching"}, contract.ErrRefused},
		"a key twice":                    {"paths:\n  /a:\n    get: {security: [groups: [g]]}\n    get: {security: []}\n", 13, []string{`"get" stands twice`, "line 12"}, contract.ErrRefused},
		"a merge over an own key": {"x-o: &o\n  security: []\npaths:\n  /a:\n    get:\n      security: [groups: [g]]\n      <<: *o\n", 15,
			[]string{`"security" stands here`, "line 11"}, contract.ErrRefused},
		"two merges that differ": {"x-o: [&o {security: []}, &p {security: [groups: [g]]}]\npaths: {/a: {get: {<<: [*o, *p]}}}\n", 11, []string{"different values"}, contract.ErrRefused},
		"a conflict": {"paths:\n" +
			"  /orders/{id}:\n    get: {security: [cognito: [read]]}\n" +
			"  /orders/{id}/{part}:\n    get: {security: [groups: [staff]]}\n" +
			"  /orders/{id}/{part}/notes:\n    get: {security: [cognito: [notes]]}\n", 14,
			[]string{"GET /orders/{id}/{part}", "GET /orders/{id} in line 12", "x-authorizer-caching: route"}, stagepolicy.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "openapi.yaml", head+tt.text)
			compiled, err := contract.Compile(path)
			if !errors.Is(err, tt.want) || !errors.Is(err, contract.ErrRefused) || compiled != nil {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), fmt.Sprintf("%s:%d:", path, tt.line)) {
				t.Errorf("line %d is not named: %v", tt.line, err)
			}
			for _, word := range tt.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not in %q", word, err)
				}
			}
		})
	}
}

func TestInvalidDocumentsAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ file, text, says string }{
		"nothing":                {"a.yaml", "", "empty"},
		"no YAML":                {"a.yaml", "\t{", "not valid YAML"},
		"a list":                 {"a.yaml", "- a\n", "not an object"},
		"OpenAPI 4":              {"a.yaml", "openapi: 4.0.0\npaths: {/a: {get: {security: []}}}\n", "not supported"},
		"a version as a number":  {"a.yaml", "openapi: 3.0\npaths: {/a: {get: {security: []}}}\n", `Quote it: openapi: "3.0"`},
		"no version":             {"a.yaml", "paths: {/a: {get: {security: []}}}\n", `neither "openapi" nor "swagger"`},
		"broken JSON":            {"a.json", `{"openapi": "3.0.3",`, "not valid JSON"},
		"security twice in JSON": {"a.json", `{"openapi":"3.1.0","paths":{"/a":{"get":{"security":[{"g":[]}],"security":[]}}}}`, "stands twice"},
		"not UTF-8":              {"a.yaml", "openapi: \xff", "not UTF-8"},
		"a tag for security":     {"a.yaml", head + "paths: {/a: {get: {security: !<tag:example.com,2000:x> []}}}\n", `"tag:example.com,2000:x"`},
		"a tag of YAML 1.1":      {"a.yaml", head + "paths: {/a: {get: {security: !!set {}}}}\n", `"!!set"`},
		"a list tagged as a set": {"a.yaml", head + "paths: {/a: {get: {security: !!set []}}}\n", `"!!set"`},
		"a tag handle redefined": {"a.yaml", "%TAG !! tag:evil.example,2000:\n---\n" + head + "paths: {/a: {get: {security: !!seq []}}}\n", `"tag:evil.example,2000:seq"`},
		"a tag of another kind":  {"a.yaml", head + "paths: {/a: {get: {security: !!str []}}}\n", `"!!str"`},
		"an invalid boolean":     {"a.yaml", head + "x-a: !!bool maybe\n", "not a boolean"},
		"a key with a tag":       {"a.yaml", head + "paths: {/a: {!<tag:x,2000:y> get: {security: []}}}\n", `"tag:x,2000:y"`},
		"a key with a local tag": {"a.yaml", head + "paths: {/a: {!Sub get: {security: []}}}\n", `"!Sub"`},
		"a cycle":                {"a.yaml", "a: &a {b: *a}\n", "alias"},
		"aliases that explode":   {"a.yaml", bomb(), "aliases expand"},
		"two documents":          {"a.yaml", "openapi: 3.1.0\n---\nopenapi: 3.1.0\n", "more than one"},
		"nesting":                {"a.yaml", strings.Repeat("[", 2000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, tt.file, tt.text)
			if _, err := contract.Read(path); !errors.Is(err, contract.ErrRefused) || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
	if _, err := contract.Read(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// bomb returns a document whose aliases expand to ten billion values.
func bomb() string {
	text := "a0: &a0 [x]\n"
	for i := 1; i <= 10; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return text
}

func TestTheSameProblemOfManyOperationsIsOneMessage(t *testing.T) {
	text := head + "paths:\n"
	for i := range 300 {
		text += fmt.Sprintf("  /r%d: {get: {}}\n", i)
	}
	_, err := contract.Read(write(t, "openapi.yaml", text))
	if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(err.Error(), "GET /r0, GET /r1, GET /r2 and 297 more") {
		t.Errorf("got %v", err)
	}
}

func TestVersionsAndForms(t *testing.T) {
	const security = `[{"groups": ["g"]}]`
	v3 := func(version string) string {
		return `{"openapi": "` + version + `", "components": {"securitySchemes": {"groups": {"type": "http", "scheme": "bearer"}}}, "paths": {"/a": {"get": {"security": ` + security + `}}}}`
	}
	for name, tt := range map[string]struct{ file, text string }{
		"3.0": {"a.json", v3("3.0.3")}, "3.1": {"a.json", v3("3.1.1")}, "3.2": {"a.json", v3("3.2.0")}, "JSON in a YAML file": {"a.yaml", v3("3.1.0")},
		"Swagger": {"a.json", `{"swagger": "2.0", "securityDefinitions": {"groups": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://x.example/a"}}, "paths": {"/a": {"get": {"security": ` + security + `}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			compiled, err := contract.Compile(write(t, tt.file, tt.text))
			if err != nil || len(compiled.Table.Routes()) != 1 {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestContractJSONIsCanonicalAndItsDigestIsInTheTable(t *testing.T) {
	text := head + "security: [cognito: []]\npaths:\n  x-note: anything\n  /a:\n    get: {x-amazon-apigateway-integration: {type: mock}}\n" +
		"    post: {security: [groups: [b, a], other: []]}\n  /b:\n    get: {security: [cognito: [s], {}]}\n    put: {security: [sigv4: []]}\n    options: {x-amazon-apigateway-integration: {type: mock}}\n"
	compiled, err := contract.Compile(write(t, "openapi.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	if compiled.Table.ContractDigest() != compiled.Digest || len(compiled.Digest) != 64 {
		t.Errorf("digest %q, in the table %q", compiled.Digest, compiled.Table.ContractDigest())
	}
	var document struct {
		Paths map[string]map[string]map[string]any
	}
	if err := json.Unmarshal(compiled.Contract, &document); err != nil {
		t.Fatal(err)
	}
	for route, want := range map[string]string{
		"/a get":     `[{"cognito":[]}] {"access":"token","any_of":[{}],"text":"any signed-in caller"}`,
		"/a post":    `[{"groups":["a","b"]}] {"access":"token","any_of":[{"groups":["a","b"]}],"text":"group a and group b"}`,
		"/b get":     `[] {"access":"public","text":"public"}`,
		"/b put":     `[{"sigv4":[]}] {"access":"iam","text":"callers with an IAM signature"}`,
		"/b options": `[] {"access":"public","text":"public"}`,
	} {
		path, verb, _ := strings.Cut(route, " ")
		operation := document.Paths[path][verb]
		security, _ := json.Marshal(operation["security"])
		rule, _ := json.Marshal(operation["x-authorizer-rule"])
		if got := string(security) + " " + string(rule); got != want {
			t.Errorf("%s: got %s, want %s", route, got, want)
		}
	}
	again, err := contract.Compile(write(t, "openapi.yaml", text))
	if err != nil || string(again.Contract) != string(compiled.Contract) {
		t.Error("the same document gave other bytes")
	}
}

// A reader that brings text into a normal form of Unicode, as Terraform does, must see the same bytes.
func TestContractJSONIsASCII(t *testing.T) {
	text := strings.Replace(head, "title:", "description: x, title:", 1) + "paths: {/a: {get: {summary: \"Cafe\\u0301 \\U0001F600\", security: [cognito: []]}}}\n"
	compiled, err := contract.Compile(write(t, "openapi.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(compiled.Contract, func(r rune) bool { return r >= 0x80 }); i >= 0 {
		t.Errorf("not in ASCII: %q", compiled.Contract[i:])
	}
	var document struct {
		Paths map[string]map[string]struct{ Summary string }
	}
	if err := json.Unmarshal(compiled.Contract, &document); err != nil {
		t.Fatal(err)
	}
	if got, want := document.Paths["/a"]["get"].Summary, "Cafe\u0301 \U0001F600"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Without a mock integration that contract.json cannot keep, calls would reach the backend.
func TestOnlyAMockThatIsKeptMakesOptionsPublic(t *testing.T) {
	for integration, public := range map[string]bool{"{type: mock}": true, "{type: mock, uri: {Ref: x}}": false, "{type: aws_proxy}": false} {
		compiled, err := contract.Compile(write(t, "openapi.yaml", head+"security: [cognito: []]\npaths: {/a: {options: {x-amazon-apigateway-integration: "+integration+"}}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := compiled.Table.Routes()[0].Rule.Public; got != public {
			t.Errorf("%s: public is %v, want %v", integration, got, public)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "paths: {/a: {get: {security: [cognito: []]}}}\n"))
	f.Add([]byte(`{"swagger": "2.0", "paths": {"/a": {"get": {"security": []}}}}`))
	f.Add([]byte(bomb()))
	f.Fuzz(func(t *testing.T, text []byte) {
		compiled, err := contract.Read(write(t, "openapi.yaml", string(text)))
		if (err == nil) == (compiled == nil) || err != nil && !errors.Is(err, contract.ErrRefused) {
			t.Fatalf("got %v, %v", compiled, err)
		}
	})
}
