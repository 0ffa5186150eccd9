package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestItStartsOnlyWithEverySettingRight(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "routes.json")
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing set":             {map[string]string{}, []string{"ISSUERS", "CLIENT_IDS"}},
		"no route table":          {map[string]string{"ISSUERS": issuerA, "CLIENT_IDS": "web", "ROUTES": missing}, []string{"ROUTES", "make build-zip"}},
		"an issuer without https": {map[string]string{"ISSUERS": "http://example.com/pool", "CLIENT_IDS": "web", "ROUTES": missing}, []string{"ISSUERS", "https", "ROUTES"}},
		"several problems":        {map[string]string{"ISSUERS": "http://example.com/pool,https://EXAMPLE.com/x", "CLIENT_IDS": "web", "ROUTES": missing, "LEEWAY": "1h"}, []string{"http://example.com/pool", "https://EXAMPLE.com/x", "ROUTES", "LEEWAY"}},
		"a seed without a key":    {map[string]string{"ISSUERS": issuerA, "CLIENT_IDS": "web", "ROUTES": missing, "JWKS": keySet}, []string{"JWKS", "ROUTES"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := newAuthorizer(func(name string) string { return tt.env[name] }, &bytes.Buffer{})
			if err == nil || a != nil {
				t.Fatal("it started")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

func TestItStartsOnlyWithTheRouteTableOfItsContract(t *testing.T) {
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	table, err := routes.New([]routes.Route{{Method: "GET", Template: "/me", Rule: routes.Rule{AnyOf: []routes.AllOf{{}}}}}, routes.Options{ContractDigest: digest})
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := table.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "routes.json")
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, starts := range map[string]bool{"": true, digest: true, strings.ToUpper(digest): false, digest[1:] + "0": false} {
		env := map[string]string{"ISSUERS": issuerA, "CLIENT_IDS": "web", "ROUTES": path, "CONTRACT_DIGEST": want}
		_, err := newAuthorizer(func(name string) string { return env[name] }, &bytes.Buffer{})
		if (err == nil) != starts || err != nil && !strings.Contains(err.Error(), "CONTRACT_DIGEST") {
			t.Errorf("%q: %v", want, err)
		}
	}
}
