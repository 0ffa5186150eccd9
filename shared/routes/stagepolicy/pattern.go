package stagepolicy

import (
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// pattern is the part of a policy's resource behind the stage, cut at its slashes: the method, then the
// segments of the path. A token is a literal or "*". IAM's "*" knows nothing of slashes, so between two
// of them it stands for one segment or more, each with any text.
//
// A call is written in the same way; "*" is then a segment whose text the table does not mention.
type pattern []string

const wildcard = "*"

// newPattern returns the pattern of a route.
func newPattern(method string, segments []routes.Segment) pattern {
	p := make(pattern, 1, len(segments)+1)
	p[0] = method
	for _, s := range segments {
		if s.Param {
			p = append(p, wildcard)
		} else {
			p = append(p, s.Text)
		}
	}
	return p
}

func (p pattern) String() string { return strings.Join(p, "/") }

// bytes returns the length of the string.
func (p pattern) bytes() int {
	n := max(len(p)-1, 0)
	for _, token := range p {
		n += len(token)
	}
	return n
}

// with returns a copy with more tokens at the end.
func (p pattern) with(tokens ...string) pattern { return slices.Concat(p, tokens) }

// covers reports whether every string that q matches is matched by p. Where tokens do not fit, only the last "*" is
// made longer: an earlier one that took more would leave less for those behind it. So it takes at most the
// product of the two lengths in steps.
func (p pattern) covers(q pattern) bool {
	i, j := 0, 0
	star, next := -1, 0 // the last "*", and the token behind those that it matches
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

// patternSet finds, among many patterns, one that covers another. It is a trie of their tokens.
type patternSet struct {
	next  children[patternSet]
	star  bool    // reached by "*", which may match further tokens
	end   bool    // a pattern ends here
	round [2]uint // when the node was last made active, see coversBut
	count uint    // of rounds; at the root
}

func newPatternSet(all []pattern) *patternSet {
	s := &patternSet{}
	for _, p := range all {
		s.add(p)
	}
	return s
}

func (s *patternSet) add(p pattern) {
	for _, token := range p {
		n := s.next.get(token)
		if n == nil {
			n = &patternSet{star: token == wildcard}
			s.next.add(token, n)
		}
		s = n
	}
	s.end = true
}

// covers reports whether some pattern of the set covers q.
func (s *patternSet) covers(q pattern) bool { return s.coversBut(q, false) }

// coversOther reports whether some pattern of the set other than q itself covers q.
func (s *patternSet) coversOther(q pattern) bool { return s.coversBut(q, true) }

// coversBut follows all patterns of the set at once, token by token. With other set, a pattern that is equal to q does not
// count.
func (s *patternSet) coversBut(q pattern, other bool) bool {
	type active struct {
		node  *patternSet
		equal bool // so far the tokens are those of q
	}
	var buffers [2][8]active
	now := append(buffers[0][:0], active{s, other})
	for i, token := range q {
		s.count++
		next := buffers[(i+1)%2][:0]
		into := func(n *patternSet, equal bool) {
			at := 0
			if equal {
				at = 1
			}
			if n != nil && n.round[at] != s.count {
				n.round[at] = s.count
				next = append(next, active{n, equal})
			}
		}
		for _, a := range now {
			into(a.node.next.get(token), a.equal)
			if token != wildcard {
				into(a.node.next.get(wildcard), false)
			}
			if a.node.star {
				into(a.node, false)
			}
		}
		now = next
	}
	return slices.ContainsFunc(now, func(a active) bool { return a.node.end && !a.equal })
}

// widest leaves out every pattern that another one covers. The rest is sorted.
func widest(all []pattern) []pattern {
	set := newPatternSet(all)
	widest := slices.DeleteFunc(slices.Clone(all), set.coversOther)
	slices.SortFunc(widest, slices.Compare)
	return slices.CompactFunc(widest, slices.Equal)
}

// stringsOf returns the patterns as strings, sorted.
func stringsOf(patterns []pattern) []string {
	all := make([]string, len(patterns))
	for i, p := range patterns {
		all[i] = p.String()
	}
	slices.Sort(all)
	return all
}
