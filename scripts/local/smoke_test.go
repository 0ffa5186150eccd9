package local

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// smoke runs the smoke test against a stack, as the pipeline runs it against what it has deployed.
func smoke(t *testing.T, s *stack.Stack) (output string, status int) {
	t.Helper()
	tokens := map[string]string{}
	var err error
	for role, name := range map[string]string{"member": "alice", "admin": "olivia"} {
		signedIn, err := signIn(t.Context(), s, name)
		if err != nil {
			t.Fatal(err)
		}
		tokens[role] = signedIn.Access
	}
	if tokens["machine"], err = s.MachineToken(t.Context(), "api/users.read"); err != nil {
		t.Fatal(err)
	}
	if tokens["expired"], err = s.Cognito.Mint(fakecognito.MintOptions{Username: "alice", IssuedAt: time.Now().Add(-2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(tokens)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), commandPath(t), "smoke", "--url", s.Gateway.URL(), "--origin", origin, "--tokens-stdin", "--require-all", "--contract", "functions/api/openapi.yaml")
	cmd.Dir, cmd.Stdin = root, strings.NewReader(string(input))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if strings.Contains(string(out), token) {
			t.Error("a token was printed")
		}
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestTheSmokeTestPassesOnThisStack(t *testing.T) {
	s, _, _ := start(t, nil)
	out, status := smoke(t, s)
	if status != 0 || !strings.Contains(out, "0 failed") {
		t.Errorf("it exited with %d and printed:\n%s", status, out)
	}
	for _, call := range []string{"GET /users/{username}        as member", "GET /users/{username} (own)  as member"} {
		if !strings.Contains(out, call) {
			t.Errorf("no %s in\n%s", call, out)
		}
	}
}

func TestTheSmokeTestNoticesAnAuthorizerThatAllowsEverybody(t *testing.T) {
	dir := withAuthorizer(t, "./testdata/allowall")
	s, _, _ := start(t, func(o *stack.Options) { o.Zips, o.Authorizer = dir, gateway.Token })
	out, status := smoke(t, s)
	if status != 1 || !strings.Contains(out, "the authorizer allows everybody") {
		t.Errorf("it exited with %d and printed:\n%s", status, out)
	}
}

// withAuthorizer returns a copy of the zips in which a package of this folder is the authorizer.
func withAuthorizer(t *testing.T, pkg string) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-tags=lambda.norpc", "-o", binary, pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packed(t, binary, filepath.Join(dir, "authorizer.zip"))
	for _, name := range []string{"api.zip", "contract.json", "manifest.json"} {
		content, err := os.ReadFile(filepath.Join(zips, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewriteManifest(t, dir)
	return dir
}

// rewriteManifest makes the manifest.json of a folder fit an authorizer.zip that a test has replaced.
func rewriteManifest(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "manifest.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m bundle.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "authorizer.zip"))
	if err != nil {
		t.Fatal(err)
	}
	m.ZipSHA256, m.OS, m.Architecture = fmt.Sprintf("%x", sha256.Sum256(content)), bundle.Host().OS, bundle.Host().Arch
	if data, err = json.Marshal(m); err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// packed puts a bootstrap into a zip.
func packed(t *testing.T, binary, path string) {
	t.Helper()
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := zip.NewWriter(out)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err == nil {
		_, err = entry.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}
