package stagepolicy

import (
	"fmt"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

func TestAPatternBecomesUpTo256Resources(t *testing.T) {
	numbered := func(n int) []string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprint(i)
		}
		return values
	}
	made := newTemplate(Exact, []timedStatement{{apigateway.Allow, []string{"GET/{0}", "GET/a", "GET/{1}/x/{2}"}, always, 0}})
	for _, tt := range []struct {
		values [3]int
		fits   bool
	}{
		{[3]int{256, 1, 1}, true}, {[3]int{257, 1, 1}, false}, {[3]int{256, 16, 16}, true}, {[3]int{1, 4, 64}, true}, {[3]int{1, 16, 17}, false}, {[3]int{1, 257, 1}, false},
	} {
		var values [][]string
		for _, n := range tt.values {
			values = append(values, numbered(n))
		}
		size, ok := made.size(values)
		if ok != tt.fits {
			t.Errorf("%v values: %t, want %t", tt.values, ok, tt.fits)
		}
		if written := (&filled{template: made, values: values}).encoded().String(); ok && len(written) != size {
			t.Errorf("%v values: %d bytes, want %d", tt.values, size, len(written))
		}
	}
}
