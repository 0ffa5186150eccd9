package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
)

var kinds = []string{"rest", "http-1.0", "http-2.0"}

func TestEveryEventFormatIsServed(t *testing.T) {
	server := newCognitoServer(t, "alice")
	for _, kind := range kinds {
		for name, tt := range map[string]struct {
			call call
			body string
		}{
			"health":   {call{route: "/health", anonymous: true}, `{"status":"ok"}`},
			"info":     {call{route: "/info"}, `{"name":"User directory","version":"1.0.0"}`},
			"one user": {call{route: "/users/{username}", params: map[string]string{"username": "alice"}}, alice},
			"users":    {call{route: "/users"}, `{"users":[` + alice + `]}`},
			"me": {call{route: "/me"}, `{"sub":"3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11","username":"alice",` +
				`"clientId":"4p9exampleclientid7abcd1234","scopes":["api/users.read","api/users.write"],"groups":["admins","a,b"],` +
				`"tokenUse":"access","expiresAt":"2026-11-22T13:00:00Z","sessionId":"6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10"}`},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				tt.call.kind = kind
				res := newTestAPI(t, server.pool()).do(t, tt.call.event(t))
				if res.StatusCode != http.StatusOK || res.Body != tt.body {
					t.Errorf("got %d %s\nwant 200 %s", res.StatusCode, res.Body, tt.body)
				}
			})
		}
	}
}

const alice = `{"username":"alice","status":"CONFIRMED","enabled":true,"createdAt":"2026-11-01T09:00:00.123Z"}`

func TestMeOmitsTheUsernameOfAMachineClient(t *testing.T) {
	event := call{route: "/me"}.event(t)
	event["requestContext"].(map[string]any)["authorizer"] = map[string]any{
		"sub": "m2m", "clientId": "m2m", "scopes": "api/users.read", "tokenUse": "access", "expiresAt": "2026-11-22T13:00:00Z"}
	res := newTestAPI(t, userPool{}).do(t, event)
	want := `{"sub":"m2m","clientId":"m2m","scopes":["api/users.read"],"groups":[],"tokenUse":"access","expiresAt":"2026-11-22T13:00:00Z"}`
	if res.Body != want {
		t.Errorf("got %s\nwant %s", res.Body, want)
	}
}

func TestProtectedOperationsRequireAnIdentity(t *testing.T) {
	server := newCognitoServer(t, "alice")
	api := newTestAPI(t, server.pool())
	for name, tt := range map[string]struct {
		authorizer any
		detail     string
	}{
		"no authorizer":              {nil, "the authorizer is not attached to this route"},
		"an empty context":           {map[string]any{}, "the authorizer is not attached to this route"},
		"another authorizer":         {map[string]any{"principalId": "x"}, "the authorizer's context is malformed"},
		"an identity without expiry": {map[string]any{"sub": "x", "clientId": "y"}, "the authorizer's context is malformed"},
	} {
		protected := 0
		for _, op := range api.routes {
			if op.public {
				continue
			}
			protected++
			for _, kind := range kinds {
				t.Run(strings.Join([]string{name, kind, op.method, op.path}, " "), func(t *testing.T) {
					event := call{kind: kind, method: op.method, route: op.path, params: map[string]string{"username": "alice"}}.event(t)
					authorizer := tt.authorizer
					if kind == "http-2.0" {
						authorizer = map[string]any{"lambda": authorizer}
					}
					event["requestContext"].(map[string]any)["authorizer"] = authorizer
					res := api.do(t, event)
					if res.StatusCode != http.StatusInternalServerError || res.detail(t) != tt.detail {
						t.Errorf("got %d %s", res.StatusCode, res.Body)
					}
				})
			}
		}
		if protected < 5 {
			t.Fatalf("%d protected operations", protected)
		}
	}
	if len(server.received()) > 0 {
		t.Errorf("the user pool was called: %v", server.received())
	}
}

// The contexts of API Gateway's JWT and IAM authorizers have members of their own and must not pass for an identity.
func TestJWTAndIAMAuthorizerContextsAreNotAnIdentity(t *testing.T) {
	for _, authorizer := range []string{
		`{"jwt":{"claims":{"sub":"x","clientId":"y","expiresAt":"2026-11-22T13:00:00Z"},"scopes":[]}}`,
		`{"iam":{"userId":"x"}}`,
	} {
		event := call{kind: "http-2.0", route: "/me"}.event(t)
		event["requestContext"].(map[string]any)["authorizer"] = json.RawMessage(authorizer)
		if res := newTestAPI(t, userPool{}).do(t, event); res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: got %d", authorizer, res.StatusCode)
		}
	}
}

func TestAnUnknownEventIsAnInternalError(t *testing.T) {
	for name, payload := range map[string]string{
		"nothing":                    ``,
		"null":                       `null`,
		"not JSON":                   `{"version":`,
		"an array":                   `[]`,
		"an empty object":            `{}`,
		"a later version":            `{"version":"3.0","routeKey":"GET /health","requestContext":{"http":{"method":"GET"}}}`,
		"a version that is a number": `{"version":2}`,
		"no route, 2.0":              `{"version":"2.0","rawPath":"/health","requestContext":{"http":{"method":"GET"}}}`,
		"a header that is an object": `{"resource":"/health","httpMethod":"GET","headers":{"a":{}}}`,
		"a missing path parameter":   `{"resource":"/users/{username}","httpMethod":"GET"}`,
		"an SQS event":               `{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}`,
		"a WebSocket message":        `{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"c"},"body":"{}"}`,
	} {
		t.Run(name, func(t *testing.T) {
			api := newTestAPI(t, userPool{})
			out, err := api.Invoke(t.Context(), []byte(payload))
			if err != nil {
				t.Fatal(err)
			}
			var res response
			if err := json.Unmarshal(out, &res); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != http.StatusInternalServerError || res.detail(t) != "not an API Gateway event" {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
		})
	}
}

// The errors of encoding/json quote the values that they are about.
func TestTheLogDoesNotQuoteAnUnreadableEvent(t *testing.T) {
	for name, payload := range map[string]string{
		"no version":      `{"version":19870312.5}`,
		"REST API":        `{"resource":"/health","requestContext":{"requestTimeEpoch":19870312.5}}`,
		"format 1.0":      `{"version":"1.0","resource":"/health","requestContext":{"requestTimeEpoch":19870312.5}}`,
		"format 2.0":      `{"version":"2.0","routeKey":"GET /health","requestContext":{"timeEpoch":19870312.5}}`,
		"a later version": `{"version":"19870312.5"}`,
		"truncated":       `{"version":"2.0","rawPath":"19870312.5`,
		"an invalid body": `{"version":"2.0","body":19870312.5}`,
	} {
		t.Run(name, func(t *testing.T) {
			api := newTestAPI(t, userPool{})
			if _, err := api.Invoke(t.Context(), []byte(payload)); err != nil {
				t.Fatal(err)
			}
			log := api.log.String()
			if !strings.Contains(log, errEvent.Error()) || strings.Contains(log, "19870312") || strings.Contains(log, "Go struct") {
				t.Errorf("got %s", log)
			}
		})
	}
}

func TestAPanicReturns500AndItsValueIsNotLogged(t *testing.T) {
	api := newTestAPI(t, userPool{}, "https://app.example.com")
	api.routes = router{{method: http.MethodGet, path: "/info", handle: func(context.Context, *request) (response, error) {
		panic(errors.New("about " + privateEmail))
	}}}
	res := api.do(t, call{route: "/info", origin: "https://app.example.com"}.event(t))
	if res.StatusCode != http.StatusInternalServerError || res.detail(t) != "internal error" {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
	if res.Headers["Access-Control-Allow-Origin"] != "https://app.example.com" {
		t.Error("a browser cannot read the response")
	}
	if log := api.log.String(); !strings.Contains(log, "*errors.errorString") || !strings.Contains(log, "api_test.go") {
		t.Errorf("the log does not show where the panic was: %s", log)
	}
}

func TestEachRequestIsLoggedOnOneLine(t *testing.T) {
	server := newCognitoServer(t, "alice")
	for name, tt := range map[string]struct {
		call                 call
		fault                fault
		level, route, reason string
		status               float64
	}{
		"success":       {call: call{route: "/users/{username}", params: map[string]string{"username": "alice"}}, level: "INFO", route: "GET /users/{username}", status: 200},
		"not found":     {call: call{route: "/{proxy+}", params: map[string]string{"proxy": "users/" + privateEmail + "/x"}}, level: "INFO", route: "unmatched", status: 404},
		"bad parameter": {call: call{route: "/users/{username}", params: map[string]string{"username": privateEmail + " "}}, level: "INFO", route: "GET /users/{username}", status: 400},
		"internal error": {call: call{route: "/users"}, fault: awsError("AccessDeniedException", "not authorized to perform: cognito-idp:ListUsers"),
			level: "ERROR", route: "GET /users", status: 500,
			reason: "the user pool denies the call: check the role of the function and USER_POOL_ID: AccessDeniedException: not authorized to perform: cognito-idp:ListUsers"},
	} {
		t.Run(name, func(t *testing.T) {
			server.fail(tt.fault)
			api := newTestAPI(t, server.pool())
			api.do(t, tt.call.event(t))
			var line map[string]any
			if err := json.Unmarshal(api.log.Bytes(), &line); err != nil {
				t.Fatalf("not one line: %v\n%s", err, api.log)
			}
			if line["level"] != tt.level || line["msg"] != "request" || line["route"] != tt.route || line["status"] != tt.status {
				t.Errorf("got %v", line)
			}
			if _, timed := line["ms"].(float64); !timed {
				t.Errorf("ms is %v", line["ms"])
			}
			if reason, _ := line["error"].(string); reason != tt.reason {
				t.Errorf("error is %q", reason)
			}
			if sub := line["sub"]; (tt.route == "unmatched") != (sub == nil) {
				t.Errorf("sub is %v", sub)
			}
			delete(line, "time")
			for _, known := range []string{"level", "msg", "route", "status", "ms", "sub", "error"} {
				delete(line, known)
			}
			if len(line) > 0 {
				t.Errorf("unexpected members: %v", line)
			}
		})
	}
}
