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

// with returns a copy with more tokens at the end.
func (p pattern) with(tokens ...string) pattern { return slices.Concat(p, tokens) }

// covers reports whether every text that q matches is matched by p. Where tokens do not fit, only the last "*" is
// made longer: an earlier one that took more would leave less for those behind it. So it takes at most the
// product of the two lengths in steps.
func (p pattern) covers(q pattern) bool {
	i, j := 0, 0
	star, next := -1, 0 // the last "*", and the token behind those that it takes
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == wildcard:
			star, next = i, j+1
			i, j = i+1, j+1
		case i < len(p) && p[i] == q[j]:
			i, j = i+1, j+1
		case star >= 0:
			next++
			i, j = star+1, next
		default:
			return false
		}
	}
	return i == len(p)
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
	searching     // see search.go
}

type node struct {
	id       int
	literals map[string]*node
	names    []string // of literals, sorted: nothing here depends on the order of a map
	param    *node
	greedy   *endpoint
	end      *endpoint
}

// newTree makes the tree of a table's routes, all of which were checked.
func newTree(routes []Route) *tree {
	t := &tree{root: &node{}}
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
	t.startSearching()
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

// match returns the endpoint that a call is routed to, or nil. A parameter takes no empty segment.
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
		if len(call) > 1 {
			return n.greedy // the rest of a path may hold empty segments, though not be one
		}
		return nil
	}
	if n.param != nil {
		if e := n.param.match(call[1:]); e != nil {
			return e
		}
	}
	return n.greedy
}
