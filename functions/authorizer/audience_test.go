package main

import (
	"errors"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// Resource binding (RFC 8707): aud names the API that an access token is meant for.
func TestATokenForAnotherAPIIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		setting string
		aud     any
		reason  string
	}{
		"this API":                      {"https://api.example.com", "https://api.example.com", "allowed"},
		"this API among several":        {"https://api.example.com,orders", []string{"https://other.example", "orders"}, "allowed"},
		"another API":                   {"https://api.example.com", "https://other.example", "audience"},
		"another API, no setting":       {"", "https://other.example", "audience"},
		"a longer identifier":           {"https://api.example.com", "https://api.example.com/", "audience"},
		"its own client, as without it": {"https://api.example.com", cognitotest.WebClient, "allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, map[string]string{"AUDIENCES": tt.setting})
			_, err := b.ask(t, fixture(t, "rest-token.json", b.pool.AccessToken(t, cognitotest.Claim("aud", tt.aud)).Reveal()))
			if line := b.lastLine(t); line["reason"] != tt.reason || (err == nil) != (tt.reason == "allowed") || err != nil && !errors.Is(err, errUnauthorized) {
				t.Errorf("got %v, reason %v", err, line["reason"])
			}
		})
	}
}
