package stagepolicy_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

func TestTablesThatNoPolicyCanExpressAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		table                         []string
		forbidden, allowed, swallowed string
		rights                        string // of the caller in the error
	}{
		"a forbidden route between two that are allowed": {
			[]string{"GET /orders/{id} r", "GET /orders/{id}/{part} g", "GET /orders/{id}/{part}/notes w"},
			"GET /orders/{id}/{part}", "GET /orders/{id}", "GET /orders/{id}/{part}/notes", "r w"},
		"a forbidden parameter under the rest of a path": {
			[]string{"GET /{path+} any", "GET /admin/{x} g"},
			"GET /admin/{x}", "GET /{path+}", "GET /{path+}", ""},
		"the same for every method": {
			[]string{"ANY /{path+} any", "ANY /admin/{x} g"},
			"ANY /admin/{x}", "ANY /{path+}", "ANY /{path+}", ""},
		"a public route is allowed too": {
			[]string{"GET /orders/{id} public", "GET /orders/{id}/{part} g", "GET /orders/{id}/{part}/notes any"},
			"GET /orders/{id}/{part}", "GET /orders/{id}", "GET /orders/{id}/{part}/notes", ""},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, tt.table...)
			_, err := table.Check(stagepolicy.Deployment{})
			var c *stagepolicy.ConflictError
			if !errors.Is(err, stagepolicy.ErrConflict) || !errors.As(err, &c) {
				t.Fatalf("got %v, want %v", err, stagepolicy.ErrConflict)
			}
			if c.Forbidden.String() != tt.forbidden || c.Allowed.String() != tt.allowed || c.Swallowed.String() != tt.swallowed ||
				!reflect.DeepEqual(c.Caller, callerWith(tt.rights)) {
				t.Errorf("got %v", c)
			}
			for _, word := range []string{tt.forbidden, tt.allowed, tt.swallowed, c.Caller.String(), c.Allow, c.Deny} {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not in %q", word, err)
				}
			}
			// A file that was written by hand, or by something older, must not slip through.
			d, err := table.document(c.Caller, stage(t, methodARN), stagepolicy.Options{})
			if !errors.Is(err, stagepolicy.ErrConflict) || len(d.Statement) > 0 {
				t.Errorf("Policy gives %+v, %v", d, err)
			}
			perRoute, err := newPlanned(table.Routes(), routes.Options{Mode: routes.PerRoute})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := perRoute.Check(stagepolicy.Deployment{}); err != nil {
				t.Errorf("per route: %v", err)
			}
		})
	}
}

func TestSimilarTablesThatCanBeExpressedAreAccepted(t *testing.T) {
	for name, table := range map[string][]string{
		"nobody may call the outer without the inner": {"GET /orders/{id} g", "GET /orders/{id}/{part} any", "GET /orders/{id}/{part}/notes g"},
		"independent scopes on nested routes":         {"GET /orders/{id} r", "GET /orders/{id}/secrets w"},
		"the same under another method":               {"GET /orders/{id} r", "POST /orders/{id}/{part} g", "GET /orders/{id}/{part}/notes w"},
		"a literal keeps them apart":                  {"GET /orders/{id} r", "GET /orders/{id}/a g", "GET /orders/{id}/b/notes w"},
		"a branch under the rest of a path":           {"GET /{path+} any", "GET /admin g", "GET /admin/{path+} g"},
		"a route that others hide":                    {"GET /{a} any", "GET /{a}/{path+} any", "GET /{path+} g"},
	} {
		t.Run(name, func(t *testing.T) {
			if warnings, err := newTable(t, table...).Check(stagepolicy.Deployment{}); err != nil || len(warnings) > 0 {
				t.Errorf("%v, %v", err, warnings)
			}
		})
	}
}

func TestAConflictIsFoundHoweverManyClassesThereAre(t *testing.T) {
	var all []routes.Route
	group := func(name string) routes.Rule {
		return routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{name}}}}
	}
	for i := range 30 { // two to the power of 30 classes
		all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/r%d", i), Rule: group(fmt.Sprintf("g%d", i))})
	}
	table, err := newPlanned(all, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	warnings, err := table.Check(stagepolicy.Deployment{})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Message, "classes of callers") {
		t.Errorf("without a conflict: %v, %v", warnings, err)
	}
	all = append(all,
		routes.Route{Method: "POST", Template: "/{a}", Rule: group("g7")},
		routes.Route{Method: "POST", Template: "/{a}/{b}", Rule: group("g11")},
		routes.Route{Method: "POST", Template: "/{a}/{b}/c", Rule: group("g29")})
	if table, err = newPlanned(all, routes.Options{}); err != nil {
		t.Fatal(err)
	}
	var c *stagepolicy.ConflictError
	if _, err := table.Check(stagepolicy.Deployment{}); !errors.As(err, &c) || !reflect.DeepEqual(c.Caller.Groups, []string{"g29", "g7"}) {
		t.Errorf("got %v", err)
	}
}

func TestAPolicyThatWouldNotFitIsFoundAtBuildTime(t *testing.T) {
	var lines []string
	for i := range 200 { // alternating, so that no pattern can stand for several routes
		lines = append(lines, fmt.Sprintf("GET /resource-%03d %s", i, []string{"r", "w"}[i%2]))
	}
	_, err := newTable(t, lines...).Check(stagepolicy.Deployment{})
	var large *stagepolicy.PolicyTooLargeError
	if !errors.As(err, &large) || !errors.Is(err, stagepolicy.ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
	if large.Others != 1 || !reflect.DeepEqual(large.Caller, callerWith("w")) && !reflect.DeepEqual(large.Caller, callerWith("r")) || !strings.Contains(err.Error(), "a caller with scope ") {
		t.Errorf("got %v", err)
	}
	long := newTable(t, "GET /"+strings.Repeat("x", 430)+" any")
	if _, err := long.Check(stagepolicy.Deployment{}); !errors.Is(err, stagepolicy.ErrTooLarge) {
		t.Errorf("a long resource: %v", err)
	}
}

// A table that passes the check has a result that fits for every caller, also for those with all rights.
func TestTheCallersWithMostRightsAreSized(t *testing.T) {
	sizes := []int{4, 8, 16}
	if testing.Short() {
		sizes = sizes[1:2]
	}
	for _, perGroup := range sizes {
		t.Run(fmt.Sprintf("13 groups with %d routes each", perGroup), func(t *testing.T) {
			var all []routes.Route
			everything := routes.Principal{}
			for g := range 13 {
				group := fmt.Sprintf("department-%02d", g)
				everything.Groups = append(everything.Groups, group)
				for i := range perGroup {
					all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/%s/resource-%02d/{id}", group, i),
						Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{group}}}}})
				}
			}
			table, err := newPlanned(all, routes.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, checked := table.Check(stagepolicy.Deployment{})
			arn := apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abcdefghij", Stage: "prod"}
			_, err = table.document(everything, arn, stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1, 0)})
			if checked == nil && err != nil {
				t.Errorf("the check passed, and a caller with all groups gets: %v", err)
			}
		})
	}
}

// The Deny for the comments would hit somebody whose name is "comments". That is accepted, since it only denies more.
func TestADenyMayHitAParameterWithTheValueOfALiteral(t *testing.T) {
	table := newTable(t, "GET /scores/{score} r", "GET /scores/{score}/comments g", "GET /scores/{score}/people/{person} r")
	if _, err := table.Check(stagepolicy.Deployment{}); err != nil {
		t.Fatal(err)
	}
	d, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/GET/scores/7": true, "/GET/scores/7/people/ann": true, "/GET/scores/7/comments": false, "/GET/scores/7/people/comments": false,
		"/GET/scores/comments": true, "/GET/scores/7/people/comments2": true,
	} {
		if got := d.Allows(stage(t, methodARN).Prefix() + path); got != want {
			t.Errorf("%s: allowed %t, want %t", path, got, want)
		}
	}
	if _, err := newTable(t, "GET /scores/{score} r", "GET /scores/{score}/comments g", "GET /scores/{score}/{kind}/{id} r").Check(stagepolicy.Deployment{}); err != nil {
		t.Errorf("the ID of any kind may be a literal, too: %v", err)
	}
	var conflict *stagepolicy.ConflictError
	if _, err := newTable(t, "GET /{path+} r", "GET /admin/{x} g").Check(stagepolicy.Deployment{}); !errors.As(err, &conflict) {
		t.Errorf("the rest of a path is not a single value: got %v", err)
	}
}

func TestTheNameOfTheStageDecidesHowMuchFits(t *testing.T) {
	var lines []string
	for i := range 62 {
		lines = append(lines, fmt.Sprintf("GET /resource-%03d r", i), fmt.Sprintf("GET /resource-%03d/x w", i))
	}
	table := newTable(t, lines...)
	short := stagepolicy.Deployment{Partition: "aws", Region: "eu-west-1", Stage: "v1"}
	if _, err := table.Check(short); err != nil {
		t.Errorf("%s: %v", short.ARN().Prefix(), err)
	}
	_, err := table.Check(stagepolicy.Deployment{})
	var large *stagepolicy.PolicyTooLargeError
	if !errors.As(err, &large) || len(large.Routes) != 3 || !strings.Contains(err.Error(), large.Routes[0].String()) {
		t.Errorf("without a stage: %v", err)
	}
	if n := len(stagepolicy.Deployment{}.ARN().Prefix()); n != 85 {
		t.Errorf("the assumed prefix has %d bytes", n)
	}
}

// numbered returns routes with one rule, whose templates have a number in them.
func numbered(template string, n int, rule routes.Rule) []routes.Route {
	all := make([]routes.Route, n)
	for i := range all {
		all[i] = routes.Route{Method: "GET", Template: fmt.Sprintf(template, i), Rule: rule}
	}
	return all
}

func TestFindingsCountTheClassesOfCallers(t *testing.T) {
	scopeOr := func(other routes.AllOf) routes.Rule {
		return routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"r"}}, other}}
	}
	const noRoom = ", the policy has no room for each route: "
	for name, tt := range map[string]struct {
		table []routes.Route
		want  []string // code, classes and how the message begins
	}{
		"parameters that are not kept to one segment": {
			slices.Concat(numbered("/resource-%03d/{id}", 55, scopeR), parseRoutes(t, "GET /other w")),
			[]string{"policy-unbounded 2 for 2 of 4 classes of callers, such as a caller with scope r, the policy has no room for the Denies"}},
		"callers with different names and the same rights are one class": {
			numbered("/resource-%03d/{id}", 55, scopeOr(routes.AllOf{Groups: []string{"g"}})),
			[]string{"policy-unbounded 1 for 1 of 2 classes of callers"}},
		"callers whose rights end with the age of their sign-in are another class": {
			numbered("/resource-%03d/{id}", 55, scopeOr(routes.AllOf{MaxAge: 600})),
			[]string{"policy-unbounded 1 for 1 of 3 classes of callers, such as a caller with scope r,",
				"policy-compacted 1 for 1 of 3 classes of callers, such as a caller without scopes and groups" + noRoom + "several routes share Allows. They"}},
		"the example has the fewest scopes and groups, and the first Allows with the most routes each are counted": {
			slices.Concat(numbered("/r/resource-%03d", 70, scopeR), numbered("/w1/resource-%03d", 40, scopeW), numbered("/w2/resource-%03d", 40, scopeW),
				numbered("/g/resource-%03d", 70, groupG), []routes.Route{{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}}),
			[]string{"policy-compacted 14 for 14 of 16 classes of callers, such as a caller with scope r" + noRoom + "up to 70 routes share Allows, of which the policy has 1. They"}},
		"Allows that end at the end of a segment, or within one": {
			slices.Concat(numbered("/resource-%03d", 80, scopeR), parseRoutes(t, "GET /other w")),
			[]string{"policy-compacted 2 for 2 of 4 classes of callers, such as a caller with scope r and scope w" + noRoom + "up to 81 routes share Allows, of which the policy has 1. They"}},
		"own items": {
			numbered("/resource-%03d/{id}", 80, ownedBy("sub", "id")),
			[]string{"policy-compacted 1 for 1 of 2 classes of callers, such as a caller with claim sub" + noRoom + "several routes share Allows. They"}},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := newPlanned(tt.table, routes.Options{})
			if err != nil {
				t.Fatal(err)
			}
			findings, err := table.Check(stagepolicy.Deployment{})
			begins := func(f stagepolicy.Finding, want string) bool {
				return strings.HasPrefix(fmt.Sprintf("%s %d %s", f.Code, f.Classes, f.Message), want)
			}
			if err != nil || !slices.EqualFunc(findings, tt.want, begins) {
				t.Errorf("got %+v, %v, want %q", findings, err, tt.want)
			}
		})
	}
}

func TestPoliciesWithOwnItemsThatWouldNotFitAreFoundAtBuildTime(t *testing.T) {
	owner := func(scope string) routes.Rule {
		return routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{scope}, Owners: map[string][]string{"sub": {"id"}}}}}
	}
	// The routes for the scope w are between those for r, so that no pattern can stand for several of them.
	table, err := newPlanned(slices.Concat(numbered("/resource-%03d/{id}", 40, owner("r")), numbered("/resource-%03d/x/{id}", 40, owner("w"))), routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Check(stagepolicy.Deployment{})
	var large *stagepolicy.PolicyTooLargeError
	if !errors.As(err, &large) || !errors.Is(err, stagepolicy.ErrTooLarge) || large.Others != 1 ||
		!strings.HasPrefix(err.Error(), "for a caller with scope w and claim sub, and for one other class of callers: policy too large: ") {
		t.Errorf("got %v", err)
	}
}

func TestAConflictOverOwnItemsNamesTheClaim(t *testing.T) {
	owner := ownedBy("sub", "id")
	table, err := newPlanned([]routes.Route{
		{Method: "GET", Template: "/users/{id}/{order}", Rule: owner}, {Method: "GET", Template: "/users/{id}/{order}/{part}", Rule: groupG},
		{Method: "GET", Template: "/users/{id}/{order}/{part}/notes", Rule: signedIn},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Check(stagepolicy.Deployment{})
	var c *stagepolicy.ConflictError
	if !errors.As(err, &c) || c.Allow != "GET/users/{claim sub}/*" || c.Deny != "GET/users/{claim sub}/*/*" || c.Caller.String() != "a caller with claim sub" {
		t.Errorf("got %v", err)
	}
}

// A result has up to 8,192 bytes: the policy, 512 bytes of context, and the names of the caller's scopes and groups, each with a separator.
func TestTheContextMayFillTheResult(t *testing.T) {
	for name, owners := range map[string]map[string][]string{"the same for all callers": nil, "own items": {"sub": {"id"}}} {
		withNames := func(bytes int) (planned, routes.Principal) {
			t.Helper()
			needed := routes.AllOf{Owners: owners}
			for i := 0; bytes > 0; i++ {
				n := 60
				if bytes < 2*n {
					n = bytes
				}
				if bytes -= n; i%2 == 0 {
					needed.Scopes = append(needed.Scopes, fmt.Sprintf("%0*d", n-1, i))
				} else {
					needed.Groups = append(needed.Groups, fmt.Sprintf("%0*d", n-1, i))
				}
			}
			table, err := newPlanned([]routes.Route{{Method: "GET", Template: "/users/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{needed}}}}, routes.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return table, routes.Principal{Scopes: needed.Scopes, Groups: needed.Groups, Claims: map[string][]string{"sub": {strings.Repeat("v", 128)}}}
		}
		table, c := withNames(200)
		policy, err := table.document(c, stagepolicy.Deployment{}.ARN(), stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
		if err != nil {
			t.Fatal(err)
		}
		room := apigateway.MaxResultBytes - 512 - policy.Size()
		table, _ = withNames(room)
		if findings, err := table.Check(stagepolicy.Deployment{}); err != nil || len(findings) > 0 {
			t.Errorf("%s: names that fill the result: %v, %v", name, findings, err)
		}
		table, _ = withNames(room + 1)
		if _, err := table.Check(stagepolicy.Deployment{}); !errors.Is(err, stagepolicy.ErrTooLarge) || !strings.Contains(err.Error(), ": 8193 bytes with the context, at most 8192") {
			t.Errorf("%s: one byte more: %v", name, err)
		}
	}
}

// The callers who have every right, or lack one, are always sized. The work for the others is bounded.
func TestTheWorkForSizesIsBounded(t *testing.T) {
	const most = stagepolicy.MaxCheckSteps / stagepolicy.OwnSteps
	for withMostRights, sized := range map[int]int{most: most + 1, most + 50: most + 50} {
		owner := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"tenant": {"id"}}}}}
		for i := range withMostRights - 3 { // one has all rights, one lacks sub, and one lacks tenant
			owner.AnyOf = append(owner.AnyOf, routes.AllOf{Groups: []string{fmt.Sprintf("g%d", i)}, Owners: map[string][]string{"sub": {"id"}}})
		}
		table, err := newPlanned([]routes.Route{{Method: "GET", Template: "/users/{id}", Rule: owner}}, routes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		findings, err := table.Check(stagepolicy.Deployment{})
		want := fmt.Sprintf("there are more than %d classes of callers, and the sizes of the policies of the others are not known", sized)
		if err != nil || len(findings) != 1 || findings[0].Code != "classes-not-sized" || findings[0].Message != want {
			t.Errorf("%d callers with most rights: got %+v, %v, want %q", withMostRights, findings, err, want)
		}
	}
}

func TestWorkThatAllClassesShareCountsOnce(t *testing.T) {
	deep := "" // takes a few hundred thousand steps under the rest of a path
	for i := range 15 {
		deep += fmt.Sprintf("/l%d/{p%d}", i, i)
	}
	all := []routes.Route{{Method: "GET", Template: deep, Rule: signedIn}, {Method: "GET", Template: "/{path+}", Rule: signedIn}}
	for i := range 5 {
		all = append(all, routes.Route{Method: "POST", Template: fmt.Sprintf("/r%d", i), Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{fmt.Sprintf("g%d", i)}}}}})
	}
	table, err := newPlanned(all, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if findings, err := table.Check(stagepolicy.Deployment{}); err != nil || len(findings) > 0 {
		t.Errorf("got %+v, %v", findings, err)
	}
}
