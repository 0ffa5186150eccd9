//go:build !race

package cognito_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// Allocations are the part of the cost that does not depend on the machine. The bounds have one or two to
// spare: who needs more of them should know why.
func TestAllocationsOfOneVerification(t *testing.T) {
	r := warm(t)
	for _, tt := range []struct {
		name  string
		token cognito.Token
		most  float64
	}{
		{"a valid access token", r.pool.AccessToken(t, cognitotest.Groups("admins", "owners")), 47},
		{"a valid ID token", r.pool.IDToken(t), 47},
		{"an expired token", r.pool.AccessToken(t, cognitotest.ExpiresIn(-1)), 5},
		{"a token of another issuer", r.pool.AccessToken(t, cognitotest.Claim("iss", "https://evil.example")), 5},
		{"a header that was not seen before", r.pool.AccessToken(t, cognitotest.Header("jku", "x")), 10},
		{"a token of 1 MiB", cognito.NewToken(strings.Repeat("A", 1<<20)), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := testing.AllocsPerRun(200, func() { _, _ = r.Verify(t.Context(), tt.token) })
			if got > tt.most {
				t.Errorf("%v allocations, want at most %v", got, tt.most)
			}
		})
	}
}

func TestACachedTokenUsesNoMoreMemoryThanItIsCountedFor(t *testing.T) {
	r := newRig(t, remembering(1000))
	r.mustVerify(t, r.pool.AccessToken(t)) // so that pools and tables have been made
	heap := func() uint64 {
		runtime.GC()
		runtime.GC() // what the first one left in sync.Pools
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	_, counted := r.Cached()
	before := heap()
	for range 400 {
		r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Groups("admins", "owners"), cognitotest.Scopes("a", "b", "c")))
	}
	taken := heap() - before
	_, now := r.Cached()
	if counted = now - counted; taken > uint64(counted) {
		t.Errorf("%d bytes are counted, %d are taken", counted, taken)
	}
}

func TestACachedTokenCostsTwoAllocations(t *testing.T) {
	r := newRig(t, remembering(8))
	token := r.pool.AccessToken(t, cognitotest.Groups("admins", "owners"))
	r.mustRemember(t, token)
	if got := testing.AllocsPerRun(200, func() { _, _ = r.Verify(t.Context(), token) }); got > 2 {
		t.Errorf("%v allocations, want the scopes and the groups", got)
	}
}
