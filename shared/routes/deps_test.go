package routes_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The authorizer links this package, and must stay small and free of parsers that it does not need.
func TestNothingOfYAMLOrOpenAPIIsLinked(t *testing.T) {
	dependencies := func(path string) []string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", path).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.Fields(string(out))
	}
	foreign := func(path string) bool {
		path = strings.ToLower(path)
		return strings.Contains(path, "yaml") || strings.Contains(path, "openapi") || strings.Contains(path, "jsonschema")
	}
	if found := slices.DeleteFunc(dependencies("."), func(p string) bool { return !foreign(p) }); len(found) > 0 {
		t.Errorf("linked: %q", found)
	}
	if !slices.ContainsFunc(dependencies("../contract"), foreign) {
		t.Error("the compiler links none either, so this test looks for the wrong thing")
	}
}
