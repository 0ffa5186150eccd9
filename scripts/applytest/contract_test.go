package applytest

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// contractRoutes are the routes of the contract, each with whether it is public. The contract is read here as plain
// YAML, so that neither Terraform nor the compiler of the authorizer's rules is asked about itself.
func contractRoutes(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, bundle.Contract))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Security []any                     `yaml:"security"`
		Paths    map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	routes := map[string]bool{}
	for path, item := range document.Paths {
		for verb, operation := range item {
			if !slices.Contains([]string{"get", "put", "post", "delete", "options", "head", "patch"}, verb) {
				continue
			}
			security := document.Security
			fields, _ := operation.(map[string]any)
			if own, given := fields["security"].([]any); given {
				security = own
			}
			routes[strings.ToUpper(verb)+" "+path] = security != nil && len(security) == 0
		}
	}
	if len(routes) == 0 {
		t.Fatal("the contract has no route")
	}
	return routes
}

// claimsOf reads a token's claims. Nothing of it is verified.
func claimsOf(t *testing.T, token cognito.Token) map[string]any {
	t.Helper()
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[1])
	if err != nil {
		t.Fatal("the claims of the token are not base64url")
	}
	return decodeInto[map[string]any](t, claims)
}
