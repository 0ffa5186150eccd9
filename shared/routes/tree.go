package routes

import (
	"slices"
	"strings"
)

// pattern is the part of a policy's resource behind the stage, cut at its slashes: the method, then the
// segments of the path. A token is a literal text or "*". IAM's "*" knows nothing of slashes, so between two
// of them it stands for one segment or more, each with any text.
//
// A call is written in the same way; "*" is then a segment whose text is none that the table mentions.
type pattern []string

const wildcard = "*"

func (p pattern) String() string { return strings.Join(p, "/") }

// with gives a copy with more tokens at the end.
func (p pattern) with(tokens ...string) pattern { return slices.Concat(p, tokens) }

// covers says whether every text that q matches is matched by p.
func (p pattern) covers(q pattern) bool {
	switch {
	case len(p) == 0:
		return len(q) == 0
	case len(q) < len(p):
		return false
	case p[0] != wildcard:
		return p[0] == q[0] && p[1:].covers(q[1:])
	case len(p) == 1:
		return true
	}
	for i := 1; i < len(q); i++ {
		if p[1:].covers(q[i:]) {
			return true
		}
	}
	return false
}

// endpoint is a route under one method: a route for ANY has several.
type endpoint struct {
	id      int
	route   int     // index into Table.routes
	pattern pattern // the narrowest that covers its calls; nil when others take all of them
	greedy  bool    // its last token stands for the rest of the path
}

// tree finds the endpoint that a call is routed to, as API Gateway does: segment by segment, a literal wins
// over a parameter and a parameter over the rest of the path.
type tree struct {
	root      *node // its children are the methods
	endpoints []*endpoint
	depth     int // tokens of the longest pattern

	known map[string]bits // pattern → endpoints that it reaches, see reach
}

type node struct {
	literals map[string]*node
	names    []string // of literals, sorted: nothing here depends on the order of a map
	param    *node
	greedy   *endpoint
	end      *endpoint
}

// newTree makes the tree of a table's routes, all of which were checked.
func newTree(routes []Route) *tree {
	t := &tree{root: &node{}, known: make(map[string]bits)}
	for i, r := range routes {
		if r.Method != anyMethod {
			t.insert(i, r.Method, r.Template)
		}
	}
	for i, r := range routes {
		if r.Method == anyMethod {
			for _, m := range methods {
				t.insert(i, m, r.Template) // where the path names the method itself, that route stays
			}
		}
	}
	for _, e := range t.endpoints {
		t.depth = max(t.depth, len(e.pattern))
	}
	t.depth++ // for the calls longer than every other route
	for _, e := range t.endpoints {
		// Where /a/{x} stands beside /a/{path+}, the latter begins two segments below /a.
		for e.greedy && t.root.match(e.pattern) != e {
			if len(e.pattern) > t.depth {
				e.pattern = nil
				break
			}
			e.pattern = e.pattern.with(wildcard)
		}
	}
	return t
}

func (t *tree) insert(route int, method, template string) {
	segments, err := parseTemplate(template)
	if err != nil {
		return // not reached: New has taken the template
	}
	n, e := t.root.child(method), &endpoint{route: route, pattern: pattern{method}}
	for _, s := range segments {
		token := s.text
		if s.param {
			token = wildcard
		}
		e.pattern = append(e.pattern, token)
		switch {
		case s.greedy:
			e.greedy = true
		case s.param:
			if n.param == nil {
				n.param = &node{}
			}
			n = n.param
		default:
			n = n.child(s.text)
		}
	}
	place := &n.end
	if e.greedy {
		place = &n.greedy
	}
	if *place != nil {
		return
	}
	e.id = len(t.endpoints)
	*place = e
	t.endpoints = append(t.endpoints, e)
}

func (n *node) isLeaf() bool { return len(n.names) == 0 && n.param == nil && n.greedy == nil }

func (n *node) child(name string) *node {
	c := n.literals[name]
	if c == nil {
		c = &node{}
		if n.literals == nil {
			n.literals = make(map[string]*node)
		}
		n.literals[name] = c
		at, _ := slices.BinarySearch(n.names, name)
		n.names = slices.Insert(n.names, at, name)
	}
	return c
}

// match gives the endpoint that a call is routed to, or nil. A parameter takes no empty segment.
func (n *node) match(call pattern) *endpoint {
	if len(call) == 0 {
		return n.end
	}
	if c := n.literals[call[0]]; c != nil {
		if e := c.match(call[1:]); e != nil {
			return e
		}
	}
	if call[0] == "" {
		return nil
	}
	if n.param != nil {
		if e := n.param.match(call[1:]); e != nil {
			return e
		}
	}
	return n.greedy
}

// overlaps visits what a pattern and the table have in common: each endpoint that the pattern reaches, with
// the call by which it does, in which "*" may be any text. The calls are as wide as can be: they hold a
// literal only where the route or the pattern does. So if an endpoint is not the one that such a call is
// routed to, then none of the calls of that form are, since precedence between two routes does not depend
// on the texts; and such calls are left out.
func (t *tree) overlaps(p pattern, visit func(e *endpoint, call pattern)) {
	most := t.depth + len(p)
	walk(t.root, p, make(pattern, 0, most), most, func(e *endpoint, call pattern) {
		if t.root.match(call) == e {
			visit(e, slices.Clone(call))
		}
	})
}

// walk goes down the tree and along the pattern together. The call so far is short of most tokens.
func walk(n *node, p, call pattern, most int, visit func(*endpoint, pattern)) {
	if len(p) == 0 {
		if n.end != nil {
			visit(n.end, call)
		}
		return
	}
	into := func(c *node, text string) {
		call := append(call, text)
		walk(c, p[1:], call, most, visit)
		if stretches(p) {
			walk(c, p, call, most, visit)
		}
	}
	if p[0] == wildcard {
		for _, name := range n.names {
			into(n.literals[name], name)
		}
	} else if c := n.literals[p[0]]; c != nil {
		into(c, p[0])
	}
	if p[0] == "" {
		return
	}
	if n.param != nil {
		into(n.param, p[0])
	}
	if n.greedy != nil {
		walkRest(n.greedy, p, call, most, visit)
	}
}

// walkRest goes on where an endpoint takes the rest of the path. Calls longer than every route and the
// pattern together are all alike, so it ends there.
func walkRest(e *endpoint, p, call pattern, most int, visit func(*endpoint, pattern)) {
	switch {
	case len(p) == 0:
		visit(e, call)
		return
	case p[0] == "" || len(call) == most:
		return
	}
	call = append(call, p[0])
	walkRest(e, p[1:], call, most, visit)
	if stretches(p) {
		walkRest(e, p, call, most, visit)
	}
}

// stretches says whether the first token may take another segment. Of several "*" in a row only the last
// one need do so.
func stretches(p pattern) bool {
	return p[0] == wildcard && (len(p) == 1 || p[1] != wildcard)
}

// reach gives the endpoints that have calls which the pattern covers.
func (t *tree) reach(p pattern) bits {
	key := p.String()
	if known, ok := t.known[key]; ok {
		return known
	}
	found := newBits(len(t.endpoints))
	t.overlaps(p, func(e *endpoint, _ pattern) { found.add(e.id) })
	t.known[key] = found
	return found
}
