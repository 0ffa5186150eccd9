package routes

import "slices"

// bits is a set of small numbers. Sets that are compared have the same length.
type bits []uint64

func newBits(size int) bits { return make(bits, (size+63)/64) }

func (b bits) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) remove(i int)   { b[i/64] &^= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// meets reports whether the sets share a number.
func (b bits) meets(other bits) bool {
	for i, word := range b {
		if word&other[i] != 0 {
			return true
		}
	}
	return false
}

// within reports whether every number of b is in other.
func (b bits) within(other bits) bool {
	for i, word := range b {
		if word&^other[i] != 0 {
			return false
		}
	}
	return true
}

// union returns a set with the numbers of both.
func (b bits) union(other bits) bits {
	all := slices.Clone(b)
	for i, word := range other {
		all[i] |= word
	}
	return all
}

// key appends the set as bytes, for the key of a map.
func (b bits) key(to []byte) []byte {
	for _, word := range b {
		for range 8 {
			to = append(to, byte(word))
			word >>= 8
		}
	}
	return to
}

// atoms numbers the scopes and groups that the rules name. Others make no difference to anything.
type atoms struct {
	scopes map[string]int
	groups map[string]int
}

// newAtoms numbers the names in the rules, and gives for each rule its alternatives as sets of numbers. A
// public rule has one alternative, which asks for nothing.
func newAtoms(rules []Rule) (atoms, [][]bits) {
	a := atoms{scopes: map[string]int{}, groups: map[string]int{}}
	number := func(in map[string]int, name string) {
		if _, known := in[name]; !known {
			in[name] = a.count()
		}
	}
	for _, r := range rules {
		for _, alternative := range r.AnyOf {
			for _, s := range alternative.Scopes {
				number(a.scopes, s)
			}
			for _, g := range alternative.Groups {
				number(a.groups, g)
			}
		}
	}
	needs := make([][]bits, len(rules))
	for i, r := range rules {
		if r.Public {
			needs[i] = []bits{newBits(a.count())}
		}
		for _, alternative := range r.AnyOf {
			needs[i] = append(needs[i], a.set(Principal(alternative)))
		}
	}
	return a, needs
}

func (a atoms) count() int { return len(a.scopes) + len(a.groups) }

// set returns the numbers of what the caller has.
func (a atoms) set(c Principal) bits {
	have := newBits(a.count())
	for _, s := range c.Scopes {
		if i, known := a.scopes[s]; known {
			have.add(i)
		}
	}
	for _, g := range c.Groups {
		if i, known := a.groups[g]; known {
			have.add(i)
		}
	}
	return have
}

// caller returns a caller who has just this, its names sorted.
func (a atoms) caller(have bits) Principal {
	var c Principal
	for name, i := range a.scopes {
		if have.has(i) {
			c.Scopes = append(c.Scopes, name)
		}
	}
	for name, i := range a.groups {
		if have.has(i) {
			c.Groups = append(c.Groups, name)
		}
	}
	slices.Sort(c.Scopes)
	slices.Sort(c.Groups)
	return c
}

// permitted returns the numbers of the rules that let in a caller who has this.
func (t *Table) permitted(have bits) bits {
	permitted := newBits(len(t.rules))
	for rule, alternatives := range t.needs {
		for _, need := range alternatives {
			if need.within(have) {
				permitted.add(rule)
				break
			}
		}
	}
	return permitted
}
