// Command nop is the empty handler that serves as the baseline. With TABLE_URL it also sends
// TABLE_CALL, a request to DynamoDB, in each invocation: the baseline of a handler that reads a table.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	url, call := os.Getenv("TABLE_URL"), os.Getenv("TABLE_CALL")
	lambda.Start(func(ctx context.Context) error {
		if url == "" {
			return nil
		}
		return read(ctx, url, call)
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
