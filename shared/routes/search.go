package routes

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrTooComplex reports that routes overlap in too many ways for a policy to be worked out. The error is a
// [*TooComplexError].
var ErrTooComplex = errors.New("routes overlap in too many ways")

// TooComplexError names two routes that overlap in so many ways that the work for a policy is given up.
type TooComplexError struct {
	First, Second Route
}

// Error tells it in one sentence.
func (e *TooComplexError) Error() string {
	return fmt.Sprintf("%v: %s and %s, in which a parameter or the rest of a path can stand for parts of the other "+
		"in more ways than can be tried", ErrTooComplex, e.First, e.Second)
}

// Is makes every such error an [ErrTooComplex].
func (e *TooComplexError) Is(target error) bool { return target == ErrTooComplex }

// maxSteps bounds the work for the policy of one class of callers, and maxCheckSteps that for finding all
// conflicts of a table, and that for the sizes of its policies. A step takes some 50 nanoseconds on a computer
// for developers. How many a policy takes depends on the table alone, and not on what was worked out before:
// so a policy that could be made once can be made again.
const (
	maxSteps      = 1 << 20
	maxCheckSteps = 1 << 23
)

// searching is what the tree remembers for finding the calls that a pattern covers.
type searching struct {
	start  *state
	states map[string]*state
	known  map[string]reached // pattern → what reach gave

	steps, limit int
	saved        int           // steps that were counted but, the result being known, not taken
	entangled    *[2]*endpoint // set when the limit was passed: what was found from there on is not complete
}

// reached are the endpoints that a pattern reaches, and how many steps it took to find them.
type reached struct {
	endpoints bits
	steps     int
}

func (t *tree) startSearching() {
	t.states, t.known = make(map[string]*state), make(map[string]reached)
	count := 0
	var number func(*node)
	number = func(n *node) {
		n.id = count
		count++
		for _, name := range n.names {
			number(n.literals[name])
		}
		if n.param != nil {
			number(n.param)
		}
	}
	number(t.root)
	t.start = t.state([]*node{t.root}, nil)
	t.allow(maxSteps)
}

// allow begins a piece of work that may take so many steps.
func (t *tree) allow(steps int) { t.steps, t.saved, t.limit, t.entangled = 0, 0, steps, nil }

// tooComplex returns an [*TooComplexError] when the work since allow was not finished.
func (t *Table) tooComplex(grown *tree) error {
	if grown.entangled == nil {
		return nil
	}
	return &TooComplexError{First: t.routes[grown.entangled[0].route], Second: t.routes[grown.entangled[1].route]}
}

// state is how far a call was routed, some of its tokens having been read: the nodes at which it may be, the
// one that takes precedence first, and the endpoint that takes the call with the rest of its path if none of
// these nodes does. Nodes behind such an endpoint can win no more, and are left out.
type state struct {
	nodes []*node
	rest  *endpoint
	next  map[string]*state
}

// state returns the one state with these nodes.
func (t *tree) state(nodes []*node, rest *endpoint) *state {
	key := make([]byte, 0, 4*len(nodes)+4)
	if rest != nil {
		key = binary.LittleEndian.AppendUint32(key, uint32(rest.id)+1)
	} else {
		key = binary.LittleEndian.AppendUint32(key, 0)
	}
	for _, n := range nodes {
		key = binary.LittleEndian.AppendUint32(key, uint32(n.id))
	}
	s := t.states[string(key)]
	if s == nil {
		s = &state{nodes: nodes, rest: rest, next: make(map[string]*state)}
		t.states[string(key)] = s
	}
	return s
}

// step reads one more token. The rest of a path has no empty segments here: no route has such calls of its
// own, see denyEmptySegments.
func (t *tree) step(s *state, token string) *state {
	if next := s.next[token]; next != nil {
		return next
	}
	var nodes []*node
	var rest *endpoint
	for _, n := range s.nodes {
		if c := n.literals[token]; c != nil {
			nodes = append(nodes, c)
		}
		if token == "" {
			continue
		}
		if n.param != nil {
			nodes = append(nodes, n.param)
		}
		if n.greedy != nil {
			rest = n.greedy
			break
		}
	}
	if rest == nil && token != "" {
		rest = s.rest
	}
	next := t.state(nodes, rest)
	s.next[token] = next
	return next
}

// end returns the endpoint of a call that ends here, or nil.
func (s *state) end() *endpoint {
	for _, n := range s.nodes {
		if n.end != nil {
			return n.end
		}
	}
	return s.rest
}

// place is where a search has got to. What follows depends on nothing else.
type place struct {
	node  *node     // in the tree, on the way to some endpoint,
	rest  *endpoint // or that endpoint, where it takes the rest of the path
	state *state    // to which endpoint API Gateway would route the call so far
	at    int       // tokens of the pattern that are used up
}

// visit is called for an endpoint that a pattern reaches, with the call by which it does.
type visit func(e *endpoint, call pattern)

// overlaps visits what a pattern and the table have in common: each endpoint that the pattern reaches, with
// the call by which it does, in which "*" may be any text. The calls are as wide as can be: they hold a
// literal only where the route or the pattern does. So if an endpoint is not the one that such a call is
// routed to, then none of the calls of that form are, since precedence between two routes does not depend
// on the texts; and such calls are left out.
//
// Calls to an endpoint that another one to it covers are left out where that saves work: what is safe to
// deny for the wider one, and what it hits, holds for the narrower. That is what keeps their number small.
func (t *tree) overlaps(p pattern, visit visit) {
	seen := make(map[place][]pattern)
	t.search(p, true, visit, func(to place, call pattern) bool {
		for _, wider := range seen[to] {
			if t.steps++; t.steps > t.limit || wider.covers(call) {
				return false
			}
		}
		seen[to] = append(seen[to], call)
		return true
	})
}

// reach returns the endpoints that have calls which the pattern covers.
func (t *tree) reach(p pattern) bits {
	key := p.String()
	found, known := t.known[key]
	if known {
		t.steps += found.steps // see maxSteps
		t.saved += found.steps
		return found.endpoints
	}
	before := t.steps
	found.endpoints = newBits(len(t.endpoints))
	seen := make(map[place]bool)
	t.search(p, false, func(e *endpoint, _ pattern) { found.endpoints.add(e.id) }, func(to place, _ pattern) bool {
		if seen[to] {
			return false
		}
		seen[to] = true
		return true
	})
	if t.entangled == nil {
		found.steps = t.steps - before
		t.known[key] = found
	}
	return found.endpoints
}

// search goes down the tree and along the pattern together, to each place that is fresh, the short calls
// first. The calls are kept only where they are asked for.
func (t *tree) search(p pattern, calls bool, visit visit, fresh func(to place, call pattern) bool) {
	most := t.depth + len(p) // longer calls are all alike
	type stop struct {
		place
		call pattern
	}
	stops := []stop{{place{node: t.root, state: t.start}, nil}}
	for len(stops) > 0 && t.entangled == nil {
		from := stops[0]
		stops = stops[1:]
		if t.steps++; t.giveUp(p, from.place) {
			return
		}
		if from.at == len(p) {
			e := from.rest
			if from.node != nil {
				e = from.node.end
			}
			if e != nil && from.state.end() == e {
				visit(e, from.call)
			}
			continue
		}
		token := p[from.at]
		into := func(to place, text string) {
			to.state = t.step(from.state, text)
			if to.node != nil && !slices.Contains(to.state.nodes, to.node) || to.rest != nil && to.state.rest != to.rest {
				return // others take all of these calls
			}
			call := from.call
			if calls {
				call = call.with(text)
			}
			to.at = from.at + 1
			if fresh(to, call) {
				stops = append(stops, stop{to, call})
			}
			to.at = from.at
			if len(call) < most && stretches(p[from.at:]) && fresh(to, call) {
				stops = append(stops, stop{to, call})
			}
		}
		if n := from.node; n != nil {
			if token == wildcard {
				for _, name := range n.names {
					into(place{node: n.literals[name]}, name)
				}
			} else if c := n.literals[token]; c != nil {
				into(place{node: c}, token)
			}
			if n.param != nil && token != "" {
				into(place{node: n.param}, token)
			}
		}
		if e := from.takesRest(); e != nil && token != "" {
			into(place{rest: e}, token)
		}
	}
}

// takesRest returns the endpoint that takes the rest of a path from here, or nil.
func (p place) takesRest() *endpoint {
	if p.node != nil {
		return p.node.greedy
	}
	return p.rest
}

// stretches reports whether the first token may take another segment. Of several "*" in a row only the last
// one need do so.
func stretches(p pattern) bool {
	return p[0] == wildcard && (len(p) == 1 || p[1] != wildcard)
}

// giveUp reports whether the limit was passed, and notes two routes that it was passed with: the one that has
// the pattern, or is nearest to having it, and one on the way to which the search was.
func (t *tree) giveUp(p pattern, at place) bool {
	if t.steps <= t.limit {
		return false
	}
	if t.entangled == nil {
		first := t.root.match(p)
		var second *endpoint
		for _, e := range slices.Concat([]*endpoint{at.rest, at.state.rest, at.state.end()}, t.endpoints) {
			switch {
			case e == nil || first != nil && e.route == first.route:
			case first == nil:
				first = e
			case second == nil:
				second = e
			}
		}
		if second == nil {
			second = first
		}
		t.entangled = &[2]*endpoint{first, second}
	}
	return true
}
