package stagepolicy

import (
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// shorten returns the resources in a form other than Exact. The caller holds the planner's mu.
func (c *classPlanner) shorten(f Form) (resources, error) {
	switch f {
	case Shortened:
		return resources{form: f, allow: stringsOf(c.allow), deny: c.prefixes(widest(c.deny))}, nil
	case Unbounded:
		return resources{form: f, allow: stringsOf(c.allow), deny: c.prefixes(widest(c.deny[:c.required]))}, nil
	default:
		return c.compact()
	}
}

// prefixes says the same with fewer Denies, which reach further: where nothing that is allowed begins with
// "GET/adm", it can stand for "GET/admin", "GET/admin/*" and "GET/adm-tools".
func (c *classPlanner) prefixes(deny []pattern) []string {
	beginnings := &beginnings{class: c, names: make(map[*routes.Node][]string)}
	var prefixes, others []string
	for _, d := range deny {
		if prefix, ok := beginnings.free(d); ok {
			prefixes = append(prefixes, prefix)
		} else {
			others = append(others, d.String())
		}
	}
	slices.Sort(prefixes)
	prefixes = slices.Compact(prefixes)
	all := slices.DeleteFunc(others, func(text string) bool { // no prefix begins with another, see free
		at, found := slices.BinarySearch(prefixes, text)
		return found || at > 0 && strings.HasPrefix(text, prefixes[at-1])
	})
	for _, prefix := range prefixes {
		all = append(all, prefix+wildcard)
	}
	slices.Sort(all)
	return all
}

// beginnings finds out how allowed calls begin.
type beginnings struct {
	class *classPlanner
	names map[*routes.Node][]string // of those children that lead to an allowed route, sorted
}

// free returns the shortest string, longer than the method, with which a pattern begins and no allowed call does. There is
// none if an allowed call begins like the part of the pattern before its first "*".
func (b *beginnings) free(p pattern) (string, bool) {
	text := p[0] + "/"
	n := b.class.Root.Literals[p[0]]
	if p[0] == wildcard {
		return "", false
	}
	if n == nil || !b.class.below[n.ID] {
		return text, true
	}
	nodes := []*routes.Node{n}
	for i, token := range p[1:] {
		if token == wildcard {
			return "", false
		}
		shared := 0 // characters of the token with which an allowed segment begins at this place
		var next []*routes.Node
		for _, n := range nodes {
			if n.Param != nil && b.class.below[n.Param.ID] || n.Rest != nil && b.class.allowed.has(n.Rest.ID) {
				shared = len(token)
			}
			shared = max(shared, b.shared(n, token))
			if child := n.Literals[token]; child != nil {
				next = append(next, child)
			}
			if n.Param != nil {
				next = append(next, n.Param)
			}
			if n.Rest != nil && b.class.allowed.has(n.Rest.ID) {
				return "", false // it takes whatever follows
			}
		}
		if shared < len(token) {
			return text + token[:shared+1], true
		}
		if text += token; i == len(p)-2 {
			return "", false
		}
		text += "/"
		nodes = slices.DeleteFunc(next, func(n *routes.Node) bool { return !b.class.allowedBelow(n) })
		if len(nodes) == 0 {
			return text, true
		}
	}
	return "", false
}

// shared returns how many characters a name has in common with a child of the node that leads to an allowed route.
func (b *beginnings) shared(n *routes.Node, name string) int {
	names, known := b.names[n]
	if !known {
		names = slices.DeleteFunc(slices.Clone(n.Names), func(name string) bool { return !b.class.below[n.Literals[name].ID] })
		b.names[n] = names
	}
	at, _ := slices.BinarySearch(names, name)
	most := 0
	for _, neighbour := range names[max(at-1, 0):min(at+1, len(names))] {
		i := 0
		for i < len(name) && i < len(neighbour) && name[i] == neighbour[i] {
			i++
		}
		most = max(most, i)
	}
	return most
}
