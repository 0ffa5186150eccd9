package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// generated is a document as frameworks generate them: without security and with a useless server.
const generated = `{
 "openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "servers": [{"url": "https://example.com"}],
 "paths": {
  "/orders": {"get": {"operationId": "listOrders"}, "post": {"operationId": "addOrder"}},
  "/orders/{id}": {"get": {"operationId": "getOrder"}, "delete": {"operationId": "removeOrder"}},
  "/internal": {"get": {}},
  "/health": {"get": {}}
 }
}`

const scheme = `
  - target: $
    update:
      security: [pool: []]
      components: {securitySchemes: {pool: {type: openIdConnect, openIdConnectUrl: "https://example.com"}}}
`

func overlay(t *testing.T, actions string) string {
	t.Helper()
	return write(t, "rules.yaml", "overlay: 1.0.0\ninfo: {title: Rules, version: \"1\"}\nactions:"+actions)
}

func TestOverlaysAddRulesToAForeignDocument(t *testing.T) {
	document := write(t, "openapi.json", generated)
	if _, err := contract.Compile(document); err == nil {
		t.Fatal("a document without security compiled")
	}
	rules := overlay(t, scheme+`
  - target: $.paths['/health'].get
    update: {security: []}
  - target: $.paths['/internal']
    remove: true
`)
	second := overlay(t, `
  - target: $.paths[?@.delete].delete
    description: whoever deletes needs a scope
    update: {security: [pool: [orders/delete]]}
`)
	result, err := contract.Compile(document, rules, second)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range result.Table.Routes() {
		got[r.Method+" "+r.Template] = r.Rule.String()
	}
	want := map[string]string{
		"GET /health": "public", "GET /orders": "any signed-in caller", "POST /orders": "any signed-in caller",
		"GET /orders/{id}": "any signed-in caller", "DELETE /orders/{id}": "scope orders/delete",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestOverlaysFollowTheSpecification(t *testing.T) {
	const aliased = `openapi: 3.1.0
info: {title: t, version: "1"}
components: {securitySchemes: {pool: {type: openIdConnect, openIdConnectUrl: "https://example.com"}}}
paths:
  /a: &a {get: {security: [pool: [one]]}}
  /b: *a
`
	for name, tt := range map[string]struct{ actions, want string }{
		"an alias changes in one place": {"\n  - {target: \"$.paths['/b'].get\", update: {security: [pool: [two]]}}", "GET /a scope one; GET /b scope one or scope two"},
		"a list grows":                  {"\n  - {target: \"$.paths['/b'].get.security\", update: {pool: [two]}}", "GET /a scope one; GET /b scope one or scope two"},
		"a member goes, then another comes": {"\n  - {target: \"$.paths['/b'].get.security\", remove: true}\n  - {target: \"$.paths['/b'].get\", update: {security: [pool: [two]]}}",
			"GET /a scope one; GET /b scope two"},
		"an item of a list goes": {"\n  - {target: \"$.paths['/b'].get.security[0].pool[0]\", remove: true}", "GET /a scope one; GET /b any signed-in caller"},
		"removing all of several items": {"\n  - {target: \"$.paths['/a'].get.security\", update: {pool: [two]}}\n  - {target: \"$.paths['/a'].get.security[*]\", remove: true}",
			"GET /a public; GET /b scope one"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := contract.Read(write(t, "openapi.yaml", aliased), overlay(t, tt.actions))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range result.Table.Routes() {
				got = append(got, r.Method+" "+r.Template+" "+r.Rule.String())
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got %s, want %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

func TestInvalidOverlaysAreRefusedWithTheirPosition(t *testing.T) {
	document := write(t, "openapi.json", generated)
	for name, tt := range map[string]struct {
		text, at, says string
	}{
		"no version":                  {"actions: []\n", ":1:", "not an overlay"},
		"a later version":             {"overlay: 2.0.0\nactions: []\n", ":1:", "not an overlay"},
		"a number":                    {"overlay: 1.0\nactions: []\n", ":1:", "not an overlay"},
		"no actions":                  {"overlay: 1.0.0\n", ":1:", "no list of actions"},
		"an unknown key":              {"overlay: 1.0.0\naction: []\nactions: [{target: $, update: {}}]\n", ":2:", `no key "action"`},
		"an action that is null":      {"overlay: 1.0.0\nactions:\n  -\n", ":3:", "an action is null"},
		"an unknown key, an action":   {"overlay: 1.0.0\nactions:\n  - {target: $, copy: $.a}\n", ":3:", `the key "copy"`},
		"no target":                   {"overlay: 1.0.0\nactions:\n  - {update: {}}\n", ":3:", "no target"},
		"a target that is not a path": {"overlay: 1.0.0\nactions:\n  - {target: paths, update: {}}\n", ":3:", `target "paths"`},
		"both":                        {"overlay: 1.0.0\nactions:\n  - {target: $, update: {}, remove: true}\n", ":3:", "one of update and remove"},
		"neither":                     {"overlay: 1.0.0\nactions:\n  - {target: $}\n", ":3:", "one of update and remove"},
		"remove that is a string":     {"overlay: 1.0.0\nactions:\n  - {target: $.info, remove: \"true\"}\n", ":3:", "remove is a string"},
		"the whole document":          {"overlay: 1.0.0\nactions:\n  - {target: $, remove: true}\n", ":3:", "cannot be removed"},
		"a string as the target":      {"overlay: 1.0.0\nactions:\n  - {target: $.info.title, update: {}}\n", ":3:", "selects a string"},
		"a key twice":                 {"overlay: 1.0.0\noverlay: 1.0.0\nactions: []\n", ":2:", "stands twice"},
	} {
		t.Run(name, func(t *testing.T) {
			rules := write(t, "rules.yaml", tt.text)
			_, err := contract.Read(document, rules)
			if err == nil || !strings.Contains(err.Error(), rules+tt.at) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := contract.Read(document, document+".missing"); err == nil {
		t.Error("a missing overlay was ignored")
	}
}

func TestATargetThatMatchesNothingIsAWarning(t *testing.T) {
	rules := overlay(t, scheme+"\n  - target: $.paths['/nothing'].get\n    update: {security: []}\n")
	result, err := contract.Compile(write(t, "openapi.json", generated), rules)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(result.Warnings(), "\n"); !strings.Contains(got, rules+":9:") || !strings.Contains(got, "matches nothing") {
		t.Errorf("warnings: %q", got)
	}
}
