package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// smoke runs scripts/smoke against a stack, as the pipeline runs it against what it has deployed.
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
	cmd := exec.CommandContext(t.Context(), "go", "run", "./scripts/smoke", "--url", s.Gateway.URL(), "--origin", origin, "--tokens-stdin", "--require-all")
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
	if out, status := smoke(t, s); status != 0 || !strings.Contains(out, "0 failed") {
		t.Errorf("it left with %d and said:\n%s", status, out)
	}
}

func TestTheSmokeTestNoticesAnAuthorizerThatLetsEverybodyIn(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags=lambda.norpc", "-o", binary, "./testdata/allowall")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packed(t, binary, filepath.Join(dir, "authorizer.zip"))
	if err := os.Link(filepath.Join(zips, "api.zip"), filepath.Join(dir, "api.zip")); err != nil {
		t.Fatal(err)
	}
	s, _, _ := start(t, func(o *stack.Options) { o.Zips, o.Authorizer = dir, gateway.Token })
	out, status := smoke(t, s)
	if status != 1 || !strings.Contains(out, "the authorizer lets everybody in") {
		t.Errorf("it left with %d and said:\n%s", status, out)
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
