package contract_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// repeated joins the texts that a format gives for 0 to n-1.
func repeated(n int, format, separator string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(format, "%d", strconv.Itoa(i))
	}
	return strings.Join(all, separator)
}

// chains returns two chains of aliases, a and b, that expand to 2^levels values each.
func chains(levels int) string {
	text := "x-a0: &a0 [1, 1]\nx-b0: &b0 [1, 1]\n"
	for i := 1; i <= levels; i++ {
		text += fmt.Sprintf("x-a%[1]d: &a%[1]d [*a%[2]d, *a%[2]d]\nx-b%[1]d: &b%[1]d [*b%[2]d, *b%[2]d]\n", i, i-1)
	}
	return text
}

// Each of these documents asks for work beyond its size, and must be refused before that is done: the work would not end within the
// time that a test has, or would need more memory than the machine has.
func TestDocumentsThatAskForTooMuchWorkAreRefused(t *testing.T) {
	const one = "paths: {/a: {get: {security: [cognito: []]}}}\n"
	operations := func(n int, members string) string {
		return "paths:\n" + repeated(n, "  /a%d: {get: {security: [cognito: []], "+members+"}}", "\n") + "\n"
	}
	for name, tt := range map[string]struct {
		text   string
		says   string
		wayOut string
	}{
		"merged aliases that are compared": {head + one + chains(60) + "x-m: &m {k: *a60}\nx-n: {<<: *m, k: *b60}\n", "aliases expand", "Use fewer aliases"},
		"strings that aliases repeat": {head + one + "x-s: &s " + strings.Repeat("s", 1<<20) + "\nx-t: [" + repeated(300, "*s", ", ") + "]\n",
			"256 MiB", "Use fewer aliases"},
		"aliases that nest deeply": {head + one + nest(3000), "nested too deeply", "Use fewer aliases"},
		"a list of values that each operation refers to": {strings.Replace(head, "components:\n",
			"components:\n  parameters: {P: {name: id, in: query, schema: {enum: ["+repeated(2000, "v%d", ", ")+"]}}}\n", 1) +
			operations(1000, "parameters: [{$ref: '#/components/parameters/P'}]"), "through $ref", "Shorten the lists"},
		"an extension that each operation has": {head + "x-i: &i {type: mock, responses: [" + repeated(1000, "v%d", ", ") + "]}\n" +
			operations(2000, "x-amazon-apigateway-integration: *i"), "contract.json keeps", "split the API"},
		"more entries of security": {head + "paths: {/a: {get: {security: [" + repeated(257, "cognito: [s%d]", ", ") + "]}}}\n",
			"more than 256 entries", "in common"},
		"more names in an entry": {head + "paths: {/a: {get: {security: [cognito: [" + repeated(1024, "s%d", ", ") + "]]}}}\n",
			"more than 1024", "in common"},
		"more schemes": {strings.Replace(head, "  securitySchemes:\n", "  securitySchemes:\n"+repeated(252, "    s%d: {type: http, scheme: bearer}", "\n")+"\n", 1) + one,
			"more than 256 security schemes", "Remove those"},
		"more operations": {head + operations(5001, ""), "more than 5000 paths", "Split the API"},
		"more operations in few paths": {head + "paths:\n" + repeated(2501, "  /a%d: {get: {security: []}, put: {security: []}}", "\n") + "\n",
			"more than 5000 operations", "Split the API"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Read(write(t, "openapi.yaml", tt.text))
			if !errors.Is(err, contract.ErrRefused) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), tt.wayOut) {
				t.Errorf("got %.300v, want %q and %q", err, tt.says, tt.wayOut)
			}
		})
	}
}

// nest returns n anchored lists, each of which holds the one before.
func nest(n int) string {
	text := "x-n0: &n0 []\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("x-n%[1]d: &n%[1]d [*n%[2]d]\n", i, i-1)
	}
	return text
}

func TestADocumentWithinTheBoundsIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"256 entries of security":       head + "paths: {/a: {get: {security: [" + repeated(256, "cognito: [s%d]", ", ") + "]}}}\n",
		"equal values in merges":        head + chains(8) + "x-m: &m {k: *a8, l: {p: 1, q: 2}}\npaths: {/a: {get: {<<: *m, k: *b8, l: {q: 2, p: 1}, security: []}}}\n",
		"many keys that are merged too": head + "x-m: &m {" + repeated(20_000, "k%d: 1", ", ") + "}\npaths: {/a: {get: {<<: *m, " + repeated(20_000, "k%d: 1", ", ") + ", security: []}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := contract.Read(write(t, "openapi.yaml", text)); err != nil {
				t.Errorf("refused: %.300v", err)
			}
		})
	}
}

func TestTheNameOfASchemeMayBeginLikeAnExtension(t *testing.T) {
	for name, text := range map[string]string{
		"OpenAPI": "openapi: 3.1.0\ncomponents:\n  securitySchemes: {x-api-key: {type: apiKey, in: header, name: x-api-key}, x-pool: {type: http, scheme: bearer}, x-note: text}\n",
		"Swagger": "swagger: '2.0'\nsecurityDefinitions: {x-api-key: {type: apiKey, in: header, name: x-api-key}, x-pool: {type: oauth2, flow: implicit}, x-note: text}\n",
	} {
		result, err := contract.Read(write(t, "openapi.yaml", text+"paths: {/a: {get: {security: [{x-pool: [], x-api-key: []}]}}}\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := result.Table.Routes()[0].Rule.String(); got != "any signed-in caller" {
			t.Errorf("%s: the rule is %q", name, got)
		}
	}
}

func TestNamesThatNoTokenCarriesAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ security, says string }{
		"a scope outside of ASCII":     {"[cognito: [café]]", "printable ASCII"},
		"a scope with a quote":         {`[cognito: ['a"b']]`, "printable ASCII"},
		"a group with a hidden letter": {`[groups: ["a\u200bb"]]`, "visible"},
		"a group that is not NFC":      {`[groups: ["cafe\u0301"]]`, "normal form"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Read(write(t, "openapi.yaml", head+"paths: {/a: {get: {security: "+tt.security+"}}}\n"))
			if !errors.Is(err, contract.ErrRefused) || !strings.Contains(err.Error(), ":10:") || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := contract.Read(write(t, "openapi.yaml", head+`paths: {/a: {get: {security: [groups: ["caf\u00e9"]]}}}`+"\n")); err != nil {
		t.Errorf("a group in NFC: %v", err)
	}
}

func TestMoreRulesThanAPolicyCanTellApartAreRefused(t *testing.T) {
	path := write(t, "openapi.yaml", head+"paths:\n"+repeated(513, "  /a%d: {get: {security: [cognito: [s%d]]}}", "\n")+"\n")
	_, err := contract.Compile(path)
	if !errors.Is(err, contract.ErrRefused) || !strings.Contains(err.Error(), "513 different rules") || !strings.Contains(err.Error(), "x-authorizer-caching: route") {
		t.Errorf("got %v", err)
	}
}
