package routes_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
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

func newTable(t testing.TB, lines ...string) *routes.Table {
	t.Helper()
	table, err := routes.New(parseRoutes(t, lines...), routes.Options{Connect: signedIn})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestRoutesThatAPIGatewayServesAreAccepted(t *testing.T) {
	for _, template := range []string{
		"/", "/users", "/users/{id}", "/users/{user-id}/orders/{order_id.x}", "/{proxy+}", "/files/{path+}", "/@me", "/~bob/a,b/c=d/e!f",
		"/v1.0/x:act", "/.well-known/jwks.json", "/...", "/a/A", "/{a}/{b}/{c}",
	} {
		for _, method := range []string{"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY"} {
			if err := (routes.Route{Method: method, Template: template, Rule: public}).Check(); err != nil {
				t.Errorf("%s %s: %v", method, template, err)
			}
		}
	}
}

func TestRoutesThatCannotBeGuardedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		method, template string
		rule             routes.Rule
		want             error
	}{
		"no path":                          {"GET", "", public, routes.ErrTemplate},
		"no slash in front":                {"GET", "users", public, routes.ErrTemplate},
		"a slash at the end":               {"GET", "/users/", public, routes.ErrTemplate},
		"an empty segment":                 {"GET", "/a//b", public, routes.ErrTemplate},
		"two slashes":                      {"GET", "//", public, routes.ErrTemplate},
		"a dot":                            {"GET", "/a/./b", public, routes.ErrTemplate},
		"two dots":                         {"GET", "/a/../b", public, routes.ErrTemplate},
		"a star":                           {"GET", "/a/*", public, routes.ErrTemplate},
		"a question mark":                  {"GET", "/a?b", public, routes.ErrTemplate},
		"a policy variable":                {"GET", "/${aws:username}", public, routes.ErrTemplate},
		"a dollar":                         {"GET", "/$connect", public, routes.ErrTemplate},
		"an escape":                        {"GET", "/a%2Fb", public, routes.ErrTemplate},
		"a space":                          {"GET", "/a b", public, routes.ErrTemplate},
		"a line break":                     {"GET", "/a\nb", public, routes.ErrTemplate},
		"a quote":                          {"GET", `/a"b`, public, routes.ErrTemplate},
		"letters outside of ASCII":         {"GET", "/müsli", public, routes.ErrTemplate},
		"a parameter in part of a segment": {"GET", "/files/{name}.json", public, routes.ErrTemplate},
		"two parameters in a segment":      {"GET", "/{a}{b}", public, routes.ErrTemplate},
		"a parameter without a name":       {"GET", "/{}", public, routes.ErrTemplate},
		"a greedy one without a name":      {"GET", "/{+}", public, routes.ErrTemplate},
		"a star for a name":                {"GET", "/{*}", public, routes.ErrTemplate},
		"a brace that is left open":        {"GET", "/{a", public, routes.ErrTemplate},
		"the same name twice":              {"GET", "/{a}/{a}", public, routes.ErrTemplate},
		"a greedy one that is not last":    {"GET", "/{a+}/b", public, routes.ErrTemplate},
		"33 segments":                      {"GET", strings.Repeat("/a", 33), public, routes.ErrTemplate},
		"no method":                        {"", "/a", public, routes.ErrMethod},
		"a method in lower case":           {"get", "/a", public, routes.ErrMethod},
		"TRACE":                            {"TRACE", "/a", public, routes.ErrMethod},
		"a star for a method":              {"*", "/a", public, routes.ErrMethod},
		"a rule for nobody":                {"GET", "/a", routes.Rule{}, routes.ErrRule},
		"public, with a scope":             {"GET", "/a", routes.Rule{Public: true, AnyOf: scopeR.AnyOf}, routes.ErrRule},
		"a scope without a name":           {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{""}}}}, routes.ErrName},
		"a scope with a space":             {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"a b"}}}}, routes.ErrName},
		"a group with a no-break space":    {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"a\u00a0b"}}}}, routes.ErrName},
		"a group with a line break":        {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"a\nb"}}}}, routes.ErrName},
		"a scope outside of ASCII":         {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"café"}}}}, routes.ErrName},
		"a scope with a quote":             {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{`a"b`}}}}, routes.ErrName},
		"a scope with a backslash":         {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{`a\b`}}}}, routes.ErrName},
		"a group with an invisible space":  {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"a\u200bb"}}}}, routes.ErrName},
		"a group of 129 characters":        {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{strings.Repeat("a", 129)}}}}, routes.ErrName},
		"a group as a claim, invisible":    {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Claims: map[string][]string{"cognito:groups": {"a\u200b"}}}}}, routes.ErrName},
		"an owner of no parameter":         {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}, routes.ErrRule},
		"an owner of the rest of a path":   {"GET", "/{id+}", routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}, routes.ErrRule},
		"a group that is not UTF-8":        {"GET", "/a", routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"a\xff"}}}}, routes.ErrName},
	} {
		t.Run(name, func(t *testing.T) {
			r := routes.Route{Method: tt.method, Template: tt.template, Rule: tt.rule}
			if err := r.Check(); !errors.Is(err, tt.want) {
				t.Errorf("Check: got %v, want %v", err, tt.want)
			}
			if table, err := routes.New([]routes.Route{r}, routes.Options{}); !errors.Is(err, tt.want) || table != nil {
				t.Errorf("New: got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestTwoRoutesForTheSameCallsAreRefused(t *testing.T) {
	for _, tt := range [][2]string{
		{"GET /a/{x} r", "GET /a/{y} w"}, {"GET /{x+} r", "GET /{y+} r"}, {"ANY /a/{x} r", "ANY /a/{y} r"}, {"GET / r", "GET / r"},
	} {
		if _, err := routes.New(parseRoutes(t, tt[0], tt[1]), routes.Options{}); !errors.Is(err, routes.ErrDuplicate) {
			t.Errorf("%s: got %v, want %v", tt, err, routes.ErrDuplicate)
		}
	}
	newTable(t, "GET /a/{x} r", "GET /a/{x+} r", "ANY /a/{x} r", "POST /a/{y} r", "GET /A/{x} r", "GET /a r")
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := routes.New([]routes.Route{
		{Method: "TRACE", Template: "/a*", Rule: routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"a b"}}}}},
		{Method: "GET", Template: "/b", Rule: routes.Rule{}},
	}, routes.Options{Connect: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{""}}}}})
	for _, want := range []error{routes.ErrMethod, routes.ErrTemplate, routes.ErrName, routes.ErrRule} {
		if !errors.Is(err, want) {
			t.Errorf("%v is not among %v", want, err)
		}
	}
}

func TestRulesThatMeanTheSameAreTheSame(t *testing.T) {
	all := func(scopes, groups string) routes.AllOf {
		return routes.AllOf{Scopes: strings.Fields(scopes), Groups: strings.Fields(groups)}
	}
	for name, tt := range map[string]struct {
		a, b []routes.AllOf
		same bool
	}{
		"in another order":              {[]routes.AllOf{all("a b", ""), all("", "g h")}, []routes.AllOf{all("", "h g"), all("b a", "")}, true},
		"with repetition":               {[]routes.AllOf{all("a", "")}, []routes.AllOf{all("a a", ""), all("a", "")}, true},
		"with more than enough":         {[]routes.AllOf{all("a", "")}, []routes.AllOf{all("a b", "g"), all("a", "")}, true},
		"with anybody among them":       {[]routes.AllOf{all("", "")}, []routes.AllOf{all("a", "g"), all("", "")}, true},
		"a scope for a group":           {[]routes.AllOf{all("a", "")}, []routes.AllOf{all("", "a")}, false},
		"any of for all of":             {[]routes.AllOf{all("a b", "")}, []routes.AllOf{all("a", ""), all("b", "")}, false},
		"another case":                  {[]routes.AllOf{all("a", "")}, []routes.AllOf{all("A", "")}, false},
		"the scope of one to the other": {[]routes.AllOf{all("a", "g"), all("b", "h")}, []routes.AllOf{all("a", "h"), all("b", "g")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			encoded := func(anyOf []routes.AllOf) string {
				table, err := routes.New([]routes.Route{{Method: "GET", Template: "/", Rule: routes.Rule{AnyOf: anyOf}}}, routes.Options{})
				if err != nil {
					t.Fatal(err)
				}
				data, err := table.Encode()
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			if a, b := encoded(tt.a), encoded(tt.b); (a == b) != tt.same {
				t.Errorf("%s\n%s\nthe same: %v, want %v", a, b, a == b, tt.same)
			}
		})
	}
}

func TestARuleInWords(t *testing.T) {
	for want, rule := range map[string]routes.Rule{
		"nobody":                          {},
		"public":                          public,
		"any signed-in caller":            signedIn,
		"scope r":                         scopeR,
		"scope r or group g":              {AnyOf: []routes.AllOf{scopeR.AnyOf[0], groupG.AnyOf[0]}},
		"scope a and group b, or group c": {AnyOf: []routes.AllOf{{Scopes: []string{"a"}, Groups: []string{"b"}}, {Groups: []string{"c"}}}},
		"scope a and scope b":             {AnyOf: []routes.AllOf{{Scopes: []string{"a", "b"}}}},
		"group x, or group y and group z, or any signed-in caller": {AnyOf: []routes.AllOf{{Groups: []string{"x"}}, {Groups: []string{"y", "z"}}, {}}},
	} {
		if got := rule.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRoutesComeSortedAndAsACopy(t *testing.T) {
	table := newTable(t, "POST /b r", "GET /b r", "GET /a g")
	got := table.Routes()
	if want := parseRoutes(t, "GET /a g", "GET /b r", "POST /b r"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	got[0] = routes.Route{}
	if table.Routes()[0].Template != "/a" {
		t.Error("the table changed with the copy")
	}
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
