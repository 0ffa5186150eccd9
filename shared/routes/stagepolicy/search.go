package stagepolicy

import (
	"encoding/binary"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// routeTree is the tree of a table's routes, with what the search for overlaps needs and remembers.
type routeTree struct {
	*routes.Tree
	patterns []pattern // endpoint → the narrowest pattern that covers its calls; nil when others serve all of them
	longest  int       // tokens of a call that is longer than every pattern
	start    *routingState
	states   map[stateKey]*routingState
	reached  map[string]reachResult // pattern → what reach returned
	ordinary map[string]reachResult // pattern → what reachOrdinarily returned

	byPrefix *sharedNode // see compact.go
	bySuffix *sharedNode

	steps, limit int
	remembered   int                  // of steps, those that were not taken because the result was known
	complex      *[2]*routes.Endpoint // set when the limit was passed: what was found from there on is not complete
}

func newRouteTree(of *routes.Tree) *routeTree {
	t := &routeTree{
		Tree: of, patterns: make([]pattern, len(of.Endpoints)),
		states: make(map[stateKey]*routingState), reached: make(map[string]reachResult), ordinary: make(map[string]reachResult),
	}
	for i, e := range of.Endpoints {
		t.patterns[i] = newPattern(e.Method, e.Segments)
		t.longest = max(t.longest, len(t.patterns[i])+1)
	}
	for i, e := range of.Endpoints {
		// If the table has both /a/{x} and /a/{path+}, the latter begins two segments below /a.
		for e.Greedy() && of.Root.Match(t.patterns[i]) != e {
			if len(t.patterns[i]) == t.longest {
				t.patterns[i] = nil
				break
			}
			t.patterns[i] = t.patterns[i].with(wildcard)
		}
	}
	t.start = t.state([]*routes.Node{of.Root}, nil)
	t.allow(maxSteps)
	return t
}

// nodesWith returns, for each node, whether one of these endpoints is in it or below.
func (t *routeTree) nodesWith(of bitset) []bool {
	below := make([]bool, t.Nodes)
	var mark func(n *routes.Node) bool
	mark = func(n *routes.Node) bool {
		found := n.End != nil && of.has(n.End.ID) || n.Rest != nil && of.has(n.Rest.ID)
		for _, child := range n.Literals {
			found = mark(child) || found
		}
		if n.Param != nil {
			found = mark(n.Param) || found
		}
		below[n.ID] = found
		return found
	}
	mark(t.Root)
	return below
}

// goesOn reports whether one of these endpoints begins with the path of the node, and goes on.
func goesOn(n *routes.Node, of bitset, below []bool) bool {
	for _, child := range n.Literals {
		if below[child.ID] {
			return true
		}
	}
	return n.Param != nil && below[n.Param.ID] || n.Rest != nil && of.has(n.Rest.ID)
}

// maxSteps bounds the work for the policy of one class of callers, and maxCheckSteps that for finding all
// conflicts of a table, and that for the sizes of its policies. A step takes some 50 nanoseconds on a computer
// for developers. How many a policy needs depends on the table alone, and not on what was worked out before:
// so a policy that could be made once can be made again.
const (
	maxSteps      = 1 << 20
	maxCheckSteps = 1 << 23
)

// reachResult is the endpoints that a pattern reaches, and how many steps it took to find them.
type reachResult struct {
	endpoints bitset
	steps     int
}

// allow begins a piece of work that may take so many steps.
func (t *routeTree) allow(steps int) { t.steps, t.remembered, t.limit, t.complex = 0, 0, steps, nil }

// tooComplex returns a [*TooComplexError] when the work since allow was not finished.
func (t *routeTree) tooComplex(of []routes.Route) error {
	if t.complex == nil {
		return nil
	}
	return &TooComplexError{First: of[t.complex[0].Route], Second: of[t.complex[1].Route]}
}

// routingState is how far a call was routed, some of its tokens having been read: the nodes at which it may be, the
// one that takes precedence first, and the endpoint that takes the call with the rest of its path if none of
// these nodes does. Nodes after such an endpoint can no longer win, and are left out.
type routingState struct {
	nodes []*routes.Node
	rest  *routes.Endpoint
	next  children[routingState]
}

// stateKey identifies a routing state.
type stateKey struct {
	nodes string // their numbers, in four bytes each
	rest  *routes.Endpoint
}

// state returns the one state with these nodes.
func (t *routeTree) state(nodes []*routes.Node, rest *routes.Endpoint) *routingState {
	numbers := make([]byte, 0, 4*len(nodes))
	for _, n := range nodes {
		numbers = binary.LittleEndian.AppendUint32(numbers, uint32(n.ID))
	}
	key := stateKey{string(numbers), rest}
	s := t.states[key]
	if s == nil {
		s = &routingState{nodes: nodes, rest: rest}
		t.states[key] = s
	}
	return s
}

// step reads one more token. The rest of a path has no empty segments here: no route has such calls of its
// own, see denyEmptySegments.
func (t *routeTree) step(s *routingState, token string) *routingState {
	if next := s.next.get(token); next != nil {
		return next
	}
	var nodes []*routes.Node
	var rest *routes.Endpoint
	for _, n := range s.nodes {
		if c := n.Literals[token]; c != nil {
			nodes = append(nodes, c)
		}
		if token == "" {
			continue
		}
		if n.Param != nil {
			nodes = append(nodes, n.Param)
		}
		if n.Rest != nil {
			rest = n.Rest
			break
		}
	}
	if rest == nil && token != "" {
		rest = s.rest
	}
	next := t.state(nodes, rest)
	s.next.add(token, next)
	return next
}

// end returns the endpoint of a call that ends here, or nil.
func (s *routingState) end() *routes.Endpoint {
	for _, n := range s.nodes {
		if n.End != nil {
			return n.End
		}
	}
	return s.rest
}

// position is where a search has got to. What follows depends on nothing else.
type position struct {
	node  *routes.Node     // in the tree, on the way to some endpoint,
	rest  *routes.Endpoint // or that endpoint, where it serves the rest of the path
	state *routingState    // to which endpoint API Gateway would route the call so far
	at    int              // tokens of the pattern that are used up
}

// visit is called for an endpoint that a pattern reaches, with the call by which it does.
type visit func(e *routes.Endpoint, call pattern)

// overlaps visits what a pattern and the table have in common: each endpoint that the pattern reaches, with
// the call by which it does, in which "*" may be any text. The calls are as wide as can be: they hold a
// literal only where the route or the pattern does. So if an endpoint is not the one that such a call is
// routed to, then none of the calls of that form are, since precedence between two routes does not depend
// on the texts; and such calls are left out.
//
// Calls to an endpoint that another one to it covers are left out where that saves work: what is safe to
// deny for the wider one, and what it hits, holds for the narrower. That is what keeps their number small, and ends the search:
// where the rest of a path takes any number of segments, the shorter call covers the longer.
func (t *routeTree) overlaps(p pattern, visit visit) {
	seen := make(map[position][]pattern)
	t.search(p, true, visit, func(to position, call pattern) bool {
		for _, wider := range seen[to] {
			if t.steps++; t.giveUp(p, to) || wider.covers(call) {
				return false
			}
		}
		seen[to] = append(seen[to], call)
		return true
	})
}

// reach returns the endpoints that have calls which the pattern covers.
func (t *routeTree) reach(p pattern) bitset {
	key := p.String()
	found, known := t.reached[key]
	if known {
		return t.again(p, found)
	}
	before := t.steps
	found.endpoints = newBitset(len(t.Endpoints))
	seen := make(map[position]bool)
	t.search(p, false, func(e *routes.Endpoint, _ pattern) { found.endpoints.add(e.ID) }, func(to position, _ pattern) bool {
		if seen[to] {
			return false
		}
		seen[to] = true
		return true
	})
	if t.complex == nil {
		found.steps = t.steps - before
		t.reached[key] = found
	}
	return found.endpoints
}

// reachOrdinarily returns the endpoints that have calls which the pattern covers, other than those in which the value of a
// parameter happens to be a literal of the table. GET/scores/*/comments reaches /scores/{id}/people/{name} only for somebody
// whose name is "comments".
func (t *routeTree) reachOrdinarily(p pattern) bitset {
	key := p.String()
	found, known := t.ordinary[key]
	if known {
		return t.again(p, found)
	}
	before := t.steps
	found.endpoints = newBitset(len(t.Endpoints))
	t.overlaps(p, func(e *routes.Endpoint, call pattern) {
		if e.Greedy() || !hasLiteralValue(t.patterns[e.ID], call) {
			found.endpoints.add(e.ID)
		}
	})
	if t.complex == nil {
		found.steps = t.steps - before
		t.ordinary[key] = found
	}
	return found.endpoints
}

// again returns the endpoints that were found for a pattern before. It counts the steps as if they were taken, see maxSteps.
func (t *routeTree) again(p pattern, found reachResult) bitset {
	t.steps += found.steps
	t.remembered += found.steps
	t.giveUp(p, position{state: t.start})
	return found.endpoints
}

// hasLiteralValue reports whether a call to an endpoint with a pattern has a literal as the value of a parameter. The caller's own
// values are ordinary ones.
func hasLiteralValue(p, call pattern) bool {
	for i, token := range p {
		if token == wildcard && call[i] != wildcard && !isSymbol(call[i]) {
			return true
		}
	}
	return false
}

// search goes down the tree and along the pattern together, to each place that is fresh, the short calls
// first. The calls are kept only where they are asked for.
func (t *routeTree) search(p pattern, calls bool, visit visit, fresh func(to position, call pattern) bool) {
	type branch struct {
		position
		call pattern
	}
	branches := []branch{{position{node: t.Root, state: t.start}, nil}}
	for len(branches) > 0 && t.complex == nil {
		from := branches[0]
		branches = branches[1:]
		if t.steps++; t.giveUp(p, from.position) {
			return
		}
		if from.at == len(p) {
			e := from.rest
			if from.node != nil {
				e = from.node.End
			}
			if e != nil && from.state.end() == e {
				visit(e, from.call)
			}
			continue
		}
		token := p[from.at]
		into := func(to position, text string) {
			to.state = t.step(from.state, text)
			if to.node != nil && !slices.Contains(to.state.nodes, to.node) || to.rest != nil && to.state.rest != to.rest {
				return // others serve all of these calls
			}
			call := from.call
			if calls {
				call = call.with(text)
			}
			to.at = from.at + 1
			if fresh(to, call) {
				branches = append(branches, branch{to, call})
			}
			to.at = from.at
			if stretches(p[from.at:]) && fresh(to, call) {
				branches = append(branches, branch{to, call})
			}
		}
		if n := from.node; n != nil {
			if token == wildcard {
				for _, name := range n.Names {
					into(position{node: n.Literals[name]}, name)
				}
			} else if c := n.Literals[token]; c != nil {
				into(position{node: c}, token)
			}
			if n.Param != nil && token != "" {
				into(position{node: n.Param}, token)
			}
		}
		if e := from.takesRest(); e != nil && token != "" {
			into(position{rest: e}, token)
		}
	}
}

// takesRest returns the endpoint that serves the rest of a path from here, or nil.
func (p position) takesRest() *routes.Endpoint {
	if p.node != nil {
		return p.node.Rest
	}
	return p.rest
}

// stretches reports whether the first token may match another segment. Of several "*" in a row only the last
// one need do so.
func stretches(p pattern) bool {
	return p[0] == wildcard && (len(p) == 1 || p[1] != wildcard)
}

// giveUp reports whether the limit was passed. It notes two routes for the error: the one whose pattern is
// searched for, or the nearest to it, and one that the search was on the way to.
func (t *routeTree) giveUp(p pattern, at position) bool {
	if t.steps <= t.limit {
		return false
	}
	if t.complex == nil {
		near := slices.Concat([]*routes.Endpoint{t.Root.Match(p), at.rest, at.state.rest, at.state.end()}, t.Endpoints)
		near = slices.DeleteFunc(near, func(e *routes.Endpoint) bool { return e == nil })
		other := slices.IndexFunc(near, func(e *routes.Endpoint) bool { return e.Route != near[0].Route })
		t.complex = &[2]*routes.Endpoint{near[0], near[max(other, 0)]}
	}
	return true
}
