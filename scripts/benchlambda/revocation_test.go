package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// Else the latency of the table would be that of another request.
func TestTheReaderMakesTheCallOfTheAuthorizer(t *testing.T) {
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, `{"Responses":{"`+revocationsTable+`":[]},"UnprocessedKeys":{}}`)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"AWS_REGION": "local", "AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
	table := revocation.FromEnvironment(revocationsTable, func(name string) string { return env[name] })
	settings := map[string]string{"ISSUERS": "http://127.0.0.1:1234/local_AbCdEf123", "CLIENT_IDS": "4p9exampleclientid7abcd1234"}
	if _, err := table.Revoked(t.Context(), revocation.Token{
		Issuer: settings["ISSUERS"], ClientID: settings["CLIENT_IDS"], Subject: subject, Session: session,
		IssuedAt: time.Now(), AuthTime: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	if got := withRead(server.URL, settings)["TABLE_CALL"]; got != string(sent) {
		t.Errorf("the reader sends\n%s\nand the authorizer\n%s", got, sent)
	}
}
