package prove

import (
	"errors"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestAWrongPolicyForOneRouteIsFoundWithoutSampleCalls(t *testing.T) {
	table, err := routes.New([]routes.Route{get("/", "g"), get("/orders/{id}", "g")}, routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	const root, order = 0, 1
	for name, tt := range map[string]struct {
		route       int
		may         extent
		allow, deny []string
		want        string // in the error; empty: the policy is right
	}{
		"all of a route":            {order, whole, []string{"GET/orders/*"}, []string{"*/*/", "*//*"}, ""},
		"the root":                  {root, whole, []string{"GET/"}, nil, ""},
		"nothing":                   {order, nothing, nil, []string{"*"}, ""},
		"a path is denied":          {order, whole, []string{"GET/orders/*"}, []string{"GET/orders/7"}, "may not call GET /orders/7, though GET /orders/{id} is allowed"},
		"the root is denied":        {root, whole, nil, []string{"*"}, "may not call GET /, though GET / is allowed"},
		"silence":                   {order, nothing, nil, nil, "is not denied DELETE / explicitly, though GET /orders/{id} is forbidden"},
		"another method":            {order, whole, []string{"GET/orders/*", "POST/orders/7"}, nil, "may call POST /orders/7 by the policy for GET /orders/{id}"},
		"another path":              {order, whole, []string{"GET/orders/*", "GET/x"}, nil, "may call GET /x by the policy for GET /orders/{id}"},
		"another route":             {order, whole, []string{"GET/orders/*", "GET/"}, nil, "may call GET / by the policy for GET /orders/{id}"},
		"a route that is another's": {order, items, []string{"GET/orders/7"}, nil, "may call GET /orders/7, which is another's"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProver(table, nil)
			d := apigateway.NewPolicyDocument()
			for effect, patterns := range map[apigateway.Effect][]string{apigateway.Allow: tt.allow, apigateway.Deny: tt.deny} {
				for _, pattern := range patterns {
					d.Statement = append(d.Statement, apigateway.Statement{Effect: effect, Action: apigateway.InvokeAction, Resource: []string{base + pattern}})
				}
			}
			answer, err := marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if !p.decideRoute(routes.Principal{}, p.gateway[tt.route], "GET", tt.may, answer.document) {
				t.Fatal("it was not decided")
			}
			if p.moves <= 0 && tt.want == "" {
				t.Errorf("%d moves", p.moves)
			}
			if err := errors.Join(p.wrong...); (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestSampleCallsShowAWrongPolicyForOneRoute(t *testing.T) {
	table, err := routes.New([]routes.Route{get("/x", "g"), {Method: "GET", Template: "/users/{id}/{note}", Rule: routes.Rule{AnyOf: []routes.AllOf{owner("sub", "id")}}}},
		routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	caller := routes.Principal{Now: noon, Claims: map[string][]string{"sub": {"u-1"}}}
	p := newProver(table, nil).with(caller)
	users := p.gateway[0]
	if users.Template != "/users/{id}/{note}" {
		t.Fatalf("the first route is %s", users)
	}
	expired := apigateway.DenyAfter(stage, end)
	allow := func(resources ...string) apigateway.Statement {
		s := apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction}
		for _, r := range resources {
			s.Resource = append(s.Resource, base+r)
		}
		return s
	}
	for name, tt := range map[string]struct {
		statements []apigateway.Statement
		want       string // in the errors; empty: the policy is right
	}{
		"the caller's own item":  {[]apigateway.Statement{allow("GET/users/u-1/*"), expired}, ""},
		"not the caller's own":   {[]apigateway.Statement{allow("GET/users/u-2/*"), expired}, "may not call GET /users/u-1/value-2, though"},
		"some of it":             {[]apigateway.Statement{allow("GET/users/u-1/v*"), expired}, "may not call GET /users/u-1/%2e%2e, though"},
		"another's":              {[]apigateway.Statement{allow("GET/users/*"), expired}, "may call GET /users/value-1/value-2, which is another's"},
		"no end":                 {[]apigateway.Statement{allow("GET/users/u-1/*")}, "may still call GET /users/u-1/value-2 when the token has ended"},
		"a path of no route":     {[]apigateway.Statement{allow("GET/users/u-1/*", "GET/usersx/*"), expired}, "may call GET /usersx/value-1/value-2 by the policy for"},
		"a call to another path": {[]apigateway.Statement{allow("GET/users/u-1/*", "GET/x"), expired}, "may call GET /x by the policy for"},
	} {
		answer, err := marshal(apigateway.NewPolicyDocument(tt.statements...))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := apigateway.ParsePolicy(answer.document)
		if err != nil {
			t.Fatal(err)
		}
		p.wrong = nil
		p.tryRoute(caller, users, "GET", items, parsed)
		if err := errors.Join(p.wrong...); (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	routed := map[string]int{}
	for _, c := range p.foreign {
		if c.route != nil {
			routed[c.route.name()]++
		}
	}
	if len(routed) != len(p.gateway) || routed["GET /x"] != 1 || routed["GET /users/{id}/{note}"] != 1 {
		t.Errorf("calls to each route: %v, want one of each", routed)
	}
}
