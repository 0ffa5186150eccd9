package routes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// Compaction may only ever deny more, and never a call that is allowed.
func TestCompactDeniesReachFurtherButToNothingAllowed(t *testing.T) {
	shortened := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(7, seed))
		pick := func(from ...string) string { return from[r.IntN(len(from))] }
		var all []Route
		for range 2 + r.IntN(12) {
			template := ""
			for i := range 1 + r.IntN(3) {
				template += "/" + pick("a", "ab", "abc", "b", "ba", fmt.Sprintf("{p%d}", i))
			}
			if r.IntN(8) == 0 {
				template += "/{rest+}"
			}
			rule := Rule{AnyOf: []AllOf{{Groups: []string{pick("g", "h", "i")}}}}
			all = append(all, Route{Method: pick("GET", "GET", "ANY"), Template: template, Rule: rule})
		}
		table, err := New(all, Options{})
		if err != nil {
			continue // two routes for the same calls
		}
		table.tree = newTree(table.routes)
		for _, groups := range [][]string{{"g"}, {"h"}, {"g", "h"}} {
			rules := table.permitted(table.atoms.set(Principal{Groups: groups}))
			p := &planner{tree: table.tree, allowed: newBits(len(table.tree.endpoints))}
			for _, e := range p.endpoints {
				if e.pattern != nil && rules.has(table.ruleOf[e.route]) {
					p.allowed.add(e.id)
					p.allow = append(p.allow, e.pattern)
				}
			}
			for _, m := range methods {
				p.denyBelow(p.root.literals[m], pattern{m})
			}
			p.denyBeyond()
			plain := widest(p.deny)
			if len(plain) == 0 {
				continue // everything is allowed
			}
			short := p.compact(plain)
			if len(short) < len(plain) {
				shortened++
			}
			for _, d := range plain {
				text := d.String()
				if !slices.ContainsFunc(short, func(s string) bool {
					return s == text || strings.HasSuffix(s, wildcard) && strings.HasPrefix(text, strings.TrimSuffix(s, wildcard))
				}) {
					t.Errorf("%q was denied and is not any more: %q", text, short)
				}
			}
			for _, e := range p.endpoints {
				if !p.allowed.has(e.id) || e.pattern == nil {
					continue
				}
				for _, value := range []string{"x", "a", "ab", "abcd", "b", "*", "aé"} {
					call := slices.Clone(e.pattern)
					for i, token := range call {
						if token == wildcard {
							call[i] = value
						}
					}
					if table.tree.root.match(call) != e {
						continue
					}
					if d := decisionOf(t, short, call.String()); d == apigateway.ExplicitDeny {
						t.Errorf("seed %d: %q is allowed to %q, and denied by %q", seed, call, groups, short)
					}
				}
			}
		}
	}
	if shortened < 80 {
		t.Errorf("only %d policies became shorter, so this shows little", shortened)
	}
}

func decisionOf(t *testing.T, deny []string, call string) apigateway.Decision {
	t.Helper()
	var quoted []string
	for _, d := range deny {
		quoted = append(quoted, fmt.Sprintf("%q", d))
	}
	document := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":[` + strings.Join(quoted, ",") + `]}}`
	d, err := apigateway.EvaluatePolicy([]byte(document), apigateway.InvokeAction, call, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCompactDeniesShareTheBeginningOfTheirPaths(t *testing.T) {
	rule := func(group string) Rule { return Rule{AnyOf: []AllOf{{Groups: []string{group}}}} }
	table, err := New([]Route{
		{Method: "GET", Template: "/admin", Rule: rule("g")},
		{Method: "GET", Template: "/admin/{id}", Rule: rule("g")},
		{Method: "GET", Template: "/adm-tools", Rule: rule("g")},
		{Method: "GET", Template: "/account", Rule: rule("h")},
		{Method: "GET", Template: "/account/{id}", Rule: rule("g")},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &planner{tree: newTree(table.routes), allowed: newBits(5)}
	for _, e := range p.endpoints {
		if e.pattern.String() == "GET/account" {
			p.allowed.add(e.id)
		}
	}
	p.denyBelow(p.root.literals["GET"], pattern{"GET"})
	want := []string{"GET/account/*", "GET/ad*"}
	if got := p.compact(widest(p.deny)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
