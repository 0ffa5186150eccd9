package contract_test

import (
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// extensionHead is lines 1 to 6 of the documents in the tests below.
const extensionHead = `openapi: 3.0.3
info: {title: t, version: "1"}
components:
  securitySchemes:
    pool: {type: openIdConnect, openIdConnectUrl: "https://one.example/x"}
    key: {type: apiKey, in: header, name: x-api-key}
`

func TestUnsafeOrLostExtensionsAreRefusedByName(t *testing.T) {
	const guarded = "  /b: {get: {security: [pool: []]}}\n"
	const none = "x-amazon-apigateway-auth: {type: NONE}"
	for name, tt := range map[string]struct {
		text  string
		wants []string
	}{
		"NONE beside a null entry": {"paths:\n  /a: {get: {security: [null], " + none + "}}\n" + guarded, []string{":8:", "GET /a", "an entry of security is null"}},
		"NONE beside a rule":       {"paths:\n  /a: {get: {security: [pool: [admin]], " + none + "}}\n" + guarded, []string{":8:", "GET /a", "Remove one of them"}},
		"NONE beside a rule or a key": {"paths:\n  /a: {get: {security: [pool: [admin], key: []], " + none + "}}\n" + guarded,
			[]string{":8:", "GET /a", "Remove one of them"}},
		"NONE beside a scheme that does not exist": {"paths:\n  /a: {get: {security: [poll: []], " + none + "}}\n" + guarded,
			[]string{":8:", "GET /a", "Remove one of them"}},
		"security at a path": {"x-authorizer-unsecured: public\npaths:\n  /a: {security: [pool: []], get: {}}\n" + guarded,
			[]string{":9:", "/a", "security has no meaning at a path"}},
		"a method that does not exist":            {"paths:\n  /a: {fetch: {security: [pool: []]}}\n" + guarded, []string{":8:", "/a", `"fetch"`}},
		"an extension at a path":                  {"paths:\n  /a: {x-amazon-apigateway-integration: {type: mock}}\n" + guarded, []string{":8:", "/a", "lost"}},
		"an extension at paths":                   {"paths:\n  x-amazon-apigateway-policy: {}\n" + guarded, []string{":8:", "lost"}},
		"an extension at an operation":            {"paths:\n  /a: {get: {security: [pool: []], x-amazon-apigateway-atuh: {type: NONE}}}\n", []string{":8:", "GET /a", "atuh"}},
		"keys from the authorizer":                {"x-amazon-apigateway-api-key-source: AUTHORIZER\npaths:\n" + guarded, []string{":7:", "HEADER"}},
		"a tag in what is carried":                {"x-amazon-apigateway-binary-media-types: [!Ref Types]\npaths:\n" + guarded, []string{":7:", `"!Ref"`}},
		"an extension in another case":            {"X-Amazon-Apigateway-Policy: {}\npaths:\n" + guarded, []string{":7:", "X-Amazon-Apigateway-Policy"}},
		"the same at a path":                      {"paths:\n  /a: {X-AMAZON-APIGATEWAY-AUTH: {type: NONE}}\n" + guarded, []string{":8:", "/a", "X-AMAZON"}},
		"the same at an operation":                {"paths:\n  /a: {get: {security: [pool: []], X-Amazon-apigateway-auth: {type: NONE}}}\n" + guarded, []string{":8:", "GET /a", "X-Amazon"}},
		"an extension of ours that is misspelt":   {"x-authorizer-unsecurd: public\npaths:\n" + guarded, []string{":7:", "x-authorizer-unsecured"}},
		"one that is misspelt among paths":        {"paths:\n  x-authorizer-caching-mode: route\n" + guarded, []string{":8:", "x-authorizer-caching"}},
		"security misspelt at an operation, NONE": {"paths:\n  /a: {get: {securty: [pool: []], " + none + "}}\n" + guarded, []string{":8:", "GET /a", `Write "security"`}},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := contract.Read(write(t, "openapi.yaml", extensionHead+tt.text))
			if err == nil {
				t.Fatalf("accepted: %v", result.Table.Routes())
			}
			for _, want := range tt.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in %q", want, err)
				}
			}
		})
	}
}

func TestAnAPIKeyMayBeCombinedWithAuthNone(t *testing.T) {
	result, err := contract.Read(write(t, "openapi.yaml", extensionHead+"paths:\n  /a: {get: {security: [key: []], x-amazon-apigateway-auth: {type: NONE}}}\n  /b: {get: {security: [pool: []]}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Table.Routes()[0]; !got.Rule.Public {
		t.Errorf("%s: %s", got, got.Rule)
	}
	if text := strings.Join(strings.Fields(string(result.Contract)), ""); !strings.Contains(text, `"access":"public","api_key":true`) {
		t.Errorf("contract.json does not say that a key is needed: %s", text)
	}
}

func TestAnIntegrationIsKeptUnchangedOrLeftOutWithAWarning(t *testing.T) {
	read := func(integration string) (string, []contract.Finding) {
		t.Helper()
		result, err := contract.Read(write(t, "openapi.yaml", extensionHead+
			"paths:\n  /a: {get: {security: [pool: []], x-amazon-apigateway-integration: "+integration+"}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(string(result.Contract)), ""), result.Findings
	}
	text, _ := read("{type: http_proxy, timeoutInMillis: 12345678901234567890, cacheKeyParameters: [a], x: null}")
	for _, want := range []string{`"timeoutInMillis":12345678901234567890`, `"cacheKeyParameters":["a"]`, `"x":null`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	for _, function := range []string{"{type: aws_proxy, uri: !Sub x}", "{type: aws_proxy, uri: {'Fn::Sub': x}}", "{type: aws_proxy, uri: {Ref: x}}"} {
		text, findings := read(function)
		if strings.Contains(text, "integration") || len(findings) != 1 || findings[0].Code != "cloudformation" || findings[0].Severity != contract.SeverityWarning {
			t.Errorf("%s: %v, %s", function, findings, text)
		}
	}
}
