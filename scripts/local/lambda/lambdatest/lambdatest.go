// Package lambdatest builds deployment zips for tests that run them.
//
// The zips are for this machine. [Probe] is a function that behaves, and misbehaves, as its event says; see
// its source in the folder bootstrap for the words that it knows.
package lambdatest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

const probePackage = "github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest/bootstrap"

// probe builds once for all tests of a process.
var probe = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "lambdatest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-o", binary, probePackage)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return os.ReadFile(binary)
})

// Bootstrap returns the path of the probe itself, which is there until the test ends.
func Bootstrap(t testing.TB) string {
	t.Helper()
	content, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, content, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// Probe returns the path of a deployment zip with the probe, which is there until the test ends.
func Probe(t testing.TB) string {
	t.Helper()
	bootstrap, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	return Zip(t, File{Name: "bootstrap", Mode: 0o755, Content: bootstrap}, File{Name: "data/table.json", Mode: 0o640, Content: []byte("{}")})
}

// File is one entry of a zip.
type File struct {
	Name    string
	Mode    os.FileMode
	Content []byte
}

// Zip writes a zip of these entries, whatever their names, and returns its path, which is there until the test ends.
func Zip(t testing.TB, files ...File) string {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.Name, Method: zip.Store} // packing would take longer than it saves
		header.SetMode(f.Mode)
		entry, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "function.zip")
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
