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
		table string
		event string
		seen  bool
		most  float64
	}{
		"REST TOKEN, a token not seen before":     {tableOfRoutes, "rest-token.json", false, 66},
		"REST REQUEST, a token not seen before":   {tableOfRoutes, "rest-request.json", false, 73},
		"HTTP API 2.0, a token not seen before":   {tableOfRoutes, "http-v2.json", false, 74},
		"REST REQUEST, a token seen before":       {tableOfRoutes, "rest-request.json", true, 28},
		"REST REQUEST, the owner of ten routes":   {tenRoutes(ownerRule), "rest-request.json", false, 106},
		"REST REQUEST, ten routes with one group": {tenRoutes(groupRule), "rest-request.json", false, 71},
	} {
		t.Run(name, func(t *testing.T) {
			b := quiet(newHarness(t, tt.table, nil))
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
