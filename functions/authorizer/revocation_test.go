package main

import (
	"errors"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const revocationsTable = "revoked"

func newTable(t testing.TB) *faketable.Server {
	t.Helper()
	table, err := faketable.Start(faketable.Options{Table: revocationsTable})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	return table
}

// withTable returns the settings of an authorizer that reads a table, which may be missing there.
func withTable(name, endpoint string) map[string]string {
	return map[string]string{
		"REVOCATIONS_TABLE": name, "TOKEN_USE": "access,id", "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
	}
}

func (b *harness) revoke(t testing.TB, entry revocation.Entry) {
	t.Helper()
	if err := b.revoked.table.Put(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
}

func TestARevokedTokenIsRefused(t *testing.T) {
	now := time.Now().Add(time.Minute) // later than any token of the test
	for name, tt := range map[string]struct {
		entry   func(issuer string) revocation.Entry
		token   []cognitotest.TokenOption
		machine bool
		id      bool
		want    error
		reason  string
		reads   int
	}{
		"another session":          {entry: func(string) revocation.Entry { return revocation.Session("another", now, true) }, reason: "allowed", reads: 1},
		"its session":              {entry: func(string) revocation.Entry { return revocation.Session(cognitotest.Session, now, true) }, want: errUnauthorized, reason: "revoked", reads: 1},
		"its session, an ID token": {entry: func(string) revocation.Entry { return revocation.Session(cognitotest.Session, now, true) }, id: true, want: errUnauthorized, reason: "revoked", reads: 1},
		"its user":                 {entry: func(i string) revocation.Entry { return revocation.User(i, cognitotest.Subject, now, true) }, want: errUnauthorized, reason: "revoked", reads: 1},
		"its user, earlier than the sign-in": {entry: func(i string) revocation.Entry {
			return revocation.User(i, cognitotest.Subject, now.Add(-48*time.Hour), true)
		}, reason: "allowed", reads: 1},
		"the user of that name of another issuer": {entry: func(i string) revocation.Entry { return revocation.User(i+"x", cognitotest.Subject, now, true) }, reason: "allowed", reads: 1},
		"its client":       {entry: func(i string) revocation.Entry { return revocation.Client(i, cognitotest.WebClient, now) }, want: errUnauthorized, reason: "revoked", reads: 1},
		"a machine client": {machine: true, entry: func(i string) revocation.Entry { return revocation.Client(i, cognitotest.MachineClient, now) }, want: errUnauthorized, reason: "revoked", reads: 1},
		"a machine client, another being revoked": {machine: true, entry: func(i string) revocation.Entry { return revocation.Client(i, cognitotest.WebClient, now) }, reason: "allowed", reads: 1},
		"a person's token without a session":      {token: []cognitotest.TokenOption{cognitotest.Without("origin_jti")}, want: errUnauthorized, reason: "no_session"},
		"an invalid token costs no call":          {token: []cognitotest.TokenOption{cognitotest.ExpiresIn(-1e9)}, want: errUnauthorized, reason: "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t)
			b := newHarness(t, tableOfRoutes, withTable(revocationsTable, table.URL()))
			if tt.entry != nil {
				b.revoke(t, tt.entry(b.pool.Issuer()))
			}
			token := b.pool.AccessToken(t, tt.token...)
			if tt.machine {
				token = b.pool.MachineToken(t)
			}
			if tt.id {
				token = b.pool.IDToken(t, tt.token...)
			}
			_, err := b.ask(t, fixture(t, "rest-token.json", token.Reveal()))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if line := b.lastLine(t); line["reason"] != tt.reason {
				t.Errorf("reason %v, want %v", line["reason"], tt.reason)
			}
			if table.Reads() != tt.reads {
				t.Errorf("the table was read %d times, want %d", table.Reads(), tt.reads)
			}
		})
	}
}

func TestATableThatIsMissingIsA500(t *testing.T) {
	b := newHarness(t, tableOfRoutes, withTable("missing", newTable(t).URL()))
	_, err := b.ask(t, fixture(t, "rest-token.json", b.pool.AccessToken(t).Reveal()))
	if line := b.lastLine(t); !errors.Is(err, errInternal) || line["reason"] != "revocations_unavailable" {
		t.Errorf("got %v, reason %v", err, line["reason"])
	}
}

func TestATokenThatIsRevokedWhileItIsCachedIsRefused(t *testing.T) {
	table := newTable(t)
	b := newHarness(t, tableOfRoutes, withTable(revocationsTable, table.URL()))
	event := fixture(t, "rest-token.json", b.pool.AccessToken(t).Reveal())
	for range 3 {
		if _, err := b.ask(t, event); err != nil {
			t.Fatal(err)
		}
	}
	b.revoke(t, revocation.Session(cognitotest.Session, time.Now(), true))
	if _, err := b.ask(t, event); !errors.Is(err, errUnauthorized) {
		t.Errorf("got %v, want %v", err, errUnauthorized)
	}
	if line := b.lastLine(t); line["reason"] != "revoked" || table.Reads() != 4 {
		t.Errorf("reason %v after %d reads, want revoked after 4", line["reason"], table.Reads())
	}
}
