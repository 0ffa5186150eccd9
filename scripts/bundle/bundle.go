// Package bundle builds the zips that Lambda takes: a static bootstrap at the root with its data beside it.
//
// The same commit, built by the same Go release, gives the same bytes wherever it is built: paths of the
// machine, times and modes of files, and the builder's own Go settings stay out of it.
package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// Target is the machine that a bootstrap is built for.
type Target struct {
	OS   string // as in GOOS
	Arch string // as in GOARCH: arm64 or amd64, which Terraform's architecture calls x86_64
}

// Lambda is the target of a zip that is deployed.
func Lambda(arch string) Target { return Target{OS: "linux", Arch: arch} }

// Host is the target of a zip that runs on this machine.
func Host() Target { return Target{OS: runtime.GOOS, Arch: runtime.GOARCH} }

// Zip is what was built.
type Zip struct {
	Path   string
	Size   int64  // bytes
	SHA256 string // in hex
}

// Contract is the API's description, from the root of the repository.
const Contract = "functions/api/openapi.yaml"

// Build makes authorizer.zip and api.zip out of the repository at root and puts them into out, both or
// neither: a failure leaves what was there before. The contract is compiled into authorizer.zip, and written beside the
// zips as contract.json, with manifest.json, which says what belongs together. warnings names what the policies rest on.
func Build(ctx context.Context, root, out string, target Target) (zips []Zip, warnings []string, err error) {
	compiled, err := contract.Compile(filepath.Join(root, Contract))
	if err != nil {
		return nil, nil, err
	}
	routes, err := compiled.Table.Encode()
	if err != nil {
		return nil, nil, err
	}
	stage, err := os.MkdirTemp("", "cognito-authorizer-build-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(stage)

	data := map[string][]file{
		"api":        nil,
		"authorizer": {{name: "routes.json", mode: 0o644, content: routes}},
	}
	names := []string{"api", "authorizer"}
	for _, name := range names {
		bootstrap, err := compile(ctx, filepath.Join(root, "functions", name), filepath.Join(stage, name), target)
		if err != nil {
			return nil, nil, err
		}
		files := append([]file{{name: "bootstrap", mode: 0o755, content: bootstrap}}, data[name]...)
		if err := os.WriteFile(filepath.Join(stage, name+".zip"), pack(files), 0o644); err != nil {
			return nil, nil, err
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		z, err := install(filepath.Join(stage, name+".zip"), filepath.Join(out, name+".zip"))
		if err != nil {
			return nil, nil, err
		}
		zips = append(zips, z)
	}
	if err := describe(out, zips, compiled, target); err != nil {
		return nil, nil, err
	}
	return zips, compiled.Warnings(), nil
}

// compile builds the module in dir into one static binary. Each function is built from its own go.mod
// (GOWORK=off), so that no other module of the workspace has a say in what it depends on.
func compile(ctx context.Context, dir, out string, target Target) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc",
		"-ldflags=-s -w -buildid=", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+target.OS, "GOARCH="+target.Arch, "CGO_ENABLED=0", "GOWORK=off",
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, exec.ErrNotFound) {
			return nil, errors.New("the go command was not found: install Go, https://go.dev/dl/")
		}
		return nil, fmt.Errorf("%s does not build for %s/%s:\n%s", dir, target.OS, target.Arch, strings.TrimSpace(said.String()))
	}
	return os.ReadFile(out)
}

type file struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// The time that every file in a zip bears. Zip times begin in 1980.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes a zip whose bytes depend on names, modes and contents alone.
func pack(files []file) []byte {
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(f.mode)
		// Writing to memory fails only if a name is unusable, and the names are ours.
		entry, err := w.CreateHeader(header)
		if err == nil {
			_, err = entry.Write(f.content)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// install puts a finished zip into its place in one step, so that no reader ever sees half of it.
func install(from, to string) (Zip, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return Zip{}, err
	}
	half := to + ".new"
	defer os.Remove(half)
	if err := os.WriteFile(half, content, 0o644); err != nil {
		return Zip{}, err
	}
	if err := os.Rename(half, to); err != nil {
		return Zip{}, err
	}
	return Zip{Path: to, Size: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256(content))}, nil
}
