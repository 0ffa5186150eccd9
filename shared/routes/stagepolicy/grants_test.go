package stagepolicy

import (
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// The examples in errors, and the callers for whom sizes are worked out, have just the grants that they stand for.
func TestAPrincipalHasTheGrantsThatItWasMadeOf(t *testing.T) {
	scope, group := routes.AllOf{Scopes: []string{"r"}}, routes.AllOf{Groups: []string{"g"}}
	claim := routes.AllOf{Claims: map[string][]string{"plan": nil}}
	value := routes.AllOf{Claims: map[string][]string{"plan": {"pro"}}}
	own := routes.AllOf{Owners: map[string][]string{"sub": {"id"}}}
	second, minute, next := routes.AllOf{MaxAge: 59}, routes.AllOf{MaxAge: 60}, routes.AllOf{MaxAge: 61}
	all := []routes.AllOf{scope, group, claim, value, own, second, minute, next}
	g, _, _ := newGrants([]routes.Rule{{AnyOf: all}})
	for name, tt := range map[string]struct{ of, want []routes.AllOf }{
		"nothing":                               {nil, nil},
		"a scope is not a group":                {[]routes.AllOf{scope}, []routes.AllOf{scope}},
		"a group is not a scope":                {[]routes.AllOf{group}, []routes.AllOf{group}},
		"a claim without the value":             {[]routes.AllOf{claim}, []routes.AllOf{claim}},
		"a value needs the claim":               {[]routes.AllOf{value}, []routes.AllOf{claim, value}},
		"a claim that a parameter must equal":   {[]routes.AllOf{own}, []routes.AllOf{own}},
		"a recent sign-in is not a later one":   {[]routes.AllOf{minute}, []routes.AllOf{minute, next}},
		"a sign-in as recent as any rule wants": {[]routes.AllOf{second, next}, []routes.AllOf{second, minute, next}},
		"everything":                            {all, all},
	} {
		union := func(of []routes.AllOf) bitset {
			have := newBitset(g.count())
			for _, a := range of {
				have = have.union(g.needed(a))
			}
			return have
		}
		c := g.principal(union(tt.of))
		if got, want := g.of(c), union(tt.want); string(got.key(nil)) != string(want.key(nil)) {
			t.Errorf("%s: got the grants %b, want %b: %+v", name, got, want, c)
		}
	}
}
