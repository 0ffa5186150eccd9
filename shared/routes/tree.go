package routes

import "slices"

// Tree routes calls as API Gateway does: segment by segment, a literal wins over a parameter and a parameter over the
// rest of the path. Package stagepolicy searches it for the calls that a pattern of a policy covers.
type Tree struct {
	Root      *Node // its children are the methods
	Endpoints []*Endpoint
	Nodes     int // how many there are
}

// Endpoint is a route under one method: a route for ANY has several.
type Endpoint struct {
	ID       int    // index into Tree.Endpoints
	Route    int    // index into what [Table.Routes] returns
	Method   string // never ANY
	Segments []Segment
}

// Greedy reports whether the last segment stands for the rest of the path.
func (e *Endpoint) Greedy() bool { return e.Segments[len(e.Segments)-1].Greedy }

// Node is where a call has got to, some of its segments having been read.
type Node struct {
	ID       int // below Tree.Nodes
	Literals map[string]*Node
	Names    []string // of Literals, sorted: nothing may depend on the order of a map
	Param    *Node
	Rest     *Endpoint // serves the rest of the path
	End      *Endpoint // serves a call that ends here
}

// Tree returns the tree of the routes. It is made on first use: a table for per-route caching may need none.
func (t *Table) Tree() *Tree {
	t.grow.Do(func() { t.tree = newTree(t.routes) })
	return t.tree
}

// newTree makes the tree of a table's routes, all of which were checked.
func newTree(routes []Route) *Tree {
	t := &Tree{}
	t.Root = t.node()
	for _, forAny := range []bool{false, true} { // where the path names a method itself, that route stays
		for i, r := range routes {
			if forAny != (r.Method == anyMethod) {
				continue
			}
			segments, err := parseTemplate(r.Template)
			if err != nil {
				continue // not reached: New has accepted the template
			}
			for _, m := range methodsOf(r.Method) {
				t.insert(&Endpoint{Route: i, Method: m, Segments: segments})
			}
		}
	}
	t.Root.sort()
	return t
}

func (t *Tree) node() *Node {
	t.Nodes++
	return &Node{ID: t.Nodes - 1}
}

func (t *Tree) insert(e *Endpoint) {
	n := t.child(t.Root, e.Method)
	for _, s := range e.Segments {
		switch {
		case s.Greedy:
		case s.Param:
			if n.Param == nil {
				n.Param = t.node()
			}
			n = n.Param
		default:
			n = t.child(n, s.Text)
		}
	}
	place := &n.End
	if e.Greedy() {
		place = &n.Rest
	}
	if *place != nil {
		return
	}
	e.ID = len(t.Endpoints)
	*place = e
	t.Endpoints = append(t.Endpoints, e)
}

func (t *Tree) child(n *Node, name string) *Node {
	c := n.Literals[name]
	if c == nil {
		if n.Literals == nil {
			n.Literals = make(map[string]*Node)
		}
		c = t.node()
		n.Literals[name] = c
		n.Names = append(n.Names, name)
	}
	return c
}

func (n *Node) sort() {
	slices.Sort(n.Names)
	for _, c := range n.Literals {
		c.sort()
	}
	if n.Param != nil {
		n.Param.sort()
	}
}

// Match returns the endpoint that a call is routed to, or nil. The call is the method and the segments of the path if n
// is the root, else the segments that follow. A parameter does not match an empty segment.
func (n *Node) Match(call []string) *Endpoint {
	if len(call) == 0 {
		return n.End
	}
	if c := n.Literals[call[0]]; c != nil {
		if e := c.Match(call[1:]); e != nil {
			return e
		}
	}
	if call[0] == "" {
		if len(call) > 1 {
			return n.Rest // the rest of a path may hold empty segments, though not be one
		}
		return nil
	}
	if n.Param != nil {
		if e := n.Param.Match(call[1:]); e != nil {
			return e
		}
	}
	return n.Rest
}
