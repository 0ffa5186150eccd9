package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// tableOfRoutes is the route table of the tests, as the compiler writes it.
const tableOfRoutes = `{"version":1,"connect":{"anyOf":[{}]},"rules":[
	{"public":true,"routes":["GET /health"]},
	{"anyOf":[{}],"routes":["GET /me"]},
	{"anyOf":[{"scopes":["api/users.read"]}],"routes":["GET /users"]},
	{"anyOf":[{"scopes":["api/users.read"]},{"groups":["admins"]}],"routes":["GET /users/{username}"]}
]}`

// perRouteTable is the same for an API that caches results per route.
var perRouteTable = strings.Replace(tableOfRoutes, `"version":1,`, `"version":1,"mode":"route",`, 1)

// harness is an authorizer, its user pool and everything it logged.
type harness struct {
	*authorizer
	pool *cognitotest.Pool
	log  lockedBuffer
}

// lockedBuffer is safe for concurrent use, as os.Stdout is.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func newHarness(t testing.TB, routes string, changes map[string]string) *harness {
	t.Helper()
	return startHarness(t, routes, func(*cognitotest.Pool) map[string]string { return changes })
}

// startHarness is newHarness with settings that depend on the pool.
func startHarness(t testing.TB, routes string, changes func(*cognitotest.Pool) map[string]string) *harness {
	t.Helper()
	b := &harness{pool: cognitotest.NewPool(t)}
	path := filepath.Join(t.TempDir(), "routes.json")
	if err := os.WriteFile(path, []byte(routes), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"ISSUERS": b.pool.Issuer(), "CLIENT_IDS": cognitotest.WebClient + "," + cognitotest.MachineClient,
		"ROUTES": path, "AWS_LAMBDA_FUNCTION_NAME": "authorizer",
	}
	for name, value := range changes(b.pool) {
		env[name] = value
	}
	var err error
	if b.authorizer, err = newAuthorizer(func(name string) string { return env[name] }, &b.log); err != nil {
		t.Fatal(err)
	}
	b.report.log = slog.New(slog.NewJSONHandler(&b.log, nil))
	return b
}

// reply has the fields of all forms of a response.
type reply struct {
	PrincipalID  string          `json:"principalId"`
	Policy       json.RawMessage `json:"policyDocument"`
	IsAuthorized *bool           `json:"isAuthorized"`
	Context      map[string]any  `json:"context"`
}

func (b *harness) ask(t testing.TB, event []byte) (reply, error) {
	t.Helper()
	payload, err := b.Invoke(t.Context(), event)
	if err != nil {
		if payload != nil {
			t.Error("a response was returned with the error")
		}
		return reply{}, err
	}
	var a reply
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatal(err)
	}
	return a, nil
}

// permits evaluates a response's policy as API Gateway would, for a call to the stage that the fixtures name.
func permits(t testing.TB, a reply, call string, at time.Time) bool {
	t.Helper()
	stage := "prod"
	if strings.HasPrefix(call, "$default ") {
		stage, call = "$default", strings.TrimPrefix(call, "$default ")
	}
	d, err := apigateway.EvaluatePolicy(a.Policy, "execute-api:Invoke",
		"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/"+stage+"/"+call, at)
	if err != nil {
		t.Fatal(err)
	}
	return d == apigateway.Allowed
}

// lastLine returns the line of the last decision.
func (b *harness) lastLine(t testing.TB) map[string]any {
	t.Helper()
	var last map[string]any
	for line := range strings.Lines(b.log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("a line that is not JSON: %v", err)
		}
		if fields["msg"] == "decision" {
			last = fields
		}
	}
	return last
}

func tokenEvent(credentials string) []byte { return callEvent("GET/users/alice", credentials) }

// callEvent returns the event of a call such as "GET/me".
func callEvent(call, credentials string) []byte {
	event, _ := json.Marshal(map[string]string{
		"type": "TOKEN", "authorizationToken": credentials,
		"methodArn": "arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/" + call,
	})
	return event
}
