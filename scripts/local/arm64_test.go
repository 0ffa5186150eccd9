package local

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// TestTheArm64ZipsRun runs the zips that are deployed, though without compressing them: as they are on an arm64 machine, else by emulation.
// With ARM64_REQUIRED set, as in the pipeline, a machine that can do neither fails.
func TestTheArm64ZipsRun(t *testing.T) {
	emulator := ""
	if runtime.GOARCH != "arm64" {
		for _, name := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
			if path, err := exec.LookPath(name); err == nil {
				emulator = path
			}
		}
		if emulator == "" {
			const missing = "the arm64 zips were not run: this machine is not arm64 and has no qemu-aarch64-static (Debian: qemu-user-static)"
			if os.Getenv("ARM64_REQUIRED") != "" {
				t.Fatal(missing)
			}
			t.Skip(missing)
		}
	}
	dir := t.TempDir()
	job, err := bundle.Sample(root, dir, bundle.Lambda("arm64"))
	if err != nil {
		t.Fatal(err)
	}
	job.Quick = true
	built, err := job.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if emulator != "" {
		for _, z := range built {
			emulated(t, z.Path, emulator)
		}
		rewriteManifest(t, dir) // they run on this machine now
	}
	s, _, _ := start(t, func(o *stack.Options) { o.Zips = dir })
	tokens, err := signIn(t.Context(), s, "alice")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []call{
		{what: "a good token", method: http.MethodGet, path: "/me", token: tokens.Access, status: 200},
		{what: "where a scope is needed", method: http.MethodGet, path: "/users", token: tokens.Access, status: 403},
		{what: "an ID token", method: http.MethodGet, path: "/me", token: tokens.ID, status: 401},
	} {
		got, err := c.do(t.Context(), s.Gateway.URL())
		if err != nil {
			t.Fatal(err)
		}
		if got.status != c.status {
			t.Errorf("%s: status %d, want %d", c.what, got.status, c.status)
		}
	}
}

// emulated puts the zip's bootstrap behind one that hands it to the emulator.
func emulated(t *testing.T, path, emulator string) {
	t.Helper()
	from, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path + ".new")
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(to)
	add := func(name string, mode os.FileMode, content io.Reader) {
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		entry, err := w.CreateHeader(header)
		if err == nil {
			_, err = io.Copy(entry, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range from.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		name := f.Name
		if name == "bootstrap" {
			name = "bootstrap.arm64"
		}
		add(name, f.Mode(), content)
	}
	wrapper := fmt.Sprintf("#!/bin/sh\nexec %s \"${0%%/*}/bootstrap.arm64\"\n", emulator)
	add("bootstrap", 0o755, strings.NewReader(wrapper))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", filepath.Clean(path)); err != nil {
		t.Fatal(err)
	}
}
