package prove

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// perRoute checks the results that a caller gets route by route.
func (p *prover) perRoute(t *routes.Table, c, effective routes.Principal) {
	decided := true
	for _, r := range p.gateway {
		if r.of != nil {
			continue
		}
		may := p.extent(r, effective)
		for _, method := range r.methods() {
			if !p.under(r, method) {
				continue
			}
			if t.Decide(c, method, r.Template).Allowed != (may != nothing) {
				p.fail("%s: the decision for %s is wrong", c, r)
			}
			parsed, got := p.policyFor(question{caller: c, arn: stage, method: method, of: &r.Route})
			if parsed == nil {
				return
			}
			if !p.decideRoute(c, r, method, may, got.document) {
				decided = false
			}
			if p.isNew(routePolicy{r, method, may, string(got.document)}) {
				p.tryRoute(c, r, method, may, parsed)
			}
		}
	}
	if decided && !p.others {
		p.report.Decided++
	}
	for _, r := range p.templates() {
		p.everyMethod(t, c, effective, r)
	}
}

// isNew reports whether a policy for a route was not tried yet, and notes that it is. What a policy for one route must do depends
// on nothing else about its caller.
func (p *prover) isNew(key routePolicy) bool {
	if p.tried == nil {
		p.tried = make(map[routePolicy]bool)
	}
	known := p.tried[key]
	p.tried[key] = true
	return !known
}

// extent is how much of a route a caller may call.
type extent int

const (
	nothing extent = iota
	items          // own ones
	whole
)

func (p *prover) extent(r *route, c routes.Principal) extent {
	switch {
	case permits(r.Rule, c):
		return whole
	case slices.ContainsFunc(p.gateway, func(o *route) bool { return o.of == r }):
		return items
	}
	return nothing
}

// opens reports whether a call that is routed to a route, or to an item of it, may be made by those who may call so much of it.
func (e extent) opens(to *route) bool { return e == whole || e == items && to.of != nil }

// routePolicy is a policy for the calls to one route with one method.
type routePolicy struct {
	route    *route
	method   string
	may      extent
	document string
}

// decideRoute compares, for every path there is, the policy for the calls to a route with the rule of the route: who may
// call it may call all of its paths and, of other paths, at most those that the template with "*" for each parameter covers;
// who may not is denied everything. It explores the product of the routing, the policy and that pattern, once for all
// callers who get the same policy, and reports whether it has come to an end.
func (p *prover) decideRoute(c routes.Principal, of *route, method string, may extent, document []byte) (decided bool) {
	key := routePolicy{of, method, may, string(document)}
	if decided, known := p.knownRoutes[key]; known {
		return decided
	}
	if p.knownRoutes == nil {
		p.knownRoutes = make(map[routePolicy]bool)
	}
	defer func() { p.knownRoutes[key] = decided }()
	policy, err := newPolicyAutomaton(document, noon)
	if err != nil {
		p.fail("the policy for %s and %s cannot be read: %v", c, of, err)
		return true
	}
	covered := newAutomaton()
	covered.addPattern(strings.Join(of.pattern(), "/"), matchesAllow)
	for _, m := range methods {
		r := &routing{method: m, automaton: newAutomaton()} // of no route
		if m == method {
			r = p.routings[slices.IndexFunc(p.routings, func(r *routing) bool { return r.method == m })]
		}
		if !p.decideRouteMethod(c, of, r, m == method, may, policy, covered) {
			return false
		}
	}
	return true
}

// routeState is where a path has led the three automata. Its future depends on nothing else.
type routeState struct {
	routing, policy, covered int
	slash                    bool // the last character is a slash, or there is none yet
	empty                    bool // a segment inside the path is empty
}

func (p *prover) decideRouteMethod(c routes.Principal, of *route, r *routing, same bool, may extent, policy *policyAutomaton, covered *automaton) bool {
	limit := min(p.moves+maxClassMoves, maxMoves)
	start := routeState{r.start(), policy.after(policy.start(), base+r.method+"/"), covered.start(), true, false}
	seen := map[routeState]bool{start: true}
	visits := []visit[routeState]{{state: start, from: -1}}
	var chars []byte
	for i := 0; i < len(visits); i++ {
		at := visits[i].state
		exact := i == 0 || !at.slash && !at.empty
		served := r.served(at.routing)
		mine := same && exact && served >= 0 && r.routes[served].base() == of
		got := verdict(policy, at.policy)
		switch {
		case mine && may.opens(r.routes[served]) && got != apigateway.Allowed:
			p.fail("%s may not call %s %s, though %s is allowed", c, r.method, textOf(visits, i), of)
			return true
		case may == nothing && got != apigateway.ExplicitDeny:
			p.fail("%s is not denied %s %s explicitly, though %s is forbidden", c, r.method, textOf(visits, i), of)
			return true
		case mine && !may.opens(r.routes[served]) && got == apigateway.Allowed:
			p.fail("%s may call %s %s, which is another's", c, r.method, textOf(visits, i))
			return true
		case !mine && got == apigateway.Allowed && (!same || exact && len(covered.states[at.covered].ends) == 0):
			p.fail("%s may call %s %s by the policy for %s", c, r.method, textOf(visits, i), of)
			return true
		case p.spent(limit):
			return false
		}
		chars = telling(chars[:0], r.states[at.routing], policy.states[at.policy], covered.states[at.covered])
		for _, char := range chars {
			p.moves++
			to := routeState{r.move(at.routing, char), policy.move(at.policy, char), covered.move(at.covered, char), char == '/', at.empty || char == '/' && at.slash}
			if !seen[to] {
				seen[to] = true
				visits = append(visits, visit[routeState]{to, i, plainText(char)})
			}
		}
	}
	return true
}

// template is a template of the table, whatever the names of its parameters.
type template struct {
	*route            // one of its routes
	serving  []*route // for each of methods, the route that serves it, or nil
	hasItems bool     // the caller owns some
}

// templates returns the templates of the table.
func (p *prover) templates() []template {
	if p.byTemplate != nil {
		return p.byTemplate
	}
	index := map[string]int{}
	for _, r := range p.gateway {
		key := fmt.Sprint(r.parts)
		if r.of != nil {
			key = fmt.Sprint(r.of.parts)
		}
		i, known := index[key]
		if !known {
			i = len(p.byTemplate)
			index[key] = i
			p.byTemplate = append(p.byTemplate, template{route: r, serving: make([]*route, len(methods))})
		}
		if r.of != nil {
			p.byTemplate[i].hasItems = true
			continue
		}
		for m, method := range methods {
			if p.byTemplate[i].serving[m] == nil && slices.Contains(r.methods(), method) && p.under(r, method) {
				p.byTemplate[i].serving[m] = r
			}
		}
	}
	return p.byTemplate
}

// everyMethod checks the result for a route that was deployed for ANY: whichever method was called first, API
// Gateway replays it for all of them.
func (p *prover) everyMethod(t *routes.Table, c, effective routes.Principal, r template) {
	if r.hasItems {
		return // with owners, the result for ANY depends on the rules of all methods: package stagepolicy tests it
	}
	may := !slices.ContainsFunc(r.serving, func(o *route) bool { return o == nil || !permits(o.Rule, effective) })
	if t.Decide(c, "ANY", r.Template).Allowed != may {
		p.fail("%s: the decision for ANY %s is wrong", c, r.Template)
	}
	parsed, first := p.policyFor(question{caller: c, arn: stage, method: "ANY", of: &r.Route})
	if parsed == nil {
		return
	}
	arn := stage
	arn.Method, arn.Path = "POST", "x"
	if _, second := p.policyFor(question{caller: c, arn: arn, method: "ANY", of: &r.Route}); !bytes.Equal(first.document, second.document) {
		p.fail("%s: the policy for ANY %s depends on the call", c, r.Template)
	}
	extent := nothing
	if may {
		extent = whole
	}
	if !p.isNew(routePolicy{r.route, "ANY", extent, string(first.document)}) {
		return
	}
	for _, method := range methods {
		for _, call := range p.own[r.route] {
			got := parsed.Evaluate(apigateway.InvokeAction, base+method+call.path, noon)
			switch {
			case may && call.exact && got != apigateway.Allowed:
				p.fail("%s may not call %s %s by the policy for ANY %s", c, method, call.path, r.Template)
			case !may && got != apigateway.ExplicitDeny:
				p.fail("%s is not denied %s %s explicitly by the policy for ANY %s", c, method, call.path, r.Template)
			}
		}
	}
	for _, call := range p.foreign {
		allowed := parsed.Evaluate(apigateway.InvokeAction, call.name, noon) == apigateway.Allowed
		if allowed && (!may || call.exact && !spans(r.pattern(), segments(call.path))) {
			p.fail("%s may call %s %s by the policy for ANY %s", c, call.method, call.path, r.Template)
		}
	}
}

// tryRoute compares the calls that are routed to r, and sees to it that others are not let in beside them:
// one for each other route, and those that have none.
func (p *prover) tryRoute(c routes.Principal, r *route, method string, may extent, parsed *apigateway.ParsedPolicy) {
	own := p.own[r]
	for _, o := range p.gateway {
		if o.of == r {
			own = slices.Concat(own, p.own[o])
		}
	}
	for _, call := range slices.Concat(own, p.foreign) {
		got := parsed.Evaluate(apigateway.InvokeAction, call.name, noon)
		mine := call.route != nil && call.route.base() == r && call.method == method
		switch {
		case mine && may.opens(call.route) && call.exact && got != apigateway.Allowed:
			p.fail("%s may not call %s %s, though %s is allowed", c, call.method, call.path, r)
		case may == nothing && got != apigateway.ExplicitDeny:
			p.fail("%s is not denied %s %s explicitly, though %s is forbidden", c, call.method, call.path, r)
		case mine && !may.opens(call.route) && got == apigateway.Allowed:
			p.fail("%s may call %s %s, which is another's", c, call.method, call.path)
		case !mine && got == apigateway.Allowed && (call.method != method || call.exact && !spans(r.pattern(), segments(call.path))):
			p.fail("%s may call %s %s by the policy for %s", c, call.method, call.path, r)
		case got == apigateway.Allowed && parsed.Evaluate(apigateway.InvokeAction, call.name, end) != apigateway.ExplicitDeny:
			p.fail("%s may still call %s %s when the token has ended", c, call.method, call.path)
		}
	}
}

// maxForeign bounds the calls to other routes that are tried with the policies of all routes, and those to none.
const maxForeign = 500_000

// group tells the calls of each route from those that stand for all others.
func (p *prover) group() {
	p.own = map[*route][]call{}
	var first, unrouted []call
	for _, c := range p.calls {
		if c.route == nil {
			unrouted = append(unrouted, c)
			continue
		}
		if p.own[c.route] == nil {
			first = append(first, c)
		}
		p.own[c.route] = append(p.own[c.route], c)
	}
	most := max(100, maxForeign/max(1, len(p.gateway)))
	p.foreign = slices.Concat(first[:min(len(first), most)], unrouted[:min(len(unrouted), len(p.gateway)+100, most)])
}
