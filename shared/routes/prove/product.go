package prove

import (
	"encoding/json/v2"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// Bounds on the moves that are made to decide one class, and all classes together, so that a build takes seconds. A class
// whose routes overlap in too many ways is left to the examples. A move takes some 200 ns.
const (
	maxClassMoves = 200_000
	maxMoves      = 800_000
)

// routing recognises, for one method, the routes that fit a path.
type routing struct {
	method string
	*automaton
	routes []*route
	best   []int // state → index of the route that a path that ends there is routed to, or -1; as far as it was asked for
}

// newRoutings returns the routing of each method that some route serves.
func newRoutings(g gateway) []*routing {
	var all []*routing
	for _, m := range methods {
		r := &routing{method: m, automaton: newAutomaton()}
		for _, route := range g {
			if route.Method == m || route.Method == "ANY" {
				r.addTemplate(route.parts, len(r.routes))
				r.routes = append(r.routes, route)
			}
		}
		if len(r.routes) > 0 {
			all = append(all, r)
		}
	}
	return all
}

// served returns the index of the route that a path is routed to if it ends in a state, or -1.
func (r *routing) served(state int) int {
	for len(r.best) <= state {
		r.best = append(r.best, -2)
	}
	if r.best[state] == -2 {
		best := -1
		for _, i := range r.states[state].ends {
			if best < 0 || r.routes[i].precedes(r.routes[best]) {
				best = i
			}
		}
		r.best[state] = best
	}
	return r.best[state]
}

// policyAutomaton recognises the patterns of a policy.
type policyAutomaton struct {
	*automaton
	emptyDenied bool // Denies cover every path with an empty segment
}

// newPolicyAutomaton reads those statements of a policy that are in force at some time.
func newPolicyAutomaton(document []byte, at time.Time) (*policyAutomaton, error) {
	var policy struct {
		Version   string
		Statement []struct {
			Effect, Action string
			Resource       []string
			Condition      map[string]map[string]string
		}
	}
	if err := json.Unmarshal(document, &policy, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	a := newAutomaton()
	inside, atEnd := false, false
	for _, s := range policy.Statement {
		if s.Action != apigateway.InvokeAction {
			return nil, fmt.Errorf("the action is %q", s.Action)
		}
		if holds, err := inForce(s.Condition, at); err != nil {
			return nil, err
		} else if !holds {
			continue
		}
		effect := matchesDeny
		if s.Effect == string(apigateway.Allow) {
			effect = matchesAllow
		}
		for _, resource := range s.Resource {
			a.addPattern(resource, effect)
			inside = inside || effect == matchesDeny && resource == base+"*//*"
			atEnd = atEnd || effect == matchesDeny && resource == base+"*/*/"
		}
	}
	return &policyAutomaton{a, inside && atEnd}, nil
}

// inForce reports whether a condition holds: a time before which, or from which on.
func inForce(condition map[string]map[string]string, at time.Time) (bool, error) {
	for operator, keys := range condition {
		for key, value := range keys {
			t, err := time.Parse(time.RFC3339, value)
			switch {
			case key != "aws:CurrentTime" || err != nil:
				return false, fmt.Errorf("the condition %s %s %s has no meaning", operator, key, value)
			case operator == "DateLessThan" && !at.Before(t), operator == "DateGreaterThanEquals" && at.Before(t):
				return false, nil
			case operator != "DateLessThan" && operator != "DateGreaterThanEquals":
				return false, fmt.Errorf("the operator %s is unknown", operator)
			}
		}
	}
	return true, nil
}

// verdict returns the result of a policy if the resource ends in a state.
func verdict(a *policyAutomaton, state int) apigateway.Decision {
	ends := a.states[state].ends
	switch {
	case slices.Contains(ends, matchesDeny):
		return apigateway.ExplicitDeny
	case slices.Contains(ends, matchesAllow):
		return apigateway.Allowed
	default:
		return apigateway.ImplicitDeny
	}
}

// productState is where a path has led both automata. Its future depends on nothing else.
type productState struct {
	routing, policy int
	before          int  // if the last character is a slash: the route of the path without it, or -1
	slash           bool // the last character is a slash, or there is none yet
	empty           bool // a segment inside the path is empty
}

// visit is a state in a search, with the way to it.
type visit[S comparable] struct {
	state S
	from  int    // index of the visit before; -1: none
	text  string // that led here
}

// decide compares, for every path there is, the policy's result with the route that API Gateway routes the path to. It
// explores the product of both automata, shortest paths first, so each difference comes with a shortest example. It
// reports whether it has come to an end.
func (k *class) decide(policy *policyAutomaton) bool {
	limit := k.moves + maxClassMoves
	for _, r := range k.routings {
		if !k.decideMethod(r, policy, limit) {
			return false
		}
	}
	return true
}

func (k *class) decideMethod(r *routing, policy *policyAutomaton, limit int) bool {
	start := productState{routing: r.start(), policy: policy.after(policy.start(), base+r.method+"/"), slash: true}
	seen := map[productState]bool{start: true}
	visits := []visit[productState]{{state: start, from: -1}}
	var chars []byte
	for i := 0; i < len(visits); i++ {
		at := visits[i].state
		if !k.agree(r, policy, visits, i) {
			return true
		}
		if k.spent(limit) {
			return false
		}
		chars = telling(chars[:0], r.states[at.routing], policy.states[at.policy])
		for _, c := range chars {
			k.moves++
			to := productState{routing: r.move(at.routing, c), policy: policy.move(at.policy, c), before: -1, empty: at.empty}
			if c == '/' {
				to.slash, to.empty = true, at.empty || at.slash
				if !at.slash || i == 0 { // where two slashes end a path, no documentation says what they belong to
					to.before = r.served(at.routing)
				}
			}
			if (k.greedy || policy.emptyDenied) && to.before < 0 && r.states[to.routing].dead() {
				continue // no route fits, however the path goes on
			}
			if !seen[to] {
				seen[to] = true
				visits = append(visits, visit[productState]{to, i, plainText(c)})
			}
		}
	}
	return true
}

// agree reports whether the policy's result for the path of a visit is right, and notes what is wrong.
func (k *class) agree(r *routing, policy *policyAutomaton, visits []visit[productState], i int) bool {
	at := visits[i].state
	served, empty := r.served(at.routing), at.empty
	if at.slash && i > 0 {
		served, empty = at.before, true
	}
	got := verdict(policy, at.policy)
	switch {
	case served >= 0 && !k.may[r.routes[served].index] && got == apigateway.Allowed:
		k.fail("%s may call %s %s, though %s is forbidden", k.caller, r.method, textOf(visits, i), r.routes[served])
	case served >= 0 && k.may[r.routes[served].index] && !empty && got != apigateway.Allowed && !k.closed &&
		!k.literalValue(r.routes[served], r.method, textOf(visits, i), got):
		k.fail("%s may not call %s %s, though %s is allowed", k.caller, r.method, textOf(visits, i), r.routes[served])
	case empty && got == apigateway.Allowed && !k.greedy:
		k.fail("%s may call %s %s, in which a segment is empty", k.caller, r.method, textOf(visits, i))
	default:
		return true
	}
	return false
}

// textOf returns the path that led to a visit.
func textOf[S comparable](visits []visit[S], i int) string {
	var texts []string
	for ; visits[i].from >= 0; i = visits[i].from {
		texts = append(texts, visits[i].text)
	}
	slices.Reverse(texts)
	return "/" + strings.Join(texts, "")
}

// telling appends the characters that can make a difference to one of the states, and one for all others.
func telling(chars []byte, states ...*state) []byte {
	chars = append(chars, '/', otherChar)
	for _, s := range states {
		chars = append(chars, s.chars...)
	}
	slices.Sort(chars)
	return slices.Compact(chars)
}
