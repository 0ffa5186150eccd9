package stagepolicy_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// wideTable has n routes in pairs of a list and an item, a fifth of them open to any signed-in caller.
func wideTable(t testing.TB, n int, mode routes.Mode) planned {
	t.Helper()
	var lines []string
	for i := range n {
		rule := []string{"r", "w", "g", "any", "r"}[i%5]
		if i%2 == 0 {
			lines = append(lines, fmt.Sprintf("GET /res%03d %s", i, rule))
		} else {
			lines = append(lines, fmt.Sprintf("GET /res%03d/{id} %s", i-1, rule))
		}
	}
	table, err := newPlanned(parseRoutes(t, lines...), routes.Options{Mode: mode, Connect: signedIn})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// onePerRSA reports how long something takes as a multiple of verifying one signature of RSA-2048, measured
// in the same run: such figures can be compared between machines.
func onePerRSA(b *testing.B) func() {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	const times = 200
	start := time.Now()
	for range times {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
	verification := time.Since(start) / times
	return func() {
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(verification), "×RSA")
	}
}

// BenchmarkPolicy makes the policy of a caller with one scope. Of 1,000 routes hundreds are allowed to it, and
// such a policy does not fit; the time is then that of finding out.
func BenchmarkPolicy(b *testing.B) {
	arn := stage(b, methodARN)
	o := stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1795360000, 0)}
	c := routes.Principal{Scopes: []string{"openid", "w"}}
	for _, n := range []int{10, 20, 100, 300, 1000} {
		b.Run(fmt.Sprintf("routes=%d/warm", n), func(b *testing.B) {
			table := wideTable(b, n, routes.PerStage)
			text, err := table.ForStage(c, arn, o)
			report := onePerRSA(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, again := table.ForStage(c, arn, o); (again == nil) != (err == nil) {
					b.Fatal(again)
				}
			}
			report()
			b.ReportMetric(float64(len(text.Encoded().String())), "bytes")
		})
		b.Run(fmt.Sprintf("routes=%d/cold", n), func(b *testing.B) {
			report := onePerRSA(b)
			rules := wideTable(b, n, routes.PerStage).Routes()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				table, err := newPlanned(rules, routes.Options{Connect: signedIn})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				_, _ = table.ForStage(c, arn, o) // too large for 1,000 routes; the time counts
			}
			report()
		})
	}
}

func TestAPolicyOf20RoutesTakesFewAllocations(t *testing.T) {
	table, arn := wideTable(t, 20, routes.PerStage), stage(t, methodARN)
	o := stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1795360000, 0)}
	c := routes.Principal{Scopes: []string{"r", "w"}, Groups: []string{"g"}}
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := table.ForStage(c, arn, o); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 5 {
		t.Errorf("%.0f allocations, at most 5 are meant", allocations)
	}
}
