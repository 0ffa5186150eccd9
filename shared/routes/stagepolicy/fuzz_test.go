package stagepolicy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// ofOneSpelling are the characters that a value may have in a policy.
var ofOneSpelling = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// FuzzOwnerValues checks that policies open the caller's own items alone, whatever values the claim has: for the whole stage and for
// one route, alone and with a second value, and beside literals.
func FuzzOwnerValues(f *testing.F) {
	for _, seed := range [][3]string{
		{"alice", "bob", "alice"}, {"*", "al?ce", "alice"}, {"alice/orders", "..", "alice/orders"}, {"me", "list", "me"}, {"%61lice", "alice", "%61lice"},
		{"", ".", "."}, {"{0}", "{1}", "{0}"}, {`a","*`, "\x00", "b"}, {"${aws:username}", "$connect", "${aws:username}"}, {strings.Repeat("a", 128), strings.Repeat("a", 129), strings.Repeat("a", 129)},
		{"a~b", "a.b-c_d", "a.b-c_d"}, {"\xff", "é", "é"}, {"users", "orders", "orders"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	owner := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}, {Groups: []string{"g"}}}}
	all := []routes.Route{
		{Method: "GET", Template: "/users/{id}", Rule: owner}, {Method: "GET", Template: "/users/me", Rule: groupG},
		{Method: "GET", Template: "/users/{id}/orders/{order}", Rule: owner}, {Method: "GET", Template: "/users/list", Rule: signedIn},
	}
	perStage, err := newPlanned(all, routes.Options{})
	if err != nil {
		f.Fatal(err)
	}
	perRoute, err := newPlanned(all, routes.Options{Mode: routes.PerRoute})
	if err != nil {
		f.Fatal(err)
	}
	until := stagepolicy.Options{Expire: true, ExpiresAt: callEnd}
	f.Fuzz(func(t *testing.T, first, second, called string) {
		values := []string{first, second}
		caller := routes.Principal{Claims: map[string][]string{"sub": values}}
		owned := func(value string) bool {
			return slices.Contains(values, value) && ofOneSpelling.MatchString(value) && !slices.Contains([]string{".", "..", "me", "list"}, value)
		}
		allows := func(policy stagepolicy.Policy, err error, path string) bool {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			document := policy.Encoded().AppendTo(nil)
			if len(document) > apigateway.MaxResultBytes {
				t.Fatalf("the policy has %d bytes", len(document))
			}
			decision, err := apigateway.EvaluatePolicy(document, "execute-api:Invoke", callStage.Prefix()+"/GET"+path, noon)
			if err != nil {
				t.Fatalf("%v: %s", err, document)
			}
			return decision == apigateway.Allowed
		}
		// The second segment of a path is whose item it is.
		own := func(path string, segments int) bool {
			all := strings.Split(path, "/")[1:]
			return len(all) == segments && owned(all[1]) && (segments == 2 || all[2] == "orders" && all[3] != "")
		}
		for _, value := range append(values, called) {
			for _, path := range []string{"/users/" + value, "/users/" + value + "/orders/1"} {
				policy, err := perStage.ForStage(caller, callStage, until)
				if got, want := allows(policy, err, path), own(path, 2) || own(path, 4) || path == "/users/list"; got != want {
					t.Errorf("GET %q: %v, want %v for %q", path, got, want, values)
				}
				for template, segments := range map[string]int{"/users/{id}": 2, "/users/{id}/orders/{order}": 4} {
					policy, err := perRoute.ForRoute(caller, callStage, "GET", template, until)
					if got, want := allows(policy, err, path), own(path, segments); got != want {
						t.Errorf("GET %q by the result of %s: %v, want %v for %q", path, template, got, want, values)
					}
				}
			}
		}
	})
}
