package stagepolicy

import (
	"fmt"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"time"

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

// both returns what is in both sets, in order.
func (b bitset) both(other bitset) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range b {
			for rest := word & other[i]; rest != 0; rest &= rest - 1 {
				if !yield(64*i + bits.TrailingZeros64(rest)) {
					return
				}
			}
		}
	}
}

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

// grants numbers what the rules ask of a token: each scope and group, each claim and each of its values, each claim that a path
// parameter must equal, and each age of a sign-in. All others are ignored.
type grants struct {
	scopes map[string]int
	groups map[string]int
	claims map[string]int    // that must be there
	values map[[2]string]int // claim and value
	usable map[string]int    // claims with values that may be part of a policy
	ages   map[int64]int     // in seconds: the sign-in was no longer ago

	owners map[string]int // the claims of usable, in their own order
}

// newGrants numbers the names in the rules, and returns for each rule its alternatives as sets of numbers: those that open the
// whole route, and apart from these those that open the caller's own items. A public rule has one alternative, which is empty.
func newGrants(rules []routes.Rule) (g grants, alternatives [][]bitset, owned []ownAlternative) {
	g = grants{
		scopes: map[string]int{}, groups: map[string]int{}, claims: map[string]int{}, values: map[[2]string]int{},
		usable: map[string]int{}, ages: map[int64]int{}, owners: map[string]int{},
	}
	for _, r := range rules {
		for _, a := range r.AnyOf {
			g.number(a)
		}
	}
	alternatives = make([][]bitset, len(rules))
	for i, r := range rules {
		if r.Public {
			alternatives[i] = []bitset{newBitset(g.count())}
		}
		for _, a := range r.AnyOf {
			if needed := g.needed(a); len(a.Owners) > 0 {
				owned = append(owned, ownAlternative{i, needed, a.Owners})
			} else {
				alternatives[i] = append(alternatives[i], needed)
			}
		}
	}
	return g, alternatives, owned
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
	for _, claim := range slices.Sorted(maps.Keys(a.Owners)) {
		add(g.usable, claim, g.count())
		add(g.owners, claim, len(g.owners))
	}
	if a.MaxAge > 0 {
		add(g.ages, a.MaxAge, g.count())
	}
}

func add[K comparable](to map[K]int, name K, number int) {
	if _, known := to[name]; !known {
		to[name] = number
	}
}

func (g grants) count() int {
	return len(g.scopes) + len(g.groups) + len(g.claims) + len(g.values) + len(g.usable) + len(g.ages)
}

// needed returns the numbers of what an alternative lists.
func (g grants) needed(a routes.AllOf) bitset {
	all := newBitset(g.count())
	for _, s := range a.Scopes {
		all.add(g.scopes[s])
	}
	for _, name := range a.Groups {
		all.add(g.groups[name])
	}
	for claim, values := range a.Claims {
		all.add(g.claims[claim])
		for _, v := range values {
			all.add(g.values[[2]string{claim, v}])
		}
	}
	for claim := range a.Owners {
		all.add(g.usable[claim])
	}
	if a.MaxAge > 0 {
		all.add(g.ages[a.MaxAge])
	}
	return all
}

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
	for claim, i := range g.usable {
		if _, refusal := routes.OwnerValues(c, claim); refusal == "" {
			have.add(i)
		}
	}
	for age, i := range g.ages {
		if !c.AuthTime.IsZero() && !c.Now.IsZero() && c.Now.Before(endOf(c, age)) {
			have.add(i)
		}
	}
	return have
}

// endOf returns when a caller's sign-in is longer ago than so many seconds.
func endOf(c routes.Principal, age int64) time.Time {
	return c.AuthTime.Add(time.Duration(age) * time.Second)
}

// unusable is the value of a claim that need only be present. It must not be part of a policy.
const unusable = "any value"

// principal returns one who has just these grants, its names sorted. Claims that a path parameter must equal have values of the
// largest size, each its own.
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
	for name, i := range g.usable {
		if have.has(i) {
			claim(name, strings.Repeat("v", routes.MaxOwnerBytes-3)+fmt.Sprintf("-%02d", g.owners[name]))
		}
	}
	for name, i := range g.claims {
		if have.has(i) && len(c.Claims[name]) == 0 {
			claim(name, unusable)
		}
	}
	for _, age := range slices.Sorted(maps.Keys(g.ages)) {
		if have.has(g.ages[age]) { // and every longer age, but no shorter one
			c.Now = time.Unix(1<<30, 0)
			c.AuthTime = c.Now.Add(time.Second - time.Duration(age)*time.Second)
			break
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
