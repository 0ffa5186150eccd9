package stagepolicy

import (
	"fmt"
	"testing"
)

func TestChildrenAreFoundByTheirTokens(t *testing.T) {
	var c children[int]
	for n := range 2 * fewChildren {
		c.add(fmt.Sprint(n), &n)
		if indexed := c.of != nil; indexed != (n+1 > fewChildren) {
			t.Errorf("%d children, in a map: %t", n+1, indexed)
		}
		for i := range 2 * fewChildren {
			if got := c.get(fmt.Sprint(i)); (got != nil) != (i <= n) || got != nil && *got != i {
				t.Errorf("%d of %d children: got %v", i, n+1, got)
			}
		}
	}
}
