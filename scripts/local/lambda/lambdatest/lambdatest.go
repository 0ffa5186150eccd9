// Package lambdatest builds deployment zips for tests that run them.
//
// The zips are for this machine. [Probe] is a function that behaves or misbehaves as its event demands; its source in the directory
// bootstrap lists the commands.
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

// probe builds the probe once per test process.
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

// Bootstrap returns the path of the probe's executable, which is deleted when the test ends.
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

// Probe returns the path of a deployment zip with the probe, which is deleted when the test ends.
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

// Zip writes a zip with these entries, even with invalid names, and returns its path. The zip is deleted when the test ends.
func Zip(t testing.TB, files ...File) string {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.Name, Method: zip.Store} // compression is not worth its time here
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
