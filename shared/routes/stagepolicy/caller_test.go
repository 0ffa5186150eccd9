package stagepolicy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

var (
	callStage = apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "a", Stage: "p"}
	noon      = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	callEnd   = noon.Add(time.Hour)
)

// randomOwned returns a small table in which rules ask for owners, claims, recent sign-ins and granted scopes.
func randomOwned(r *rand.Rand) (*routes.Table, error) {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var all []routes.Route
	for range 1 + r.IntN(6) {
		var template strings.Builder
		var parameters []string
		depth := 1 + r.IntN(3)
		for i := range depth {
			switch n := r.IntN(10); {
			case n < 5:
				template.WriteString("/" + pick("a", "b", "c"))
			case n < 9 || i < depth-1:
				name := fmt.Sprintf("p%d", i)
				parameters = append(parameters, name)
				template.WriteString("/{" + name + "}")
			default:
				template.WriteString("/{rest+}")
			}
		}
		var rule routes.Rule
		for range 1 + r.IntN(2) {
			var a routes.AllOf
			for range 1 + r.IntN(2) {
				switch n := r.IntN(12); {
				case n < 5 && len(parameters) > 0:
					if a.Owners == nil {
						a.Owners = map[string][]string{}
					}
					claim := pick("sub", "tenant")
					a.Owners[claim] = append(a.Owners[claim], parameters[r.IntN(len(parameters))])
				case n < 7:
					a.MaxAge = []int64{600, 900}[r.IntN(2)]
				case n < 8:
					a.Claims = map[string][]string{pick("sub", "plan"): {}}
				case n < 9:
					a.Claims = map[string][]string{"plan": {pick("x", "y")}}
				case n < 10:
					a.Scopes = []string{"s"}
				case n < 11:
					a.Groups = []string{"g"}
				}
			}
			rule.AnyOf = append(rule.AnyOf, a)
		}
		all = append(all, routes.Route{Method: pick("GET", "GET", "GET", "POST", "ANY"), Template: template.String(), Rule: rule})
	}
	o := routes.Options{}
	if r.IntN(4) == 0 {
		o.Grants.Groups = map[string][]string{"g": {"s"}}
	}
	if r.IntN(4) == 0 {
		o.Grants.Clients = map[string][]string{"client": {"s"}}
	}
	return routes.New(all, o)
}

// randomCaller has values that are literals of the tables, that other claims have too, that are hostile, and others.
func randomCaller(r *rand.Rand) routes.Principal {
	c := routes.Principal{Now: noon, Claims: map[string][]string{}}
	values := []string{"v", "v", "w", "x", "a", "b", "ab", "*", "a/b", ".", "", "%76", "v*", strings.Repeat("l", 128), strings.Repeat("l", 129)}
	for _, claim := range []string{"sub", "tenant", "plan"} {
		for range r.IntN(3) {
			c.Claims[claim] = append(c.Claims[claim], values[r.IntN(len(values))])
		}
	}
	switch r.IntN(4) {
	case 0:
		c.AuthTime = noon.Add(-time.Minute)
	case 1:
		c.AuthTime = noon.Add(-11 * time.Minute)
	case 2:
		c.AuthTime = noon.Add(-16 * time.Minute)
	}
	if r.IntN(2) == 0 {
		c.Groups = []string{"g"}
	}
	if r.IntN(3) == 0 {
		c.Scopes = []string{"s"}
	}
	if r.IntN(3) == 0 {
		c.Client = "client"
	}
	return c
}

// pathsOver returns all paths of up to so many of these segments.
func pathsOver(segments []string, deepest int) []string {
	var all []string
	last := []string{""}
	for range deepest {
		var next []string
		for _, before := range last {
			for _, s := range segments {
				next = append(next, before+"/"+s)
			}
		}
		all, last = append(all, next...), next
	}
	return all
}

// A policy has the table's result for each call, at each time, in every form. Where it cannot, it denies.
func TestPoliciesOfCallersFollowTheTable(t *testing.T) {
	tables, callers := 150, 6
	if testing.Short() {
		tables = 60
	}
	paths := pathsOver([]string{"a", "b", "v", "w", "z"}, 3)
	paths = append(paths, "/*", "/a/*", "/%76", "/a/%76", "/"+strings.Repeat("l", 128), "/a/"+strings.Repeat("l", 128), "/v/*/v", "/", "/v/", "/a//", "//v", "/a/v/", "/v/v/v/v", "/a/v/w/z", "/a/b/../b", "/a/./v")
	var compared, allowed, closed, conflicts, ownItems int
	for i := range tables {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		table, err := randomOwned(r)
		if err != nil {
			if !errors.Is(err, routes.ErrDuplicate) {
				t.Fatalf("table %d: %v", i, err)
			}
			continue
		}
		planner := stagepolicy.New(table)
		first := stagepolicy.Form(i % 5)
		for range callers {
			c := randomCaller(r)
			policy, err := planner.ForStage(c, callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd, First: first})
			if errors.Is(err, stagepolicy.ErrConflict) {
				conflicts++
				continue
			}
			if err != nil {
				t.Fatalf("table %d, %+v: %v", i, c, err)
			}
			if len(policy.Closed()) > 0 {
				closed++
			}
			text := policy.Encoded().AppendTo(nil)
			if again, err := json.Marshal(policy.Document()); err != nil || string(again) != string(text) {
				t.Fatalf("the JSON is\n%s\nand the statements are\n%s, %v", text, again, err)
			}
			parsed, err := apigateway.ParsePolicy(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []time.Time{noon, noon.Add(2 * time.Minute), noon.Add(30 * time.Minute)} {
				then := c
				then.Now = at
				for _, method := range []string{"GET", "POST"} {
					for _, path := range paths {
						want := table.DecideCall(then, method, path)
						got := parsed.Evaluate(apigateway.InvokeAction, callStage.Prefix()+"/"+method+path, at)
						compared++
						switch {
						case got == apigateway.Allowed && !want.Allowed && want.Route != "":
							data, _ := table.Encode()
							t.Fatalf("table %d: %+v may call %s %s at %s, which the rules deny (%s)\n%s\n%s", i, c, method, path, at.Format("15:04"), want.Reason, data, text)
						case got != apigateway.Allowed && want.Allowed && len(policy.Closed()) == 0 && !hasLiteralAsValue(table, method, path) && !routes.HasEmptySegment(path[1:]):
							data, _ := table.Encode()
							t.Fatalf("table %d: %+v may not call %s %s at %s, which the rules allow (%s)\n%s\n%s", i, c, method, path, at.Format("15:04"), want.Reason, data, text)
						case want.Allowed:
							allowed++
							if d := table.Decide(then, method, routeOf(table, method, path)); len(d.Limits) > 0 && d.Limits[0].Own != nil {
								ownItems++
							}
						}
					}
				}
			}
			if got := parsed.Evaluate(apigateway.InvokeAction, callStage.Prefix()+"/GET/a", callEnd); got != apigateway.ExplicitDeny {
				t.Fatalf("%v after the token has ended", got)
			}
		}
	}
	t.Logf("%d results compared, %d of them allowed, %d to own items; %d policies with something left out, %d conflicts", compared, allowed, ownItems, closed, conflicts)
	if allowed < compared/100 || ownItems < 1000 || closed == 0 || closed > callers*tables/4 {
		t.Error("too few results of one kind for the test to mean much")
	}
}

func routeOf(table *routes.Table, method, path string) string {
	r, _ := table.Match(method, path)
	return r.Template
}

// hasLiteralAsValue reports whether a parameter has the value of some literal: a Deny may hit such calls, see the warning
// "literal-value".
func hasLiteralAsValue(table *routes.Table, method, path string) bool {
	template := strings.Split(routeOf(table, method, path), "/")
	literals := map[string]bool{}
	for _, r := range table.Routes() {
		for s := range strings.SplitSeq(r.Template, "/") {
			literals[s] = true
		}
	}
	for i, value := range strings.Split(path, "/") {
		if i < len(template) && strings.HasPrefix(template[i], "{") && literals[value] {
			return true
		}
	}
	return false
}

func TestThePolicyForOneRouteHoldsTheCallersOwnItems(t *testing.T) {
	paths := pathsOver([]string{"a", "b", "v", "*", "z"}, 3)
	allowed := 0
	for i := range 60 {
		r := rand.New(rand.NewPCG(8, uint64(i)))
		stage, err := randomOwned(r)
		if err != nil {
			continue
		}
		table, err := routes.New(stage.Routes(), routes.Options{Mode: routes.PerRoute, Grants: stage.Grants()})
		if err != nil {
			t.Fatal(err)
		}
		planner := stagepolicy.New(table)
		for range 3 {
			c := randomCaller(r)
			for _, route := range table.Routes() {
				for _, method := range []string{"GET", "ANY"} {
					policy, err := planner.ForRoute(c, callStage, method, route.Template, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
					if err != nil {
						t.Fatal(err)
					}
					parsed, err := apigateway.ParsePolicy(policy.Encoded().AppendTo(nil))
					if err != nil {
						t.Fatalf("%v: %s", err, policy.Encoded())
					}
					for _, at := range []time.Time{noon, noon.Add(2 * time.Minute), noon.Add(30 * time.Minute), callEnd} {
						then := c
						then.Now = at
						for _, path := range paths {
							matched, ok := table.Match("GET", path)
							if !ok || matched.Template != route.Template {
								continue // API Gateway does not replay the result for it
							}
							want := table.DecideCall(then, "GET", path).Allowed && at.Before(callEnd)
							if method == "ANY" {
								want = want && table.Decide(c, "ANY", route.Template).Allowed
							}
							if got := parsed.Evaluate(apigateway.InvokeAction, callStage.Prefix()+"/GET"+path, at) == apigateway.Allowed; got != want {
								t.Fatalf("table %d, %s for %s: %+v at %s: %v, want %v\n%s", i, path, route, c, at.Format("15:04"), got, want, policy.Encoded())
							} else if got {
								allowed++
							}
						}
					}
				}
			}
		}
	}
	if allowed < 1000 {
		t.Errorf("only %d results allowed something", allowed)
	}
}

// Callers with the same rights share one plan, however their values differ, and no policy holds another's values.
func TestManyCallersShareOnePlan(t *testing.T) {
	owner := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}
	table, err := routes.New([]routes.Route{{Method: "GET", Template: "/users/{id}", Rule: owner}, {Method: "GET", Template: "/users/me", Rule: signedIn}}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	o := stagepolicy.Options{Expire: true, ExpiresAt: callEnd}
	for i := range 2000 {
		sub := fmt.Sprintf("user-%d", i)
		policy, err := planner.ForStage(routes.Principal{Claims: map[string][]string{"sub": {sub}}}, callStage, o)
		if err != nil {
			t.Fatal(err)
		}
		text := policy.Encoded().String()
		if !strings.Contains(text, "/GET/users/"+sub+`"`) || strings.Count(text, "user-") != 1 {
			t.Fatalf("the policy of %s: %s", sub, text)
		}
	}
	if n := planner.Plans(); n != 1 {
		t.Errorf("%d plans for callers with the same rights", n)
	}
	for i := range 2000 { // each with a combination of values that is its own
		sub := []string{"me", "users", fmt.Sprint(i)}[i%3:]
		if _, err := planner.ForStage(routes.Principal{Claims: map[string][]string{"sub": sub}}, callStage, o); err != nil {
			t.Fatal(err)
		}
	}
	if n := planner.Plans(); n > 70 {
		t.Errorf("%d plans are remembered", n)
	}
}

// What was made for one stage is remembered, so nothing of it may occur in a policy for another stage, or with another end.
func TestNothingOfOnePolicyWithOwnValuesRemainsInTheNext(t *testing.T) {
	fresh := func() planned {
		p, err := newPlanned([]routes.Route{{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}}, routes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	asked, dev := fresh(), callStage
	dev.Stage = "dev"
	for _, q := range []struct {
		stage  apigateway.MethodARN
		sub    string
		expire bool
	}{
		{callStage, "u", true}, {callStage, "w", true}, {dev, "u", true}, {dev, "u", false}, {callStage, "u", false}, {callStage, "u", true},
	} {
		c, o := routes.Principal{Claims: map[string][]string{"sub": {q.sub}}}, stagepolicy.Options{Expire: q.expire, ExpiresAt: callEnd}
		got, err := asked.ForStage(c, q.stage, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fresh().ForStage(c, q.stage, o)
		if err != nil || got.Encoded().String() != want.Encoded().String() {
			t.Errorf("%+v: got %s, want %s, %v", q, got.Encoded(), want.Encoded(), err)
		}
	}
}

func TestAPolicyWithOwnValuesNeedsATimeToExpire(t *testing.T) {
	all := []routes.Route{{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}}
	c, o := routes.Principal{Claims: map[string][]string{"sub": {"u"}}}, stagepolicy.Options{Expire: true}
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		p, err := newPlanned(all, routes.Options{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		policy, err := p.ForStage(c, callStage, o)
		if mode == routes.PerRoute {
			policy, err = p.ForRoute(c, callStage, "GET", "/users/{id}", o)
		}
		if !errors.Is(err, stagepolicy.ErrNoExpiry) || policy.Encoded() != (apigateway.EncodedPolicy{}) {
			t.Errorf("%q: got %s, %v, want %v", mode, policy.Encoded(), err, stagepolicy.ErrNoExpiry)
		}
	}
}

func TestACallerWhoseValuesAreAllTakenByLiteralsIsDeniedTheStage(t *testing.T) {
	p, err := newPlanned([]routes.Route{
		{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}, {Method: "GET", Template: "/users/me", Rule: groupG},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.document(routes.Principal{Claims: map[string][]string{"sub": {"me"}}}, callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
	if want := apigateway.DenyAll(callStage); err != nil || !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v, %v, want %+v", d, err, want)
	}
}

func TestAValueThatIsALiteralElsewhereIsAnOwnItemLikeAnyOther(t *testing.T) {
	owner := ownedBy("sub", "id")
	p, err := newPlanned([]routes.Route{
		{Method: "GET", Template: "/users/{id}", Rule: owner}, {Method: "GET", Template: "/docs/me/{id}", Rule: owner},
		{Method: "GET", Template: "/docs/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}, Owners: map[string][]string{"sub": {"id"}}}}}},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := p.ForStage(routes.Principal{Claims: map[string][]string{"sub": {"me"}}}, callStage, stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/users/me": true, "/docs/me/me": true, "/docs/me": false, "/users/you": false} {
		if got := policy.Document().Allows(callStage.Prefix() + "/GET" + path); got != want {
			t.Errorf("%s: allowed %t, want %t", path, got, want)
		}
	}
}

func TestValuesThatDoNotFitCloseTheirAlternativeAlone(t *testing.T) {
	owner := func(claim string, parameters ...string) routes.Rule {
		return routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{claim: parameters}}}}
	}
	table, err := routes.New([]routes.Route{
		{Method: "GET", Template: "/users/{id}", Rule: owner("sub", "id")},
		{Method: "GET", Template: "/t/{tenant}/{other}/x", Rule: owner("tenants", "tenant", "other")},
		{Method: "GET", Template: "/open", Rule: signedIn},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	var many []string
	for i := range 32 {
		many = append(many, fmt.Sprintf("%0128d", i))
	}
	c := routes.Principal{Claims: map[string][]string{"sub": {"u"}, "tenants": many}}
	policy, err := planner.ForStage(c, callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(policy.Closed(), []string{"tenants"}) {
		t.Errorf("left out: %q", policy.Closed())
	}
	for path, want := range map[string]bool{"/users/u": true, "/users/w": false, "/open": true, "/t/" + many[0] + "/" + many[1] + "/x": false} {
		if got := policy.Document().Allows(callStage.Prefix() + "/GET" + path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if size := policy.Document().Size(); size > apigateway.MaxResultBytes {
		t.Errorf("%d bytes", size)
	}
}
