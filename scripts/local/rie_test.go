package local

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// TestTheRuntimeOfAWSGetsTheSameResponses runs the authorizer under AWS's own Lambda Runtime Interface Emulator, too,
// and compares. https://github.com/aws/aws-lambda-runtime-interface-emulator
func TestTheRuntimeOfAWSGetsTheSameResponses(t *testing.T) {
	emulator, err := exec.LookPath("aws-lambda-rie")
	if err != nil {
		t.Skip("aws-lambda-rie is not on PATH, so the authorizer was not run under it")
	}
	s, _, _ := start(t, nil)
	tokens, err := signIn(t.Context(), s, "alice")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r, err := zip.OpenReader(filepath.Join(zips, "authorizer.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := os.CopyFS(dir, r); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "bootstrap"), 0o700); err != nil { // CopyFS does not keep the x
		t.Fatal(err)
	}
	address, runtimeAPI := freeAddress(t), freeAddress(t)
	cmd := exec.CommandContext(t.Context(), emulator, "--runtime-interface-emulator-address", address, "--runtime-api-address", runtimeAPI,
		filepath.Join(dir, "bootstrap"))
	cmd.Dir = dir
	cmd.Env = []string{"ISSUERS=" + s.Cognito.Issuer(), "CLIENT_IDS=" + s.Cognito.WebClientID(), "AWS_LAMBDA_FUNCTION_TIMEOUT=10"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()

	for what, token := range map[string]string{"a good token": tokens.Access, "an ID token": tokens.ID} {
		event, err := json.Marshal(map[string]string{"type": "TOKEN", "authorizationToken": "Bearer " + token,
			"methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/local/GET/me"})
		if err != nil {
			t.Fatal(err)
		}
		ours, err := s.Authorizer.Invoke(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		theirs := invokeEmulator(t, address, event)
		var want, got any
		if json.Unmarshal(ours.Payload, &want) != nil || json.Unmarshal(theirs, &got) != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the two runtimes returned different responses", what)
		}
	}
}

// invokeEmulator tries until the emulator listens, which it does a moment after it started.
func invokeEmulator(t *testing.T, address string, event []byte) []byte {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		resp, err := http.Post("http://"+address+"/2015-03-31/functions/function/invocations", "application/json", bytes.NewReader(event))
		if err == nil {
			defer resp.Body.Close()
			answer, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
