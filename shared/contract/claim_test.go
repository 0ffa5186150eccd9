package contract_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// claimHead is lines 1 to 12 of the documents in the tests below.
const claimHead = `openapi: 3.0.3
info: {title: t, version: "1"}
components:
  securitySchemes:
    pool: {type: openIdConnect, openIdConnectUrl: "https://one.example/x"}
    groups: {type: http, scheme: bearer}
    plan: {type: http, scheme: bearer, x-authorizer-claim: plan}
    owner: {type: http, scheme: bearer, x-authorizer-owner: username}
    tenant: {type: http, scheme: bearer, x-authorizer-owner: "custom:tenant_id"}
    fresh: {type: http, scheme: bearer, x-authorizer-max-age: 15m}
    fresher: {type: http, scheme: bearer, x-authorizer-max-age: 1m30s}
    any: {type: oauth2, flows: {}, x-amazon-apigateway-authorizer: {type: jwt}}
`

func TestRulesAboutClaimsOwnersAndTheSignIn(t *testing.T) {
	type values = map[string][]string
	for security, want := range map[string][]routes.AllOf{
		"[{plan: [gold]}]":                             {{Claims: values{"plan": {"gold"}}}},
		"[{plan: [gold, eu]}]":                         {{Claims: values{"plan": {"eu", "gold"}}}},
		"[{plan: []}]":                                 {{Claims: values{"plan": {}}}},
		"[{owner: [user]}, {groups: [admins]}]":        {{Owners: values{"username": {"user"}}}, {Groups: []string{"admins"}}},
		"[{owner: [user], tenant: [t], pool: [read]}]": {{Scopes: []string{"read"}, Owners: values{"custom:tenant_id": {"t"}, "username": {"user"}}}},
		"[{owner: [user, t]}]":                         {{Owners: values{"username": {"t", "user"}}}},
		"[{fresh: [], groups: [a]}]":                   {{Groups: []string{"a"}, MaxAge: 900}},
		"[{fresh: [], fresher: []}]":                   {{MaxAge: 90}},
		"[{any: [a, b], plan: [gold], owner: [user]}]": {
			{Scopes: []string{"a"}, Claims: values{"plan": {"gold"}}, Owners: values{"username": {"user"}}},
			{Scopes: []string{"b"}, Claims: values{"plan": {"gold"}}, Owners: values{"username": {"user"}}}},
	} {
		result, err := contract.Read(write(t, "openapi.yaml", claimHead+"paths:\n  /t/{t}/u/{user}: {get: {security: "+security+"}}\n"))
		if err != nil {
			t.Errorf("%s: %v", security, err)
			continue
		}
		if got := result.Table.Routes()[0].Rule.AnyOf; !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", security, got, want)
		}
		var document struct {
			Paths map[string]map[string]struct {
				Rule struct {
					AnyOf []routes.AllOf `json:"any_of"`
				} `json:"x-authorizer-rule"`
			}
			Summary struct {
				Claims []string `json:"claims"`
			} `json:"x-authorizer"`
		}
		if err := json.Unmarshal(result.Contract, &document); err != nil {
			t.Fatal(err)
		}
		if got := document.Paths["/t/{t}/u/{user}"]["get"].Rule.AnyOf; len(got) != len(want) || !slices.Equal(document.Summary.Claims, result.Table.ClaimNames()) {
			t.Errorf("%s: contract.json has %+v and claims %q", security, got, document.Summary.Claims)
		}
	}
}

func TestAnInvalidRuleAboutAClaimIsRefused(t *testing.T) {
	scheme := func(extension string) string {
		return claimHead[:strings.Index(claimHead, "    any:")] + "    s: " + extension + "\npaths:\n  /a/{id}: {get: {security: [{s: []}]}}\n"
	}
	operation := func(security string) string {
		return claimHead + "paths:\n  /a/{id}: {get: {security: " + security + "}}\n  /f/{rest+}: {get: {security: [{pool: []}]}}\n"
	}
	for name, tt := range map[string]struct {
		text  string
		wants []string
	}{
		"a claim that is a number":     {scheme("{type: http, scheme: bearer, x-authorizer-claim: 7}"), []string{":12:", "a number"}},
		"a claim that is null":         {scheme("{type: http, scheme: bearer, x-authorizer-claim: }"), []string{":12:", "null"}},
		"a claim that is a list":       {scheme("{type: http, scheme: bearer, x-authorizer-claim: [a]}"), []string{":12:", "a list"}},
		"a claim without a name":       {scheme(`{type: http, scheme: bearer, x-authorizer-claim: ""}`), []string{":12:", "empty"}},
		"white space in a name":        {scheme(`{type: http, scheme: bearer, x-authorizer-claim: "a b"}`), []string{":12:", "white space"}},
		"the claim scope":              {scheme("{type: http, scheme: bearer, x-authorizer-owner: scope}"), []string{":12:", "openIdConnect"}},
		"a claim at another scheme":    {scheme("{type: openIdConnect, openIdConnectUrl: x, x-authorizer-claim: a}"), []string{":12:", "http with scheme bearer"}},
		"an owner at an API key":       {scheme("{type: apiKey, in: header, name: x-api-key, x-authorizer-owner: a}"), []string{":12:", "http with scheme bearer"}},
		"two meanings":                 {scheme("{type: http, scheme: bearer, x-authorizer-claim: a, x-authorizer-owner: a}"), []string{":12:", "one meaning"}},
		"a token and an age":           {scheme("{type: http, scheme: bearer, x-authorizer-token: true, x-authorizer-max-age: 5m}"), []string{":12:", "one meaning"}},
		"an age without a unit":        {scheme("{type: http, scheme: bearer, x-authorizer-max-age: 15}"), []string{":12:", "a number", "15m"}},
		"an age in quotes":             {scheme(`{type: http, scheme: bearer, x-authorizer-max-age: "15"}`), []string{":12:", "15m"}},
		"an age in days":               {scheme("{type: http, scheme: bearer, x-authorizer-max-age: 1d}"), []string{":12:", "15m"}},
		"an age of nothing":            {scheme("{type: http, scheme: bearer, x-authorizer-max-age: 0s}"), []string{":12:", "between"}},
		"a negative age":               {scheme("{type: http, scheme: bearer, x-authorizer-max-age: -5m}"), []string{":12:", "between"}},
		"an age of years":              {scheme("{type: http, scheme: bearer, x-authorizer-max-age: 9999h}"), []string{":12:", "between"}},
		"parts of a second":            {scheme("{type: http, scheme: bearer, x-authorizer-max-age: 1500ms}"), []string{":12:", "whole seconds"}},
		"an extension at an operation": {claimHead + "paths:\n  /a: {get: {security: [{pool: []}], x-authorizer-max-age: 5m}}\n", []string{":14:", "GET /a", "at a security scheme"}},
		"an extension at the top":      {claimHead + "x-authorizer-owner: sub\npaths:\n  /a: {get: {security: [{pool: []}]}}\n", []string{":13:", "at a security scheme"}},
		"an extension at a path":       {claimHead + "paths:\n  /a: {x-authorizer-claim: a, get: {security: [{pool: []}]}}\n", []string{":14:", "at a security scheme"}},
		"no parameter":                 {operation("[{owner: []}]"), []string{":14:", "GET /a/{id}", "names no path parameter"}},
		"another parameter":            {operation("[{owner: [name]}]"), []string{":14:", "GET /a/{id}", "no parameter {name}"}},
		"a literal":                    {operation("[{owner: [a]}]"), []string{":14:", "GET /a/{id}", "no parameter {a}"}},
		"the rest of a path": {claimHead + "paths:\n  /f/{rest+}: {get: {security: [{owner: [rest]}]}}\n",
			[]string{":14:", "GET /f/{rest+}", "several segments"}},
		"names of an age":             {operation("[{fresh: [a]}]"), []string{":14:", "GET /a/{id}", "accepts no names"}},
		"a value that is a number":    {operation("[{plan: [1]}]"), []string{":14:", "GET /a/{id}", "Quote"}},
		"an empty value":              {operation(`[{plan: [""]}]`), []string{":14:", "GET /a/{id}", "empty value"}},
		"an owner that is not a list": {operation("[{owner: id}]"), []string{":14:", "GET /a/{id}", "not a list"}},
		"an owner for all operations": {claimHead + "security: [{owner: [id]}]\npaths:\n  /a/{id}: {get: {}}\n  /b: {get: {}}\n", []string{":13:", "GET /b", "security of its own"}},
		"grants that are a list":      {claimHead + "x-authorizer-grants: [a]\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "a list"}},
		"grants that are empty":       {claimHead + "x-authorizer-grants: {}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "empty"}},
		"an unknown key of grants":    {claimHead + "x-authorizer-grants: {users: {a: [r]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", `"users"`}},
		"groups that are a list":      {claimHead + "x-authorizer-grants: {groups: [a]}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "a list"}},
		"a grant of nothing":          {claimHead + "x-authorizer-grants: {groups: {a: []}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "not a list of scopes"}},
		"a grant of a number":         {claimHead + "x-authorizer-grants: {clients: {a: [1]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "a number"}},
		"a grant outside of ASCII":    {claimHead + "x-authorizer-grants: {clients: {a: [café]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{"no token can carry"}},
		"a grant to an odd group":     {claimHead + "x-authorizer-grants: {groups: {\"a\\u200b\": [r]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{"no token can carry"}},
		"a group that is not NFC":     {claimHead + "x-authorizer-grants: {groups: {cafe\u0301: [r]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{":13:", "normal form"}},
		"a grant of two scopes":       {claimHead + "x-authorizer-grants: {clients: {a: [r w]}}\npaths:\n  /a: {get: {security: [{pool: [r]}]}}\n", []string{"white space"}},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := contract.Read(write(t, "openapi.yaml", tt.text))
			if err == nil {
				t.Fatalf("accepted: %+v", result.Table.Routes())
			}
			for _, want := range tt.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in %q", want, err)
				}
			}
		})
	}
}

func TestGrantsAreCompiled(t *testing.T) {
	result, err := contract.Read(write(t, "openapi.yaml", claimHead+
		"x-authorizer-grants: {groups: {admins: [read, raed]}, clients: {c1: [read]}}\nsecurity: [{owner: [id]}, {pool: [read]}]\npaths:\n  /a/{id}: {get: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := routes.Grants{Groups: map[string][]string{"admins": {"raed", "read"}}, Clients: map[string][]string{"c1": {"read"}}}
	if got := result.Table.Grants(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !result.Table.Decide(routes.Principal{Client: "c1"}, "GET", "/a/{id}").Allowed {
		t.Error("a client does not have the scope that it is granted")
	}
	if got := result.Table.Connect().String(); got != "scope read" {
		t.Errorf("$connect is for %s", got)
	}
	codes := map[string]bool{}
	for _, f := range result.Findings {
		codes[f.Code] = true
	}
	for _, code := range []string{"unused-grant", "connect-owner", "writable-claim"} {
		if !codes[code] {
			t.Errorf("no finding %s in %v", code, result.Findings)
		}
	}
}

func TestAnOverlayAddsAnOwner(t *testing.T) {
	document := write(t, "openapi.yaml", "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n  /users/{id}: {get: {}}\n")
	overlay := write(t, "overlay.yaml", `overlay: 1.0.0
info: {title: Rules, version: "1"}
actions:
  - target: $
    update: {components: {securitySchemes: {mine: {type: http, scheme: bearer, x-authorizer-owner: sub}}}}
  - target: $.paths['/users/{id}'].get
    update: {security: [{mine: [id]}]}
`)
	result, err := contract.Read(document, overlay)
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Table.Routes()[0].Rule.String(); got != "{id} equal to claim sub" {
		t.Errorf("rule: %s", got)
	}
}

func TestADocumentWithEveryKindOfRuleIsProved(t *testing.T) {
	result, err := contract.Compile(write(t, "openapi.yaml", claimHead+`x-authorizer-grants: {groups: {staff: [read]}}
paths:
  /users/me: {get: {security: [{pool: []}]}}
  /users/{id}: {get: {security: [{owner: [id]}, {groups: [admins]}]}}
  /t/{t}/orders/{order}: {get: {security: [{tenant: [t]}, {pool: [read]}]}}
  /reports: {get: {security: [{plan: [gold]}]}}
  /keys: {post: {security: [{fresh: [], pool: [read]}]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if result.Classes < 8 || result.Decided != result.Classes {
		t.Errorf("%d classes, %d of them decided", result.Classes, result.Decided)
	}
	implicit := map[string]bool{}
	for _, f := range result.Findings {
		if f.Code == "implicit-denial" {
			for _, r := range f.Routes {
				implicit[r] = true
			}
		}
	}
	if !implicit["GET /users/{id}"] || !implicit["GET /t/{t}/orders/{order}"] {
		t.Errorf("no warning that others' items are denied implicitly: %v", result.Findings)
	}
}

// Every route with an owner has these warnings. They are given once, with the number of routes.
func TestWarningsAboutOwnersAreCountedPerKind(t *testing.T) {
	const n = 20
	result, err := contract.Compile(write(t, "openapi.yaml", claimHead+"paths:\n"+repeated(n, "  /a%d/{id}: {get: {security: [{owner: [id]}, {groups: [admins]}]}}", "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string][]int{}
	for _, f := range result.Findings {
		if f.Severity == contract.SeverityWarning {
			counts[f.Code] = append(counts[f.Code], f.Count)
		}
		if text := f.String(); len(f.Routes) == n && !strings.Contains(text, " and 17 more: ") {
			t.Errorf("got %s", text)
		}
	}
	if want := map[string][]int{"implicit-denial": {n}, "spelling": {n}}; !reflect.DeepEqual(counts, want) {
		t.Errorf("got %v, want %v: %v", counts, want, result.Findings)
	}
}

func TestOwnItemsThatNoPolicyCanTellApartAreRefused(t *testing.T) {
	_, err := contract.Compile(write(t, "openapi.yaml", claimHead+`paths:
  /{a}: {get: {security: [{pool: []}]}}
  /{a}/{b}: {get: {security: [{owner: [b]}]}}
`))
	if err == nil || !strings.Contains(err.Error(), "GET /{a}/{b}") || !strings.Contains(err.Error(), ":15:") {
		t.Errorf("got %v", err)
	}
}
