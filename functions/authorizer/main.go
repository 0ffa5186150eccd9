// Command authorizer is a Lambda authorizer for API Gateway. It verifies tokens of Amazon Cognito user pools and returns a
// policy with everything that the caller may do.
package main

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/roots"
)

func main() {
	suppressInvokeErrors(os.Stderr)
	limitGOMAXPROCS(os.Getenv)
	roots.FromBundle()
	a, err := newAuthorizer(os.Getenv, os.Stdout)
	if err != nil {
		// API Gateway answers 500 while the function does not start, so an invalid setting lets nobody in.
		lambdalog.New(slog.LevelInfo).Error("the authorizer did not start", "error", err.Error())
		os.Exit(1)
	}
	a.prefetch(context.Background())
	lambda.Start(a)
}

// fullVCPUMemoryMB is the memory setting from which Lambda grants one vCPU or more.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const fullVCPUMemoryMB = 1769

// limitGOMAXPROCS limits Go to one P where the function has at most one vCPU. Below 1,769 MB Lambda exposes two vCPUs but
// grants less than one, so a second P only adds context switches. Terraform sets GOMAXPROCS, which saves stopping the world
// at the start; this is for functions that are deployed otherwise.
func limitGOMAXPROCS(getenv func(string) string) {
	if n, err := strconv.Atoi(getenv("GOMAXPROCS")); err == nil && n > 0 {
		return
	}
	if mb, err := strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil && mb <= fullVCPUMemoryMB {
		runtime.GOMAXPROCS(1)
	}
}

// prefetchTimeout bounds how long the first fetch of keys may delay the start.
const prefetchTimeout = 3 * time.Second
