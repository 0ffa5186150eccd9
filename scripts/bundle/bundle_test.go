package bundle_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

const root = "../.."

// build builds the zips of a copy of the repository into out. Only where their bytes are compared need they be compressed, which
// takes minutes with the race detector.
func build(t *testing.T, repository string, target bundle.Target, out string, quick bool) map[string]bundle.Zip {
	t.Helper()
	job, err := bundle.Sample(repository, out, target)
	if err != nil {
		t.Fatal(err)
	}
	job.Quick = quick
	zips, err := job.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(out, "*")); err != nil || len(left) != len(zips)+2 {
		t.Errorf("want the zips, contract.json and manifest.json: %v, %v", left, err)
	}
	byName := map[string]bundle.Zip{}
	for _, z := range zips {
		byName[filepath.Base(z.Path)] = z
	}
	return byName
}

// copyOf copies what the zips are built from into a new place.
func copyOf(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "another place")
	for _, folder := range []string{"functions", "shared"} {
		if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestTwoPlacesGiveTheSameBytes(t *testing.T) {
	arch := cmp.Or(os.Getenv("ARCH"), "arm64")
	here, there := build(t, root, bundle.Lambda(arch), t.TempDir(), false), build(t, copyOf(t), bundle.Lambda(arch), t.TempDir(), false)
	for _, name := range []string{"authorizer.zip", "api.zip"} {
		if here[name].SHA256 == "" || here[name].SHA256 != there[name].SHA256 {
			t.Errorf("%s: %s here, %s there", name, here[name].SHA256, there[name].SHA256)
		}
	}
}

func TestFilesThatDoNotBelongTogetherAreRefused(t *testing.T) {
	out := t.TempDir()
	build(t, root, bundle.Host(), out, true)
	if _, contract, err := bundle.Load(out, bundle.Host()); err != nil || len(contract) == 0 {
		t.Fatalf("%d bytes, %v", len(contract), err)
	}
	other := bundle.Lambda("arm64")
	if runtime.GOARCH == "arm64" {
		other = bundle.Lambda("amd64")
	}
	if _, _, err := bundle.Load(out, other); !errors.Is(err, bundle.ErrMismatch) || !strings.Contains(err.Error(), other.Arch) {
		t.Errorf("another architecture: %v", err)
	}
	for _, name := range []string{"contract.json", "authorizer.zip", "manifest.json"} {
		file := filepath.Join(out, name)
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append([]byte(" x"), before...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := bundle.Load(out, bundle.Host()); !errors.Is(err, bundle.ErrMismatch) {
			t.Errorf("%s of another build: %v", name, err)
		}
		if err := os.WriteFile(file, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := bundle.Load(t.TempDir(), bundle.Host()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestTheManifestNamesTheFilesOfOneBuild(t *testing.T) {
	out := t.TempDir()
	zips := build(t, root, bundle.Host(), out, true)
	var m bundle.Manifest
	data, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	contract, contractErr := os.ReadFile(filepath.Join(out, "contract.json"))
	if err != nil || contractErr != nil {
		t.Fatal(err, contractErr)
	}
	sum := sha256.Sum256(contract)
	want := bundle.Manifest{Version: "devel", OS: runtime.GOOS, Architecture: runtime.GOARCH, ZipSHA256: zips["authorizer.zip"].SHA256, APIZipSHA256: zips["api.zip"].SHA256,
		ContractSHA256: hex.EncodeToString(sum[:]), ContractDigest: hex.EncodeToString(sum[:]), Sources: m.Sources}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
	if len(m.Sources) != 1 {
		t.Fatalf("the build read one document, and the manifest names %v", m.Sources)
	}
	document, err := os.ReadFile(filepath.Join(out, m.Sources[0].Path))
	if got := fmt.Sprintf("%x", sha256.Sum256(document)); err != nil || got != m.Sources[0].SHA256 {
		t.Errorf("%+v is not the document as it is now, %s (%v)", m.Sources[0], got, err)
	}
	for _, f := range contents(t, zips["authorizer.zip"].Path) {
		if f.Name != "routes.json" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		table, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(table, []byte(want.ContractDigest)) {
			t.Errorf("routes.json does not carry the digest: %v", err)
		}
	}
}

func TestAZipHasTheFormThatLambdaRequires(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64} {
		t.Run(arch, func(t *testing.T) {
			for name, z := range build(t, root, bundle.Lambda(arch), t.TempDir(), true) {
				files := contents(t, z.Path)
				want := map[string][]string{"authorizer.zip": {"bootstrap", "routes.json"}, "api.zip": {"bootstrap"}}[name]
				var got []string
				for _, f := range files {
					got = append(got, f.Name)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s holds %v, want %v", name, got, want)
				}
				if mode := files[0].Mode(); mode.Perm() != 0o755 {
					t.Errorf("%s: bootstrap has mode %v", name, mode)
				}
				checkBinary(t, name, read(t, files[0]), machine)
				if name == "authorizer.zip" {
					if _, err := routes.Parse(read(t, files[1])); err != nil {
						t.Errorf("routes.json: %v", err)
					}
				}
			}
		})
	}
}

// checkBinary checks that the binary is for that machine, static, and contains no path of the build.
func checkBinary(t *testing.T, name string, bootstrap []byte, machine elf.Machine) {
	t.Helper()
	binary, err := elf.NewFile(bytes.NewReader(bootstrap))
	if err != nil {
		t.Fatal(err)
	}
	if binary.Machine != machine {
		t.Errorf("%s is for %v, want %v", name, binary.Machine, machine)
	}
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("%s is not static: it needs %v, %v", name, libraries, err)
	}
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, bootstrap, 0o600); err != nil {
		t.Fatal(err)
	}
	linked, err := exec.CommandContext(t.Context(), "go", "version", "-m", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, build := range []string{"kin-openapi", "yaml"} {
		if bytes.Contains(linked, []byte(build)) {
			t.Errorf("%s links %s, which is for building only", name, build)
		}
	}
	if !bytes.Contains(linked, []byte("aws-lambda-go")) {
		t.Errorf("the list of what %s links cannot be right", name)
	}
}

func TestAFailureLeavesWhatWasThere(t *testing.T) {
	for name, spoil := range map[string]struct{ file, content, want string }{
		"a contract that is not OpenAPI": {bundle.Contract, "openapi: [", "openapi.yaml"},
		"a function that does not build": {"functions/api/broken.go", "package main\nfunc broken() { return 1 }\n", "broken.go"},
	} {
		t.Run(name, func(t *testing.T) {
			repository, out := copyOf(t), t.TempDir()
			before := []byte("the zip of yesterday")
			old := filepath.Join(out, "authorizer.zip")
			if err := errors.Join(os.WriteFile(old, before, 0o600), os.WriteFile(filepath.Join(repository, spoil.file), []byte(spoil.content), 0o600)); err != nil {
				t.Fatal(err)
			}
			job, err := bundle.Sample(repository, out, bundle.Lambda("arm64"))
			if err == nil {
				_, err = job.Build(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), spoil.want) {
				t.Errorf("got %v, want it to name %s", err, spoil.want)
			}
			entries, err := os.ReadDir(out)
			if err != nil || len(entries) != 1 {
				t.Errorf("something half-built is left: %v, %v", entries, err)
			}
			if after, err := os.ReadFile(old); err != nil || !bytes.Equal(after, before) {
				t.Errorf("the zip that was there is gone: %v", err)
			}
		})
	}
}

func TestACancelledBuildStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := t.TempDir()
	job, err := bundle.Sample(root, out, bundle.Lambda("arm64"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Build(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func contents(t *testing.T, path string) []*zip.File {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r.File
}

func read(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
