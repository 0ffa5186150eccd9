package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestEachKindOfEventGetsItsOwnKindOfResponse(t *testing.T) {
	policy := newHarness(t, tableOfRoutes, nil)
	simple := newHarness(t, tableOfRoutes, map[string]string{"HTTP_RESPONSE": "simple"})
	for name, tt := range map[string]struct {
		event  string
		call   string // a call that the caller is allowed
		simple bool
	}{
		"REST TOKEN":                          {"rest-token.json", "GET/me", false},
		"REST REQUEST":                        {"rest-request.json", "GET/users/alice", false},
		"HTTP API 1.0":                        {"http-v1.json", "$default GET/users/alice", false},
		"HTTP API 2.0":                        {"http-v2.json", "$default GET/users/alice", false},
		"HTTP API 2.0 with simple responses":  {"http-v2.json", "", true},
		"HTTP API 1.0 has no simple response": {"http-v1.json", "$default GET/users/alice", false},
		"a WebSocket's handshake":             {"websocket.json", "$connect", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := policy
			if tt.simple || strings.Contains(name, "has no") {
				b = simple
			}
			token := b.pool.AccessToken(t, cognitotest.Groups("admins"))
			got, err := b.ask(t, fixture(t, tt.event, token.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			if got.Context["sub"] != cognitotest.Subject || got.Context["groups"] != "admins" {
				t.Errorf("context %v", got.Context)
			}
			if tt.simple {
				if got.IsAuthorized == nil || !*got.IsAuthorized || got.Policy != nil || got.PrincipalID != "" {
					t.Errorf("got %+v, want a simple response", got)
				}
				return
			}
			if got.PrincipalID != cognitotest.Subject || got.IsAuthorized != nil {
				t.Errorf("got %+v, want a policy for the subject", got)
			}
			if !permits(t, got, tt.call, time.Now()) {
				t.Errorf("%s is not allowed", tt.call)
			}
		})
	}
}

func TestAPolicyMadeForOneRouteIsRightOnEveryOther(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	for name, tt := range map[string]struct {
		token cognito.Token
		want  map[string]bool
	}{
		"somebody": {b.pool.AccessToken(t), map[string]bool{
			"GET/health": true, "GET/me": true, "GET/users": false, "GET/users/alice": false, "DELETE/me": false, "GET/other": false}},
		"an admin": {b.pool.AccessToken(t, cognitotest.Groups("admins")), map[string]bool{
			"GET/me": true, "GET/users": false, "GET/users/alice": true, "POST/users/alice": false}},
		"a machine": {b.pool.MachineToken(t), map[string]bool{
			"GET/me": true, "GET/users": true, "GET/users/alice": true, "GET/users/alice/secrets": false}},
	} {
		t.Run(name, func(t *testing.T) {
			var first json.RawMessage
			for _, event := range []string{"rest-token.json", "rest-request.json"} { // two routes of one stage
				got, err := b.ask(t, fixture(t, event, tt.token.Reveal()))
				if err != nil {
					t.Fatal(err)
				}
				for call, want := range tt.want {
					if permits(t, got, call, time.Now()) != want {
						t.Errorf("%s: allowed %v, want %v", call, !want, want)
					}
				}
				if first != nil && !bytes.Equal(first, got.Policy) {
					t.Errorf("the policy depends on the route that was called:\n%s\n%s", first, got.Policy)
				}
				first = got.Policy
			}
		})
	}
}

func TestACachedPolicyEndsWithTheToken(t *testing.T) {
	exp := time.Now().Add(5 * time.Minute).Truncate(time.Second)
	for name, tt := range map[string]struct {
		env  map[string]string
		at   time.Time
		want bool
	}{
		"a second before":                  {nil, exp.Add(-time.Second), true},
		"at exp":                           {nil, exp, false},
		"long after":                       {nil, exp.Add(time.Hour), false},
		"a second before exp and leeway":   {map[string]string{"LEEWAY": "30s"}, exp.Add(29 * time.Second), true},
		"at exp and leeway":                {map[string]string{"LEEWAY": "30s"}, exp.Add(30 * time.Second), false},
		"after exp, when it is turned off": {map[string]string{"EXPIRE_CACHED_POLICIES": "false"}, exp.Add(time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, tt.env)
			token := b.pool.AccessToken(t, cognitotest.Claim("exp", exp.Unix()))
			got, err := b.ask(t, fixture(t, "rest-token.json", token.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			if permits(t, got, "GET/me", tt.at) != tt.want {
				t.Errorf("allowed %v, want %v, by %s", !tt.want, tt.want, got.Policy)
			}
		})
	}
}

func TestPerRouteResponsesAreAboutTheMatchedRoute(t *testing.T) {
	simple := newHarness(t, tableOfRoutes, map[string]string{"HTTP_RESPONSE": "simple"})
	rest := newHarness(t, perRouteTable, nil)
	catchAll := []byte(strings.NewReplacer("GET /users/{username}", "ANY /{proxy+}", "{token}", simple.pool.AccessToken(t).Reveal()).
		Replace(string(fixture(t, "http-v2.json", "{token}"))))

	t.Run("a simple response follows the rule", func(t *testing.T) {
		for want, token := range map[bool]cognito.Token{true: simple.pool.MachineToken(t), false: simple.pool.AccessToken(t)} {
			got, err := simple.ask(t, fixture(t, "http-v2.json", token.Reveal()))
			if err != nil || got.IsAuthorized == nil || *got.IsAuthorized != want {
				t.Errorf("got %+v, %v; want %v", got, err, want)
			}
		}
	})
	t.Run("a simple response does not depend on the path", func(t *testing.T) {
		event := bytes.ReplaceAll(fixture(t, "http-v2.json", simple.pool.MachineToken(t).Reveal()), []byte("/users/alice\""), []byte("/users/alice/\""))
		got, err := simple.ask(t, event)
		if err != nil || got.IsAuthorized == nil || !*got.IsAuthorized || simple.lastLine(t)["outcome"] != string(outcomeAllow) {
			t.Errorf("got %+v, %v; logged %v", got, err, simple.lastLine(t)["outcome"])
		}
	})
	t.Run("a catch-all that the contract does not know is refused, whatever the path", func(t *testing.T) {
		got, err := simple.ask(t, catchAll)
		if err != nil || got.IsAuthorized == nil || *got.IsAuthorized {
			t.Errorf("got %+v, %v", got, err)
		}
		if line := simple.lastLine(t); line["reason"] != reasonNoContract {
			t.Errorf("reason %v", line["reason"])
		}
	})
	t.Run("a REST policy covers the one route", func(t *testing.T) {
		got, err := rest.ask(t, fixture(t, "rest-request.json", rest.pool.MachineToken(t).Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		if !permits(t, got, "GET/users/bob", time.Now()) || permits(t, got, "GET/users", time.Now()) || permits(t, got, "GET/me", time.Now()) {
			t.Errorf("got %s", got.Policy)
		}
	})
	t.Run("a TOKEN event names no route, so nothing is allowed", func(t *testing.T) {
		got, err := rest.ask(t, fixture(t, "rest-token.json", rest.pool.MachineToken(t).Reveal()))
		if err != nil || permits(t, got, "GET/me", time.Now()) {
			t.Errorf("got %s, %v", got.Policy, err)
		}
	})
}

func TestARefusalIs401AnErrorIs500AndTheReasonIsLogged(t *testing.T) {
	for name, tt := range map[string]struct {
		event   func(*harness) []byte
		env     map[string]string
		want    error
		outcome outcome
		reason  string
	}{
		"no token":        {func(*harness) []byte { return tokenEvent("") }, nil, errUnauthorized, outcomeUnauthorized, "token_missing"},
		"another scheme":  {func(*harness) []byte { return tokenEvent("Basic YTpi") }, nil, errUnauthorized, outcomeUnauthorized, "token_scheme"},
		"a malformed one": {func(*harness) []byte { return tokenEvent("Bearer a.b.c") }, nil, errUnauthorized, outcomeUnauthorized, "token_malformed"},
		"one that has expired": {func(b *harness) []byte {
			return tokenEvent("Bearer " + b.pool.AccessToken(t, cognitotest.ExpiresIn(-time.Second)).Reveal())
		}, nil, errUnauthorized, outcomeUnauthorized, "expired"},
		"an ID token": {func(b *harness) []byte { return tokenEvent("Bearer " + b.pool.IDToken(t).Reveal()) }, nil,
			errUnauthorized, outcomeUnauthorized, "token_use"},
		"another pool's": {func(*harness) []byte {
			return tokenEvent("Bearer " + cognitotest.NewPool(t).AccessToken(t).Reveal())
		}, nil, errUnauthorized, outcomeUnauthorized, "issuer"},
		"another client's": {func(b *harness) []byte { return tokenEvent("Bearer " + b.pool.AccessToken(t).Reveal()) },
			map[string]string{"CLIENT_IDS": "other"}, errUnauthorized, outcomeUnauthorized, "client"},
		"unavailable keys": {func(b *harness) []byte {
			b.pool.Fail(cognitotest.Status(503, 0))
			return tokenEvent("Bearer " + b.pool.AccessToken(t).Reveal())
		}, nil, errInternal, outcomeError, "keys_unavailable"},
		"an unknown event": {func(*harness) []byte { return []byte(`{"hello":"world"}`) }, nil, errInternal, outcomeError, "event"},
		"a panic": {func(b *harness) []byte {
			b.verifier = nil
			return tokenEvent("Bearer " + b.pool.AccessToken(t).Reveal())
		}, nil, errInternal, outcomeError, "panic"},
		"revocations that cannot be read": {func(b *harness) []byte { return tokenEvent("Bearer " + b.pool.AccessToken(t).Reveal()) },
			map[string]string{"REVOCATIONS_TABLE": "ended", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
				"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}, errInternal, outcomeError, "revocations_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, tt.env)
			_, err := b.ask(t, tt.event(b))
			if err != tt.want { //nolint:errorlint // API Gateway compares the text: it must not be wrapped
				t.Errorf("got %v, want %v as it is", err, tt.want)
			}
			line := b.lastLine(t)
			if line["outcome"] != string(tt.outcome) || line["reason"] != tt.reason {
				t.Errorf("logged %v, %v; want %v, %v", line["outcome"], line["reason"], tt.outcome, tt.reason)
			}
			problem, _ := line["error"].(string)
			if is500 := tt.want == errInternal; (line["level"] == "ERROR") != is500 || (problem != "") != is500 { //nolint:errorlint // as above
				t.Errorf("logged at level %v with error %q; want level ERROR and the error for a 500 alone", line["level"], problem)
			}
		})
	}
	if errUnauthorized.Error() != "Unauthorized" {
		t.Errorf("API Gateway makes a 401 of the exact text Unauthorized, not of %q", errUnauthorized)
	}
}

func TestTheLogOfA403NamesTheRuleThatFailed(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	if _, err := b.ask(t, tokenEvent("Bearer "+b.pool.AccessToken(t).Reveal())); err != nil {
		t.Fatal(err)
	}
	line := b.lastLine(t)
	want := map[string]any{
		"outcome": "deny", "reason": "forbidden", "route": "GET /users/{username}", "sub": cognitotest.Subject,
		"client_id": cognitotest.WebClient, "kid": b.pool.Keys()[0].ID, "key_source": "fetch",
		"rule": "needs scope api/users.read or group admins",
	}
	for field, value := range want {
		if line[field] != value {
			t.Errorf("%s is %v, want %v", field, line[field], value)
		}
	}
}

// A route for any method is logged by what the policy decides about the method that was called.
func TestTheLogAgreesWithThePolicyOnARouteForAnyMethod(t *testing.T) {
	b := newHarness(t, `{"version":1,"rules":[{"anyOf":[{"groups":["admins"]}],"routes":["POST /both"]},{"anyOf":[{}],"routes":["ANY /both"]}]}`, nil)
	for method, want := range map[string]outcome{"GET": outcomeAllow, "POST": outcomeDeny} {
		event := strings.ReplaceAll(string(tokenEvent("Bearer "+b.pool.AccessToken(t).Reveal())), "GET/users/alice", method+"/both")
		got, err := b.ask(t, []byte(event))
		if err != nil {
			t.Fatal(err)
		}
		if allowed := permits(t, got, method+"/both", time.Now()); allowed != (want == outcomeAllow) || b.lastLine(t)["outcome"] != string(want) {
			t.Errorf("%s: the policy allows: %v, the log says %v, want %v", method, allowed, b.lastLine(t)["outcome"], want)
		}
	}
}

func TestNothingSecretOrPersonalIsWritten(t *testing.T) {
	b := newHarness(t, tableOfRoutes, map[string]string{"TOKEN_USE": "access,id"})
	valid := b.pool.IDToken(t)
	invalid := b.pool.AccessToken(t, cognitotest.SignedBy(cognitotest.NewKey(t)))
	personal := b.pool.AccessToken(t, cognitotest.SignedBy(cognitotest.NewKey(t)), cognitotest.Groups(cognitotest.Email), cognitotest.Scopes(cognitotest.Email),
		cognitotest.Claim("sub", cognitotest.Email), cognitotest.Claim("aud", cognitotest.Email), cognitotest.Claim("origin_jti", cognitotest.Email))
	unnamed := b.pool.AccessToken(t, cognitotest.Groups(cognitotest.Email), cognitotest.Scopes(cognitotest.Email)) // valid, and the contract names neither
	tokens := []cognito.Token{valid, invalid, personal, unnamed}
	for _, token := range tokens {
		for _, event := range []string{"rest-token.json", "rest-request.json", "http-v1.json", "http-v2.json", "websocket.json", "appsync.json"} {
			_, _ = b.Invoke(t.Context(), fixture(t, event, token.Reveal()))
		}
	}
	written := b.log.String()
	if !strings.Contains(written, `"reason":"allowed"`) || !strings.Contains(written, `"reason":"signature"`) {
		t.Fatal("nothing was decided")
	}
	for name, secret := range map[string]string{
		"an e-mail address": cognitotest.Email, "a user name": `"` + cognitotest.Username + `"`, "a path": "/users/alice",
		"a header": "curl/8.5.0", "an address": "203.0.113.7",
	} {
		if strings.Contains(written, secret) {
			t.Errorf("%s was written", name)
		}
	}
	for _, token := range tokens {
		for _, part := range strings.Split(token.Reveal(), ".") {
			if strings.Contains(written, part) {
				t.Error("a part of a token was written")
			}
		}
	}
}

func TestADeadlineEndsTheWaitForKeys(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	b.pool.Fail(cognitotest.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Invoke(ctx, tokenEvent("Bearer "+b.pool.AccessToken(t).Reveal())); !errors.Is(err, errInternal) {
		t.Errorf("got %v, want %v", err, errInternal)
	}
}

// Whichever route a path with an empty segment matches, log and policy agree.
func TestTheLogAgreesWithThePolicyOnEmptySegments(t *testing.T) {
	for name, mode := range map[string]routes.Mode{"one policy for the stage": routes.PerStage, "a policy for each route": routes.PerRoute} {
		t.Run(name, func(t *testing.T) {
			rule := func(groups ...string) routes.Rule { return routes.Rule{AnyOf: []routes.AllOf{{Groups: groups}}} }
			table, err := routes.New([]routes.Route{
				{Method: "GET", Template: "/files/a", Rule: rule("staff")}, {Method: "GET", Template: "/files/{path+}", Rule: rule()},
				{Method: "GET", Template: "/me", Rule: rule()}, {Method: "GET", Template: "/users/{id}", Rule: rule()},
			}, routes.Options{Mode: mode})
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := table.Encode()
			if err != nil {
				t.Fatal(err)
			}
			b := newHarness(t, string(encoded), nil)
			for _, call := range [][2]string{
				{"/files/a", "/files/a"}, {"/files/a/", "/files/a"}, {"/files/a/", "/files/{path+}"}, {"/files/b/", "/files/{path+}"}, {"/files//b", "/files/{path+}"},
				{"/files/", "/files/{path+}"}, {"/me", "/me"}, {"/me/", "/me"}, {"/users/7", "/users/{id}"}, {"/users/7/", "/users/{id}"}, {"//me", "/me"},
			} {
				path, resource := call[0], call[1]
				event, err := json.Marshal(map[string]any{
					"type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET" + path,
					"resource": resource, "path": path, "httpMethod": "GET",
					"headers": map[string]string{"Authorization": "Bearer " + b.pool.AccessToken(t).Reveal()},
				})
				if err != nil {
					t.Fatal(err)
				}
				a, err := b.ask(t, event)
				if err != nil {
					t.Fatal(err)
				}
				allowed, line := permits(t, a, "GET"+path, time.Now()), b.lastLine(t)
				if (line["outcome"] == "allow") != allowed {
					t.Errorf("%s of %s: the policy allows: %v, the log says %v", path, resource, allowed, line["outcome"])
				}
			}
		})
	}
}
