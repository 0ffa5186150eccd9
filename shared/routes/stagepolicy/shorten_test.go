package stagepolicy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// randomRoutes returns routes over a small alphabet, so that they get in each other's way.
func randomRoutes(r *rand.Rand, most int, groups ...string) []routes.Route {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var all []routes.Route
	for range 2 + r.IntN(most) {
		template := ""
		for i := range 1 + r.IntN(3) {
			template += "/" + pick("a", "ab", "abc", "b", "ba", fmt.Sprintf("{p%d}", i))
		}
		if r.IntN(8) == 0 {
			template += "/{rest+}"
		}
		all = append(all, routes.Route{Method: pick("GET", "GET", "ANY"), Template: template, Rule: forGroup(pick(groups...))})
	}
	return all
}

// tryEachRoute evaluates resources for calls to every route, with different values for the parameters.
func tryEachRoute(t *testing.T, c *classPlanner, r resources, try func(e *routes.Endpoint, call pattern, d apigateway.Decision)) {
	t.Helper()
	d := r.document(complexARN, Options{})
	encoded, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := apigateway.ParsePolicy(encoded.AppendTo(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Endpoints {
		if c.patterns[e.ID] == nil {
			continue
		}
		for _, value := range []string{"x", "a", "ab", "abcd", "b", "*", "aé"} {
			call := slices.Clone(c.patterns[e.ID])
			for i, token := range call {
				if token == wildcard {
					call[i] = value
				}
			}
			if c.Root.Match(call) == e {
				try(e, call, parsed.Evaluate(apigateway.InvokeAction, complexARN.Prefix()+"/"+call.String(), time.Unix(0, 0)))
			}
		}
	}
}

// hasLiteral reports whether a parameter has the value of a literal of the random routes.
func hasLiteral(p, call pattern) bool {
	for i, token := range p {
		if token == wildcard && slices.Contains([]string{"a", "ab", "abc", "b", "ba"}, call[i]) {
			return true
		}
	}
	return false
}

// Each form has the table's results, and the shorter ones deny at least what the longer ones deny explicitly.
func TestEveryFormFollowsTheTable(t *testing.T) {
	var shorter [forms]int
	for seed := range uint64(250) {
		r := rand.New(rand.NewPCG(7, seed))
		p, err := newPlanner(randomRoutes(r, 14, "g", "h", "i"))
		if err != nil {
			continue // two routes for the same calls
		}
		for _, groups := range [][]string{{"g"}, {"h"}, {"g", "h"}} {
			made, err := p.plan(p.permitted(p.grants.of(routes.Principal{Groups: groups})))
			if err != nil || len(made.allow) == 0 {
				continue // a conflict
			}
			var explicit map[string]bool
			exact := 0
			for f := range forms {
				resources, ok, err := made.in(Form(f))
				if err != nil || !ok {
					t.Fatalf("seed %d, %s: %v", seed, Form(f), err)
				}
				now := map[string]bool{}
				tryEachRoute(t, made.class, resources, func(e *routes.Endpoint, call pattern, d apigateway.Decision) {
					if made.class.allowed.has(e.ID) && d == apigateway.ExplicitDeny && hasLiteral(made.class.patterns[e.ID], call) {
						return // see denyCovered
					}
					if (d == apigateway.Allowed) != made.class.allowed.has(e.ID) {
						t.Errorf("seed %d, %s: %q for %q is %s, allows %q and denies %q", seed, Form(f), call, groups, d, resources.allow, resources.deny)
					}
					// A forbidden route that no safe Deny covers as a whole is left to the lack of an Allow.
					now[call.String()] = d == apigateway.ExplicitDeny || !made.class.safe(made.class.patterns[e.ID])
				})
				for call, denied := range explicit {
					if denied && !now[call] {
						t.Errorf("seed %d, %s: %q for %q is not denied explicitly any more", seed, Form(f), call, groups)
					}
				}
				explicit = now
				n := len(resources.allow) + len(resources.deny)
				if f == int(Exact) {
					exact = n
				}
				if n < exact {
					shorter[f]++
				}
			}
		}
	}
	t.Log(shorter)
	if shorter[Shortened] < 50 || shorter[Compacted] < 100 {
		t.Errorf("only %v policies became shorter, so this shows little", shorter)
	}
}

func TestShortenedDeniesShareTheBeginningOfTheirPaths(t *testing.T) {
	p, err := newPlanner([]routes.Route{
		{Method: "GET", Template: "/admin", Rule: forGroup("g")},
		{Method: "GET", Template: "/admin/{id}", Rule: forGroup("g")},
		{Method: "GET", Template: "/adm-tools", Rule: forGroup("g")},
		{Method: "GET", Template: "/account", Rule: forGroup("h")},
		{Method: "GET", Template: "/account/{id}", Rule: forGroup("g")},
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.plan(p.permitted(p.grants.of(routes.Principal{Groups: []string{"h"}})))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := made.in(Shortened)
	want := []string{"DELETE/*", "GET/account/*", "GET/ad*", "HEAD/*", "OPTIONS/*", "PATCH/*", "POST/*", "PUT/*"}
	if err != nil || !slices.Equal(got.deny, want) {
		t.Errorf("got %q, %v, want %q", got.deny, err, want)
	}
}

func TestTheSizeOfResourcesIsThatOfTheirDocument(t *testing.T) {
	for _, r := range []resources{{allow: []string{"GET/a"}}, {allow: []string{"GET/a", "GET/b/*"}, deny: []string{"GET/c"}}, {allow: []string{"GET/a"}, deny: strings.Fields("x y z")}} {
		for _, o := range []Options{{}, {Expire: true, ExpiresAt: time.Unix(1, 0)}} {
			if got, want := r.size(complexARN, o), r.document(complexARN, o).Size(); got != want {
				t.Errorf("%v: got %d, want %d", r, got, want)
			}
		}
	}
}
