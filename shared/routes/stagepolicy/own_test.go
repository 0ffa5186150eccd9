package stagepolicy

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// The tree has the routes below /{id} once for others' items, and once for each symbol.
func TestATreeWithOwnValuesHasSoManyNodesAndNoMore(t *testing.T) {
	const symbols, below = 126, 257
	for more, want := range map[int]error{0: nil, 1: ErrTooComplex} {
		owner := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}
		var all []routes.Route
		for i := range below {
			all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/{id}/r%d", i), Rule: owner})
		}
		for range more {
			all = append(all, routes.Route{Method: "GET", Template: "/open", Rule: routes.Rule{Public: true}})
		}
		p, err := newPlanner(all)
		if err != nil {
			t.Fatal(err)
		}
		var of []symbol
		for i := range symbols {
			of = append(of, symbol{claims: 1, token: fmt.Sprintf("{%d}", i)})
		}
		tree, err := p.ownTreeFor(of)
		if !errors.Is(err, want) {
			t.Fatalf("%d nodes more: got %v, want %v", more, err, want)
		}
		// 2 + 127 * 258 nodes are 32,768: the root, the method, and {id} with all below it, 127 times.
		if err == nil && (tree.Nodes != maxOwnNodes || len(tree.Endpoints) != (1+symbols)*below) {
			t.Errorf("%d nodes and %d endpoints", tree.Nodes, len(tree.Endpoints))
		}
	}
}
