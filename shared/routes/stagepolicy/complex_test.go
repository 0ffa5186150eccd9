package stagepolicy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

var complexARN = apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abcdefghij", Stage: "prod"}

func newPlanner(all []routes.Route) (*Planner, error) {
	table, err := routes.New(all, routes.Options{})
	if err != nil {
		return nil, err
	}
	return New(table), nil
}

func forGroup(name string) routes.Rule {
	return routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{name}}}}
}

// alternating returns /l0/{p0}/l1/{p1} and so on, with so many parameters.
func alternating(parameters int) string {
	var b strings.Builder
	for i := range parameters {
		fmt.Fprintf(&b, "/l%d/{p%d}", i, i)
	}
	return b.String()
}

func TestTheWorkForDeepRoutesUnderTheRestOfAPathGrowsSlowly(t *testing.T) {
	const depth = 15 // parameters, hence 30 segments
	for name, tt := range map[string]struct {
		deep, rest, caller string
		conflict           bool
	}{
		"one rule for both":                 {"g", "g", "g", false},
		"the rest is for others":            {"g", "h", "g", true}, // who is in h must not have the deep route
		"a weaker rule for the deep routes": {"any", "h", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			rule := func(name string) routes.Rule {
				if name == "any" {
					return routes.Rule{AnyOf: []routes.AllOf{{}}}
				}
				return forGroup(name)
			}
			var before int
			for n := 3; n <= depth; n++ {
				all := []routes.Route{
					{Method: "GET", Template: alternating(n), Rule: rule(tt.deep)},
					{Method: "GET", Template: "/{proxy+}", Rule: rule(tt.rest)},
				}
				table, err := newPlanner(all)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := table.Check(Deployment{}); errors.Is(err, ErrConflict) != tt.conflict || !tt.conflict && err != nil {
					t.Fatalf("%d parameters: %v", n, err)
				}
				fresh, err := newPlanner(all)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := fresh.ForStage(routes.Principal{Groups: []string{tt.caller}}, complexARN, Options{}); err != nil {
					t.Fatalf("%d parameters: %v", n, err)
				}
				steps := fresh.tree.steps
				if before > 0 && steps > 3*before {
					t.Errorf("%d steps with %d parameters, and %d with one less", steps, n, before)
				}
				before = steps
			}
			if before > maxSteps/4 {
				t.Errorf("%d steps with %d parameters", before, depth)
			}
		})
	}
}

// entangledRoutes overlap in as many ways as the parameters of the first can be spread over the others.
func entangledRoutes(rest string) []routes.Route {
	all := []routes.Route{{Method: "GET", Template: alternating(8), Rule: forGroup("g")}}
	for length := 17; length <= 31; length++ {
		var b strings.Builder
		for i := range length {
			fmt.Fprintf(&b, "/{x%d}", i)
		}
		all = append(all, routes.Route{Method: "GET", Template: b.String(), Rule: forGroup(rest)})
	}
	return all
}

func TestRoutesThatOverlapInTooManyWaysAreRefusedByName(t *testing.T) {
	for name, rest := range map[string]string{"two rules": "h"} {
		t.Run(name, func(t *testing.T) {
			table, err := newPlanner(entangledRoutes(rest))
			if err != nil {
				t.Fatal(err)
			}
			var e *TooComplexError
			if _, err := table.Check(Deployment{}); !errors.As(err, &e) || !errors.Is(err, ErrTooComplex) {
				t.Fatalf("got %v", err)
			}
			if e.First.String() == e.Second.String() || !strings.Contains(e.Error(), e.First.String()) || !strings.Contains(e.Error(), e.Second.String()) {
				t.Errorf("got %v", e)
			}
			d, err := table.ForStage(routes.Principal{Groups: []string{"g"}}, complexARN, Options{})
			if !errors.Is(err, ErrTooComplex) || len(d.Document().Statement) > 0 {
				t.Errorf("Policy: %+v, %v", d, err)
			}
			if steps := table.tree.steps; steps > maxSteps+maxSteps/8 {
				t.Errorf("it went on for %d steps", steps)
			}
		})
	}
}

func TestTheStepsForAPolicyDoNotDependOnEarlierPolicies(t *testing.T) {
	all := []routes.Route{
		{Method: "GET", Template: "/a/{x}/b/{y}", Rule: forGroup("g")},
		{Method: "GET", Template: "/a/{x}", Rule: forGroup("h")},
		{Method: "ANY", Template: "/{path+}", Rule: routes.Rule{Public: true}},
		{Method: "GET", Template: "/a/{x}/c", Rule: forGroup("g")},
	}
	steps := func(before ...string) int {
		table, err := newPlanner(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range append(before, "g") {
			if _, err := table.ForStage(routes.Principal{Groups: []string{group}}, complexARN, Options{}); err != nil && !errors.Is(err, ErrConflict) {
				t.Fatal(err)
			}
		}
		return table.tree.steps
	}
	if first, later := steps(), steps("", "h"); first != later || first == 0 {
		t.Errorf("%d steps at first, %d after others", first, later)
	}
}

// A result that is not complete must never be taken for one that is: the policy would lack Denies.
func TestASearchThatIsCutShortIsReported(t *testing.T) {
	all := []routes.Route{
		{Method: "GET", Template: "/a/{x}/b/{y}", Rule: forGroup("g")},
		{Method: "GET", Template: "/a/{x}", Rule: forGroup("g")},
		{Method: "GET", Template: "/{x}/{y}/b", Rule: forGroup("g")},
		{Method: "GET", Template: "/{x}/c/{y}", Rule: forGroup("g")},
		{Method: "ANY", Template: "/{path+}", Rule: forGroup("h")},
	}
	p, err := newPlanner(all)
	if err != nil {
		t.Fatal(err)
	}
	searches := map[string]func(*routeTree, pattern) string{
		"overlaps": func(tree *routeTree, p pattern) string {
			var found []string
			tree.overlaps(p, func(e *routes.Endpoint, call pattern) { found = append(found, fmt.Sprint(e.ID, call)) })
			return strings.Join(found, "\n")
		},
		"reach":           func(tree *routeTree, p pattern) string { return string(tree.reach(p).key(nil)) },
		"reachOrdinarily": func(tree *routeTree, p pattern) string { return string(tree.reachOrdinarily(p).key(nil)) },
	}
	for _, text := range []string{"*", "GET/*", "GET/*/*", "GET/*/b", "GET/a/*", "GET/a/*/b/*", "GET/*/*/b/*", "GET/*/c/*/b", "*/a/*", "GET/x"} {
		pattern := pattern(strings.Split(text, "/"))
		for name, search := range searches {
			tree := newRouteTree(p.table.Tree())
			want := search(tree, pattern)
			steps := tree.steps
			for limit := range steps {
				short := newRouteTree(p.table.Tree())
				short.allow(limit)
				search(short, pattern)
				if short.tooComplex(p.routes) == nil {
					t.Errorf("%s of %s: %d steps of %d were taken for all", name, text, limit, steps)
				}
				if short.allow(maxSteps); search(short, pattern) != want {
					t.Errorf("%s of %s: after %d steps of %d, the result is not searched for again", name, text, limit, steps)
				}
			}
			for limit, complete := range map[int]bool{steps: true, steps - 1: false} { // the result may be known by now
				tree.allow(limit)
				got := search(tree, pattern)
				if tree.steps != steps && complete || (tree.tooComplex(p.routes) == nil) != complete || complete && got != want {
					t.Errorf("%s of %s again, with %d steps of %d: %v", name, text, limit, steps, tree.tooComplex(p.routes))
				}
				if complete && name != "overlaps" && tree.remembered != steps {
					t.Errorf("%s of %s again: %d steps of %d were known", name, text, tree.remembered, steps)
				}
			}
		}
	}
}

func TestAPatternCoversWhatItsWildcardsCanStandFor(t *testing.T) {
	// The definition: a "*" stands for one token or more.
	var defined func(p, q pattern) bool
	defined = func(p, q pattern) bool {
		switch {
		case len(p) == 0 || len(q) == 0:
			return len(p) == 0 && len(q) == 0
		case p[0] != wildcard:
			return p[0] == q[0] && defined(p[1:], q[1:])
		}
		return defined(p[1:], q[1:]) || defined(p, q[1:])
	}
	tokens := []string{wildcard, "a", "b"}
	var all []pattern
	for size := range 6 {
		count := 1
		for range size {
			count *= len(tokens)
		}
		for n := range count {
			p := make(pattern, size)
			for i := range p {
				p[i], n = tokens[n%len(tokens)], n/len(tokens)
			}
			all = append(all, p)
		}
	}
	for _, p := range all {
		set := newPatternSet([]pattern{p})
		for _, q := range all {
			want := defined(p, q)
			if got := p.covers(q); got != want {
				t.Fatalf("%q covers %q: got %t", p, q, got)
			}
			if got := set.covers(q); got != want {
				t.Fatalf("the set of %q covers %q: got %t", p, q, got)
			}
			if got, want := set.coversOther(q), want && !slices.Equal(p, q); got != want {
				t.Fatalf("the set of %q covers %q by another pattern: got %t", p, q, got)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		some := make([]pattern, 3)
		for i := range some {
			some[i] = all[r.IntN(len(all))]
		}
		set := newPatternSet(some)
		for _, q := range all {
			if got, want := set.covers(q), slices.ContainsFunc(some, func(p pattern) bool { return p.covers(q) }); got != want {
				t.Fatalf("one of %q covers %q: got %t", some, q, got)
			}
		}
	}
}
