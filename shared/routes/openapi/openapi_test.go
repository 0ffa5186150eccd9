package openapi_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/openapi"
)

// head is how the documents of these tests begin, in lines 1 to 7. The paths follow in line 8.
const head = `openapi: 3.1.0
info: {title: Test, version: "1"}
components:
  securitySchemes:
    cognito: {type: openIdConnect, openIdConnectUrl: "https://example.com"}
    oauth: {type: oauth2, flows: {}}
    groups: {type: http, scheme: bearer}
`

// write puts a document into a file.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSampleContractCompilesWithoutAWarning(t *testing.T) {
	table, warnings, err := openapi.Compile("../../../functions/api/openapi.yaml")
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v, %q", err, warnings)
	}
	if len(table.Routes()) == 0 || table.Mode() != routes.PerStage || table.Connect().String() != "any signed-in caller" {
		t.Errorf("%v, %q, %s", table.Routes(), table.Mode(), table.Connect())
	}
}

func TestOpenAPI30And31AndJSONAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"3.0":               strings.Replace(head, "3.1.0", "3.0.3", 1) + "paths: {/a: {get: {security: [groups: [g]], responses: {}}}}\n",
		"3.1":               head + "paths: {/a: {get: {security: [groups: [g]], responses: {}}}}\n",
		"without a newline": head + "paths: {/a: {get: {security: [groups: [g]], responses: {}}}}",
		"JSON": `{"openapi": "3.1.0", "info": {"title": "Test", "version": "1"},
			"components": {"securitySchemes": {"groups": {"type": "http", "scheme": "bearer"}}},
			"paths": {"/a": {"get": {"security": [{"groups": ["g"]}], "responses": {}}}}}`,
		"a scheme by reference": head + "    again: {$ref: '#/components/securitySchemes/groups'}\n" +
			"paths: {/a: {get: {security: [again: [g]], responses: {}}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			table, _, err := openapi.Compile(write(t, text))
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Routes(); len(got) != 1 || got[0].String() != "GET /a" || got[0].Rule.String() != "group g" {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestEveryMethodAndTheExtensionForAny(t *testing.T) {
	const rule = "{security: [cognito: [s]], responses: {}}"
	paths := "paths:\n  /a:\n"
	for _, m := range []string{"get", "put", "post", "delete", "options", "head", "patch"} {
		paths += "    " + m + ": " + rule + "\n"
	}
	paths += "  /b/{path+}:\n    x-amazon-apigateway-any-method: {security: [groups: [g]]}\n    get: {security: [], responses: {}}\n"
	table, _, err := openapi.Compile(write(t, head+paths))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range table.Routes() {
		got = append(got, r.String()+": "+r.Rule.String())
	}
	want := "DELETE /a: scope s, GET /a: scope s, HEAD /a: scope s, OPTIONS /a: scope s, PATCH /a: scope s, POST /a: scope s, " +
		"PUT /a: scope s, ANY /b/{path+}: group g, GET /b/{path+}: public"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestARefusalNamesTheLineAndTheRoutes(t *testing.T) {
	for name, tt := range map[string]struct {
		text string // behind head, from line 8 on
		line int
		says []string
		want error
	}{
		"an operation without security": {"paths:\n  /a:\n    get: {responses: {}}\n", 10, []string{"GET /a", "no security"}, openapi.ErrContract},
		"security that is empty": {"paths:\n  /a:\n    get:\n      security:\n      responses: {}\n", 11,
			[]string{"GET /a", "write []"}, openapi.ErrContract},
		"security of the document that is empty": {"security:\npaths: {/a: {get: {responses: {}}}}\n", 8, []string{"write []"}, openapi.ErrContract},
		"a scheme that is not declared": {"paths:\n  /a:\n    get:\n      security: [nobody: [x]]\n      responses: {}\n", 11,
			[]string{"GET /a", `"nobody"`}, openapi.ErrContract},
		"a scheme that lists nothing": {"paths:\n  /a:\n    get:\n      security: [cognito: ]\n      responses: {}\n", 11,
			[]string{"GET /a", "cognito", "write []"}, openapi.ErrContract},
		"a scheme that is not declared, by default": {"security: [nobody: []]\npaths: {/a: {get: {responses: {}}}}\n", 8,
			[]string{"the document", `"nobody"`}, openapi.ErrContract},
		"a scope with a space": {"paths:\n  /a:\n    get: {security: [cognito: ['a b']], responses: {}}\n", 10,
			[]string{"GET /a", `scope "a b"`}, routes.ErrName},
		"a group with a tab": {"paths:\n  /a:\n    get: {security: [groups: [\"a\\tb\"]], responses: {}}\n", 10,
			[]string{"GET /a", `group "a\tb"`}, routes.ErrName},
		"a misspelt security": {"security: [cognito: []]\npaths:\n  /a:\n    get:\n      securty: [groups: [g]]\n      responses: {}\n", 12,
			[]string{"securty"}, openapi.ErrContract},
		"a method in upper case": {"paths:\n  /a:\n    GET: {security: [], responses: {}}\n    put: {security: [], responses: {}}\n", 10,
			[]string{`"GET"`}, openapi.ErrContract},
		"trace": {"paths:\n  /a:\n    trace: {security: [], responses: {}}\n", 10, []string{"TRACE /a"}, routes.ErrMethod},
		"two names for one parameter": {"paths:\n  /a/{x}:\n    get: {security: [], responses: {}}\n  /a/{y}:\n    get: {security: [], responses: {}}\n", 12,
			[]string{"GET /a/{y}", "GET /a/{x} in line 10"}, routes.ErrDuplicate},
		"a parameter in part of a segment": {"paths:\n  /a/{x}.json:\n    get: {security: [], responses: {}}\n", 10,
			[]string{"/a/{x}.json", "whole segment"}, routes.ErrTemplate},
		"a rest that is not last": {"paths:\n  /{x+}/a:\n    get: {security: [], responses: {}}\n", 10, []string{"/{x+}/a"}, routes.ErrTemplate},
		"a slash at the end":      {"paths:\n  /a/:\n    get: {security: [], responses: {}}\n", 10, []string{"/a/"}, routes.ErrTemplate},
		"any method, without security": {"paths:\n  /a:\n    x-amazon-apigateway-any-method: {responses: {}}\n", 10,
			[]string{"ANY /a"}, openapi.ErrContract},
		"any method, with security that is empty": {"paths:\n  /a:\n    x-amazon-apigateway-any-method: {security: }\n", 10,
			[]string{"/a", "write []"}, openapi.ErrContract},
		"any method that is text": {"paths:\n  /a:\n    x-amazon-apigateway-any-method: yes\n", 10, []string{"/a"}, openapi.ErrContract},
		"caching that is not known": {"x-authorizer-caching: off\npaths: {/a: {get: {security: [], responses: {}}}}\n", 8,
			[]string{"x-authorizer-caching"}, openapi.ErrContract},
		"no operation": {"paths: {}\n", 8, []string{"no operation"}, openapi.ErrContract},
		"a conflict": {"paths:\n" +
			"  /orders/{id}:\n    get: {security: [cognito: [read]], responses: {}}\n" +
			"  /orders/{id}/{part}:\n    get: {security: [groups: [staff]], responses: {}}\n" +
			"  /orders/{id}/{part}/notes:\n    get: {security: [cognito: [notes]], responses: {}}\n", 12,
			[]string{"GET /orders/{id}/{part} cannot be kept from a caller with scope notes and scope read",
				"GET /orders/{id} in line 10", "GET /orders/{id}/{part}/notes in line 14", "Rename or split", "x-authorizer-caching: route"},
			routes.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, head+tt.text)
			table, _, err := openapi.Compile(path)
			if !errors.Is(err, tt.want) || table != nil {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), fmt.Sprintf("%s:%d: ", path, tt.line)) {
				t.Errorf("line %d is not named: %v", tt.line, err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			for _, word := range tt.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not in %q", word, err)
				}
			}
		})
	}
}

func TestRoutesThatOverlapInTooManyWaysAreRefusedWithTheirLines(t *testing.T) {
	var text strings.Builder
	text.WriteString(head + "paths:\n  ")
	for i := range 8 {
		fmt.Fprintf(&text, "/l%d/{p%d}", i, i)
	}
	text.WriteString(": {get: {security: [groups: [g]], responses: {}}}\n")
	for length := 17; length <= 31; length++ {
		text.WriteString("  ")
		for i := range length {
			fmt.Fprintf(&text, "/{x%d}", i)
		}
		text.WriteString(": {get: {security: [groups: [g]], responses: {}}}\n")
	}
	path := write(t, text.String())
	_, _, err := openapi.Compile(path)
	if !errors.Is(err, routes.ErrTooComplex) || !strings.HasPrefix(err.Error(), path+":") || !strings.Contains(err.Error(), " in line ") {
		t.Errorf("got %v", err)
	}
}

func TestADocumentThatIsNoneIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                "",
		"no YAML":                "\t{",
		"a list":                 "- a\n",
		"Swagger 2":              "swagger: '2.0'\npaths: {/a: {get: {security: [], responses: {}}}}\n",
		"OpenAPI 4":              "openapi: 4.0.0\npaths: {/a: {get: {security: [], responses: {}}}}\n",
		"an operation twice":     head + "paths:\n  /a:\n    get: {security: [groups: [g]], responses: {}}\n    get: {security: [], responses: {}}\n",
		"security twice":         head + "paths: {/a: {get: {security: [groups: [g]], security: [], responses: {}}}}\n",
		"security twice, JSON":   `{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"security":[{"g":[]}],"security":[]}}}}`,
		"security that is text":  head + "paths: {/a: {get: {security: none, responses: {}}}}\n",
		"a path in another file": head + "paths: {/a: {$ref: other.yaml}}\n",
		"no paths":               head,
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, text)
			table, _, err := openapi.Compile(path)
			if !errors.Is(err, openapi.ErrContract) || table != nil || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("got %v, want %v", err, openapi.ErrContract)
			}
		})
	}
	if _, _, err := openapi.Compile(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestAllProblemsAreReportedInTheOrderOfTheirLines(t *testing.T) {
	path := write(t, head+"paths:\n  /b:\n    trace: {responses: {}}\n  /a*:\n    get: {security: [x: []], responses: {}}\n")
	_, _, err := openapi.Compile(path)
	if err == nil {
		t.Fatal("no error")
	}
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		rest, ok := strings.CutPrefix(line, path+":")
		if !ok {
			t.Errorf("no file in %q", line)
		}
		number, _, _ := strings.Cut(rest, ":")
		lines = append(lines, number)
	}
	if got := strings.Join(lines, " "); got != "10 10 12 12" {
		t.Errorf("lines %s: %v", got, err)
	}
}

func TestATableForRoutesIsNotHeldToTheRulesOfTheStage(t *testing.T) {
	table, warnings, err := openapi.Compile(write(t, head+"x-authorizer-caching: route\npaths:\n"+
		"  /orders/{id}: {get: {security: [cognito: [read]], responses: {}}}\n"+
		"  /orders/{id}/{part}: {get: {security: [groups: [staff]], responses: {}}}\n"+
		"  /orders/{id}/{part}/notes: {get: {security: [cognito: [notes]], responses: {}}}\n"))
	if err != nil || len(warnings) > 0 || table.Mode() != routes.PerRoute {
		t.Errorf("%v, %q", err, warnings)
	}
}

func TestAWarningNamesTheLineAndBothRoutes(t *testing.T) {
	path := write(t, head+"paths:\n"+
		"  /orders/{id}: {get: {security: [cognito: [read]], responses: {}}}\n"+
		"  /orders/{id}/secrets: {get: {security: [groups: [staff]], responses: {}}}\n")
	_, warnings, err := openapi.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(warnings, "\n")
	for _, word := range []string{path + ":9: ", "GET /orders/{id} is kept from a caller with group staff", "/secrets is allowed"} {
		if !strings.Contains(all, word) {
			t.Errorf("%q is not in %q", word, warnings)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("routes=%d", n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString(head)
			if n >= 100 {
				text.WriteString("x-authorizer-caching: route\n") // a policy that allows all of them would not fit
			}
			text.WriteString("paths:\n")
			for i := range n / 2 {
				rule := []string{"cognito: [r]", "cognito: [w]", "groups: [g]", "cognito: []"}[i%4]
				fmt.Fprintf(&text, "  /r%d: {get: {security: [%s], responses: {}}}\n", i, rule)
				fmt.Fprintf(&text, "  /r%d/{id}: {get: {security: [%s], responses: {}}}\n", i, rule)
			}
			path := write(b, text.String())
			for b.Loop() {
				table, _, err := openapi.Compile(path)
				if err != nil {
					b.Fatal(err)
				}
				if len(table.Routes()) != n {
					b.Fatal("routes are missing")
				}
			}
		})
	}
}
