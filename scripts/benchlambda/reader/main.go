// Command reader verifies the token of each event, as the authorizer does. With TABLE_URL it then sends TABLE_CALL, a request
// to DynamoDB. So it shows what a bare request adds to a function that verifies tokens: the latency of the table itself.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func main() {
	verifier, err := newVerifier(os.Getenv("ISSUERS"), os.Getenv("CLIENT_IDS"), os.Getenv("JWKS"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
	url, call := os.Getenv("TABLE_URL"), os.Getenv("TABLE_CALL")
	lambda.Start(func(ctx context.Context, event struct {
		Headers struct{ Authorization string } `json:"headers"`
	},
	) error {
		if _, err := verifier.Verify(ctx, cognito.NewToken(strings.TrimPrefix(event.Headers.Authorization, "Bearer "))); err != nil || url == "" {
			return err
		}
		return read(ctx, url, call)
	})
}

// newVerifier returns a verifier for one issuer and one client, which caches as many tokens as the authorizer.
func newVerifier(issuer, clientID, seed string) (*cognito.Verifier, error) {
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(issuer), Seed: []byte(seed)})
	if err != nil {
		return nil, err
	}
	return cognito.NewVerifier(cognito.Config{
		Issuers:   map[string]cognito.Issuer{issuer: {Keys: keys, ClientIDs: []string{clientID}}},
		TokenUses: []cognito.TokenUse{cognito.AccessToken}, CachedTokens: 256,
	})
}

// authorization has the length of a signed call's. The table of the benchmark checks no signature.
var authorization = "AWS4-HMAC-SHA256 Credential=local/20060102/local/dynamodb/aws4_request, " +
	"SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature=" + strings.Repeat("0", 64)

// read makes one call, with the headers of a signed one.
func read(ctx context.Context, url, call string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(call))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Date", "20060102T150405Z")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the table responded with %s", res.Status)
	}
	return nil
}
