package explain

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

const (
	aSub    = "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11"
	aClient = "4p9exampleclientid7abcd1234"
)

// accessLine returns a line of the access log of a REST API, with some members changed.
func accessLine(t *testing.T, change map[string]string) string {
	t.Helper()
	line := map[string]string{
		"requestId": "r-2", "extendedRequestId": "x-2=", "time": "29/Nov/2026:14:05:00 +0000", "ip": "203.0.113.7", "method": "GET", "path": "/users",
		"status": "403", "latency": "3", "principalId": aSub, "clientId": aClient, "groups": "admins", "scopes": "-",
		"tokenExpiresAt": "2026-11-29T15:00:00Z", "decisionId": "r-1", "authStatus": "200", "authLatency": "-", "authError": "-", "authRequestId": "-",
		"apiStatus": "-", "apiLatency": "-", "errorType": "ACCESS_DENIED",
	}
	for name, value := range change {
		line[name] = value
	}
	data, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestALineOfTheAccessLogIsExplained(t *testing.T) {
	contract := write(t, openapi)
	const caller = "The caller " + aSub + " of the client " + aClient
	for name, tt := range map[string]struct {
		change map[string]string
		want   string
	}{
		"a 403 from a cached result": {nil,
			caller + ", with group admins, may not call GET /users: needs scope api/users.read. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"the same, just made": {map[string]string{"decisionId": "a-1", "authRequestId": "a-1"},
			caller + ", with group admins, may not call GET /users: needs scope api/users.read. The authorizer's log has the decision a-1."},
		"the same, of an HTTP API": {map[string]string{"path": "GET /users", "decisionId": "r-2", "authStatus": "-", "errorType": "-"},
			caller + ", with group admins, may not call GET /users: needs scope api/users.read. The authorizer's log has the decision r-2."},
		"the result ended with its token": {map[string]string{"scopes": "api/users.read", "groups": "-", "tokenExpiresAt": "2026-11-29T14:05:00Z"},
			caller + ", with scope api/users.read, may not call GET /users: the result had ended with its token, at 2026-11-29T14:05:00Z. The client should have refreshed it. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"both": {map[string]string{"tokenExpiresAt": "2026-11-29T14:04:59Z"},
			caller + ", with group admins, may not call GET /users: needs scope api/users.read; the token had expired as well, at 2026-11-29T14:04:59Z. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"the rule is met": {map[string]string{"path": "/users/{name}"},
			caller + ", with group admins, may not call GET /users/{name}: the contract allows it (has group admins), so look for a resource policy, a slash at the end of the path or two in a row, or a deployment of another contract. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"no token": {map[string]string{"status": "401", "principalId": "-", "clientId": "-", "groups": "-", "decisionId": "-", "authStatus": "401", "errorType": "UNAUTHORIZED"},
			"The call of GET /users was answered with 401: there was no token, or not one of the form Bearer TOKEN, so API Gateway did not ask the authorizer."},
		"a refused token": {map[string]string{"status": "401", "principalId": "-", "clientId": "-", "groups": "-", "decisionId": "-", "authStatus": "401", "authError": "Unauthorized", "authRequestId": "a-2", "errorType": "UNAUTHORIZED"},
			"The call of GET /users was answered with 401: the authorizer refused the token. The authorizer's log has the decision a-2."},
		"an authorizer that failed": {map[string]string{"status": "500", "principalId": "-", "decisionId": "-", "authStatus": "500", "authError": "the authorizer failed", "authRequestId": "a-3", "errorType": "AUTHORIZER_CONFIGURATION_ERROR"},
			"The call of GET /users was answered with 500: the authorizer failed. Nothing is known of the token. The authorizer's log has the decision a-3."},
		"no route": {map[string]string{"path": "-", "principalId": "-", "decisionId": "-", "errorType": "MISSING_AUTHENTICATION_TOKEN"},
			"API Gateway refused the call with 403: the API has no such route."},
		"throttled": {map[string]string{"status": "429", "errorType": "THROTTLED"},
			"API Gateway answered the call of GET /users with 429: throttled. That is not the authorizer's doing. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"a web ACL": {map[string]string{"errorType": "WAF_FILTERED", "decisionId": "-"},
			"API Gateway answered the call of GET /users with 403: waf filtered. That is not the authorizer's doing."},
		"a 403 of the backend": {map[string]string{"path": "/me", "apiStatus": "403", "errorType": "-"},
			caller + ", with group admins, may call GET /me: open to any signed-in caller. The status 403 is the backend's own. The result came from API Gateway's cache; the authorizer made it for the decision r-1."},
		"a public route": {map[string]string{"path": "/health", "status": "200", "principalId": "-", "clientId": "-", "groups": "-", "decisionId": "-", "authStatus": "-", "apiStatus": "200", "errorType": "-"},
			"Anybody may call GET /health: public. The status 200 is the backend's own."},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "2026-11-29T14:05:00.123Z "+accessLine(t, tt.change)+"\n", "explain", contract, "--log-line")
			if got.code != 0 || got.stdout != tt.want+"\n" || got.stderr != "" {
				t.Errorf("%+v\nwant %s", got, tt.want)
			}
		})
	}
}

func TestADecisionLineIsExplained(t *testing.T) {
	contract := write(t, openapi)
	for name, tt := range map[string]struct{ line, want string }{
		"denied": {`{"timestamp":"2026-11-29T14:05:00Z","level":"INFO","message":"decision","outcome":"deny","reason":"forbidden","route":"GET /users","ms":0.4,"rule":"needs scope api/users.read","client_id":"` + aClient + `","sub":"` + aSub + `","groups":"admins","requestId":"a-1"}`,
			"The caller " + aSub + " of the client " + aClient + ", with group admins, may not call GET /users: needs scope api/users.read. The API answered 403."},
		"not in the contract": {`{"outcome":"deny","reason":"no_contract","route":"unknown","client_id":"m2m"}`,
			"The caller m2m may not call unknown: the contract has no such route. The API answered 403."},
		"allowed": {`{"outcome":"allow","reason":"allowed","route":"GET /me","client_id":"m2m","sub":"m2m"}`, "The caller m2m may call GET /me."},
		"expired": {`{"outcome":"unauthorized","reason":"expired","route":"GET /me","unverified_client_id":"` + aClient + `","unverified_sub":"` + aSub + `"}`,
			"The call of GET /me was answered with 401: token expired. The token names the client " + aClient + " and the user " + aSub + ". That is not verified: anybody can write such a token."},
		"revoked": {`{"outcome":"unauthorized","reason":"revoked","route":"GET /me","client_id":"` + aClient + `","sub":"` + aSub + `"}`,
			"The call of GET /me was answered with 401: the token has been revoked. It is a token of " + aSub + " and the client " + aClient + "."},
		"no token": {`{"outcome":"unauthorized","reason":"token_missing","route":"GET /me"}`,
			"The call of GET /me was answered with 401: the request carries no token."},
		"keys that are unavailable": {`{"outcome":"error","reason":"keys_unavailable","route":"GET /me","error":"keys unavailable: status 503"}`,
			"The call of GET /me was answered with 500, since nothing could be decided: the keys of the issuer are unavailable. The cause: keys unavailable: status 503."},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, tt.line, "explain", contract, "--log-line")
			if got.code != 0 || got.stdout != tt.want+"\n" || got.stderr != "" {
				t.Errorf("%+v\nwant %s", got, tt.want)
			}
		})
	}
}

// The access log has no path, and of claims it has sub alone.
func TestAnExplanationNamesWhatTheAccessLogLacks(t *testing.T) {
	rule := func(a routes.AllOf) routes.Rule { return routes.Rule{AnyOf: []routes.AllOf{a}} }
	table, err := routes.New([]routes.Route{
		{Method: "GET", Template: "/orders/{id}", Rule: rule(routes.AllOf{Owners: map[string][]string{"sub": {"id"}}})},
		{Method: "GET", Template: "/plans", Rule: rule(routes.AllOf{Groups: []string{"admins"}, Claims: map[string][]string{"custom:plan": {"gold"}}})},
		{Method: "GET", Template: "/accounts", Rule: rule(routes.AllOf{MaxAge: 60})},
		{Method: "GET", Template: "/both", Rule: routes.Rule{AnyOf: []routes.AllOf{
			{Groups: []string{"admins"}, MaxAge: 60, Claims: map[string][]string{"tenant": {}}}, {Groups: []string{"admins"}, Claims: map[string][]string{"custom:plan": {}}},
			{Groups: []string{"others"}, Claims: map[string][]string{"beta": {}}},
		}}},
		{Method: "GET", Template: "/taken/" + aSub, Rule: rule(routes.AllOf{})},
		{Method: "GET", Template: "/taken/{id}", Rule: rule(routes.AllOf{Owners: map[string][]string{"sub": {"id"}}})},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/orders/{id}": "may not call GET /orders/{id}: only where {id} equals claim sub, and this call was for something else. This log does not have its path.",
		"/plans":       "Scopes and groups are there, so it failed by claim custom:plan, which this log does not have.",
		"/accounts":    "Scopes and groups are there, so it failed by the age of the sign-in, which this log does not have.",
		"/both":        "so it failed by claim custom:plan or claim tenant or the age of the sign-in, which this log does not have.",
		"/taken/{id}":  "needs {id} equal to claim sub: claim sub has the value of a literal that another path has in place of {id}.",
	} {
		e, err := explainLine(table, strings.NewReader(accessLine(t, map[string]string{"path": path})))
		if err != nil || strings.Contains(e.Reason, "something else") != (path == "/orders/{id}") || !strings.Contains(strings.ToLower(e.Sentence), strings.ToLower(want)) {
			t.Errorf("%s: %v, %s", path, err, e.Sentence)
		}
	}
}

func TestAnExplanationForPrograms(t *testing.T) {
	got := runWith(t, accessLine(t, nil), "explain", write(t, openapi), "--log-line", "--json")
	var e explained
	if err := json.Unmarshal([]byte(got.stdout), &e); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if e.Log != "access" || e.Principal != aSub || !e.Verified || e.Route != "GET /users" || e.Rule != "scope api/users.read" || e.Cached == nil || !*e.Cached || e.Decision != "r-1" {
		t.Errorf("%+v", e)
	}
	forged := runWith(t, `{"outcome":"unauthorized","reason":"signature","route":"GET /me","unverified_client_id":"web","unverified_sub":"`+aSub+`"}`, "explain", write(t, openapi), "--log-line", "--json")
	if err := json.Unmarshal([]byte(forged.stdout), &e); err != nil || e.Verified || e.Principal != aSub {
		t.Errorf("%v: %+v", err, e)
	}
}

func TestAnythingButALogLineIsRefusedWithoutRepeatingIt(t *testing.T) {
	contract := write(t, openapi)
	for name, stdin := range map[string]string{
		"nothing": "", "text": "secret", "a token": "secret.c2VjcmV0.c2VjcmV0", "another log": `{"secret":"secret"}`, "a list": `["secret"]`,
		"half a line": `{"outcome":"secret`, "two lines": accessLine(t, nil) + "\n" + accessLine(t, nil), "too much": strings.Repeat("secret", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, stdin, "explain", contract, "--log-line")
			if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "neither a line of the API's access log") || strings.Contains(got.stderr, "secret") || strings.Contains(got.stderr, aSub) {
				t.Errorf("%+v", got)
			}
		})
	}
	if got := runWith(t, accessLine(t, nil), "explain", contract, "--log-line", "--groups", "admins"); got.code != 2 {
		t.Errorf("two callers: %+v", got)
	}
}

// Every reason that docs/architecture.md lists has words of its own here.
func TestEveryReasonHasAMeaning(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Reasons")
	reasons := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1)
	if len(reasons) < 30 {
		t.Fatalf("%d reasons were found", len(reasons))
	}
	for _, reason := range reasons {
		byRule := slices.Contains(routes.Refusals(), routes.Refusal(reason[1])) || reason[1] == "allowed" || reason[1] == "forbidden"
		if !byRule && meaning(reason[1]) == reason[1] { // a rule has words of its own
			t.Errorf("%s has no meaning", reason[1])
		}
	}
}
