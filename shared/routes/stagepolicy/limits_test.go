package stagepolicy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// roomForPolicy is what the context leaves of a result: 512 bytes are for IDs, and 512 for scopes and groups.
const roomForPolicy = apigateway.MaxResultBytes - 1024

// ownedBy is a rule by which a claim must equal path parameters.
func ownedBy(claim string, parameters ...string) routes.Rule {
	return routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{claim: parameters}}}}
}

// filling returns the lines of a table for a caller with scope r whose policy has so many bytes: routes apart from each other by
// others' routes, so that no pattern stands for several, and one with a name as long as is needed.
func filling(t *testing.T, bytes int, before []routes.Route, c routes.Principal) []routes.Route {
	t.Helper()
	of := func(n, filler int) []routes.Route {
		all := slices.Clone(before)
		all = append(all, routes.Route{Method: "GET", Template: "/" + strings.Repeat("f", filler), Rule: scopeR})
		for i := range n {
			all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/resource-%03d", i), Rule: scopeR},
				routes.Route{Method: "GET", Template: fmt.Sprintf("/resource-%03d/x", i), Rule: scopeW})
		}
		return all
	}
	for n := 0; ; n++ {
		p, err := newPlanned(of(n, 1), routes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		policy, err := p.ForStage(c, callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
		if err != nil {
			t.Fatal(err)
		}
		rest := bytes - policy.Document().Size()
		if rest < 0 || policy.Form() != stagepolicy.Exact {
			t.Fatalf("no table fills %d bytes: %d are left with %d routes in the form %s", bytes, rest, n, policy.Form())
		}
		if rest < 300 {
			return of(n, 1+rest)
		}
	}
}

func TestAPolicyIsExactAsLongAsItFits(t *testing.T) {
	for over, exact := range map[int]bool{-1: true, 0: true, 1: false} {
		p, err := newPlanned(filling(t, roomForPolicy+over, nil, callerWith("r")), routes.Options{})
		if over > 0 {
			all := filling(t, roomForPolicy, nil, callerWith("r"))
			all[0].Template += "f" // the one that fills
			p, err = newPlanned(all, routes.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		policy, err := p.ForStage(callerWith("r"), callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
		if err != nil {
			t.Fatal(err)
		}
		size := policy.Document().Size()
		if (policy.Form() == stagepolicy.Exact) != exact || exact && size != roomForPolicy+over || size > roomForPolicy {
			t.Errorf("%d bytes more than there is room for: %s, with %d bytes", over, policy.Form(), size)
		}
		if text := policy.Encoded().String(); len(text) != size {
			t.Errorf("the JSON has %d bytes, and its size is %d", len(text), size)
		}
	}
}

func TestACallersValuesMayFillThePolicy(t *testing.T) {
	c := callerWith("r")
	c.Claims = map[string][]string{"sub": nil}
	for i := range 25 {
		c.Claims["sub"] = append(c.Claims["sub"], fmt.Sprintf("%0128d", i))
	}
	all := filling(t, roomForPolicy, []routes.Route{{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}}, c)
	for more, form := range map[string]stagepolicy.Form{"": stagepolicy.Exact, "f": stagepolicy.Compacted} {
		all := slices.Clone(all)
		all[1].Template += more
		p, err := newPlanned(all, routes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		policy, err := p.ForStage(c, callStage, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
		if err != nil || policy.Closed() != nil || policy.Form() != form {
			t.Errorf("%d characters more: the form is %s, %q are left out, %v; want %s", len(more), policy.Form(), policy.Closed(), err, form)
		}
		for _, v := range c.Claims["sub"] {
			if !policy.Document().Allows(callStage.Prefix() + "/GET/users/" + v) {
				t.Errorf("%d characters more: the item %s is denied", len(more), v)
			}
		}
		if text := policy.Encoded().String(); form == stagepolicy.Exact && len(text) != roomForPolicy || len(text) > roomForPolicy || len(text) != policy.Document().Size() {
			t.Errorf("%d characters more: the JSON has %d bytes", len(more), len(text))
		}
	}
}

func TestThePolicyForOneRouteMayBeFilledByTheCallersValues(t *testing.T) {
	var values []string
	for i := range 32 {
		values = append(values, fmt.Sprintf("%0128d", i))
	}
	ask := func(segment, last int) stagepolicy.Policy { // with a literal and a last value of these lengths
		t.Helper()
		p, err := newPlanned([]routes.Route{{Method: "GET", Template: "/" + strings.Repeat("f", segment) + "/{id}", Rule: ownedBy("sub", "id")}}, routes.Options{Mode: routes.PerRoute})
		if err != nil {
			t.Fatal(err)
		}
		c := routes.Principal{Claims: map[string][]string{"sub": append(slices.Clone(values[:31]), strings.Repeat("v", last))}}
		policy, err := p.ForRoute(c, callStage, "GET", p.Routes()[0].Template, stagepolicy.Options{Expire: true, ExpiresAt: callEnd})
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	segment := 1
	for ask(segment+1, 90).Closed() == nil {
		if segment++; segment > roomForPolicy/len(values) {
			t.Fatalf("%d values below a segment of %d characters fit", len(values), segment)
		}
	}
	last := 90 + roomForPolicy - ask(segment, 90).Document().Size()
	if last > 90+32 {
		t.Fatalf("a segment of %d characters leaves %d bytes, though one more does not fit", segment, last-90)
	}
	if policy := ask(segment, last); policy.Closed() != nil || len(policy.Encoded().String()) != roomForPolicy {
		t.Errorf("what just fits: %q are left out of %d bytes", policy.Closed(), len(policy.Encoded().String()))
	}
	policy := ask(segment, last+1)
	if !slices.Equal(policy.Closed(), []string{"sub"}) || policy.Document().Allows(callStage.Prefix()+"/GET"+"/"+strings.Repeat("f", segment)+"/"+values[0]) {
		t.Errorf("one byte more: %q are left out of %s", policy.Closed(), policy.Encoded())
	}
}

func TestAResourceMayHave512Bytes(t *testing.T) {
	literal := func(bytes int, suffix string) string { // of a path, so that its resource has so many bytes
		return "/" + strings.Repeat("l", bytes-len(callStage.Prefix())-len("/GET/")-len(suffix)) + suffix
	}
	value := strings.Repeat("v", 128)
	c := routes.Principal{Claims: map[string][]string{"sub": {"u", value, "w"}}}
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		for bytes, fits := range map[int]bool{512: true, 513: false} {
			plain, own := literal(bytes, ""), strings.TrimSuffix(literal(bytes, "/"+value), value)+"{id}"
			for path, rule := range map[string]routes.Rule{plain: signedIn, own: ownedBy("sub", "id")} {
				p, err := newPlanned([]routes.Route{{Method: "GET", Template: path, Rule: rule}}, routes.Options{Mode: mode})
				if err != nil {
					t.Fatal(err)
				}
				policy, err := p.ForStage(c, callStage, stagepolicy.Options{})
				if mode == routes.PerRoute {
					policy, err = p.ForRoute(c, callStage, "GET", path, stagepolicy.Options{})
				}
				allows := err == nil && policy.Document().Allows(callStage.Prefix()+"/GET"+strings.Replace(path, "{id}", value, 1))
				refused := errors.Is(err, stagepolicy.ErrTooLarge) || slices.Equal(policy.Closed(), []string{"sub"})
				if allows != fits || refused == fits {
					t.Errorf("%q, a resource of %d bytes for %s: %v, %q left out, allowed: %v", mode, bytes, rule, err, policy.Closed(), allows)
				}
			}
		}
	}
	prefix := len(stagepolicy.Deployment{}.ARN().Prefix())
	for bytes, want := range map[int]error{512: nil, 513: stagepolicy.ErrTooLarge} {
		for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
			p, err := newPlanned([]routes.Route{{Method: "GET", Template: "/" + strings.Repeat("l", bytes-prefix-len("/GET/")), Rule: signedIn}}, routes.Options{Mode: mode})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Check(stagepolicy.Deployment{}); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%q: Check of a resource of %d bytes: got %v, want %v", mode, bytes, err, want)
			}
		}
	}
}

// The claim with the most values is left out first, and of two alike the one whose name sorts first, whatever the order of a map.
func TestTheClaimWithTheMostValuesIsLeftOutFirst(t *testing.T) {
	var many []string
	for i := range 32 {
		many = append(many, fmt.Sprintf("%0128d", i))
	}
	all := []routes.Route{
		{Method: "GET", Template: "/a/{x}/{y}", Rule: ownedBy("a", "x", "y")}, {Method: "GET", Template: "/b/{x}/{y}", Rule: ownedBy("b", "x", "y")},
		{Method: "GET", Template: "/c/{x}", Rule: ownedBy("c", "x")},
	}
	for range 10 {
		for _, tt := range []struct{ a, b, want []string }{
			{many, many, []string{"a", "b"}}, {many[1:], many, []string{"b", "a"}}, {many, many[1:], []string{"a", "b"}}, {many[:1], many, []string{"b"}},
		} {
			p, err := newPlanned(all, routes.Options{})
			if err != nil {
				t.Fatal(err)
			}
			policy, err := p.ForStage(routes.Principal{Claims: map[string][]string{"a": tt.a, "b": tt.b, "c": {"u"}}}, callStage, stagepolicy.Options{})
			if err != nil || !slices.Equal(policy.Closed(), tt.want) {
				t.Fatalf("%d values of a and %d of b: %q are left out, %v, want %q", len(tt.a), len(tt.b), policy.Closed(), err, tt.want)
			}
			if !policy.Document().Allows(callStage.Prefix() + "/GET/c/u") {
				t.Error("an item of the claim that fits is denied")
			}
		}
	}
}

func TestAPlannerRemembersSoManyPlansAndNoMore(t *testing.T) {
	var all []routes.Route
	for i := range 9 {
		all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/r%d", i), Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{fmt.Sprintf("g%d", i)}}}}})
	}
	p, err := newPlanned(all, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for class := range 1 << 9 {
		var c routes.Principal
		for i := range 9 {
			if class&(1<<i) != 0 {
				c.Groups = append(c.Groups, fmt.Sprintf("g%d", i))
			}
		}
		if _, err := p.ForStage(c, callStage, stagepolicy.Options{}); err != nil {
			t.Fatal(err)
		}
		most = max(most, p.Plans())
	}
	if most != 256 {
		t.Errorf("up to %d plans were remembered, want 256", most)
	}

	all = []routes.Route{{Method: "GET", Template: "/users/{id}", Rule: ownedBy("sub", "id")}}
	for i := range 7 { // values that are literals elsewhere have plans of their own
		all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/l%d", i), Rule: signedIn})
	}
	if p, err = newPlanned(all, routes.Options{}); err != nil {
		t.Fatal(err)
	}
	var mostPlans, mostTrees, mostLayers int
	for class := range 1 << 7 {
		sub := []string{"u"}
		for i := range 7 {
			if class&(1<<i) != 0 {
				sub = append(sub, fmt.Sprintf("l%d", i))
			}
		}
		c := routes.Principal{Claims: map[string][]string{"sub": sub}}
		policy, err := p.ForStage(c, callStage, stagepolicy.Options{})
		if err != nil || !policy.Document().Allows(callStage.Prefix()+"/GET/users/"+sub[len(sub)-1]) {
			t.Fatalf("%q: %v", sub, err)
		}
		plans, trees, layers := p.Own()
		mostPlans, mostTrees, mostLayers = max(mostPlans, plans), max(mostTrees, trees), max(mostLayers, layers)
	}
	if mostPlans != 64 || mostTrees != 16 || mostLayers != 64 {
		t.Errorf("up to %d plans, %d trees and %d layers were remembered, want 64, 16 and 64", mostPlans, mostTrees, mostLayers)
	}
}

func TestTheLargestPolicyIsNamedWithItsRoutes(t *testing.T) {
	lines := []string{"GET /" + strings.Repeat("a", 99) + " w", "GET /" + strings.Repeat("b", 98) + " w", "GET /" + strings.Repeat("c", 97) + " w", "GET /" + strings.Repeat("d", 96) + " w"}
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("GET /resource-%03d %s", i, []string{"r", "w"}[i%2]))
	}
	_, err := newTable(t, append(lines, "GET /g g")...).Check(stagepolicy.Deployment{})
	var large *stagepolicy.PolicyTooLargeError
	if !errors.As(err, &large) {
		t.Fatalf("got %v", err)
	}
	var named []string
	for _, r := range large.Routes {
		named = append(named, r.Template[:2])
	}
	if !slices.Equal(named, []string{"/a", "/b", "/c"}) || !strings.Contains(err.Error(), fmt.Sprintf(", and for %d other classes of callers", large.Others)) ||
		!strings.Contains(err.Error(), "; the longest routes are "+large.Routes[0].String()+", "+large.Routes[1].String()+", "+large.Routes[2].String()) {
		t.Errorf("got %v", err)
	}
	alone := &stagepolicy.PolicyTooLargeError{Caller: callerWith("r"), Err: stagepolicy.ErrTooLarge}
	if got, want := alone.Error(), "for a caller with scope r: policy too large"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
