// The sample API behind the authorizer: a small directory of the users of one Amazon Cognito user pool.
// Its contract is openapi.yaml beside this file. Who may call what is said there and decided by the
// authorizer; this function only insists that an authorizer was asked.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/cognito-authorizer/cognito-authorizer/shared/roots"
)

func main() {
	roots.FromBundle()
	handler, err := newHandler(context.Background(), os.Getenv)
	if err != nil {
		newLogger(nil).Error("the API did not start", "error", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	lambda.Start(handler)
}

func newHandler(ctx context.Context, getenv func(string) string) (*api, error) {
	settings, err := readSettings(getenv)
	if err != nil {
		return nil, err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	pool := newUserPool(aws, settings.UserPoolID, retry.BackoffDelayerFunc(retryDelay))
	return newAPI(pool, settings.Origins, newLogger(settings.LogLevel)), nil
}
