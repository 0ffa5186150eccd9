package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// The sample's contract belongs to whoever edits it. No test of a tool may depend on what it says.
func TestTheToolsPassTheirTestsWithAnotherSample(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the tests of the tools were not run with another sample")
	}
	tree := filepath.Join(t.TempDir(), "tree")
	for _, folder := range []string{"docs", "functions", "scripts", "shared"} {
		if err := os.CopyFS(filepath.Join(tree, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.work", "go.work.sum", "terraform/modules/rest-api/logging.tf", "terraform/modules/http-api/logging.tf"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(tree, filepath.Dir(file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, file), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sample := filepath.Join(tree, "functions", "api", "openapi.yaml")
	content, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	const route = "\npaths:\n  /added:\n    get: {operationId: getAdded, security: [{groups: [testers]}], responses: {\"200\": {description: OK}}}\n"
	changed := strings.Replace(string(content), "\npaths:\n", route, 1)
	if changed == string(content) {
		t.Fatal("no route could be added")
	}
	if err := os.WriteFile(sample, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := exec.CommandContext(t.Context(), "go", "test", "-trimpath", "-short", "./scripts/check", "./scripts/contractjson", "./scripts/explain", "./scripts/ruletest",
		"./scripts/smoke", "./scripts/local/gateway", "./scripts/local/site")
	tests.Dir = tree
	tests.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := tests.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
