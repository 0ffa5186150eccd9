package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// tenantCaller is a caller of the example with several tenants, as its people file describes them.
type tenantCaller struct {
	stack.Person
	token string
}

func (c tenantCaller) claim(name string) string {
	text, _ := c.Claims[name].(string)
	return text
}

func (c tenantCaller) admin() bool { return slices.Contains(c.Groups, "admins") }

// may answers from the words of the example alone: nobody's code is asked.
func (c tenantCaller) may(method, tenant, kind, customer string) bool {
	inTenant := c.claim("custom:tenant_id") == tenant && !c.hostile()
	own := inTenant && c.Sub == customer
	switch kind + " " + method {
	case "catalogue GET":
		return inTenant || c.admin()
	case "orders GET":
		return own || c.admin()
	case "orders POST":
		return own && c.claim("custom:plan") == "pro"
	case "reports GET":
		return c.admin()
	}
	return false
}

// hostile reports whether the caller's tenant is a value that no policy may hold.
func (c tenantCaller) hostile() bool {
	return strings.ContainsAny(c.claim("custom:tenant_id"), "*/?%$")
}

// Every caller calls everybody's items, with the authorizer asked each time, and with its policies cached by API Gateway from
// whatever call came first. Two tenants have two customers each; olga is an administrator; three have hostile tenants.
func TestNoCallerReachesAnothersItemsWhateverIsCached(t *testing.T) {
	dir := t.TempDir()
	compiled, err := contract.Compile("../testdata/tenants.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job := bundle.Job{Root: root, Target: bundle.Host(), Quick: true, Out: dir, Compiled: compiled}
	if _, err := job.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../testdata/tenants-people.json")
	if err != nil {
		t.Fatal(err)
	}
	var people []stack.Person
	if err := json.Unmarshal(data, &people); err != nil {
		t.Fatal(err)
	}
	for i, tenant := range []string{"*", "t-1/customers", "t-?"} {
		people = append(people, stack.Person{Name: fmt.Sprintf("hostile-%d", i), Claims: map[string]any{"custom:tenant_id": tenant, "custom:plan": "pro"}})
	}
	s, seen, log := start(t, func(o *stack.Options) { o.Zips, o.People, o.Integration = dir, people, echo{} })
	var callers []tenantCaller
	for _, p := range s.People {
		tokens, err := s.SignIn(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		callers = append(callers, tenantCaller{p, tokens.Access})
	}

	type item struct{ method, tenant, kind, customer string }
	var items []item
	for _, tenant := range []string{"t-1", "t-2", "t-3", "*", "t-%3F", "T-1"} {
		items = append(items, item{"GET", tenant, "catalogue", ""}, item{"GET", tenant, "reports", ""})
		for _, customer := range append(slices.Clone(callers), tenantCaller{Person: stack.Person{Sub: "*"}}) {
			items = append(items, item{"GET", tenant, "orders", customer.Sub}, item{"POST", tenant, "orders", customer.Sub})
		}
	}
	path := func(i item) string {
		if i.kind == "orders" {
			return "/tenants/" + i.tenant + "/customers/" + i.customer + "/orders"
		}
		return "/tenants/" + i.tenant + "/" + i.kind
	}
	calls, cached, allowed := 0, 0, 0
	try := func(c tenantCaller, i item) {
		t.Helper()
		want := http.StatusForbidden
		if c.may(i.method, i.tenant, i.kind, i.customer) {
			want = http.StatusOK
			allowed++
		}
		got, err := call{method: i.method, path: path(i), token: c.token}.do(t.Context(), s.Gateway.URL())
		if err != nil {
			t.Fatal(err)
		}
		calls++
		if seen.last() == cache {
			cached++
		}
		if got.status != want {
			t.Errorf("%s of tenant %q: %s %s: status %d, want %d (cached: %v)", c.Name, c.claim("custom:tenant_id"), i.method, path(i), got.status, want, seen.last() == cache)
		}
	}
	everybody := func(before func(first bool)) {
		for _, c := range callers {
			for n, i := range items {
				before(n == 0)
				try(c, i)
			}
		}
	}
	everybody(func(bool) { s.Gateway.FlushCache() })
	if cached > 0 {
		t.Errorf("%d results were cached in spite of the flush", cached)
	}
	for range 3 { // each time another route is the first, for which the policy is made
		everybody(func(first bool) {
			if first {
				s.Gateway.FlushCache()
			}
		})
		slices.Reverse(items)
		items = append(items[len(items)/3:], items[:len(items)/3]...)
	}
	if want := 3 * len(callers) * (len(items) - 1); cached != want {
		t.Errorf("%d results came from the cache, want %d", cached, want)
	}
	t.Logf("%d callers, %d items, %d calls, %d of them from the cache, %d allowed", len(callers), len(items), calls, cached, allowed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{`"t-1"`, "t-1/customers", "hostile-"} {
		if bytes.Contains(log.Bytes(), []byte(personal)) {
			t.Errorf("the value of a claim was logged: %s", personal)
		}
	}
}
