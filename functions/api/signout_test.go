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
	if res.StatusCode != http.StatusServiceUnavailable || res.detail(t) != "signed out, but access tokens are not revoked yet: try again" {
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
