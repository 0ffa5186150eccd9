// Command nop is the empty handler that serves as the baseline. With TABLE_URL it makes one HTTP request in each invocation,
// TABLE_CALL to a DynamoDB table, and is the baseline of a handler that reads one.
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

// read makes one call. The table that is measured checks no signature, so there is none.
func read(ctx context.Context, url, call string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(call))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/")
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
		return fmt.Errorf("the table answered %s", res.Status)
	}
	return nil
}
