package browser

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const nobody = "nobody"

// expected is the status that each caller gets on each route, by operationId. A caller who is not signed in gets 401.
var expected = map[string]map[string]string{
	nobody:   {"getHealth": "200", "getInfo": "401", "getMe": "401", "signOut": "401", "signOutEverywhere": "401", "listUsers": "401", "getUser": "401", "signOutUser": "401"},
	"alice":  {"getHealth": "200", "getInfo": "200", "getMe": "200", "signOut": "204", "signOutEverywhere": "204", "listUsers": "403", "getUser": "403", "signOutUser": "403"}, // somebody else's user
	"olivia": {"getHealth": "200", "getInfo": "200", "getMe": "200", "signOut": "204", "signOutEverywhere": "204", "listUsers": "403", "getUser": "200", "signOutUser": "403"},
	"oscar":  {"getHealth": "200", "getInfo": "200", "getMe": "200", "signOut": "204", "signOutEverywhere": "204", "listUsers": "403", "getUser": "403", "signOutUser": "204"},
}

// meanings are the prefixes of what the page shows for each status.
var meanings = map[string]string{"200": "", "204": "", "401": "Sign in:", "403": "Not permitted. Who may call this route: "}

func TestEveryRouteEnforcesTheContractForEachPerson(t *testing.T) {
	s := start(t, nil)
	for origin, address := range map[string]string{"one origin": s.pages.Same.Address(), "across origins": s.pages.Cross.Address()} {
		for name, statuses := range expected {
			t.Run(origin+", "+name, func(t *testing.T) {
				s.Revoked.Clear() // a sign-in within the second of a sign-out would be refused
				b := s.open(t, address)
				b.until("document.querySelector('#routes:not([hidden])')")
				if name != nobody {
					b.signIn(s.person(t, name))
				}
				routes := eval[[]string](b, "[...document.querySelectorAll('tbody')].map((e) => e.id.replace('route-', ''))")
				slices.Sort(routes)
				if want := slices.Sorted(maps.Keys(statuses)); !slices.Equal(routes, want) {
					t.Fatalf("the page has the routes %v, the contract %v", routes, want)
				}
				for _, operation := range routes {
					var parameters []string
					if operation == "getUser" || operation == "signOutUser" {
						parameters = []string{"username", "olivia"}
					}
					got := b.call(operation, parameters...)
					if got.Status != statuses[operation] {
						t.Errorf("%s: status %s, expected %s", operation, got.Status, statuses[operation])
					}
					if want := meanings[got.Status]; !strings.HasPrefix(got.Meaning, want) || (want == "") != (got.Meaning == "") {
						t.Errorf("%s: status %s is explained by %q", operation, got.Status, got.Meaning)
					}
					if operation == "getUser" && name != nobody {
						if own := b.call(operation, "username", name); own.Status != "200" || !strings.Contains(own.Body, `"username": "`+name+`"`) {
							t.Errorf("the caller's own user: status %s, %s", own.Status, own.Body)
						}
					}
					if operation == "getMe" && name != nobody && !strings.Contains(got.Body, `"username": "`+name+`"`) {
						t.Errorf("GET /me says %s", got.Body)
					}
				}
			})
		}
	}
}
