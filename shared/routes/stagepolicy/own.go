package stagepolicy

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// ownAlternative is an alternative of a rule that limits a route to the caller's own items.
type ownAlternative struct {
	rule   int
	needed bitset
	owners map[string][]string // claim → path parameters
}

// symbol stands in patterns for values of the caller, so that one plan serves all callers with the same rights: those that the
// same claims have. Values of different symbols differ.
type symbol struct {
	claims uint64 // that have the values: bits in the order of grants.owners
	token  string // {0}, {1} and so on; or the value itself, if it is a literal somewhere in the table
	values []string
}

// literalsOf returns the literals of all paths.
func literalsOf(all []routes.Route) map[string]bool {
	literals := make(map[string]bool)
	for _, r := range all {
		segments, _ := r.Segments() // the table has checked it
		for _, segment := range segments {
			if !segment.Param {
				literals[segment.Text] = true
			}
		}
	}
	return literals
}

// isSymbol reports whether a token stands for values that are not literals of the table. No literal begins with a brace.
func isSymbol(token string) bool { return strings.HasPrefix(token, "{") }

// holding returns the alternatives with owners that callers with these grants satisfy, of rules that do not let them in anyway.
func (p *Planner) holding(have, permitted bitset) []int {
	var all []int
	for i, a := range p.owned {
		if !permitted.has(a.rule) && a.needed.within(have) {
			all = append(all, i)
		}
	}
	return all
}

// symbols returns the symbols for the values of a caller's claims that the alternatives name.
func (p *Planner) symbols(c routes.Principal, holding []int) []symbol {
	claimsOf := make(map[string]uint64) // value → claims
	for _, i := range holding {
		for claim, parameters := range p.owned[i].owners {
			values, _ := routes.OwnerValues(c, claim)
			for _, v := range values {
				if p.free(p.owned[i].rule, parameters, v) {
					claimsOf[v] |= 1 << p.grants.owners[claim]
				}
			}
		}
	}
	var all []symbol
	for _, v := range slices.Sorted(maps.Keys(claimsOf)) {
		made := symbol{claims: claimsOf[v]}
		if p.literals[v] {
			made.token = v
		}
		at := slices.IndexFunc(all, func(s symbol) bool { return s.claims == made.claims && s.token == "" && made.token == "" })
		if at < 0 {
			at = len(all)
			all = append(all, made)
		}
		all[at].values = append(all[at].values, v)
	}
	slices.SortStableFunc(all, func(a, b symbol) int { return cmp.Or(cmp.Compare(a.claims, b.claims), cmp.Compare(a.token, b.token)) })
	for i := range all {
		if all[i].token == "" {
			all[i].token = "{" + strconv.Itoa(i) + "}"
		}
	}
	return all
}

// free reports whether some route with a rule has one of these parameters where a value is not a literal.
func (p *Planner) free(rule int, parameters []string, value string) bool {
	if !p.literals[value] {
		return true
	}
	for i, r := range p.routes {
		taken := func(name string) bool { return slices.Contains(r.Taken(name), value) }
		if p.ruleOf[i] == rule && !slices.ContainsFunc(parameters, taken) {
			return true
		}
	}
	return false
}

// symbolsKey appends what a plan depends on: not the values, but those that are literals of the table.
func symbolsKey(to []byte, symbols []symbol) []byte {
	for _, s := range symbols {
		to = binary.LittleEndian.AppendUint64(to, s.claims)
		to = append(to, s.token...)
		to = append(to, 0)
	}
	return to
}

// maxOwnNodes bounds the tree of a table with the caller's own values in it.
const maxOwnNodes = 1 << 15

// ownTree is a tree of routes in which every parameter that must equal a claim stands twice: as a parameter, and as a literal for
// each symbol with values of that claim. Below the literal stands all that stands below the parameter. So a call for an own item
// and one for another's are routed to different endpoints, though to the same route.
type ownTree struct {
	*routeTree
	symbols []symbol
	bound   []map[string]int // endpoint → path parameter → symbol
}

// ownTreeFor returns the tree for these symbols. The caller holds mu.
func (p *Planner) ownTreeFor(symbols []symbol) (*ownTree, error) {
	key := string(symbolsKey(nil, symbols))
	if made, ok := p.ownTrees[key]; ok {
		return made, nil
	}
	of := p.table.Tree()
	c := &treeCopy{planner: p, symbols: symbols, owners: p.ownerNodes(of), made: &routes.Tree{}}
	c.made.Root = c.node(of.Root)
	if c.made.Nodes > maxOwnNodes {
		return nil, fmt.Errorf("%w: more than %d places with the caller's own values", ErrTooComplex, maxOwnNodes)
	}
	made := &ownTree{routeTree: newRouteTree(c.made), symbols: symbols, bound: c.bound}
	if p.ownTrees == nil || len(p.ownTrees) >= maxOwnTrees {
		p.ownTrees = make(map[string]*ownTree)
	}
	p.ownTrees[key] = made
	return made, nil
}

// ownerNodes returns, for the node of each parameter that must equal claims, these claims.
func (p *Planner) ownerNodes(of *routes.Tree) []uint64 {
	claims := make([]uint64, of.Nodes)
	for _, e := range of.Endpoints {
		n := of.Root.Literals[e.Method]
		for _, s := range e.Segments {
			switch {
			case s.Greedy:
			case s.Param:
				n = n.Param
				claims[n.ID] |= p.ownersOf(e.Route, s.Text)
			default:
				n = n.Literals[s.Text]
			}
		}
	}
	return claims
}

// ownersOf returns the claims that a parameter of a route may have to equal.
func (p *Planner) ownersOf(route int, parameter string) (claims uint64) {
	for _, a := range p.owned {
		if a.rule != p.ruleOf[route] {
			continue
		}
		for claim, parameters := range a.owners {
			if slices.Contains(parameters, parameter) {
				claims |= 1 << p.grants.owners[claim]
			}
		}
	}
	return claims
}

// treeCopy makes an ownTree.
type treeCopy struct {
	planner *Planner
	symbols []symbol
	owners  []uint64 // node of a parameter → claims
	made    *routes.Tree
	bound   []map[string]int
	path    []int // the symbols on the way to the node, -1 for none; the first is the method
}

// node copies a node and all below it.
func (c *treeCopy) node(from *routes.Node) *routes.Node {
	n := &routes.Node{ID: c.made.Nodes}
	if c.made.Nodes++; c.made.Nodes > maxOwnNodes {
		return n
	}
	n.End, n.Rest = c.endpoint(from.End), c.endpoint(from.Rest)
	n.Names = slices.Clone(from.Names)
	n.Literals = make(map[string]*routes.Node)
	below := func(of *routes.Node, symbol int) *routes.Node {
		c.path = append(c.path, symbol)
		made := c.node(of)
		c.path = c.path[:len(c.path)-1]
		return made
	}
	for _, name := range from.Names {
		n.Literals[name] = below(from.Literals[name], -1)
	}
	if from.Param == nil {
		return n
	}
	n.Param = below(from.Param, -1)
	for i, s := range c.symbols {
		// A value that is a literal here cannot be a value of the parameter.
		if _, literal := n.Literals[s.token]; !literal && s.claims&c.owners[from.Param.ID] != 0 {
			n.Literals[s.token] = below(from.Param, i)
			n.Names = append(n.Names, s.token)
		}
	}
	slices.Sort(n.Names)
	return n
}

// endpoint copies an endpoint. Where the path has symbols, it has them as literals.
func (c *treeCopy) endpoint(from *routes.Endpoint) *routes.Endpoint {
	if from == nil {
		return nil
	}
	made := *from
	made.ID = len(c.made.Endpoints)
	made.Segments = slices.Clone(from.Segments)
	bound := make(map[string]int)
	for i, s := range from.Segments {
		if i+1 < len(c.path) && c.path[i+1] >= 0 && !s.Greedy {
			bound[s.Text] = c.path[i+1]
			made.Segments[i] = routes.Segment{Text: c.symbols[c.path[i+1]].token}
		}
	}
	c.made.Endpoints = append(c.made.Endpoints, &made)
	c.bound = append(c.bound, bound)
	return &made
}

// owns reports whether an endpoint is one of the items that an alternative allows.
func (t *ownTree) owns(p *Planner, e *routes.Endpoint, a ownAlternative) bool {
	if p.ruleOf[e.Route] != a.rule {
		return false
	}
	for claim, parameters := range a.owners {
		for _, name := range parameters {
			i, bound := t.bound[e.ID][name]
			if !bound || t.symbols[i].claims&(1<<p.grants.owners[claim]) == 0 || slices.Contains(p.routes[e.Route].Taken(name), t.symbols[i].token) {
				return false
			}
		}
	}
	return true
}

// worded returns a pattern of an error with the claims in place of symbols.
func (t *ownTree) worded(p *Planner, text string) string {
	for _, s := range t.symbols {
		var names []string
		for claim, i := range p.grants.owners {
			if s.claims&(1<<i) != 0 {
				names = append(names, claim)
			}
		}
		slices.Sort(names)
		if isSymbol(s.token) {
			text = strings.ReplaceAll(text, s.token, "{claim "+strings.Join(names, ", ")+"}")
		}
	}
	return text
}
