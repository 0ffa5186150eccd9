//go:build !race

package main

import (
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// Allocations are the part of the cost that does not depend on the machine. The bounds have a few to spare: who
// needs more of them should know why.
func TestAllocationsOfOneResponse(t *testing.T) {
	for name, tt := range map[string]struct {
		event string
		seen  bool
		most  float64
	}{
		"REST TOKEN, a token not seen before":   {"rest-token.json", false, 71},
		"REST REQUEST, a token not seen before": {"rest-request.json", false, 78},
		"HTTP API 2.0, a token not seen before": {"http-v2.json", false, 79},
		"REST REQUEST, a token seen before":     {"rest-request.json", true, 32},
	} {
		t.Run(name, func(t *testing.T) {
			b := quiet(newHarness(t, tableOfRoutes, nil))
			payload := func() []byte {
				return fixture(t, tt.event, b.pool.AccessToken(t, cognitotest.Groups("admins")).Reveal())
			}
			const runs = 50
			payloads := make([][]byte, 1+runs) // AllocsPerRun runs once more, to warm up
			payloads[0] = payload()
			for i := range payloads[1:] {
				payloads[1+i] = payloads[0]
				if !tt.seen {
					payloads[1+i] = payload()
				}
			}
			n := 0
			got := testing.AllocsPerRun(runs, func() {
				if _, err := b.Invoke(t.Context(), payloads[n]); err != nil {
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
