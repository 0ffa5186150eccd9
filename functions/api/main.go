// Command api is the sample API behind the authorizer: a small directory of the users of one Amazon Cognito user pool. Its
// OpenAPI document is openapi.yaml in this directory. The authorizer enforces the document's rules; this function only checks
// that every call of a protected operation carries an identity from an authorizer.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/roots"
)

func main() {
	roots.FromBundle()
	handler, err := newHandler(context.Background(), os.Getenv)
	if err != nil {
		lambdalog.New(slog.LevelInfo).Error("the API did not start", "error", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	lambda.Start(handler)
}

func newHandler(ctx context.Context, getenv func(string) string) (*api, error) {
	config, err := loadConfig(getenv)
	if err != nil {
		return nil, err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	pool := newUserPool(aws, config.UserPoolID, retry.BackoffDelayerFunc(retryDelay))
	var revoked revocations
	if config.RevocationsTable != "" {
		revoked = revocations{revocation.FromEnvironment(config.RevocationsTable, getenv), config.Issuers}
	}
	return newAPI(pool, revoked, config.Origins, lambdalog.New(config.LogLevel)), nil
}
