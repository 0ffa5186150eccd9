package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const testIssuer = "https://cognito-idp.eu-west-1.amazonaws.com/" + testPoolID

// newRevocations returns a table on a fake DynamoDB, or on nothing that exists if name is not the fake's.
func newRevocations(t *testing.T, name string) (revocations, *faketable.Server) {
	t.Helper()
	server, err := faketable.Start(faketable.Options{Table: "revocations"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	table := revocation.FromEnvironment(name, env(map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_DYNAMODB": server.URL(), "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret",
	}))
	return revocations{table, []string{testIssuer, testIssuer + "-replica"}}, server
}

var signOutAlice = call{route: "/users/{username}/sign-out", params: map[string]string{"username": "alice"}, method: http.MethodPost}

func TestSignOutRevokesTheTokensThatAUserHas(t *testing.T) {
	cognito := newCognitoServer(t, "alice")
	pool := cognito.pool()
	revoked, _ := newRevocations(t, "revocations")
	sub, err := pool.Subject(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	token := revocation.Token{Issuer: testIssuer, Subject: sub, ClientID: "web", Session: "s", IssuedAt: time.Now(), AuthTime: time.Now()}
	api := newTestAPI(t, pool)
	api.api = newAPI(pool, revoked, nil, api.api.log)
	for range 2 { // it can be repeated
		if res := api.do(t, signOutAlice.event(t)); res.StatusCode != http.StatusNoContent {
			t.Fatalf("got %d %s", res.StatusCode, res.Body)
		}
	}
	replica := token
	replica.Issuer += "-replica"
	other := token
	other.Subject = "somebody-else"
	later := token
	later.IssuedAt, later.AuthTime = time.Now().Add(time.Minute), time.Now().Add(time.Minute)
	for name, tt := range map[string]struct {
		token revocation.Token
		want  bool
	}{"the user": {token, true}, "of the other issuer": {replica, true}, "another user": {other, false}, "a later sign-in": {later, false}} {
		if got, err := revoked.table.Revoked(t.Context(), tt.token); got != tt.want || err != nil {
			t.Errorf("%s: revoked is %v, %v", name, got, err)
		}
	}
}

func TestASignOutThatCannotBeWrittenIsReported(t *testing.T) {
	pool := newCognitoServer(t, "alice").pool()
	revoked, _ := newRevocations(t, "another")
	api := newTestAPI(t, pool)
	api.api = newAPI(pool, revoked, nil, api.api.log)
	res := api.do(t, signOutAlice.event(t))
	if res.StatusCode != http.StatusServiceUnavailable || res.detail(t) != "the access tokens are not revoked yet: try again" {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
}

func TestSignOutOfAnUnknownUserWritesNothing(t *testing.T) {
	cognito := newCognitoServer(t)
	pool := cognito.pool()
	revoked, table := newRevocations(t, "revocations")
	api := newTestAPI(t, pool)
	api.api = newAPI(pool, revoked, nil, api.api.log)
	if res := api.do(t, signOutAlice.event(t)); res.StatusCode != http.StatusNotFound || len(table.Items()) > 0 {
		t.Errorf("got %d %s, and %v in the table", res.StatusCode, res.Body, table.Items())
	}
}

func TestSigningOutRevokesTheSessionOrEveryToken(t *testing.T) {
	for route, want := range map[string]struct {
		session, another bool // whether the token's own session, and another one, is revoked
		calls            int  // of the user pool
	}{"/sign-out": {true, false, 0}, "/sign-out/everywhere": {true, true, 2}} {
		for _, kind := range kinds {
			t.Run(kind+" "+route, func(t *testing.T) {
				cognito := newCognitoServer(t, "alice")
				pool := cognito.pool()
				revoked, _ := newRevocations(t, "revocations")
				api := newTestAPI(t, pool)
				api.api = newAPI(pool, revoked, nil, api.api.log)
				for range 2 { // it can be repeated
					if res := api.do(t, call{kind: kind, route: route, method: http.MethodPost}.event(t)); res.StatusCode != http.StatusNoContent {
						t.Fatalf("got %d %s", res.StatusCode, res.Body)
					}
				}
				if len(cognito.received()) != want.calls {
					t.Errorf("the user pool was called %d times", len(cognito.received()))
				}
				token := revocation.Token{
					Issuer: testIssuer, Subject: "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11", ClientID: "web",
					Session: "6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10", IssuedAt: time.Now(), AuthTime: time.Now(),
				}
				another := token
				another.Session = "another"
				for _, tt := range []struct {
					token revocation.Token
					want  bool
				}{{token, want.session}, {another, want.another}} {
					if got, err := revoked.table.Revoked(t.Context(), tt.token); got != tt.want || err != nil {
						t.Errorf("session %s: revoked is %v, %v", tt.token.Session, got, err)
					}
				}
			})
		}
	}
}

func TestWhatCannotBeSignedOutIsRefused(t *testing.T) {
	machine := map[string]any{"sub": "m2m", "clientId": "m2m", "tokenUse": "access", "expiresAt": "2026-11-22T13:00:00Z"}
	withTable, _ := newRevocations(t, "revocations")
	for name, tt := range map[string]struct {
		route   string
		caller  map[string]any // nil: alice
		revoked revocations
		status  int
	}{
		"a session, without a table":    {"/sign-out", nil, revocations{}, http.StatusNotImplemented},
		"a machine's session":           {"/sign-out", machine, withTable, http.StatusBadRequest},
		"a machine's sessions":          {"/sign-out/everywhere", machine, withTable, http.StatusBadRequest},
		"everywhere, without a table":   {"/sign-out/everywhere", nil, revocations{}, http.StatusNoContent},
		"a machine, without a table":    {"/sign-out/everywhere", machine, revocations{}, http.StatusBadRequest},
		"a user who was deleted before": {"/sign-out/everywhere", map[string]any{"sub": "s", "username": "gone", "clientId": "web", "tokenUse": "access", "expiresAt": "2026-11-22T13:00:00Z"}, withTable, http.StatusNoContent},
	} {
		t.Run(name, func(t *testing.T) {
			pool := newCognitoServer(t, "alice").pool()
			api := newTestAPI(t, pool)
			api.api = newAPI(pool, tt.revoked, nil, api.api.log)
			event := call{route: tt.route, method: http.MethodPost}.event(t)
			if tt.caller != nil {
				event["requestContext"].(map[string]any)["authorizer"] = tt.caller
			}
			if res := api.do(t, event); res.StatusCode != tt.status {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
		})
	}
}

// Each half of a sign-out is tried, whatever becomes of the other.
func TestAFailureOfEitherHalfIsReportedAndTheOtherIsDone(t *testing.T) {
	everywhere := call{route: "/sign-out/everywhere", method: http.MethodPost}
	denied := awsError("AccessDeniedException", "not authorized to perform: cognito-idp:AdminUserGlobalSignOut")
	for name, tt := range map[string]struct {
		call    call
		faults  []fault
		table   string
		status  int
		detail  string
		written bool
	}{
		"Cognito is busy":                   {everywhere, repeated(awsError("TooManyRequestsException", "x")), "revocations", 503, "the user pool is busy: try again", true},
		"Cognito denies":                    {everywhere, []fault{denied}, "revocations", 500, "internal error", true},
		"the table is missing":              {everywhere, nil, "another", 503, "the access tokens are not revoked yet: try again", false},
		"both":                              {everywhere, []fault{denied}, "another", 500, "internal error", false},
		"the table, for one session":        {call{route: "/sign-out", method: http.MethodPost}, nil, "another", 503, "the access tokens are not revoked yet: try again", false},
		"Cognito, for one session: no half": {call{route: "/sign-out", method: http.MethodPost}, []fault{denied}, "revocations", 204, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			cognito := newCognitoServer(t, "alice")
			cognito.fail(tt.faults...)
			pool := cognito.pool()
			revoked, table := newRevocations(t, tt.table)
			api := newTestAPI(t, pool)
			api.api = newAPI(pool, revoked, nil, api.api.log)
			res := api.do(t, tt.call.event(t))
			if res.StatusCode != tt.status || tt.detail != "" && res.detail(t) != tt.detail {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
			if written := len(table.Items()) > 0; written != tt.written {
				t.Errorf("the table holds %v", table.Items())
			}
			if tt.status == 503 && res.Headers["Retry-After"] == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestTheRevocationTableNeedsTheIssuers(t *testing.T) {
	base := map[string]string{"USER_POOL_ID": testPoolID, "AWS_REGION": "eu-west-1", "REVOCATIONS_TABLE": "revocations", "ISSUERS": testIssuer + ", " + testIssuer + "-replica"}
	c, err := loadConfig(env(base))
	if err != nil || c.RevocationsTable != "revocations" || len(c.Issuers) != 2 || c.Issuers[1] != testIssuer+"-replica" {
		t.Errorf("got %+v, %v", c, err)
	}
	for name, value := range map[string]string{"ISSUERS": "", "REVOCATIONS_TABLE": "a b"} {
		changed := map[string]string{}
		for k, v := range base {
			changed[k] = v
		}
		changed[name] = value
		if _, err := loadConfig(env(changed)); err == nil {
			t.Errorf("%s=%q is accepted", name, value)
		}
	}
}
