package prove

import (
	"encoding/binary"
	"slices"
)

// automaton is a nondeterministic automaton over bytes that is made deterministic on demand: a set of active nodes is a
// state; states are made as they are reached, and so are the moves between them.
type automaton struct {
	nodes  []node
	states []*state
	known  map[string]int // set of nodes → its state
}

// node is one place in a template or a pattern. No node leads to the start, which is node 0, so 0 means that there is none.
type node struct {
	next  map[byte]int // by one character
	other int          // by any character but "/"
	any   int          // by any character
	stay  bool         // stays active, whatever comes
	free  int          // becomes active with this node, without a character
	ends  []int        // what is recognised when the string ends here
}

// state is a set of nodes that are active at the same time.
type state struct {
	nodes []int  // sorted
	chars []byte // on which some node moves differently than on others; sorted, without "/"
	moves []int  // the states that chars lead to, then that of "/" and that of any other character; or unknown
	ends  []int  // what is recognised, sorted
}

// dead reports whether nothing is recognised, however the string goes on.
func (s *state) dead() bool { return len(s.nodes) == 0 }

// unknown is in place of a state until it is asked for.
const unknown = -1

// otherChar stands for any character that makes no difference where it stands.
const otherChar = 0

func newAutomaton() *automaton {
	a := &automaton{known: make(map[string]int)}
	a.add()
	return a
}

// add adds a node and returns its number. The first one is the start.
func (a *automaton) add() int {
	a.nodes = append(a.nodes, node{})
	return len(a.nodes) - 1
}

// by returns the node that one character leads to, which is added if there is none.
func (a *automaton) by(from int, c byte) int {
	to, known := a.nodes[from].next[c]
	if !known {
		to = a.add()
		if a.nodes[from].next == nil {
			a.nodes[from].next = make(map[byte]int)
		}
		a.nodes[from].next[c] = to
	}
	return to
}

// start returns the state at the beginning of the string.
func (a *automaton) start() int { return a.state([]int{0}) }

// state returns the number of the state with these nodes, and those that become active with them.
func (a *automaton) state(nodes []int) int {
	for i := 0; i < len(nodes); i++ {
		if free := a.nodes[nodes[i]].free; free != 0 {
			nodes = append(nodes, free)
		}
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	key := make([]byte, 0, 4*len(nodes))
	for _, n := range nodes {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	if s, known := a.known[string(key)]; known {
		return s
	}
	s := &state{nodes: slices.Clone(nodes)}
	for _, n := range nodes {
		for c := range a.nodes[n].next {
			if c != '/' {
				s.chars = append(s.chars, c)
			}
		}
		s.ends = append(s.ends, a.nodes[n].ends...)
	}
	slices.Sort(s.chars)
	s.chars = slices.Compact(s.chars)
	slices.Sort(s.ends)
	s.ends = slices.Compact(s.ends)
	s.moves = slices.Repeat([]int{unknown}, len(s.chars)+2)
	a.known[string(key)] = len(a.states)
	a.states = append(a.states, s)
	return len(a.states) - 1
}

// move returns the state that a character leads to.
func (a *automaton) move(from int, c byte) int {
	s := a.states[from]
	at := len(s.chars)
	if c != '/' {
		var listed bool
		if at, listed = slices.BinarySearch(s.chars, c); !listed {
			at, c = len(s.chars)+1, otherChar
		}
	}
	if s.moves[at] == unknown {
		var buffer [32]int
		to := buffer[:0]
		for _, n := range s.nodes {
			n, self := &a.nodes[n], n
			if next, ok := n.next[c]; ok {
				to = append(to, next)
			}
			if n.other != 0 && c != '/' {
				to = append(to, n.other)
			}
			if n.any != 0 {
				to = append(to, n.any)
			}
			if n.stay {
				to = append(to, self)
			}
		}
		s.moves[at] = a.state(to)
	}
	return s.moves[at]
}

// after returns the state that a string leads to.
func (a *automaton) after(from int, s string) int {
	for i := range len(s) {
		from = a.move(from, s[i])
	}
	return from
}

// What the automaton of a policy recognises.
const (
	matchesAllow = iota
	matchesDeny
)

// addPattern makes the automaton recognise what an IAM pattern matches: "*" is any string, "?" any one character.
func (a *automaton) addPattern(pattern string, effect int) {
	at := 0
	for i := range len(pattern) {
		switch pattern[i] {
		case '*':
			if a.nodes[at].stay {
				continue // "**" is "*"
			}
			if a.nodes[at].free == 0 {
				star := a.add()
				a.nodes[star].stay = true
				a.nodes[at].free = star
			}
			at = a.nodes[at].free
		case '?':
			if a.nodes[at].any == 0 {
				one := a.add()
				a.nodes[at].any = one
			}
			at = a.nodes[at].any
		default:
			at = a.by(at, pattern[i])
		}
	}
	a.nodes[at].ends = append(a.nodes[at].ends, effect)
}

// addTemplate makes the automaton recognise the paths of a route, without their leading slash; accepting nodes carry the
// number. A slash at the end of a path is left to decideMethod.
func (a *automaton) addTemplate(parts []part, number int) {
	at := 0 // the beginning of a segment
	for i, p := range parts {
		switch p.kind {
		case rest: // anything that is not empty
			r := a.nodes[at].any
			if r == 0 {
				r = a.add()
				a.nodes[at].any, a.nodes[r].stay = r, true
			}
			a.nodes[r].ends = append(a.nodes[r].ends, number)
			return
		case parameter: // anything that is not empty, without a slash
			if a.nodes[at].other == 0 {
				in := a.add()
				a.nodes[at].other, a.nodes[in].other = in, in
			}
			at = a.nodes[at].other
		default:
			for j := range len(p.text) {
				at = a.by(at, p.text[j])
			}
		}
		if i < len(parts)-1 {
			at = a.by(at, '/')
		}
	}
	a.nodes[at].ends = append(a.nodes[at].ends, number)
}
