package applytest

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// contractRoutes returns the routes of the contract in the zips; the value reports whether the route is public.
func contractRoutes(t *testing.T) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(zips, "contract.json"))
	if err != nil {
		t.Fatal(err)
	}
	contract, err := contractjson.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	routes := map[string]bool{}
	for _, route := range contract.Routes {
		routes[route.Method+" "+route.Template] = route.Access == contractjson.Public
	}
	if len(routes) == 0 {
		t.Fatal("the contract has no route")
	}
	return routes
}

// claimsOf returns a token's claims without verifying it.
func claimsOf(t *testing.T, token cognito.Token) map[string]any {
	t.Helper()
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[1])
	if err != nil {
		t.Fatal("the claims of the token are not base64url")
	}
	return decodeInto[map[string]any](t, claims)
}
