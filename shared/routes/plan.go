package routes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// ErrConflict reports that no policy for a whole stage can give the answers of the table. The error is a
// [*ConflictError].
var ErrConflict = errors.New("no policy can tell these routes apart")

// ConflictError names a forbidden route that an Allow covers, and that no Deny can take out again without
// denying an allowed route as well.
type ConflictError struct {
	Forbidden Route
	Allowed   Route     // its Allow covers calls to Forbidden
	Swallowed Route     // a Deny for these calls covers calls to this one, which is allowed; maybe Allowed itself
	Allow     string    // METHOD/PATH of the Allow
	Deny      string    // METHOD/PATH of the Deny
	Caller    Principal // an example of a caller with these rights
}

// Error tells the conflict in one sentence.
func (c *ConflictError) Error() string {
	return fmt.Sprintf("%s cannot be kept from %s: %q, which allows %s, covers it, and denying %q would deny %s too",
		c.Forbidden, c.Caller, c.Allow, c.Allowed, c.Deny, c.Swallowed)
}

// Is makes every conflict an [ErrConflict].
func (c *ConflictError) Is(target error) bool { return target == ErrConflict }

// String returns the caller in words: "a caller with scope a and group b".
func (c Principal) String() string {
	if len(c.Scopes)+len(c.Groups) == 0 {
		return "a caller without scopes and groups"
	}
	return "a caller with " + AllOf(c).String()
}

// plan is what a policy says for one class of callers, without the ARN and without the time. All texts are
// METHOD/PATH patterns, sorted.
type plan struct {
	allow []string

	// denies are ways to write the Denies, from the best to the shortest. The first also keeps each Allow
	// from reaching outside of the table, the second does so in fewer words, and the last does only what
	// the table needs.
	denies [][]string

	last atomic.Pointer[written]
}

// planner collects the patterns for one class.
type planner struct {
	*tree
	allowed bits // endpoints
	allow   []pattern
	deny    []pattern
}

// newPlan works out the policy for callers to whom these rules say yes. A Deny is always "safe", which means
// that it reaches no allowed route, so that what the Allows grant to those is never taken back.
// It fails with a [*ConflictError], whose caller is left empty, and with an [*TooComplexError].
func newPlan(t *Table, grown *tree, rules bits) (*plan, error) {
	grown.allow(maxSteps)
	p := &planner{tree: grown, allowed: newBits(len(grown.endpoints))}
	greedy := false
	for _, e := range p.endpoints {
		if e.pattern != nil && rules.has(t.ruleOf[e.route]) {
			p.allowed.add(e.id)
			p.allow = append(p.allow, e.pattern)
			greedy = greedy || e.greedy
		}
	}
	p.allow = widest(p.allow)
	for _, m := range methods {
		p.denyBelow(p.root.literals[m], pattern{m})
	}
	if err := p.denyCovered(t); err != nil {
		return nil, cmp.Or(t.tooComplex(grown), err) // what was not finished is no proof of a conflict
	}
	p.denyEmptySegments(greedy)
	required := widest(p.deny)
	p.denyBeyond()
	if err := t.tooComplex(grown); err != nil {
		return nil, err
	}
	tight := widest(p.deny)
	made := &plan{allow: texts(p.allow), denies: [][]string{texts(tight)}}
	if mayOverflow(made.allow, made.denies[0]) {
		made.denies = append(made.denies, p.compact(tight), p.compact(required))
	}
	return made, nil
}

func (p *planner) safe(d pattern) bool { return !p.reach(d).meets(p.allowed) }

// denyBelow denies the forbidden routes at a node of the tree and below, explicitly wherever a safe Deny can,
// and with as few patterns as can be: a branch in which nothing is allowed is denied whole, be it a method.
func (p *planner) denyBelow(n *node, prefix pattern) {
	below := prefix.with(wildcard)
	if n == nil { // a method that the table does not mention
		p.deny = append(p.deny, below)
		return
	}
	if n.end != nil && p.safe(prefix) {
		p.deny = append(p.deny, prefix)
	}
	if !n.isLeaf() && p.safe(below) {
		p.deny = append(p.deny, below)
		return
	}
	for _, name := range n.names {
		p.denyBelow(n.literals[name], prefix.with(name))
	}
	if n.param != nil {
		p.denyBelow(n.param, below)
	}
	if n.greedy != nil && !p.allowed.has(n.greedy.id) {
		p.denyLonger(below, len(prefix))
	}
}

// denyLonger puts as few more "*" beside the one at i as make a safe Deny, if any number does.
func (p *planner) denyLonger(d pattern, i int) {
	for range p.depth {
		d = slices.Insert(slices.Clone(d), i, wildcard)
		if p.safe(d) {
			p.deny = append(p.deny, d)
			return
		}
	}
}

// denyCovered sees to it that every forbidden call that an Allow covers is denied. What denyBelow could not
// deny in general may still be denied as far as the Allow reaches: under "GET/a/*", GET /{x}/b needs
// "GET/a/b" only. Each call is as wide as can be, and so is the Deny for it as narrow as can be. If not even
// that one is safe, then none is.
func (p *planner) denyCovered(t *Table) error {
	var conflict error
	for _, allow := range p.allow {
		p.overlaps(allow, func(e *endpoint, call pattern) {
			if conflict != nil || p.allowed.has(e.id) {
				return
			}
			covered := func(d pattern) bool { return d.covers(call) }
			switch {
			case slices.ContainsFunc(p.deny, covered):
			case p.safe(call):
				p.deny = append(p.deny, call)
			default:
				conflict = p.conflict(t, e, allow, call)
			}
		})
	}
	return conflict
}

func (p *planner) conflict(t *Table, forbidden *endpoint, allow, deny pattern) *ConflictError {
	c := &ConflictError{Forbidden: t.routes[forbidden.route], Allow: allow.String(), Deny: deny.String()}
	swallowed := p.reach(deny)
	for _, e := range p.endpoints {
		if p.allowed.has(e.id) && slices.Equal(e.pattern, allow) {
			c.Allowed = t.routes[e.route]
		}
		if p.allowed.has(e.id) && swallowed.has(e.id) {
			c.Swallowed = t.routes[e.route]
		}
	}
	return c
}

// denyEmptySegments denies paths with an empty segment, inside or at the end. A REST API may route "/users/"
// like "/users", and "GET/users/*" covers it: a caller who may only read /users/{id} would read the list. No
// route has such paths of its own but one: {path+} may well be meant to take them. So to a caller who may
// call such a route, only empty parameters are denied, and forbidden routes with a slash at their end.
func (p *planner) denyEmptySegments(greedy bool) {
	wild := slices.ContainsFunc(p.allow, func(a pattern) bool { return slices.Contains(a, wildcard) })
	if !wild {
		return
	}
	if !greedy {
		p.deny = append(p.deny, pattern{wildcard, wildcard, ""}, pattern{wildcard, "", wildcard})
		return
	}
	for _, e := range p.endpoints {
		if p.allowed.has(e.id) {
			p.denyEmptyParameters(e)
		}
	}
	slash := func(e *endpoint, call pattern) {
		if !p.allowed.has(e.id) {
			p.deny = append(p.deny, call.with(""))
		}
	}
	for _, allow := range p.allow {
		if last := len(allow) - 1; allow[last] == wildcard {
			p.overlaps(allow, slash)        // the "*" takes segments and the slash
			p.overlaps(allow[:last], slash) // the "*" takes nothing behind the slash
		}
	}
}

// denyEmptyParameters denies the calls to an allowed route in which a parameter is empty. One at the end makes
// it a call to the route above, with a slash, and is left alone where that route is allowed.
func (p *planner) denyEmptyParameters(e *endpoint) {
	for i, token := range e.pattern {
		if token != wildcard {
			continue
		}
		if above := p.root.match(e.pattern[:i]); i == len(e.pattern)-1 && above != nil && p.allowed.has(above.id) {
			continue
		}
		if empty := slices.Concat(e.pattern[:i], pattern{""}, e.pattern[i+1:]); p.safe(empty) {
			p.deny = append(p.deny, empty)
		}
	}
}

// denyBeyond keeps each "*" of an Allow to the one segment that it stands for, or to as few as are safe.
// For the routes of the table this is not needed. It keeps out routes that were deployed without being in
// the contract, and spellings of a forbidden route that only API Gateway might take for it.
func (p *planner) denyBeyond() {
	for _, e := range p.endpoints {
		if !p.allowed.has(e.id) || e.greedy {
			continue
		}
		for i, token := range e.pattern {
			if token == wildcard {
				p.denyLonger(e.pattern, i)
			}
		}
	}
}

// widest leaves out every pattern that another one covers.
func widest(all []pattern) []pattern {
	all = slices.Clone(all)
	slices.SortFunc(all, slices.Compare)
	all = slices.CompactFunc(all, slices.Equal)
	var least []pattern
	for i, p := range all {
		covered := false
		for j, q := range all {
			covered = covered || i != j && q.covers(p)
		}
		if !covered {
			least = append(least, p)
		}
	}
	return least
}

func texts(patterns []pattern) []string {
	all := make([]string, len(patterns))
	for i, p := range patterns {
		all[i] = p.String()
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
