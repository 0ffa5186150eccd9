//go:build !race

package main

import (
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// Allocations are the part of the cost that does not depend on the machine. The bounds have a few to spare: who
// needs more of them should know why.
func TestAllocationsOfOneAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		event string
		seen  bool
		most  float64
	}{
		"REST TOKEN, a token not seen before":   {"rest-token.json", false, 92},
		"REST REQUEST, a token not seen before": {"rest-request.json", false, 100},
		"HTTP API 2.0, a token not seen before": {"http-v2.json", false, 100},
		"REST REQUEST, a token seen before":     {"rest-request.json", true, 52},
	} {
		t.Run(name, func(t *testing.T) {
			b := quiet(newBench(t, tableOfRoutes, nil))
			payloads := make([][]byte, 1)
			if !tt.seen {
				payloads = make([][]byte, 2*seenTokens) // in turn: each is forgotten before it comes again
			}
			for i := range payloads {
				payloads[i] = fixture(t, tt.event, b.pool.AccessToken(t, cognitotest.Groups("admins")).Reveal())
			}
			n := 0
			got := testing.AllocsPerRun(len(payloads)+100, func() {
				if _, err := b.Invoke(t.Context(), payloads[n%len(payloads)]); err != nil {
					t.Fatal(err)
				}
				n++
			})
			if got > tt.most {
				t.Errorf("%v allocations, want at most %v", got, tt.most)
			}
		})
	}
}
