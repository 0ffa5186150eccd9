package stagepolicy

import (
	"cmp"
	"container/heap"
	"slices"
)

// patternCost is what a pattern costs beside its own length, in bytes: the part of the ARN up to the stage, quotes and a
// comma. The choice of patterns must not depend on the stage, so a usual length stands for all.
const patternCost = 64

// compact returns the class in the form Compacted. It chooses the patterns as a weighted set cover: each
// allowed route must be in one of the Allows, and each forbidden route, where a safe Deny exists, in one of the Denies.
// A pattern that reaches a route with the other result is never chosen.
//
// An allowed route that no pattern covers without reaching a forbidden one is exposed: it keeps its own pattern, with the
// narrow Denies that [classPlanner.denyCovered] makes.
func (c *classPlanner) compact() (*classPlanner, error) {
	c.routeTree.allow(maxSteps)
	short, forbidden := *c, c.forbidden()
	safe, exposed := c.cover(c.allowed, forbidden)
	short.deny = nil
	for _, m := range methods { // those under which nothing is allowed are denied whole, also for paths outside of the contract
		if n := c.Root.Literals[m]; n == nil || !c.below[n.ID] {
			short.deny = append(short.deny, pattern{m, wildcard})
		}
	}
	for _, e := range c.Endpoints {
		if !c.below[c.Root.Literals[e.Method].ID] {
			forbidden.remove(e.ID)
		}
	}
	denied, _ := c.cover(forbidden, c.allowed)
	short.deny = append(short.deny, denied...)
	short.allow = exposed // the others cover no forbidden call
	if err := short.denyCovered(); err != nil {
		return nil, cmp.Or(c.tooComplex(c.routes), err)
	}
	short.allow = widest(slices.Concat(safe, exposed))
	short.denyEmptySegments()
	if err := c.tooComplex(c.routes); err != nil {
		return nil, err
	}
	return &short, nil
}

// candidate is a pattern that may be chosen for the routes that it covers.
type candidate struct {
	pattern pattern
	covers  bitset // endpoints
	rate    float64
	split   func() // adds narrower candidates, for when this one is unsafe; nil if there are none
}

// rateFor returns how many of the endpoints that are still open the candidate covers per byte.
func (d *candidate) rateFor(open bitset) float64 {
	return float64(d.covers.shared(open)) / float64(patternCost+d.pattern.bytes())
}

// candidates is a heap: the best rate first, then the pattern that sorts first.
type candidates []*candidate

func (h candidates) Len() int { return len(h) }
func (h candidates) Less(i, j int) bool {
	return h[i].rate > h[j].rate || h[i].rate == h[j].rate && slices.Compare(h[i].pattern, h[j].pattern) < 0
}
func (h candidates) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *candidates) Push(x any)   { *h = append(*h, x.(*candidate)) }
func (h *candidates) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// cover chooses patterns that cover the wanted endpoints and reach none of the others. It also returns the patterns of
// those for which there is no such pattern.
//
// It is the greedy algorithm for set cover, which is at most a logarithmic factor away from the best choice, with lazy
// evaluation: a rate only ever falls, so the first candidate whose rate is up to date is the best.
func (c *classPlanner) cover(wanted, others bitset) (chosen, exposed []pattern) {
	if c.byPrefix == nil {
		c.byPrefix, c.bySuffix = newSharedTree(c.patterns, false), newSharedTree(c.patterns, true)
	}
	s := &sharing{class: c, wanted: wanted, others: others}
	s.visit(c.byPrefix, allMethods, true)
	s.visit(c.bySuffix, allMethods, true)
	heap.Init(&s.heap)
	s.running = true
	open := slices.Clone(wanted)
	var picked []*candidate
	for open.meets(wanted) && len(s.heap) > 0 {
		best := s.heap[0]
		if rate := best.rateFor(open); rate != best.rate {
			if best.rate = rate; rate == 0 {
				heap.Pop(&s.heap)
			} else {
				heap.Fix(&s.heap, 0)
			}
			continue
		}
		heap.Pop(&s.heap)
		if c.reach(best.pattern).meets(others) {
			if best.split != nil {
				best.split()
			}
			continue
		}
		picked = append(picked, best)
		open.subtract(best.covers)
	}
	for _, d := range needed(picked, wanted) {
		chosen = append(chosen, d.pattern)
	}
	for _, e := range c.Endpoints {
		if open.has(e.ID) {
			exposed = append(exposed, c.patterns[e.ID])
		}
	}
	return chosen, exposed
}

// needed leaves out candidates all of whose endpoints the others cover, the longest first.
func needed(picked []*candidate, wanted bitset) []*candidate {
	times := make([]int, 64*len(wanted)) // endpoint → how many candidates cover it
	for _, d := range picked {
		for id := range d.covers.both(wanted) {
			times[id]++
		}
	}
	slices.SortStableFunc(picked, func(a, b *candidate) int { return cmp.Compare(b.pattern.bytes(), a.pattern.bytes()) })
	return slices.DeleteFunc(picked, func(d *candidate) bool {
		for id := range d.covers.both(wanted) {
			if times[id] == 1 {
				return false
			}
		}
		for id := range d.covers.both(wanted) {
			times[id]--
		}
		return true
	})
}

// sharedNode is a node of a tree of the patterns of all endpoints, of all methods together: by their first tokens, or by
// their last ones.
type sharedNode struct {
	tokens   pattern // in the order of the path, without the method
	reversed bool    // these are the last ones
	at       [7]int  // method → the endpoint that has just these tokens, or -1
	children children[sharedNode]
}

// newSharedTree makes the tree of the patterns, by their last tokens if reversed is set.
func newSharedTree(patterns []pattern, reversed bool) *sharedNode {
	root := newSharedNode(nil, reversed)
	for id, p := range patterns {
		if p == nil {
			continue
		}
		n := root
		for i := range len(p) - 1 {
			token, tokens := p[1+i], p[1:2+i]
			if reversed {
				token, tokens = p[len(p)-1-i], p[len(p)-1-i:]
			}
			child := n.children.get(token)
			if child == nil {
				child = newSharedNode(tokens, reversed)
				n.children.add(token, child)
			}
			n = child
		}
		n.at[slices.Index(methods, p[0])] = id
	}
	return root
}

func newSharedNode(tokens pattern, reversed bool) *sharedNode {
	n := &sharedNode{tokens: tokens, reversed: reversed}
	for m := range n.at {
		n.at[m] = -1
	}
	return n
}

// branch returns the pattern that covers what is below the node, under a method or under every one.
func (n *sharedNode) branch(method string) pattern {
	switch {
	case method == wildcard && n.tokens == nil:
		return pattern{wildcard}
	case n.reversed:
		return slices.Concat(pattern{method, wildcard}, n.tokens)
	}
	return slices.Concat(pattern{method}, n.tokens, pattern{wildcard})
}

// methodSet is a set of indices into methods.
type methodSet uint8

const allMethods methodSet = 1<<7 - 1

func (s methodSet) has(m int) bool { return s&(1<<m) != 0 }

// several reports whether there are two methods or more. For one, a "*" in its place would only reach further.
func (s methodSet) several() bool { return s&(s-1) != 0 }

// sharing collects candidates for the wanted endpoints.
type sharing struct {
	class          *classPlanner
	wanted, others bitset
	heap           candidates
	running        bool // the heap is in use: what is added must be pushed
}

// tally tells under which methods wanted endpoints and others are at a node or below it.
type tally struct{ wanted, others methodSet }

func (s *sharing) at(n *sharedNode) (t tally) {
	for m, id := range n.at {
		switch {
		case id < 0:
		case s.wanted.has(id):
			t.wanted |= 1 << m
		default:
			t.others |= 1 << m
		}
	}
	return t
}

func (s *sharing) below(n *sharedNode) (t tally) {
	for _, child := range n.children.all {
		at, below := s.at(child.node), s.below(child.node)
		t.wanted |= at.wanted | below.wanted
		t.others |= at.others | below.others
	}
	return t
}

// collect adds to covers what is strictly below a node, by method.
func (s *sharing) collect(n *sharedNode, of methodSet, covers bitset) {
	for _, child := range n.children.all {
		for m, id := range child.node.at {
			if id >= 0 && of.has(m) {
				covers.add(id)
			}
		}
		s.collect(child.node, of, covers)
	}
}

func (s *sharing) add(p pattern, covers bitset, split func()) {
	d := &candidate{pattern: p, covers: covers, split: split}
	d.rate = d.rateFor(s.wanted)
	s.heap = append(s.heap, d)
	if s.running {
		heap.Fix(&s.heap, len(s.heap)-1)
	}
}

// visit adds, for a node and those below, the patterns of whole branches in which all endpoints are wanted: for each of the
// methods, and for all methods together if every is set. The tree by first tokens also has the patterns of single endpoints.
func (s *sharing) visit(n *sharedNode, of methodSet, every bool) {
	if !n.reversed {
		s.single(n, of, every)
	}
	below := s.below(n)
	for m := range methods {
		if !of.has(m) || !below.wanted.has(m) || below.others.has(m) {
			continue
		}
		of &^= 1 << m
		s.branch(n, methods[m], 1<<m, func() { s.children(n, 1<<m, false) })
	}
	if every && below.wanted.several() && below.others == 0 {
		every = false
		s.branch(n, wildcard, allMethods, func() { s.children(n, 0, true) })
	}
	if every && below.wanted != 0 { // otherwise the branches of this node have all that is wanted below it
		s.children(n, of, every)
	}
}

func (s *sharing) children(n *sharedNode, of methodSet, every bool) {
	for _, child := range n.children.all {
		s.visit(child.node, of, every)
	}
}

// branch adds the candidate for all that is below a node, under a method or under every one.
func (s *sharing) branch(n *sharedNode, method string, of methodSet, split func()) {
	covers := newBitset(len(s.class.Endpoints))
	s.collect(n, of, covers)
	s.add(n.branch(method), covers, split)
}

// single adds the candidates for the endpoints that a node stands for.
func (s *sharing) single(n *sharedNode, of methodSet, every bool) {
	at := s.at(n)
	all := newBitset(len(s.class.Endpoints))
	for m, id := range n.at {
		if !at.wanted.has(m) {
			continue
		}
		all.add(id)
		if of.has(m) {
			covers := newBitset(len(s.class.Endpoints))
			covers.add(id)
			s.add(slices.Concat(pattern{methods[m]}, n.tokens), covers, nil)
		}
	}
	root := n.tokens.String() == "" // "*/" would reach every path with a slash at its end
	if every && !root && at.others == 0 && all.count() > 1 {
		s.add(slices.Concat(pattern{wildcard}, n.tokens), all, nil)
	}
}
