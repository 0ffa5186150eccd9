package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// zipOf writes a zip that holds one file.
func zipOf(t *testing.T, name string, content []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "authorizer-arm64.zip")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// This test's own binary is the bootstrap: what went into it is known from the inside.
func TestEveryModuleOfTheBootstrapIsListed(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	self, ok := debug.ReadBuildInfo()
	if !ok || len(self.Deps) == 0 {
		t.Fatal("this binary names no modules, so there is nothing to compare")
	}

	var out bytes.Buffer
	if err := run(options{Version: "v1.2.3", Zip: zipOf(t, "bootstrap", binary)}, &out); err != nil {
		t.Fatal(err)
	}
	var got bom
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, c := range got.Components {
		listed[c.Name] = c.Version
	}
	if listed["std"] != self.GoVersion[len("go"):] {
		t.Errorf("the standard library is listed as %q, built with %s", listed["std"], self.GoVersion)
	}
	for _, dep := range self.Deps {
		if _, ok := listed[dep.Path]; !ok {
			t.Errorf("%s is in the binary and not in the list", dep.Path)
		}
	}
	if want := len(self.Deps) + 1; len(got.Components) != want || len(got.Dependencies[0].DependsOn) != want {
		t.Errorf("%d components, %d of them depended on; want %d", len(got.Components), len(got.Dependencies[0].DependsOn), want)
	}
	if c := got.Metadata.Component; c.Name != "authorizer-arm64.zip" || c.Version != "v1.2.3" || len(c.Hashes) != 1 {
		t.Errorf("the zip is described as %+v", c)
	}
}

func TestVersionsAreThoseOfTheBinary(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/f"}, Deps: []*debug.Module{
		{Path: "example.com/plain", Version: "v1.0.0"},
		{Path: "example.com/beside", Version: "v0.0.0", Replace: &debug.Module{Path: "../beside"}},
		{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v2.0.0+incompatible"}},
	}}
	want := []string{
		"pkg:golang/std@1.26.8",
		"pkg:golang/example.com/plain@v1.0.0",
		"pkg:golang/example.com/beside@v1.2.3",
		"pkg:golang/example.com/new@v2.0.0%2Bincompatible",
	}
	got := describe("f.zip", "v1.2.3", "00", info)
	if len(got.Components) != len(want) {
		t.Fatalf("%d components, want %d", len(got.Components), len(want))
	}
	for i, c := range got.Components {
		if c.PURL != want[i] {
			t.Errorf("component %d is %s, want %s", i, c.PURL, want[i])
		}
	}
}

func TestAZipWithoutBootstrapIsRefused(t *testing.T) {
	err := run(options{Version: "v1.2.3", Zip: zipOf(t, "index.js", []byte("exports.handler = 1"))}, &bytes.Buffer{})
	if !errors.Is(err, errNoProgram) {
		t.Errorf("got %v, want %v", err, errNoProgram)
	}
}
