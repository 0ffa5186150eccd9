package roots

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// bundleVariable makes this test binary trust a bundle and check the trusted roots. It needs a process of its own, because Go
// reads the roots once per process.
const bundleVariable = "TEST_ROOTS_BUNDLE"

func TestMain(m *testing.M) {
	path := os.Getenv(bundleVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	fromBundle(path)
	trusted, err := x509.SystemCertPool()
	if err != nil {
		os.Exit(2)
	}
	data, _ := os.ReadFile(path)
	want := x509.NewCertPool()
	want.AppendCertsFromPEM(data)
	if !trusted.Equal(want) {
		os.Exit(3)
	}
	os.Exit(0)
}

func TestOnlyTheBundleIsTrusted(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca-bundle.crt")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, root, 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), bundleVariable+"="+path, fileVariable+"=", dirVariable+"=")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("want exactly the certificate of the bundle to be trusted: %v\n%s", err, out)
	}
}

func TestFromBundle(t *testing.T) {
	dir := t.TempDir()
	full, empty := filepath.Join(dir, "full"), filepath.Join(dir, "empty")
	for path, content := range map[string]string{full: "x", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct{ path, file, dir, wantFile, wantDir string }{
		"a bundle":             {path: full, wantFile: full, wantDir: os.DevNull},
		"no bundle":            {path: filepath.Join(dir, "none")},
		"an empty bundle":      {path: empty},
		"a directory":          {path: dir},
		"SSL_CERT_FILE is set": {path: full, file: "own.pem", wantFile: "own.pem"},
		"SSL_CERT_DIR is set":  {path: full, dir: "own", wantDir: "own"},
		"both are set":         {path: full, file: "own.pem", dir: "own", wantFile: "own.pem", wantDir: "own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(fileVariable, tt.file)
			t.Setenv(dirVariable, tt.dir)
			fromBundle(tt.path)
			if file, dir := os.Getenv(fileVariable), os.Getenv(dirVariable); file != tt.wantFile || dir != tt.wantDir {
				t.Errorf("got %q and %q, want %q and %q", file, dir, tt.wantFile, tt.wantDir)
			}
		})
	}
}
