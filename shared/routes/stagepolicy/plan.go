package stagepolicy

import (
	"cmp"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// classPlanner works out the patterns for one class of callers.
type classPlanner struct {
	*Planner
	*routeTree
	allowed  bitset // endpoints
	below    []bool // node → whether an allowed endpoint is in it or below
	allow    []pattern
	deny     []pattern
	required int // of deny, those that the table needs; the rest keeps parameters to one segment

	// The same class in the form Compacted, and what it denies in that form and in Prefixed, once they were made.
	compacted     *classPlanner
	compactedDeny []string
}

// newPlan works out the policy for a class of callers. A Deny is always safe, see doc.go.
// Errors: [*ConflictError], whose caller is left empty, and [*TooComplexError]. The caller holds mu.
func (p *Planner) newPlan(c *classPlanner) (*plan, error) {
	for _, e := range c.Endpoints {
		if c.allowed.has(e.ID) {
			c.allow = append(c.allow, c.patterns[e.ID])
		}
	}
	c.allow = widest(c.allow)
	for _, m := range methods {
		c.denyForbidden(c.Root.Literals[m], pattern{m})
	}
	if err := c.denyCovered(); err != nil {
		return nil, cmp.Or(c.tooComplex(c.routes), err) // an unfinished search does not prove a conflict
	}
	c.denyEmptySegments()
	c.required = len(c.deny)
	c.boundParameters()
	if err := c.tooComplex(c.routes); err != nil {
		return nil, err
	}
	return &plan{allow: stringsOf(c.allow), planner: p, class: c}, nil
}

// class returns the planner for callers who meet these rules.
func (p *Planner) class(rules bitset) *classPlanner {
	if p.tree == nil {
		p.tree = newRouteTree(p.table.Tree())
	}
	return p.classIn(p.tree, func(e *routes.Endpoint) bool { return rules.has(p.ruleOf[e.Route]) })
}

// ownClass returns the planner for callers who meet these rules and, for their own items, these alternatives.
func (p *Planner) ownClass(rules bitset, holding []int, in *ownTree) *classPlanner {
	return p.classIn(in.routeTree, func(e *routes.Endpoint) bool {
		return rules.has(p.ruleOf[e.Route]) || slices.ContainsFunc(holding, func(i int) bool { return in.owns(p, e, p.owned[i]) })
	})
}

func (p *Planner) classIn(tree *routeTree, allowed func(*routes.Endpoint) bool) *classPlanner {
	tree.allow(maxSteps)
	c := &classPlanner{Planner: p, routeTree: tree, allowed: newBitset(len(tree.Endpoints))}
	for _, e := range c.Endpoints {
		if c.patterns[e.ID] != nil && allowed(e) {
			c.allowed.add(e.ID)
		}
	}
	c.below = c.nodesWith(c.allowed)
	return c
}

// forbidden returns the endpoints that are not allowed.
func (c *classPlanner) forbidden() bitset {
	forbidden := newBitset(len(c.Endpoints))
	for _, e := range c.Endpoints {
		if c.patterns[e.ID] != nil && !c.allowed.has(e.ID) {
			forbidden.add(e.ID)
		}
	}
	return forbidden
}

// safe reports whether a Deny of d reaches no allowed route.
func (c *classPlanner) safe(d pattern) bool { return !c.reach(d).meets(c.allowed) }

// denyForbidden adds explicit Denies for the forbidden routes at a node of the tree and below, wherever a safe Deny can,
// with as few patterns as can be: a branch in which nothing is allowed is denied whole, up to a whole method.
func (c *classPlanner) denyForbidden(n *routes.Node, prefix pattern) {
	below := prefix.with(wildcard)
	if n == nil { // a method that the table does not mention
		c.deny = append(c.deny, below)
		return
	}
	if n.End != nil && !c.allowed.has(n.End.ID) && c.safe(prefix) {
		c.deny = append(c.deny, prefix)
	}
	leaf := len(n.Names) == 0 && n.Param == nil && n.Rest == nil
	if !leaf && !goesOn(n, c.allowed, c.below) && c.safe(below) {
		c.deny = append(c.deny, below)
		return
	}
	for _, name := range n.Names {
		c.denyForbidden(n.Literals[name], prefix.with(name))
	}
	if n.Param != nil {
		c.denyForbidden(n.Param, below)
	}
	if n.Rest != nil && !c.allowed.has(n.Rest.ID) {
		c.denyLonger(below, len(prefix))
	}
}

// denyLonger inserts "*" segments at i until the Deny is safe, giving up at the depth of the tree.
func (c *classPlanner) denyLonger(d pattern, i int) {
	for range c.longest {
		d = slices.Insert(slices.Clone(d), i, wildcard)
		if c.safe(d) {
			c.deny = append(c.deny, d)
			return
		}
	}
}

// denyCovered denies every forbidden call that an Allow covers. What denyForbidden could not
// deny in general may still be denied as far as the Allow reaches: under "GET/a/*", GET /{x}/b needs
// "GET/a/b" only. Each call is as wide as can be, and so is the Deny for it as narrow as can be. If not even
// that one is safe, then none is.
//
// One exception to safety is made, since it only ever denies more: a Deny may reach an allowed route if a parameter has a
// literal of the table as its value, see reachOrdinarily. The proof warns of it.
func (c *classPlanner) denyCovered() error {
	var conflict error
	var denied *patternSet // made when it is needed, which it is for few tables
	for _, allow := range c.allow {
		c.overlaps(allow, func(e *routes.Endpoint, call pattern) {
			if conflict != nil || c.allowed.has(e.ID) {
				return
			}
			if denied == nil {
				denied = newPatternSet(c.deny)
			}
			if denied.covers(call) {
				return
			}
			if !c.safe(call) && c.reachOrdinarily(call).meets(c.allowed) {
				conflict = c.conflict(e, allow, call)
				return
			}
			c.deny = append(c.deny, call)
			denied.add(call)
		})
	}
	return conflict
}

func (c *classPlanner) conflict(forbidden *routes.Endpoint, allow, deny pattern) *ConflictError {
	conflict := &ConflictError{Forbidden: c.routes[forbidden.Route], Allow: allow.String(), Deny: deny.String()}
	swallowed := c.reachOrdinarily(deny)
	for _, e := range c.Endpoints {
		if c.allowed.has(e.ID) && slices.Equal(c.patterns[e.ID], allow) {
			conflict.Allowed = c.routes[e.Route]
		}
		if c.allowed.has(e.ID) && swallowed.has(e.ID) {
			conflict.Swallowed = c.routes[e.Route]
		}
	}
	return conflict
}

// denyEmptySegments denies paths with an empty segment, inside or at the end. A REST API may route "/users/"
// like "/users", and "GET/users/*" covers it: a caller who may only read /users/{id} would read the list. No
// route has such paths of its own but one: {path+} may well be meant to take them. So to a caller who may
// call such a route, only empty parameters are denied, and forbidden routes with a slash at their end.
func (c *classPlanner) denyEmptySegments() {
	wild := slices.ContainsFunc(c.allow, func(a pattern) bool { return slices.Contains(a, wildcard) })
	if !wild {
		return
	}
	greedy := slices.ContainsFunc(c.Endpoints, func(e *routes.Endpoint) bool { return e.Greedy() && c.allowed.has(e.ID) })
	if !greedy {
		c.deny = append(c.deny, pattern{wildcard, wildcard, ""}, pattern{wildcard, "", wildcard})
		return
	}
	for _, e := range c.Endpoints {
		if c.allowed.has(e.ID) {
			c.denyEmptyParameters(c.patterns[e.ID])
		}
	}
	slash := func(e *routes.Endpoint, call pattern) {
		if !c.allowed.has(e.ID) {
			c.deny = append(c.deny, call.with(""))
		}
	}
	for _, allow := range c.allow {
		if last := len(allow) - 1; allow[last] == wildcard {
			c.overlaps(allow, slash)        // the "*" matches segments and the slash
			c.overlaps(allow[:last], slash) // the "*" matches nothing behind the slash
		}
	}
}

// denyEmptyParameters denies the calls to an allowed route in which a parameter is empty. One at the end makes
// it a call to the route above, with a slash, and is left alone where that route is allowed.
func (c *classPlanner) denyEmptyParameters(p pattern) {
	for i, token := range p {
		if token != wildcard {
			continue
		}
		if above := c.Root.Match(p[:i]); i == len(p)-1 && above != nil && c.allowed.has(above.ID) {
			continue
		}
		if empty := slices.Concat(p[:i], pattern{""}, p[i+1:]); c.safe(empty) {
			c.deny = append(c.deny, empty)
		}
	}
}

// boundParameters keeps each "*" of an Allow to the one segment that it stands for, or to as few as are safe.
// For the routes of the table this is not needed. It keeps out routes that were deployed without being in
// the contract, and spellings of a forbidden route that only API Gateway might treat as the route.
func (c *classPlanner) boundParameters() {
	for _, e := range c.Endpoints {
		if !c.allowed.has(e.ID) || e.Greedy() {
			continue
		}
		for i, token := range c.patterns[e.ID] {
			if token == wildcard {
				c.denyLonger(c.patterns[e.ID], i)
			}
		}
	}
}
