package revocation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

func TestTheSignatureIsThatOfTheSDK(t *testing.T) {
	s := &signer{region: "eu-west-1"}
	at := time.Date(2026, 11, 29, 23, 59, 59, 0, time.UTC)
	for name, tt := range map[string]struct {
		url         string
		body        string
		credentials aws.Credentials
		now         time.Time
	}{
		"a role":           {"https://dynamodb.eu-west-1.amazonaws.com/", `{"RequestItems":{}}`, aws.Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: "secret/+", SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//+=="}, at},
		"a user":           {"https://dynamodb.eu-west-1.amazonaws.com/", `{"RequestItems":{}}`, aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "another"}, at},
		"the next day":     {"https://dynamodb.eu-west-1.amazonaws.com/", `{"RequestItems":{}}`, aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "another"}, at.Add(time.Second)},
		"another endpoint": {"http://127.0.0.1:8000/", `{"TableName":"é"}`, aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "another"}, at.In(time.FixedZone("", 3600))},
	} {
		t.Run(name, func(t *testing.T) {
			request := func() *http.Request {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, bytes.NewReader([]byte(tt.body)))
				if err != nil {
					t.Fatal(err)
				}
				return req
			}
			got, want := request(), request()
			s.sign(got, "DynamoDB_20120810.BatchGetItem", []byte(tt.body), tt.credentials, tt.now)
			want.Header.Set("Content-Type", contentTypeJSON)
			want.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
			digest := sha256.Sum256([]byte(tt.body))
			if err := v4.NewSigner().SignHTTP(t.Context(), tt.credentials, want, hex.EncodeToString(digest[:]), "dynamodb", "eu-west-1", tt.now); err != nil {
				t.Fatal(err)
			}
			for header := range want.Header {
				if got.Header.Get(header) != want.Header.Get(header) {
					t.Errorf("%s is %q, want %q", header, got.Header.Get(header), want.Header.Get(header))
				}
			}
			if len(got.Header) != len(want.Header) {
				t.Errorf("%d headers, want %d", len(got.Header), len(want.Header))
			}
		})
	}
}
