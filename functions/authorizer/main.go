// Command authorizer is a Lambda authorizer for API Gateway that verifies the tokens of Amazon Cognito user
// pools and answers with everything that the caller may do.
package main

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/cognito-authorizer/cognito-authorizer/shared/roots"
)

func main() {
	quietLibrary(os.Stderr)
	useProcessors(os.Getenv)
	roots.FromBundle()
	a, err := newAuthorizer(os.Getenv, os.Stdout)
	if err != nil {
		// Lambda answers 500 for as long as the function does not start, so a bad setting lets nobody in.
		newLogger(0).Error("the authorizer did not start", "error", err.Error())
		os.Exit(1)
	}
	a.prefetch(context.Background())
	lambda.Start(a)
}

// wholeProcessor is the memory in MB that brings one processor with it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const wholeProcessor = 1769

// useProcessors keeps Go to one processor where the function has no more than that. Lambda shows two and rations
// time, so a second thread only takes from the first, and waking it costs more than the work that it takes over.
// Terraform says so to Go by GOMAXPROCS, which spares the start a stop; this is for functions that are deployed
// otherwise.
func useProcessors(getenv func(string) string) {
	if n, err := strconv.Atoi(getenv("GOMAXPROCS")); err == nil && n > 0 {
		return
	}
	if mb, err := strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil && mb <= wholeProcessor {
		runtime.GOMAXPROCS(1)
	}
}

// prefetchTimeout bounds how long the first fetch of keys may hold up a start.
const prefetchTimeout = 3 * time.Second
