package stagepolicy_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

func TestTheHandshakeOfAWebSocket(t *testing.T) {
	arn := stage(t, "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/$connect")
	for name, tt := range map[string]struct {
		connect routes.Rule
		rights  string
		allowed bool
	}{
		"with the right":         {scopeR, "r", true},
		"without the right":      {scopeR, "w", false},
		"without a rule":         {routes.Rule{}, "r w g", false},
		"for any signed-in":      {signedIn, "", true},
		"where it is for public": {public, "", true},
	} {
		for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
			t.Run(name+string(mode), func(t *testing.T) {
				table, err := newPlanned(parseRoutes(t, "GET /users any"), routes.Options{Connect: tt.connect, Mode: mode})
				if err != nil {
					t.Fatal(err)
				}
				want := apigateway.DenyAll(arn)
				if tt.allowed {
					want = apigateway.NewPolicyDocument(apigateway.Statement{
						Effect: apigateway.Allow, Action: apigateway.InvokeAction,
						Resource: []string{"arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/$connect"},
					})
				}
				c := callerWith(tt.rights)
				if got, err := table.document(c, arn, stagepolicy.Options{}); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("Policy: %+v, %v", got, err)
				}
				if got, err := table.routeDocument(c, arn, "", "$connect", stagepolicy.Options{}); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("RoutePolicy: %+v, %v", got, err)
				}
				if d := table.Decide(c, "", "$connect"); d.Allowed != tt.allowed {
					t.Errorf("Decide: %+v", d)
				}
			})
		}
	}
}

func TestAPolicyForOneRouteHoldsThatRouteAlone(t *testing.T) {
	table, err := newPlanned(parseRoutes(t, "GET /orders/{id} any", "ANY /files/{path+} r", "GET / any", "GET /files/{path+} g",
		"ANY /any any", "ANY /both any", "GET /both g", "GET /one any", "ANY /root/{path+} public"),
		routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		rights, method, template string
		want                     string // empty: the stage is denied
	}{
		"a parameter":                          {"", "GET", "/orders/{order}", "GET/orders/* but */*/ *//*"},
		"the root":                             {"", "get", "/", "GET/"},
		"the rest of a path":                   {"r", "POST", "/files/{path+}", "POST/files/*"},
		"a method that the path names itself":  {"r", "GET", "/files/{path+}", ""},
		"ANY":                                  {"", "ANY", "/any", everyMethod("/any")},
		"ANY, in lower case":                   {"", "any", "/any", everyMethod("/any")},
		"ANY, and the rest of a path":          {"", "ANY", "/root/{path+}", everyMethod("/root/*")},
		"ANY, with the right to each method":   {"g", "ANY", "/both", everyMethod("/both")},
		"ANY, and the GET is not for everyone": {"", "ANY", "/both", ""},
		"ANY, with a right to the GET alone":   {"g", "ANY", "/files/{path+}", ""},
		"ANY, and the contract has a GET only": {"", "ANY", "/one", ""},
		"a method that falls to ANY":           {"", "POST", "/both", "POST/both"},
		"a right that is lacking":              {"", "POST", "/files/{path+}", ""},
		"a route that is not in the table":     {"r w g", "GET", "/orders", ""},
		"a real path":                          {"r w g", "GET", "/orders/*", ""},
		"no template":                          {"r w g", "GET", "", ""},
		"an unknown method":                    {"r w g", "TRACE", "/files/{path+}", ""},
		"the default route of an HTTP API":     {"r w g", "", "$default", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := table.routeDocument(callerWith(tt.rights), stage(t, methodARN), tt.method, tt.template, stagepolicy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			allow, deny := resources(t, d)
			if tt.want == "" {
				if !reflect.DeepEqual(d, apigateway.DenyAll(stage(t, methodARN))) {
					t.Errorf("got %+v", d)
				}
				return
			}
			wantAllow, wantDeny, _ := strings.Cut(tt.want, " but ")
			if !slices.Equal(allow, strings.Fields(wantAllow)) || !slices.Equal(deny, strings.Fields(wantDeny)) {
				t.Errorf("allows %q and denies %q, want %s alone", allow, deny, tt.want)
			}
		})
	}
}

// everyMethod returns the resources for all methods of a path.
func everyMethod(path string) string {
	var all []string
	for _, m := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"} {
		all = append(all, m+path)
	}
	return strings.Join(all, " ")
}

// API Gateway replays the result for a route key of ANY for every method, whichever was called first.
func TestTheResultForAnyDoesNotDependOnTheMethodThatWasCalled(t *testing.T) {
	table, err := newPlanned(parseRoutes(t, "ANY /admin any", "GET /admin g"), routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	for rights, allowed := range map[string]bool{"": false, "g": true} {
		if d := table.Decide(callerWith(rights), "ANY", "/admin"); d.Allowed != allowed {
			t.Errorf("%q: the decision is %+v", rights, d)
		}
		var first apigateway.PolicyDocument
		for _, method := range []string{"GET", "POST"} {
			arn := stage(t, methodARN)
			arn.Method, arn.Path = method, "admin"
			d, err := table.routeDocument(callerWith(rights), arn, "ANY", "/admin", stagepolicy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if allow, _ := resources(t, d); (len(allow) > 0) != allowed {
				t.Errorf("%q, %s: allows %q", rights, method, allow)
			}
			if method == "GET" {
				first = d
			} else if !reflect.DeepEqual(first, d) {
				t.Errorf("%q: a GET gives %+v, a POST %+v", rights, first, d)
			}
		}
	}
}

func TestAPerRouteTableHasNoStagePolicy(t *testing.T) {
	table, err := newPlanned(parseRoutes(t, "GET /users any"), routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	d, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{})
	if !errors.Is(err, stagepolicy.ErrPerRoute) || len(d.Statement) > 0 {
		t.Errorf("got %+v, %v", d, err)
	}
}
