package routes

import (
	"slices"
	"strings"
)

// longestPrefix is more than any [apigateway.MethodARN.Prefix] that was read has, in bytes.
const longestPrefix = 300

// mayOverflow reports whether a policy of these texts could be too large for some stage.
func mayOverflow(texts ...[]string) bool {
	size := 0
	for _, all := range texts {
		for _, text := range all {
			size += longestPrefix + len(text)
		}
	}
	return size > maxPolicyBytes
}

// compact says the same with fewer Denies, which reach further: where nothing that is allowed begins with
// "GET/adm", it can stand for "GET/admin", "GET/admin/*" and "GET/adm-tools". It makes no Allow wider. It is
// for policies that would not fit otherwise, being harder to read.
func (p *planner) compact(deny []pattern) []string {
	var prefixes, others []string
	for _, d := range deny {
		text := d.String()
		literal, _, _ := strings.Cut(text, wildcard)
		prefix, ok := p.shortest(literal)
		if ok {
			prefixes = append(prefixes, prefix)
		} else {
			others = append(others, text)
		}
	}
	slices.Sort(prefixes)
	prefixes = slices.Compact(prefixes)
	covered := func(text string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
	}
	all := slices.DeleteFunc(others, covered)
	for _, prefix := range prefixes {
		all = append(all, prefix+wildcard)
	}
	slices.Sort(all)
	return all
}

// shortest returns the shortest beginning of a text, behind the method, with which no allowed call begins.
func (p *planner) shortest(text string) (string, bool) {
	for n := strings.IndexByte(text, '/') + 1; n > 0 && n <= len(text); n++ {
		reached := slices.ContainsFunc(p.endpoints, func(e *endpoint) bool {
			return p.allowed.has(e.id) && e.pattern != nil && e.beginsWith(text[:n])
		})
		if !reached {
			return text[:n], true
		}
	}
	return "", false
}

// beginsWith reports whether a call to the endpoint can begin with this text.
func (e *endpoint) beginsWith(text string) bool {
	for i, token := range e.pattern {
		segment, rest, more := strings.Cut(text, "/")
		switch {
		case !more && token == wildcard:
			return true
		case !more:
			return strings.HasPrefix(token, segment)
		case token == wildcard && e.greedy && i == len(e.pattern)-1:
			return true
		case token != wildcard && token != segment:
			return false
		}
		text = rest
	}
	return false
}
