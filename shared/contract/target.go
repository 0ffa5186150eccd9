package contract

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// Bounds on the work for the actions of overlays, in steps: a value that is looked at costs some, a member that is copied one, and
// a filter as many as there are values below the one that it is asked about.
const (
	maxActionSteps = 8 << 20
	maxSteps       = 64 << 20 // of all actions together
	visitSteps     = 4
	matchSteps     = 500  // match and search compile their pattern each time
	maxTarget      = 1024 // bytes
)

var errManySteps = errors.New("it takes too much work: begin it with the path to what it selects, without \"..\"")

// place is the position of a value in the tree: two places may share a node.
type place struct {
	node     *node
	parent   *place
	children map[int]*place // by the index of a member or an item, those that were looked at
	selected bool
	leads    bool // to one that is selected
}

// selection evaluates the target of one action. A JSONPath library (RFC 9535) parses it and evaluates filters. The
// segments are evaluated here, since the library looks at a value as often as it finds it: with each ".." that is once more for
// each level above it.
type selection struct {
	compiler *compiler
	root     *place
	plain    map[*node]any // for filters
	filters  map[*spec.FilterSelector]filterCost
	steps    int
}

// filterCost is what it costs to ask a filter about a value, in steps.
type filterCost struct {
	perValue int // for each value below it
	extra    int
	root     bool // it also asks about the whole document
}

// charge counts steps, and reports whether the bounds allow them.
func (s *selection) charge(steps int) bool {
	s.steps += steps
	s.compiler.steps += steps
	return s.steps <= maxActionSteps && s.compiler.steps <= maxSteps
}

// selects marks the places that a target selects, and reports whether there are any.
func (s *selection) selects(target string) (bool, error) {
	if len(target) > maxTarget {
		return false, fmt.Errorf("it has more than %d bytes", maxTarget)
	}
	path, err := jsonpath.Parse(target)
	if err != nil {
		return false, err
	}
	found := []*place{s.root}
	for _, segment := range path.Query().Segments() {
		if found, err = s.segment(segment, found); err != nil {
			return false, err
		}
	}
	for _, p := range found {
		p.selected = true
		for at := p; at != nil && !at.leads; at = at.parent {
			at.leads = true
		}
	}
	return len(found) > 0, nil
}

// segment returns the places to which a segment leads from others, each once.
func (s *selection) segment(segment *spec.Segment, from []*place) (found []*place, err error) {
	visited, known := map[*place]bool{}, map[*place]bool{}
	var visit func(p *place) error
	visit = func(p *place) error {
		if visited[p] {
			return nil
		}
		visited[p] = true
		for _, selector := range segment.Selectors() {
			indexes, err := s.matches(selector, p.node)
			if err != nil {
				return err
			}
			for _, i := range indexes {
				below, err := s.child(p, i)
				if err != nil {
					return err
				}
				if !known[below] {
					known[below] = true
					found = append(found, below)
				}
			}
		}
		if !segment.IsDescendant() {
			return nil
		}
		for i := range p.node.width() {
			below, err := s.child(p, i)
			if err != nil {
				return err
			}
			if err := visit(below); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range from {
		if err := visit(p); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *selection) child(p *place, i int) (*place, error) {
	if !s.charge(visitSteps) {
		return nil, errManySteps
	}
	if known := p.children[i]; known != nil {
		return known, nil
	}
	made := &place{parent: p, node: p.node.below(i)}
	if p.children == nil {
		p.children = map[int]*place{}
	}
	p.children[i] = made
	return made, nil
}

// matches returns the indexes of the members or items that a selector selects.
func (s *selection) matches(selector spec.Selector, n *node) (indexes []int, err error) {
	switch selector := selector.(type) {
	case spec.Name:
		if i := n.indexOf(string(selector)); i >= 0 {
			return []int{i}, nil
		}
	case spec.Index:
		i := int(selector)
		if i < 0 {
			i += len(n.items)
		}
		if n.kind == list && i >= 0 && i < len(n.items) {
			return []int{i}, nil
		}
	case spec.WildcardSelector:
		for i := range n.width() {
			indexes = append(indexes, i)
		}
	case spec.SliceSelector:
		if n.kind != list {
			return nil, nil
		}
		lower, upper := selector.Bounds(len(n.items))
		for i := lower; selector.Step() > 0 && i < upper; i += selector.Step() {
			indexes = append(indexes, i)
		}
		for i := upper; selector.Step() < 0 && lower < i; i += selector.Step() {
			indexes = append(indexes, i)
		}
	case *spec.FilterSelector:
		return s.filter(selector, n)
	default:
		return nil, fmt.Errorf("the selector %v is not supported", selector)
	}
	return indexes, nil
}

var (
	quotedStrings = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`)
	rootPath      = regexp.MustCompile(`\$(\[(""|-?[0-9]+)\])*`) // to one value
)

// costOf returns what a filter costs. It refuses one that could look at values more often than once for each "@" in it.
func costOf(filter *spec.FilterSelector) (filterCost, error) {
	text := quotedStrings.ReplaceAllString(filter.String(), `""`)
	cost := filterCost{1 + strings.Count(text, "@"), matchSteps * (strings.Count(text, "match(") + strings.Count(text, "search(")), strings.Contains(text, "$")}
	if strings.Contains(text, "..") || hasSeveralSelectors(text) || strings.Contains(rootPath.ReplaceAllString(text, "$$"), "$[") {
		return cost, errors.New("its filter searches with .., from $, or with several selectors in one bracket. Write paths from @")
	}
	return cost, nil
}

// hasSeveralSelectors reports whether a bracket of a filter without its strings has several selectors: a comma that does not separate the
// arguments of a function.
func hasSeveralSelectors(text string) bool {
	var open []rune
	for _, c := range text {
		switch c {
		case '[', '(':
			open = append(open, c)
		case ']', ')':
			open = open[:max(0, len(open)-1)]
		case ',':
			if len(open) > 0 && open[len(open)-1] == '[' {
				return true
			}
		}
	}
	return false
}

// filter returns the indexes of the members or items that a filter selects.
func (s *selection) filter(filter *spec.FilterSelector, n *node) (indexes []int, err error) {
	cost, known := s.filters[filter]
	if !known {
		if cost, err = costOf(filter); err != nil {
			return nil, err
		}
		if cost.root && !s.charge(s.compiler.extents.of(s.root.node).nodes) {
			return nil, errManySteps
		}
		s.filters[filter] = cost
	}
	var root any
	if cost.root {
		root = s.root.node.plainOnce(s.plain)
	}
	for i := range n.width() {
		value := n.below(i)
		if !s.charge(cost.perValue*s.compiler.extents.of(value).nodes + cost.extra) {
			return nil, errManySteps
		}
		if filter.Eval(value.plainOnce(s.plain), root) {
			indexes = append(indexes, i)
		}
	}
	return indexes, nil
}

// apply returns the tree with each selected place changed: merged with update, or removed if update is nil. It copies the nodes
// on the way, since aliases may share them with other places.
func (s *selection) apply(n *node, p *place, update *node) (*node, error) {
	if !p.leads {
		return n, nil
	}
	if p.selected && update == nil {
		return nil, nil
	}
	if p.selected {
		changed, err := s.merge(n, update, true)
		if err != nil {
			return nil, err
		}
		n = changed
	}
	made, err := s.copyOf(n)
	if err != nil {
		return nil, err
	}
	// Additions stand at the end, so that the indexes of what was there are the same.
	for _, i := range slices.Sorted(maps.Keys(p.children)) {
		var at **node
		switch {
		case i < len(made.items):
			at = &made.items[i]
		case i < len(made.members):
			at = &made.members[i].value
		default:
			continue
		}
		changed, err := s.apply(*at, p.children[i], update)
		if err != nil {
			return nil, err
		}
		*at = changed
	}
	made.items = slices.DeleteFunc(made.items, func(n *node) bool { return n == nil })
	made.members = slices.DeleteFunc(made.members, func(m member) bool { return m.value == nil })
	return made, nil
}

// copyOf returns a copy of a node, which may be changed.
func (s *selection) copyOf(n *node) (*node, error) {
	if !s.charge(1 + n.width()) {
		return nil, errManySteps
	}
	delete(s.compiler.extents, n) // so that no version of the tree but the last is kept
	made := *n
	made.index = nil
	made.members, made.items = slices.Clone(n.members), slices.Clone(n.items)
	return &made, nil
}

// merge merges an update into a target by the rules of overlays: objects member by member, lists by appending, and
// anything else by replacing. The target of an action itself must be an object or a list.
func (s *selection) merge(n, update *node, target bool) (*node, error) {
	switch {
	case n.kind == object && update.kind == object:
		made, err := s.copyOf(n)
		if err != nil {
			return nil, err
		}
		if !s.charge(len(update.members)) {
			return nil, errManySteps
		}
		for _, m := range update.members {
			i := n.indexOf(m.name)
			if i < 0 {
				made.members = append(made.members, m)
				continue
			}
			value, err := s.merge(made.members[i].value, m.value, false)
			if err != nil {
				return nil, err
			}
			made.members[i] = member{m.name, m.at, value}
		}
		return made, nil
	case n.kind == list:
		made, err := s.copyOf(n)
		if err != nil {
			return nil, err
		}
		if !s.charge(len(update.items)) {
			return nil, errManySteps
		}
		if update.kind == list && !target {
			made.items = append(made.items, update.items...)
		} else {
			made.items = append(made.items, update)
		}
		return made, nil
	case target:
		return nil, fmt.Errorf("it selects %s, and an update needs an object or a list there", n.kind)
	}
	return update, nil
}
