package contract

import (
	"encoding/json"
	"fmt"
	"slices"
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
	if n == nil || n.kind != object {
		return nil
	}
	if n.index == nil && len(n.members) > 8 {
		n.index = make(map[string]int, len(n.members))
		for i, m := range n.members {
			n.index[m.name] = i
		}
	}
	if n.index != nil {
		if i, ok := n.index[name]; ok {
			return &n.members[i]
		}
		return nil
	}
	if i := slices.IndexFunc(n.members, func(m member) bool { return m.name == name }); i >= 0 {
		return &n.members[i]
	}
	return nil
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

// plain returns the value as encoding/json decodes it into an any.
func (n *node) plain() any {
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
			all[i] = item.plain()
		}
		return all
	case object:
		all := make(map[string]any, len(n.members))
		for _, m := range n.members {
			all[m.name] = m.value.plain()
		}
		return all
	}
	return nil
}

// equal reports whether two values are the same, whatever their positions and the order of their members.
func (n *node) equal(other *node) bool {
	if n == other {
		return true
	}
	if n == nil || other == nil || n.kind != other.kind || n.value != other.value ||
		len(n.items) != len(other.items) || len(n.members) != len(other.members) {
		return false
	}
	for i := range n.items {
		if !n.items[i].equal(other.items[i]) {
			return false
		}
	}
	for _, m := range n.members {
		if o := other.member(m.name); o == nil || !m.value.equal(o.value) {
			return false
		}
	}
	return true
}

// maxNodes bounds what the aliases of a document may expand to.
const maxNodes = 4 << 20

// size returns how many nodes the tree has with its aliases expanded, or an error above maxNodes. It takes time in
// proportion to the document, however much the aliases expand to.
func size(root *node) (int, error) {
	sizes := map[*node]int{}
	var measure func(n *node) int
	measure = func(n *node) int {
		if known, ok := sizes[n]; ok {
			return known
		}
		total := 1
		for _, item := range n.items {
			total = min(total+measure(item), maxNodes+1)
		}
		for _, m := range n.members {
			total = min(total+measure(m.value), maxNodes+1)
		}
		sizes[n] = total
		return total
	}
	total := measure(root)
	if total > maxNodes {
		return 0, fmt.Errorf("its aliases expand to more than %d values", maxNodes)
	}
	return total, nil
}
