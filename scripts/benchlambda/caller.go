package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// unseenTokens is the number of tokens that are used in turn when no token may be cached: more than the cache holds.
const unseenTokens = 1000

// The person whose tokens the events carry, and the sign-in that all of them come from.
const (
	subject = "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11"
	session = "6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10"
)

// newEvents returns REST API events for a REQUEST authorizer, as API Gateway sends them: one for each of n tokens.
func newEvents(root string, pool *fakecognito.Server, issuer string, n int) ([][]byte, error) {
	template, err := os.ReadFile(filepath.Join(root, "functions", "authorizer", "testdata", "rest-request.json"))
	if err != nil {
		return nil, err
	}
	events := make([][]byte, n)
	for i := range events {
		token, err := pool.Mint(fakecognito.MintOptions{Claims: map[string]any{
			"iss": issuer, "username": "alice", "sub": subject,
			"cognito:groups": []string{"admins", "owners"}, "jti": fmt.Sprintf("6f7e2a4c-2f0b-4a57-9c0e-%012d", i),
			"origin_jti": session, "event_id": "7d0a4f5e-8b3e-4f0e-9c8b-1c5e7d0a4f5e",
		}})
		if err != nil {
			return nil, err
		}
		events[i] = []byte(strings.ReplaceAll(string(template), "{token}", token))
	}
	return events, nil
}

// keySet fetches the pool's key set.
func keySet(pool *fakecognito.Server) ([]byte, error) {
	response, err := http.Get(pool.Issuer() + "/.well-known/jwks.json") //nolint:noctx // from this process to itself
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
