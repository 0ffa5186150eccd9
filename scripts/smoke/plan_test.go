package smoke

import (
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Somebody else's item must be refused, and the caller's own must not be.
func TestARouteForOwnersIsCalledForTheCallersOwnItemToo(t *testing.T) {
	owner := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}, {Groups: []string{"admins"}}}}
	table, err := routes.New([]routes.Route{{Method: "GET", Template: "/users/{id}/orders/{order}", Rule: owner}}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	of := func(sub string, groups ...string) token {
		return token{rights: routes.Principal{Groups: groups, Claims: map[string][]string{"sub": {sub}}}}
	}
	checks, _ := plan(table, map[string]token{"member": of("ann"), "admin": of("olivia", "admins"), "machine": of("no/value")}, "")
	got := map[string]expectation{}
	for _, c := range checks {
		if c.caller != unknownToken {
			got[c.caller+" "+c.path] = c.expected
		}
	}
	want := map[string]expectation{
		"nobody /users/smoke-test/orders/smoke-test": unauthorized, "member /users/smoke-test/orders/smoke-test": forbidden, "member /users/ann/orders/smoke-test": answeredOrNobody,
		"admin /users/smoke-test/orders/smoke-test": answeredOrNobody, "machine /users/smoke-test/orders/smoke-test": forbidden,
	}
	for call, expected := range want {
		if got[call] != expected {
			t.Errorf("%s: %s, want %s", call, got[call], expected)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
}
