package browser

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/site"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// The page shows the contract of an API with rules about owners, claims and the age of the sign-in.
func TestEachRuleIsShownInTheWordsOfTheTable(t *testing.T) {
	compiled, err := contract.Compile("../testdata/tenants.yaml")
	if err != nil {
		t.Fatal(err)
	}
	page, err := site.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = page.Close() })
	s := start(t, func(o *stack.Options) { o.AllowedOrigins = append(o.AllowedOrigins, page.Origin()) })
	if err := page.Serve(site.Content{Root: root, Config: site.ConfigOf(s.Stack), Contract: compiled.Contract}); err != nil {
		t.Fatal(err)
	}
	b := s.open(t, page.Address())
	b.until("document.querySelector('#routes:not([hidden])')")
	shown := eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll("#routes tbody")].map((body) => [
		body.querySelector(".method").textContent + " " + body.querySelector("th code").textContent,
		body.querySelector(".allowed").lastChild.textContent,
	]))`)
	want := map[string]string{}
	for _, r := range compiled.Table.Routes() {
		want[r.String()] = r.Rule.String()
	}
	if !maps.Equal(shown, want) {
		t.Errorf("the page shows %q, want %q", shown, want)
	}
	for _, kind := range []string{"equal to claim custom:tenant_id", "claim custom:plan=pro", "a sign-in at most 15m ago"} {
		if !slices.ContainsFunc(slices.Collect(maps.Values(shown)), func(rule string) bool { return strings.Contains(rule, kind) }) {
			t.Errorf("no rule has %q", kind)
		}
	}
	// The stage has none of these routes, so API Gateway responds with 403.
	if got := b.call("get-tenants-tenant-reports", "tenant", "t-1"); got.Status != "403" || !strings.Contains(got.Meaning, "a sign-in at most 15m ago") ||
		!strings.Contains(got.Meaning, "Signing in again helps only if your sign-in was too long ago") {
		t.Errorf("status %s is explained by %q", got.Status, got.Meaning)
	}
	if got := b.call("get-tenants-tenant-catalogue", "tenant", "t-1"); got.Status != "403" || !strings.Contains(got.Meaning, "Signing in again as the same person does not change that") {
		t.Errorf("status %s is explained by %q", got.Status, got.Meaning)
	}
}
