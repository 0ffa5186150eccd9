package contract

import (
	"fmt"
	"slices"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// Select returns the normalized paths that a target selects in a document, sorted: by this package, and by the JSONPath library.
func Select(text, target string) (ours, library []string, err error) {
	root, problems := parse("a.yaml", []byte(text))
	if len(problems) > 0 {
		return nil, nil, fmt.Errorf("%s", problems[0].message)
	}
	s := &selection{compiler: &compiler{extents: extents{}}, root: &place{node: root}, plain: map[*node]any{}, filters: map[*spec.FilterSelector]filterCost{}}
	if _, err := s.selects(target); err != nil {
		return nil, nil, err
	}
	var collect func(p *place, path spec.NormalizedPath)
	collect = func(p *place, path spec.NormalizedPath) {
		if p.selected {
			ours = append(ours, path.String())
		}
		for i, below := range p.children {
			var step spec.NormalSelector = spec.Index(i)
			if p.node.kind == object {
				step = spec.Name(p.node.members[i].name)
			}
			collect(below, append(slices.Clone(path), step))
		}
	}
	collect(s.root, nil)
	for _, found := range jsonpath.MustParse(target).SelectLocated(root.plain(map[*node]any{})) {
		library = append(library, found.Path.String())
	}
	slices.Sort(ours)
	slices.Sort(library)
	return ours, slices.Compact(library), nil
}
