package faketable_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"

// tables returns the fake and, if MOTO_ENDPOINT is set, moto's DynamoDB.
func tables(t *testing.T) map[string]string {
	t.Helper()
	fake, err := faketable.Start(faketable.Options{Table: "revoked"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	all := map[string]string{"fake": fake.URL()}
	if moto := os.Getenv("MOTO_ENDPOINT"); moto != "" {
		call(t, moto, "DeleteTable", `{"TableName":"revoked"}`)
		if status := call(t, moto, "CreateTable", `{"TableName":"revoked","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}`); status != http.StatusOK {
			t.Fatalf("moto does not create the table: %d", status)
		}
		all["moto"] = moto
	}
	return all
}

func call(t *testing.T, url, operation, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x/20261129/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func table(url string) *revocation.Table {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL_DYNAMODB": url}
	return revocation.FromEnvironment("revoked", func(name string) string { return env[name] })
}

func TestWrittenEntriesRevoke(t *testing.T) {
	now := time.Now()
	issued := now.Add(-time.Minute)
	token := revocation.Token{Issuer: issuer, Subject: "alice-sub", ClientID: "web", Session: "s-1", IssuedAt: issued, AuthTime: issued}
	other := revocation.Token{Issuer: issuer, Subject: "bob-sub", ClientID: "mobile", Session: "s-2", IssuedAt: issued, AuthTime: issued}
	machine := revocation.Token{Issuer: issuer, ClientID: "machine", IssuedAt: issued}
	later := token
	later.IssuedAt, later.AuthTime, later.Session = now.Add(time.Minute), now.Add(time.Minute), "s-3"
	refreshed := later
	refreshed.AuthTime = issued
	for name, tt := range map[string]struct {
		entry    revocation.Entry
		revoked  []revocation.Token
		accepted []revocation.Token
	}{
		"a session":                {revocation.Session("s-1", now, true), []revocation.Token{token}, []revocation.Token{other, machine, later}},
		"a user":                   {revocation.User(issuer, "alice-sub", now, false), []revocation.Token{token, refreshed}, []revocation.Token{other, machine, later}},
		"a client":                 {revocation.Client(issuer, "machine", now), []revocation.Token{machine}, []revocation.Token{token, other, later}},
		"a user of another issuer": {revocation.User(issuer+"x", "alice-sub", now, false), nil, []revocation.Token{token, other, machine, later, refreshed}},
	} {
		for kind, url := range tables(t) {
			t.Run(name+" "+kind, func(t *testing.T) {
				table := table(url)
				for range 2 { // a second time changes nothing
					if err := table.Put(t.Context(), tt.entry); err != nil {
						t.Fatal(err)
					}
				}
				for _, want := range []bool{true, false} {
					tokens := tt.revoked
					if !want {
						tokens = tt.accepted
					}
					for _, token := range tokens {
						if got, err := table.Revoked(t.Context(), token); err != nil || got != want {
							t.Errorf("%+v: revoked %v, %v; want %v", token, got, err, want)
						}
					}
				}
			})
		}
	}
}

func TestAnEntryIsNeverWeakened(t *testing.T) {
	now := time.Now()
	for kind, url := range tables(t) {
		t.Run(kind, func(t *testing.T) {
			table := table(url)
			for _, entry := range []revocation.Entry{
				revocation.User(issuer, "alice-sub", now.Add(-time.Hour), true),
				revocation.User(issuer, "alice-sub", now, false),
				revocation.User(issuer, "alice-sub", now.Add(-time.Minute), false),
			} {
				if err := table.Put(t.Context(), entry); err != nil {
					t.Fatal(err)
				}
			}
			token := revocation.Token{Issuer: issuer, Subject: "alice-sub", ClientID: "web", IssuedAt: now.Add(-time.Second)}
			if revoked, err := table.Revoked(t.Context(), token); err != nil || !revoked {
				t.Errorf("got %v, %v: an older entry took the place of a newer one", revoked, err)
			}
		})
	}
}

func TestTheFakeRefusesWhatItDoesNotKnow(t *testing.T) {
	fake, err := faketable.Start(faketable.Options{Table: "revoked"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	for name, tt := range map[string]struct{ operation, body string }{
		"another operation":   {"Scan", `{"TableName":"revoked"}`},
		"another table":       {"BatchGetItem", `{"RequestItems":{"other":{"Keys":[{"id":{"S":"x"}}]}}}`},
		"no key":              {"BatchGetItem", `{"RequestItems":{"revoked":{"Keys":[]}}}`},
		"the same key twice":  {"BatchGetItem", `{"RequestItems":{"revoked":{"Keys":[{"id":{"S":"x"}},{"id":{"S":"x"}}]}}}`},
		"an unknown member":   {"BatchGetItem", `{"RequestItems":{"revoked":{"Keys":[{"id":{"S":"x"}}],"Projection":"x"}}}`},
		"another expression":  {"UpdateItem", `{"TableName":"revoked","Key":{"id":{"S":"x"}},"UpdateExpression":"REMOVE #a"}`},
		"the key as a target": {"UpdateItem", `{"TableName":"revoked","Key":{"id":{"S":"x"}},"UpdateExpression":"SET #a = :v","ConditionExpression":"attribute_not_exists(#a) OR #a < :v","ExpressionAttributeNames":{"#a":"id"},"ExpressionAttributeValues":{":v":{"N":"1"}}}`},
		"something else":      {"UpdateItem", `[]`},
	} {
		if status := call(t, fake.URL(), tt.operation, tt.body); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if len(fake.Items()) != 0 {
		t.Errorf("it was written to: %v", fake.Items())
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fake.URL()+"/", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "rebound.example"
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("a foreign Host got %d", res.StatusCode)
	}
}
