package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// endedSessions is DynamoDB as far as the authorizer uses it: GetItem, by the real protocol, on one table.
// It checks no signatures and knows no other operation.
type endedSessions struct {
	*httptest.Server
	sessions map[string]bool
	asked    int
	status   int // answered instead, if not zero
}

func newEndedSessions(t *testing.T, sessions ...string) *endedSessions {
	t.Helper()
	d := &endedSessions{sessions: map[string]bool{}}
	for _, s := range sessions {
		d.sessions[s] = true
	}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked++
		var in struct {
			TableName      string
			ConsistentRead bool
			Key            map[string]struct{ S string }
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		switch err := json.NewDecoder(r.Body).Decode(&in); {
		case d.status != 0:
			w.WriteHeader(d.status)
			_, _ = w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no such table"}`))
		case err != nil || r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.GetItem" || in.TableName != "ended" || !in.ConsistentRead:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","message":"not the expected call"}`))
		case d.sessions[in.Key[sessionKey].S]:
			_ = json.NewEncoder(w).Encode(map[string]any{"Item": in.Key})
		default:
			_, _ = w.Write([]byte(`{}`))
		}
	}))
	t.Cleanup(d.Close)
	return d
}

func TestAnEndedSessionIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		ended   string
		token   []cognitotest.TokenOption
		machine bool
		id      bool
		status  int
		want    error
		reason  string
		asked   int
	}{
		"a session that goes on":                {ended: "another", reason: "allowed", asked: 1},
		"a session that was ended":              {ended: cognitotest.Session, want: errUnauthorized, reason: "revoked", asked: 1},
		"a person's token without a session":    {token: []cognitotest.TokenOption{cognitotest.Without("origin_jti")}, want: errUnauthorized, reason: "no_session"},
		"a machine has no session":              {machine: true, reason: "allowed"},
		"a table that is not there":             {status: http.StatusBadRequest, want: errFault, reason: "revocations_unavailable", asked: 1},
		"a token that is refused costs no call": {token: []cognitotest.TokenOption{cognitotest.ExpiresIn(-1e9)}, want: errUnauthorized, reason: "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			table := newEndedSessions(t, tt.ended)
			table.status = tt.status
			b := newBench(t, tableOfRoutes, map[string]string{
				"REVOCATIONS_TABLE": "ended", "TOKEN_USE": "access,id", "AWS_ENDPOINT_URL_DYNAMODB": table.URL, "AWS_REGION": "eu-west-1",
				"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
			})
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
			if table.asked != tt.asked {
				t.Errorf("the table was asked %d times, want %d", table.asked, tt.asked)
			}
		})
	}
}

func TestASessionThatEndsWhileItsTokenIsRememberedIsRefused(t *testing.T) {
	table := newEndedSessions(t)
	b := newBench(t, tableOfRoutes, map[string]string{
		"REVOCATIONS_TABLE": "ended", "AWS_ENDPOINT_URL_DYNAMODB": table.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
	})
	event := fixture(t, "rest-token.json", b.pool.AccessToken(t).Reveal())
	for range 3 {
		if _, err := b.ask(t, event); err != nil {
			t.Fatal(err)
		}
	}
	table.sessions[cognitotest.Session] = true
	if _, err := b.ask(t, event); !errors.Is(err, errUnauthorized) {
		t.Errorf("got %v, want %v", err, errUnauthorized)
	}
	if line := b.lastLine(t); line["reason"] != "revoked" || table.asked != 4 {
		t.Errorf("reason %v after %d questions, want revoked after 4", line["reason"], table.asked)
	}
}
