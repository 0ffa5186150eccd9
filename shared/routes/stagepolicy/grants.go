package stagepolicy

import (
	"maps"
	"math/bits"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// bitset is a set of small numbers. Sets that are compared have the same length.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (b bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) remove(i int)   { b[i/64] &^= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// meets reports whether the sets share a number.
func (b bitset) meets(other bitset) bool {
	for i, word := range b {
		if word&other[i] != 0 {
			return true
		}
	}
	return false
}

// within reports whether every number of b is in other.
func (b bitset) within(other bitset) bool {
	for i, word := range b {
		if word&^other[i] != 0 {
			return false
		}
	}
	return true
}

// union returns a set with the numbers of both.
func (b bitset) union(other bitset) bitset {
	all := slices.Clone(b)
	for i, word := range other {
		all[i] |= word
	}
	return all
}

// shared returns how many numbers the sets share.
func (b bitset) shared(other bitset) int {
	n := 0
	for i, word := range b {
		n += bits.OnesCount64(word & other[i])
	}
	return n
}

// subtract takes the numbers of other out of b.
func (b bitset) subtract(other bitset) {
	for i, word := range other {
		b[i] &^= word
	}
}

// count returns how many numbers are in the set.
func (b bitset) count() int { return b.shared(b) }

// key appends the set as bytes, for the key of a map.
func (b bitset) key(to []byte) []byte {
	for _, word := range b {
		for range 8 {
			to = append(to, byte(word))
			word >>= 8
		}
	}
	return to
}

// grants numbers what the rules ask of a token: each scope and group, each claim and each of its values. All others are
// ignored.
type grants struct {
	scopes map[string]int
	groups map[string]int
	claims map[string]int    // that must be there
	values map[[2]string]int // claim and value
}

// newGrants numbers the names in the rules, and returns for each rule its alternatives as sets of numbers. A
// public rule has one alternative, which is empty.
func newGrants(rules []routes.Rule) (g grants, alternatives [][]bitset) {
	g = grants{scopes: map[string]int{}, groups: map[string]int{}, claims: map[string]int{}, values: map[[2]string]int{}}
	each := func(visit func(rule int, a routes.AllOf)) {
		for i, r := range rules {
			for _, a := range r.AnyOf {
				if len(a.Owners) == 0 && a.MaxAge == 0 {
					visit(i, a)
				}
			}
		}
	}
	each(func(_ int, a routes.AllOf) { g.number(a) })
	alternatives = make([][]bitset, len(rules))
	for i, r := range rules {
		if r.Public {
			alternatives[i] = []bitset{newBitset(g.count())}
		}
	}
	each(func(i int, a routes.AllOf) { alternatives[i] = append(alternatives[i], g.of(a.Least())) })
	return g, alternatives
}

// number gives numbers to the names of an alternative.
func (g grants) number(a routes.AllOf) {
	for _, s := range a.Scopes {
		add(g.scopes, s, g.count())
	}
	for _, name := range a.Groups {
		add(g.groups, name, g.count())
	}
	for _, claim := range slices.Sorted(maps.Keys(a.Claims)) {
		add(g.claims, claim, g.count())
		for _, v := range a.Claims[claim] {
			add(g.values, [2]string{claim, v}, g.count())
		}
	}
}

func add[K comparable](to map[K]int, name K, number int) {
	if _, known := to[name]; !known {
		to[name] = number
	}
}

func (g grants) count() int { return len(g.scopes) + len(g.groups) + len(g.claims) + len(g.values) }

// of returns the numbers of what a principal has.
func (g grants) of(c routes.Principal) bitset {
	have := newBitset(g.count())
	for _, s := range c.Scopes {
		if i, known := g.scopes[s]; known {
			have.add(i)
		}
	}
	for _, name := range c.Groups {
		if i, known := g.groups[name]; known {
			have.add(i)
		}
	}
	for claim, i := range g.claims {
		for _, v := range c.Claims[claim] {
			if v == "" {
				continue
			}
			have.add(i)
			if j, known := g.values[[2]string{claim, v}]; known {
				have.add(j)
			}
		}
	}
	return have
}

// principal returns one who has just these grants, its names sorted.
func (g grants) principal(have bitset) routes.Principal {
	var c routes.Principal
	for name, i := range g.scopes {
		if have.has(i) {
			c.Scopes = append(c.Scopes, name)
		}
	}
	for name, i := range g.groups {
		if have.has(i) {
			c.Groups = append(c.Groups, name)
		}
	}
	claim := func(name, value string) {
		if c.Claims == nil {
			c.Claims = make(map[string][]string)
		}
		c.Claims[name] = append(c.Claims[name], value)
	}
	for of, i := range g.values {
		if have.has(i) {
			claim(of[0], of[1])
		}
	}
	for name, i := range g.claims {
		if have.has(i) && len(c.Claims[name]) == 0 {
			claim(name, routes.AnyValue)
		}
	}
	for _, values := range c.Claims {
		slices.Sort(values)
	}
	slices.Sort(c.Scopes)
	slices.Sort(c.Groups)
	return c
}

// permitted returns the numbers of the rules that allow a principal with these grants.
func (p *Planner) permitted(have bitset) bitset {
	permitted := newBitset(len(p.alternatives))
	for rule, alternatives := range p.alternatives {
		for _, needed := range alternatives {
			if needed.within(have) {
				permitted.add(rule)
				break
			}
		}
	}
	return permitted
}
