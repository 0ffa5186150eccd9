package routes_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// wideTable has n routes in pairs of a list and an item, a fifth of them open to any signed-in caller.
func wideTable(t testing.TB, n int, mode routes.Mode) *routes.Table {
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
	table, err := routes.New(parseRoutes(t, lines...), routes.Options{Mode: mode, Connect: signedIn})
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

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 100, 300, 1000} {
		b.Run(fmt.Sprintf("routes=%d", n), func(b *testing.B) {
			data, err := wideTable(b, n, routes.PerStage).Encode()
			if err != nil {
				b.Fatal(err)
			}
			report := onePerRSA(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := routes.Parse(data); err != nil {
					b.Fatal(err)
				}
			}
			report()
			b.ReportMetric(float64(len(data)), "bytes")
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	table := wideTable(b, 1000, routes.PerRoute)
	c := routes.Principal{Scopes: []string{"openid", "w"}}
	report := onePerRSA(b)
	b.ReportAllocs()
	for b.Loop() {
		if d := table.Decide(c, "GET", "/res500/{id}"); d.Route == "" {
			b.Fatal(d)
		}
	}
	report()
}
