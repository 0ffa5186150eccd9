package revocation_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

// BenchmarkRead compares a read of the table with a bare HTTP request of the same size to the same server.
func BenchmarkRead(b *testing.B) {
	server, err := faketable.Start(faketable.Options{Table: "revocations"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	token := revocation.Token{
		Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", Subject: "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11",
		ClientID: "4p9exampleclientid7abcd1234", Session: "6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10", IssuedAt: time.Now(), AuthTime: time.Now(),
	}
	b.Run("bare", func(b *testing.B) {
		var client http.Client
		call := `{"RequestItems":{"revocations":{"Keys":[{"id":{"S":"session#` + token.Session + `"}},{"id":{"S":"user#` + token.Issuer + "#" + token.Subject +
			`"}},{"id":{"S":"client#` + token.Issuer + "#" + token.ClientID + `"}}],"ConsistentRead":true}}}`
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL()+"/", strings.NewReader(call))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/")
			req.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
			res, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			if _, err = io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
				b.Fatal(res.Status, err)
			}
			_ = res.Body.Close()
		}
	})
	b.Run("table", func(b *testing.B) {
		env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_DYNAMODB": server.URL(), "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": strings.Repeat("s", 800)}
		table := revocation.FromEnvironment("revocations", func(name string) string { return env[name] })
		b.ReportAllocs()
		for b.Loop() {
			if revoked, err := table.Revoked(b.Context(), token); revoked || err != nil {
				b.Fatal(revoked, err)
			}
		}
	})
}
