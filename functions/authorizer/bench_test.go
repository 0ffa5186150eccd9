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

// BenchmarkRSA is the measure of the others: one RSA-2048 verification, which no verifier can do without.
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

// BenchmarkInvoke is one event to one answer, keys at hand, log and metrics written to nowhere.
func BenchmarkInvoke(b *testing.B) {
	for _, event := range []string{"rest-token.json", "rest-request.json", "http-v2.json"} {
		b.Run(event, func(b *testing.B) {
			bench := newBench(b, tableOfRoutes, nil)
			bench.report.log = slog.New(slog.DiscardHandler)
			bench.report.metrics.out = io.Discard
			payload := fixture(b, event, bench.pool.AccessToken(b).Reveal())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.Invoke(b.Context(), payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
