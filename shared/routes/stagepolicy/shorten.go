package stagepolicy

import (
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// resourcesIn returns the resources in a form. The caller holds the planner's mu.
func (c *classPlanner) resourcesIn(f Form) (resources, error) {
	switch f {
	case Exact:
		return resources{form: f, allow: stringsOf(c.allow), deny: stringsOf(widest(c.deny))}, nil
	case Shortened:
		return resources{form: f, allow: stringsOf(c.allow), deny: c.denyPrefixes(widest(c.deny))}, nil
	case Unbounded:
		return resources{form: f, allow: stringsOf(c.allow), deny: c.denyPrefixes(widest(c.deny[:c.required]))}, nil
	}
	if c.compacted == nil {
		compacted, err := c.compact()
		if err != nil {
			return resources{}, err
		}
		c.compacted, c.compactedDeny = compacted, c.denyPrefixes(widest(compacted.deny))
	}
	if f == Compacted {
		return resources{form: f, allow: stringsOf(c.compacted.allow), deny: c.compactedDeny}, nil
	}
	return resources{form: f, allow: c.allowPrefixes(c.compacted.allow, c.forbidden()), deny: c.compactedDeny}, nil
}

// denyPrefixes expresses the same with fewer Denies, which reach further: where nothing that is allowed begins with
// "GET/adm", it can stand for "GET/admin", "GET/admin/*" and "GET/adm-tools".
func (c *classPlanner) denyPrefixes(deny []pattern) []string {
	b := c.beginnings(c.allowed)
	var prefixes, others []string
	for _, d := range deny {
		if prefix, ok := b.free(d); ok {
			prefixes = append(prefixes, prefix)
		} else {
			others = append(others, d.String())
		}
	}
	return withPrefixes(prefixes, others)
}

// allowPrefixes expresses the same with fewer Allows. Unlike a Deny, an Allow reaches no further than it must: what begins alike
// is replaced by all the characters that it has in common.
func (c *classPlanner) allowPrefixes(allow []pattern, forbidden bitset) []string {
	b := c.beginnings(forbidden)
	groups := make(map[string][]string)
	var prefixes, others []string
	for _, a := range allow {
		if prefix, ok := b.free(a); ok {
			groups[prefix] = append(groups[prefix], a.String())
		} else {
			others = append(others, a.String())
		}
	}
	for _, group := range groups {
		if len(group) == 1 {
			others = append(others, group[0])
			continue
		}
		common := group[0]
		for _, other := range group {
			common = common[:sharedLength(common, other)]
		}
		if at := strings.LastIndexByte(common, '{'); at > strings.LastIndexByte(common, '}') {
			common = common[:at] // no prefix ends within a symbol
		}
		prefixes = append(prefixes, strings.TrimSuffix(common, wildcard))
	}
	return withPrefixes(prefixes, others)
}

// withPrefixes returns the prefixes with a "*" at their ends, and the other patterns that none of them covers, sorted.
func withPrefixes(prefixes, others []string) []string {
	slices.Sort(prefixes)
	prefixes = slices.Compact(prefixes)
	var least []string // without those that begin with another
	for _, prefix := range prefixes {
		if n := len(least); n == 0 || !strings.HasPrefix(prefix, least[n-1]) {
			least = append(least, prefix)
		}
	}
	all := slices.DeleteFunc(others, func(text string) bool {
		at, found := slices.BinarySearch(least, text)
		return found || at > 0 && strings.HasPrefix(text, least[at-1])
	})
	for _, prefix := range least {
		all = append(all, prefix+wildcard)
	}
	slices.Sort(all)
	return all
}

// beginnings finds out how calls to some endpoints begin.
type beginnings struct {
	*routeTree
	of    bitset                    // the endpoints
	below []bool                    // node → whether one of them is in it or below
	names map[*routes.Node][]string // of those children that lead to one of them, sorted
}

func (c *classPlanner) beginnings(of bitset) *beginnings {
	return &beginnings{routeTree: c.routeTree, of: of, below: c.nodesWith(of), names: make(map[*routes.Node][]string)}
}

// free returns the shortest string, longer than the method, with which a pattern begins and none of the calls does. There is
// none if a call begins like the part of the pattern before its first "*".
func (b *beginnings) free(p pattern) (string, bool) {
	text := p[0] + "/"
	n := b.Root.Literals[p[0]]
	if p[0] == wildcard {
		return "", false
	}
	if n == nil || !b.below[n.ID] {
		return text, true
	}
	nodes := []*routes.Node{n}
	for i, token := range p[1:] {
		if token == wildcard {
			return "", false
		}
		shared := 0 // characters of the token with which a call goes on at this place
		var next []*routes.Node
		for _, n := range nodes {
			if n.Param != nil && b.below[n.Param.ID] || n.Rest != nil && b.of.has(n.Rest.ID) {
				shared = len(token)
			}
			shared = max(shared, b.shared(n, token))
			if child := n.Literals[token]; child != nil {
				next = append(next, child)
			}
			if n.Param != nil {
				next = append(next, n.Param)
			}
			if n.Rest != nil && b.of.has(n.Rest.ID) {
				return "", false // it matches whatever follows
			}
		}
		if shared < len(token) && !isSymbol(token) {
			return text + token[:shared+1], true
		}
		if text += token; i == len(p)-2 {
			return "", false
		}
		text += "/"
		nodes = slices.DeleteFunc(next, func(n *routes.Node) bool { return !goesOn(n, b.of, b.below) })
		if len(nodes) == 0 {
			return text, true
		}
	}
	return "", false
}

// shared returns how many characters a name has in common with a child of the node that leads to one of the endpoints: perhaps
// all of them, if that child stands for values that are not known.
func (b *beginnings) shared(n *routes.Node, name string) int {
	names, known := b.names[n]
	if !known {
		names = slices.DeleteFunc(slices.Clone(n.Names), func(name string) bool { return !b.below[n.Literals[name].ID] })
		b.names[n] = names
	}
	if slices.ContainsFunc(names, isSymbol) {
		return len(name)
	}
	at, _ := slices.BinarySearch(names, name)
	most := 0
	for _, neighbour := range names[max(at-1, 0):min(at+1, len(names))] {
		most = max(most, sharedLength(name, neighbour))
	}
	return most
}

// sharedLength returns how many characters two strings of ASCII have in common at their beginning.
func sharedLength(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return i
}
