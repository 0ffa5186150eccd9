package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"log/slog"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// BenchmarkRSA measures the baseline: one RSA-2048 verification, which every verifier needs.
func BenchmarkRSA(b *testing.B) {
	key := cognitotest.NewKey(b).Private
	digest := sha256.Sum256([]byte("x"))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInvoke measures one invocation with cached keys; log and metrics are discarded. It cycles through more tokens than
// the cache holds, so every call is a cache miss.
func BenchmarkInvoke(b *testing.B) {
	for _, event := range []string{"rest-token.json", "rest-request.json", "http-v2.json"} {
		b.Run(event, func(b *testing.B) { invoke(b, event, 2*cachedTokens) })
	}
}

// BenchmarkInvokeSeen measures the same for a cached token.
func BenchmarkInvokeSeen(b *testing.B) { invoke(b, "rest-request.json", 1) }

func invoke(b *testing.B, event string, tokens int) {
	bench := quiet(newHarness(b, tableOfRoutes, nil))
	payloads := make([][]byte, tokens)
	for i := range payloads {
		payloads[i] = fixture(b, event, bench.pool.AccessToken(b, cognitotest.Groups("admins")).Reveal())
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bench.Invoke(b.Context(), payloads[n%tokens]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// quiet writes log and metrics to nowhere.
func quiet(b *harness) *harness {
	b.report.log = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // to write a line is part of the cost
	b.report.metrics.out = io.Discard
	return b
}
