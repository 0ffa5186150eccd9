package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

type kind int

const (
	null kind = iota
	boolean
	number
	text
	list
	object
	tagged // a value with a tag of its own, such as CloudFormation's !Sub: its meaning is not known here
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object", "a value with a YAML tag"}[k]
}

// position is a place in a file. Line and column count from 1; 0 means the file as a whole.
type position struct {
	file         string
	line, column int
}

// node is a value of the document. Aliases share nodes, so a node must not be changed once the tree is read:
// overlays copy the nodes on the way to what they change.
type node struct {
	kind    kind
	at      position
	value   string   // of a scalar: a string, true or false, or a JSON number; of a tagged value its tag
	members []member // of an object, in the order of the document
	items   []*node  // of a list

	index map[string]int // name → member, for large objects

	height int // levels of lists and objects in it; counted by the YAML reader, whose aliases could nest without bound
}

type member struct {
	name  string
	at    position // of the name
	value *node
}

// get returns the member of an object, or nil.
func (n *node) get(name string) *node {
	if m := n.member(name); m != nil {
		return m.value
	}
	return nil
}

func (n *node) member(name string) *member {
	if i := n.indexOf(name); i >= 0 {
		return &n.members[i]
	}
	return nil
}

// indexOf returns the index of a member of an object, or -1.
func (n *node) indexOf(name string) int {
	if n == nil || n.kind != object {
		return -1
	}
	if n.index == nil && len(n.members) > 8 {
		n.index = make(map[string]int, len(n.members))
		for i, m := range n.members {
			n.index[m.name] = i
		}
	}
	if n.index == nil {
		return slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	}
	if i, ok := n.index[name]; ok {
		return i
	}
	return -1
}

// width returns the number of members or items.
func (n *node) width() int {
	switch n.kind {
	case object:
		return len(n.members)
	case list:
		return len(n.items)
	}
	return 0
}

// below returns the value of a member or item.
func (n *node) below(i int) *node {
	if n.kind == object {
		return n.members[i].value
	}
	return n.items[i]
}

// path returns the node below n that the names lead to, or nil.
func (n *node) path(names ...string) *node {
	for _, name := range names {
		n = n.get(name)
	}
	return n
}

// text returns the string that n is, or "".
func (n *node) text() string {
	if n == nil || n.kind != text {
		return ""
	}
	return n.value
}

func (n *node) is(k kind) bool { return n != nil && n.kind == k }

func (n *node) isTrue() bool { return n.is(boolean) && n.value == "true" }

// plainOnce returns the value as encoding/json decodes it into an any, which it keeps in known.
func (n *node) plainOnce(known map[*node]any) any {
	value, done := known[n]
	if !done {
		value = n.plain(known)
		known[n] = value
	}
	return value
}

func (n *node) plain(known map[*node]any) any {
	switch n.kind {
	case boolean:
		return n.value == "true"
	case number:
		return json.Number(n.value)
	case text, tagged:
		return n.value
	case list:
		all := make([]any, len(n.items))
		for i, item := range n.items {
			all[i] = item.plainOnce(known)
		}
		return all
	case object:
		all := make(map[string]any, len(n.members))
		for _, m := range n.members {
			all[m.name] = m.value.plainOnce(known)
		}
		return all
	}
	return nil
}

// forms numbers values, so that two have the same number if they are the same, whatever their positions and the order of their
// members. Each node is looked at once, however often aliases share it. The zero value is empty.
type forms struct {
	numbers map[*node]int
	known   map[string]int // form, in which values and names below it are numbers → number
}

// same reports whether two values are the same.
func (f *forms) same(a, b *node) bool { return a == b || f.number(a) == f.number(b) }

func (f *forms) number(n *node) int {
	if f.numbers == nil {
		f.numbers, f.known = map[*node]int{}, map[string]int{}
	}
	if number, done := f.numbers[n]; done {
		return number
	}
	form := []byte(strconv.Itoa(int(n.kind)))
	add := func(number int) { form = strconv.AppendInt(append(form, ' '), int64(number), 10) }
	add(f.intern("=" + n.value))
	for _, item := range n.items {
		add(f.number(item))
	}
	members := make([][2]int, len(n.members))
	for i, m := range n.members {
		members[i] = [2]int{f.intern("=" + m.name), f.number(m.value)}
	}
	slices.SortFunc(members, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	for _, m := range members {
		add(m[0])
		add(m[1])
	}
	number := f.intern(string(form))
	f.numbers[n] = number
	return number
}

func (f *forms) intern(form string) int {
	number, known := f.known[form]
	if !known {
		number = len(f.known)
		f.known[form] = number
	}
	return number
}

// maxNodes bounds what the aliases of a document may expand to.
const maxNodes = 4 << 20

// maxExpanded bounds the bytes of keys and strings in what the aliases of a document expand to.
const maxExpanded = 256 << 20

// extent is how large a tree is with its aliases expanded.
type extent struct{ nodes, bytes, depth int }

// extents measures trees, in time proportional to the document, however much its aliases expand to.
type extents map[*node]extent

func (known extents) of(n *node) extent {
	if e, done := known[n]; done {
		return e
	}
	total := extent{1, len(n.value), 0}
	add := func(name string, below *node) {
		e := known.of(below)
		total.nodes = min(total.nodes+e.nodes, maxNodes+1)
		total.bytes = min(total.bytes+len(name)+e.bytes, maxExpanded+1)
		total.depth = max(total.depth, e.depth+1)
	}
	for _, item := range n.items {
		add("", item)
	}
	for _, m := range n.members {
		add(m.name, m.value)
	}
	known[n] = total
	return total
}

// checkExtent refuses a tree that is too large or too deep with its aliases expanded.
func checkExtent(root *node, known extents) error {
	switch total := known.of(root); {
	case total.nodes > maxNodes:
		return fmt.Errorf("its aliases expand to more than %d values", maxNodes)
	case total.bytes > maxExpanded:
		return fmt.Errorf("its aliases expand to more than %d MiB", maxExpanded>>20)
	case total.depth > maxDepth+1: // the scalars in the deepest list or object count as a level
		return fmt.Errorf("%w (at most %d) with their aliases expanded", errDeep, maxDepth)
	}
	return nil
}
