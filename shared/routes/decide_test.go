package routes_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestTheDecisionForARouteAndItsReason(t *testing.T) {
	either := routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"api/users.read"}}, {Groups: []string{"admins"}}}}
	both := routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"api/users.write"}, Groups: []string{"admins"}}, {Groups: []string{"owners"}}}}
	table, err := routes.New([]routes.Route{
		{Method: "GET", Template: "/health", Rule: public},
		{Method: "GET", Template: "/me", Rule: signedIn},
		{Method: "GET", Template: "/users/{name}", Rule: either},
		{Method: "POST", Template: "/users/{name}/sign-out", Rule: both},
		{Method: "ANY", Template: "/files/{path+}", Rule: either},
		{Method: "GET", Template: "/files/{path+}", Rule: public},
		{Method: "ANY", Template: "/open", Rule: signedIn},
		{Method: "PUT", Template: "/open", Rule: either},
		{Method: "POST", Template: "/open", Rule: public},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	admin := routes.Principal{Groups: []string{"admins"}}
	for name, tt := range map[string]struct {
		caller           routes.Principal
		method, template string
		want             routes.Decision
	}{
		"public": {routes.Principal{}, "GET", "/health",
			routes.Decision{Allowed: true, Route: "GET /health", Reason: "public"}},
		"any signed-in caller": {routes.Principal{}, "GET", "/me",
			routes.Decision{Allowed: true, Route: "GET /me", Reason: "open to any signed-in caller"}},
		"one of two": {admin, "GET", "/users/{name}",
			routes.Decision{Allowed: true, Route: "GET /users/{name}", Reason: "has group admins"}},
		"neither of two": {routes.Principal{Scopes: []string{"openid"}}, "GET", "/users/{name}",
			routes.Decision{Route: "GET /users/{name}", Reason: "needs scope api/users.read or group admins", Refusal: routes.RefusedRights}},
		"half of what is needed": {admin, "POST", "/users/{name}/sign-out",
			routes.Decision{Route: "POST /users/{name}/sign-out", Reason: "needs scope api/users.write and group admins, or group owners", Refusal: routes.RefusedRights}},
		"all of what is needed": {routes.Principal{Scopes: []string{"api/users.write"}, Groups: []string{"admins"}}, "POST", "/users/{name}/sign-out",
			routes.Decision{Allowed: true, Route: "POST /users/{name}/sign-out", Reason: "has scope api/users.write and group admins"}},
		"a scope that is a prefix": {routes.Principal{Scopes: []string{"api/users"}}, "GET", "/users/{name}",
			routes.Decision{Route: "GET /users/{name}", Reason: "needs scope api/users.read or group admins", Refusal: routes.RefusedRights}},
		"another name for the parameter": {admin, "GET", "/users/{username}",
			routes.Decision{Allowed: true, Route: "GET /users/{name}", Reason: "has group admins"}},
		"a method in lower case": {routes.Principal{}, "get", "/health",
			routes.Decision{Allowed: true, Route: "GET /health", Reason: "public"}},
		"a method that falls to ANY": {routes.Principal{}, "DELETE", "/files/{path+}",
			routes.Decision{Route: "ANY /files/{path+}", Reason: "needs scope api/users.read or group admins", Refusal: routes.RefusedRights}},
		"a method that does not": {routes.Principal{}, "GET", "/files/{path+}",
			routes.Decision{Allowed: true, Route: "GET /files/{path+}", Reason: "public"}},
		"ANY, by its own rule": {admin, "ANY", "/files/{path+}",
			routes.Decision{Allowed: true, Route: "ANY /files/{path+}", Reason: "has group admins"}},
		"ANY, which its own rule denies": {routes.Principal{}, "any", "/files/{path+}",
			routes.Decision{Route: "ANY /files/{path+}", Reason: "needs scope api/users.read or group admins", Refusal: routes.RefusedRights}},
		"ANY, and one method is for others": {routes.Principal{}, "ANY", "/open",
			routes.Decision{Route: "PUT /open", Reason: "needs scope api/users.read or group admins", Refusal: routes.RefusedRights}},
		"ANY, and every method is allowed": {admin, "ANY", "/open",
			routes.Decision{Allowed: true, Route: "ANY /open", Reason: "open to any signed-in caller"}},
		"ANY, and the contract has one method only": {admin, "ANY", "/health", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"a parameter is not the rest of a path":     {admin, "GET", "/files/{path}", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"another method":                            {admin, "DELETE", "/users/{name}", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"a letter that folds to another":            {admin, "PO\u017fT", "/users/{name}/sign-out", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"a slash at the end":                        {admin, "GET", "/health/", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"another case":                              {admin, "GET", "/Health", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"a real path":                               {admin, "GET", "/users/bob", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"the default route of an HTTP API":          {admin, "", "$default", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"nothing":                                   {admin, "", "", routes.Decision{Reason: "not in the contract", Refusal: routes.RefusedContract}},
		"the handshake, without a rule":             {admin, "GET", "$connect", routes.Decision{Route: "$connect", Reason: "open to nobody", Refusal: routes.RefusedContract}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := table.Decide(tt.caller, tt.method, tt.template); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestThePathOfACallIsMatchedAsAPIGatewayDoes(t *testing.T) {
	table := newTable(t, "GET / any", "GET /users any", "GET /users/me any", "GET /users/{id} any", "GET /users/{id}/items any",
		"GET /users/{path+} any", "ANY /users/{id} any", "GET /{x}/a/b any", "POST /users/me/items any")
	for path, want := range map[string]string{
		"/":                     "GET /",
		"/users":                "GET /users",
		"/users/":               "",
		"/users/7/":             "GET /users/{path+}",
		"/x/a/b/":               "",
		"/users/me":             "GET /users/me",
		"/users/Me":             "GET /users/{id}",
		"/users/%6De":           "GET /users/{id}",
		"/users/7%2Fitems":      "GET /users/{id}",
		"/users/..":             "GET /users/{id}",
		"/users/*":              "GET /users/{id}",
		"/users/{id}":           "GET /users/{id}",
		"/users/7/items":        "GET /users/{id}/items",
		"/users/me/items":       "GET /users/{id}/items",
		"/users/7/items/9":      "GET /users/{path+}",
		"/users/a/b":            "GET /users/{path+}",
		"/x/a/b":                "GET /{x}/a/b",
		"/x/a":                  "",
		"//users":               "",
		"users":                 "",
		"":                      "",
		"/x":                    "",
		"/users/7/items/9/../x": "GET /users/{path+}",
	} {
		got, ok := table.Match("GET", path)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: got %v, want %q", path, got, want)
		}
	}
	for method, want := range map[string]string{"DELETE": "ANY /users/{id}", "get": "GET /users/{id}", "TRACE": "", "ANY": ""} {
		if got, ok := table.Match(method, "/users/7"); ok != (want != "") || ok && got.String() != want {
			t.Errorf("%s /users/7: got %v, want %q", method, got, want)
		}
	}
}

func TestARouteDecidesByItsOwnRule(t *testing.T) {
	r := routes.Route{Method: "ANY", Template: "/files", Rule: scopeR}
	if got, want := r.Decide(callerWith("r")), (routes.Decision{Allowed: true, Route: "ANY /files", Reason: "has scope r"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := r.Decide(callerWith("g")), (routes.Decision{Route: "ANY /files", Reason: "needs scope r", Refusal: routes.RefusedRights}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestARuleAllowsOnlyWhatHasNoLimits(t *testing.T) {
	now := time.Unix(1_795_360_000, 0)
	alice := routes.Principal{Scopes: []string{"r"}, Claims: map[string][]string{"sub": {"alice"}}, AuthTime: now, Now: now}
	for name, tt := range map[string]struct {
		rule routes.Rule
		want bool
	}{
		"nobody":                 {routes.Rule{}, false},
		"everybody":              {public, true},
		"a scope":                {scopeR, true},
		"another scope":          {scopeW, false},
		"a recent sign-in":       {routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 900}}}, false}, // it will end
		"the caller's own items": {routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}, false},
		"own items, or a scope":  {routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}, scopeR.AnyOf[0]}}, true},
	} {
		if got := tt.rule.Allows(alice); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
