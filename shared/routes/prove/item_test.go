package prove

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// numbered returns so many values.
func numbered(count int) (values []string) {
	for i := range count {
		values = append(values, fmt.Sprint("v", i))
	}
	return values
}

func TestTheItemsOfACaller(t *testing.T) {
	for name, tt := range map[string]struct {
		template string
		owners   map[string][]string
		claims   map[string][]string
		want     int
	}{
		"a value each":             {"/{x}/{y}", map[string][]string{"a": {"x"}, "b": {"y"}}, map[string][]string{"a": {"1"}, "b": {"2"}}, 1},
		"each with each":           {"/{x}/{y}", map[string][]string{"a": {"x"}, "b": {"y"}}, map[string][]string{"a": numbered(2), "b": numbered(3)}, 6},
		"as many as are tried":     {"/{x}/{y}", map[string][]string{"a": {"x"}, "b": {"y"}}, map[string][]string{"a": numbered(8), "b": numbered(8)}, 64},
		"more":                     {"/{x}/{y}", map[string][]string{"a": {"x"}, "b": {"y"}}, map[string][]string{"a": numbered(5), "b": numbered(13)}, 64},
		"two claims for one value": {"/{x}", map[string][]string{"a": {"x"}, "b": {"x"}}, map[string][]string{"a": numbered(3), "b": numbered(2)}, 2},
		"32 values":                {"/{x}", map[string][]string{"a": {"x"}}, map[string][]string{"a": numbered(32)}, 32},
		"33 values":                {"/{x}", map[string][]string{"a": {"x"}}, map[string][]string{"a": numbered(33)}, 0},
		"32 values and an empty":   {"/{x}", map[string][]string{"a": {"x"}}, map[string][]string{"a": append(numbered(32), "")}, 32},
		"no claim":                 {"/{x}", map[string][]string{"a": {"x"}}, nil, 0},
		"a literal":                {"/{x}", map[string][]string{"a": {"x"}}, map[string][]string{"a": {"me", "you"}}, 1},
	} {
		g := gateway{
			newRoute(0, routes.Route{Method: "GET", Template: tt.template, Rule: routes.Rule{AnyOf: []routes.AllOf{{Owners: tt.owners}}}}),
			newRoute(1, get("/me", "g")),
		}
		if got := g.items(routes.Principal{Now: noon, Claims: tt.claims}); len(got) != tt.want {
			t.Errorf("%s: %d items, want %d", name, len(got), tt.want)
		}
	}
}

func TestOwnersAreTriedWithEightLiteralsToo(t *testing.T) {
	g := gatewayOf("GET /", "GET /users/{id}", "GET /users/me", "GET /a/b/c/d/e/f/g")
	var got []string
	for _, values := range g.otherValues()[3:] {
		got = append(got, values("sub")...)
	}
	if want := []string{"users", "me", "a", "b", "c", "d", "e", "f"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGrantedScopesCount(t *testing.T) {
	all := []routes.Route{get("/a", "g"), {Method: "GET", Template: "/b", Rule: routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"s"}}}}}}
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		granting, err := routes.New(all, routes.Options{Mode: mode, Grants: routes.Grants{Groups: map[string][]string{"g": {"s"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Check(granting, stagepolicy.Deployment{}); err != nil {
			t.Errorf("mode %q: %v", mode, err)
		}
		without, err := routes.New(all, routes.Options{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		_, err = check(granting, policiesOf(without, stagepolicy.Deployment{}, stagepolicy.Exact))
		if !errors.Is(err, ErrWrong) {
			t.Errorf("mode %q: policies without the granted scopes: got %v, want %v", mode, err, ErrWrong)
		}
	}
	grants := routes.Grants{Groups: map[string][]string{"g": {"c", "a"}}, Clients: map[string][]string{"web": {"d"}}}
	if got := granted(grants, routes.Principal{Scopes: []string{"b"}, Groups: []string{"g"}, Client: "web"}).Scopes; !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("got %q", got)
	}
}
