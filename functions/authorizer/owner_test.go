package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// ownerTable lets callers at their own users and at their tenant's orders, and admins at all users.
const ownerTable = `{"version":1,"connect":{"anyOf":[{"max_age":900}]},"rules":[
	{"anyOf":[{"owners":{"sub":["username"]}},{"groups":["admins"]}],"routes":["GET /users/{username}"]},
	{"anyOf":[{"owners":{"custom:tenant":["tenant"]},"claims":{"plan":["gold"]}}],"routes":["GET /t/{tenant}/orders/{order}"]},
	{"anyOf":[{"max_age":900}],"routes":["GET /keys"]},
	{"anyOf":[{}],"routes":["GET /me"]}
]}`

// subject is the sub of the pool's users.
const subject = cognitotest.Subject

func TestCallersGetTheirOwnItemsAlone(t *testing.T) {
	b := newHarness(t, ownerTable, nil)
	now := time.Now()
	for name, tt := range map[string]struct {
		options []cognitotest.TokenOption
		allowed string // calls, separated by spaces
		denied  string
	}{
		"a user":   {nil, "GET/users/" + subject + " GET/me GET/keys", "GET/users/x GET/users/ GET/users/" + subject + "/x GET/t/a/orders/1 GET/users/*"},
		"an admin": {[]cognitotest.TokenOption{cognitotest.Groups("admins")}, "GET/users/" + subject + " GET/users/x", "GET/t/a/orders/1"},
		"a tenant": {[]cognitotest.TokenOption{cognitotest.Claim("custom:tenant", "acme"), cognitotest.Claim("plan", "gold")},
			"GET/t/acme/orders/1 GET/t/acme/orders/2", "GET/t/other/orders/1 GET/t/acme/orders GET/t/acme/orders/1/2"},
		"two tenants": {[]cognitotest.TokenOption{cognitotest.Claim("custom:tenant", []string{"acme", "b"}), cognitotest.Claim("plan", "gold")},
			"GET/t/acme/orders/1 GET/t/b/orders/2", "GET/t/other/orders/1"},
		"another plan": {[]cognitotest.TokenOption{cognitotest.Claim("custom:tenant", "acme"), cognitotest.Claim("plan", "Gold")}, "GET/me", "GET/t/acme/orders/1"},
		"hostile":      {[]cognitotest.TokenOption{cognitotest.Claim("custom:tenant", "*"), cognitotest.Claim("plan", "gold")}, "GET/me", "GET/t/acme/orders/1 GET/t/*/orders/1"},
		"of the wrong type": {[]cognitotest.TokenOption{cognitotest.Claim("custom:tenant", map[string]any{"a": "acme"}), cognitotest.Claim("plan", "gold")},
			"GET/me", "GET/t/acme/orders/1 GET/t/a/orders/1"},
		"signed in long ago": {[]cognitotest.TokenOption{cognitotest.Claim("auth_time", now.Add(-time.Hour).Unix())}, "GET/me GET/users/" + subject, "GET/keys"},
		"without a sign-in":  {[]cognitotest.TokenOption{cognitotest.Without("auth_time")}, "GET/me", "GET/keys"},
	} {
		t.Run(name, func(t *testing.T) {
			token := b.pool.AccessToken(t, tt.options...)
			got, err := b.ask(t, callEvent("GET/me", "Bearer "+token.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			again, err := b.ask(t, callEvent("GET/users/x", "Bearer "+token.Reveal()))
			if err != nil || string(again.Policy) != string(got.Policy) {
				t.Errorf("the policy depends on the call: %s and %s, %v", got.Policy, again.Policy, err)
			}
			for call := range strings.FieldsSeq(tt.allowed) {
				if !permits(t, got, call, now) {
					t.Errorf("%s is denied by %s", call, got.Policy)
				}
			}
			for call := range strings.FieldsSeq(tt.denied) {
				if permits(t, got, call, now) {
					t.Errorf("%s is allowed by %s", call, got.Policy)
				}
			}
			if permits(t, got, "GET/keys", now.Add(16*time.Minute)) || !permits(t, got, "GET/me", now.Add(16*time.Minute)) {
				t.Errorf("in 16 minutes: %s", got.Policy)
			}
		})
	}
}

func TestTheLogNamesTheRuleAndNotTheValue(t *testing.T) {
	b := newHarness(t, ownerTable, nil)
	for call, want := range map[string]string{
		"GET/users/somebody":     "needs {username} equal to claim sub or group admins: the call is for another {username}",
		"GET/t/acme/orders/1":    "claim plan is missing or has another value",
		"GET/users/" + subject:   "",
		"GET/t/acme/orders/1/no": "",
	} {
		if _, err := b.ask(t, callEvent(call, "Bearer "+b.pool.AccessToken(t).Reveal())); err != nil {
			t.Fatal(err)
		}
		if rule := fmt.Sprint(b.lastLine(t)["rule"]); !strings.Contains(rule, want) || strings.Contains(rule, "somebody") {
			t.Errorf("%s: rule %q, want %q", call, rule, want)
		}
	}
}

func TestOneYesNeverOpensTheItemsOfOthers(t *testing.T) {
	b := newHarness(t, ownerTable, map[string]string{"HTTP_RESPONSE": "simple-per-path"})
	event := func(name string) []byte {
		text := string(fixture(t, "http-v2.json", b.pool.AccessToken(t).Reveal()))
		return []byte(strings.ReplaceAll(text, "/users/alice", "/users/"+name))
	}
	for name, want := range map[string]bool{subject: true, "alice": false, "%2a": false} {
		got, err := b.ask(t, event(name))
		if err != nil || got.IsAuthorized == nil || *got.IsAuthorized != want {
			t.Errorf("%s: %+v, %v; want %v", name, got, err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "routes.json")
	if err := os.WriteFile(path, []byte(ownerTable), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"ISSUERS": b.pool.Issuer(), "CLIENT_IDS": "c", "ROUTES": path, "HTTP_RESPONSE": "simple"}
	if _, err := newAuthorizer(func(name string) string { return env[name] }, &b.log); err == nil || !strings.Contains(err.Error(), "HTTP_RESPONSE") {
		t.Errorf("it starts: %v", err)
	}
}

func TestARouteOfItsOwnResultHasTheCallersItems(t *testing.T) {
	b := newHarness(t, strings.Replace(ownerTable, `"version":1,`, `"version":1,"mode":"route",`, 1), nil)
	got, err := b.ask(t, fixture(t, "rest-request.json", b.pool.AccessToken(t).Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	for call, want := range map[string]bool{"GET/users/" + subject: true, "GET/users/alice": false, "GET/me": false} {
		if permits(t, got, call, time.Now()) != want {
			t.Errorf("%s: want %v by %s", call, want, got.Policy)
		}
	}
	if line := b.lastLine(t); line["outcome"] != "deny" {
		t.Errorf("logged: %v", line["outcome"])
	}
}

// Rules for ten routes.
const (
	groupRule = `{"groups":["admins"]}`
	ownerRule = `{"owners":{"sub":["id"]}},{"groups":["others"]}`
)

// tenRoutes returns a table with ten routes under one rule.
func tenRoutes(rule string) string {
	var list []string
	for i := range 10 {
		list = append(list, fmt.Sprintf(`"GET /r%d/{id}"`, i))
	}
	return `{"version":1,"rules":[{"anyOf":[{}],"routes":["GET /users/{username}"]},{"anyOf":[` + rule + `],"routes":[` + strings.Join(list, ",") + `]}]}`
}

// BenchmarkInvokeOwner compares callers of a table with an owner on ten routes with those of one without.
func BenchmarkInvokeOwner(b *testing.B) {
	for name, rule := range map[string]string{"none": groupRule, "ten routes": ownerRule} {
		b.Run(name, func(b *testing.B) {
			bench := quiet(newHarness(b, tenRoutes(rule), nil))
			payloads := make([][]byte, 2*cachedTokens)
			for i := range payloads {
				payloads[i] = fixture(b, "rest-request.json", bench.pool.AccessToken(b, cognitotest.Groups("admins")).Reveal())
			}
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.Invoke(b.Context(), payloads[n%len(payloads)]); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
