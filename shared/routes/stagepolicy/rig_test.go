package stagepolicy_test

import (
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// The rules of the tests.
var (
	public   = routes.Rule{Public: true}
	signedIn = routes.Rule{AnyOf: []routes.AllOf{{}}}
	scopeR   = routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"r"}}}}
	scopeW   = routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"w"}}}}
	groupG   = routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}}}}
)

// parseRoutes makes routes of lines such as "GET /users r", with a name of one of the rules above.
func parseRoutes(t testing.TB, lines ...string) []routes.Route {
	t.Helper()
	rules := map[string]routes.Rule{"public": public, "any": signedIn, "r": scopeR, "w": scopeW, "g": groupG}
	var all []routes.Route
	for _, line := range lines {
		words := strings.Fields(line)
		rule, known := rules[words[2]]
		if !known {
			t.Fatalf("no rule %q", words[2])
		}
		all = append(all, routes.Route{Method: words[0], Template: words[1], Rule: rule})
	}
	return all
}

// planned is a table with its planner.
type planned struct {
	*routes.Table
	*stagepolicy.Planner
}

func newPlanned(all []routes.Route, o routes.Options) (planned, error) {
	table, err := routes.New(all, o)
	if err != nil {
		return planned{}, err
	}
	return planned{table, stagepolicy.New(table)}, nil
}

func newTable(t testing.TB, lines ...string) planned {
	t.Helper()
	table, err := newPlanned(parseRoutes(t, lines...), routes.Options{Connect: signedIn})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// callerWith has the scopes r and w, or the group g.
func callerWith(rights string) routes.Principal {
	var c routes.Principal
	for _, name := range strings.Fields(rights) {
		if name == "g" {
			c.Groups = append(c.Groups, name)
		} else {
			c.Scopes = append(c.Scopes, name)
		}
	}
	return c
}

func (p planned) document(c routes.Principal, a apigateway.MethodARN, o stagepolicy.Options) (apigateway.PolicyDocument, error) {
	policy, err := p.ForStage(c, a, o)
	return policy.Document(), err
}

func (p planned) routeDocument(c routes.Principal, a apigateway.MethodARN, method, template string, o stagepolicy.Options) (apigateway.PolicyDocument, error) {
	policy, err := p.ForRoute(c, a, method, template, o)
	return policy.Document(), err
}
