// Package bundle builds the zips for Lambda: a static bootstrap at the root with its data beside it.
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
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// Target is the machine that a bootstrap is built for.
type Target struct {
	OS   string // as in GOOS
	Arch string // as in GOARCH: arm64 or amd64, which Terraform's architecture calls x86_64
}

// Lambda returns the target of a zip that is deployed.
func Lambda(arch string) Target { return Target{OS: "linux", Arch: arch} }

// Host returns the target of a zip that runs on this machine.
func Host() Target { return Target{OS: runtime.GOOS, Arch: runtime.GOARCH} }

// Zip is what was built.
type Zip struct {
	Path   string `json:"path"`
	Size   int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hex
}

// Contract is the sample API's document, from the root of the repository.
const Contract = "functions/api/openapi.yaml"

// Job is what to build.
type Job struct {
	Compiled *contract.Result // the contract
	Root     string           // of the clone that programs are compiled from; if empty, those embedded in a release are used
	Out      string           // folder for the results
	Target   Target
	Quick    bool                   // store the files instead of compressing them: for zips that run here and are thrown away
	Sample   bool                   // build api.zip, the sample API, too; it needs Root
	SizedFor stagepolicy.Deployment // the stage that Compiled was compiled for, for the manifest
}

// Build makes authorizer.zip, and api.zip if it is asked for, and puts them into the folder, all or none: a failure
// leaves what was there before. The contract is compiled into authorizer.zip, and written beside the zips as
// contract.json, with manifest.json, which has their checksums.
func (j Job) Build(ctx context.Context) (zips []Zip, err error) {
	routes, err := j.Compiled.Table.Encode()
	if err != nil {
		return nil, err
	}
	names := []string{"authorizer"}
	if j.Sample {
		names = []string{"api", "authorizer"}
	}
	stage, err := os.MkdirTemp("", "cognito-authorizer-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(stage)
	for _, name := range names {
		bootstrap, err := j.bootstrap(ctx, name, filepath.Join(stage, name))
		if err != nil {
			return nil, err
		}
		files := []file{{name: "bootstrap", mode: 0o755, content: bootstrap}}
		if name == "authorizer" {
			files = append(files, file{name: "routes.json", mode: 0o644, content: routes})
		}
		if err := os.WriteFile(filepath.Join(stage, name+".zip"), pack(files, j.Quick), 0o644); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(j.Out, 0o755); err != nil {
		return nil, err
	}
	for _, name := range names {
		z, err := install(filepath.Join(stage, name+".zip"), filepath.Join(j.Out, name+".zip"))
		if err != nil {
			return nil, err
		}
		zips = append(zips, z)
	}
	if err := j.describe(zips); err != nil {
		return nil, err
	}
	return zips, nil
}

// Sample returns the job that builds the sample of the repository at root: both zips, contract.json and manifest.json.
func Sample(root, out string, target Target) (Job, error) {
	compiled, err := contract.Compile(filepath.Join(root, Contract))
	return Job{Compiled: compiled, Root: root, Out: out, Target: target, Sample: true}, err
}

// bootstrap returns the program of a function.
func (j Job) bootstrap(ctx context.Context, name, out string) ([]byte, error) {
	if j.Root == "" {
		return embeddedBootstrap(name, j.Target)
	}
	dir, err := filepath.Abs(filepath.Join(j.Root, "functions", name))
	if err != nil {
		return nil, err
	}
	key := compiledProgram{dir, j.Target}
	if program, known := bootstraps.Load(key); known && ctx.Err() == nil {
		return program.([]byte), nil
	}
	program, err := compile(ctx, dir, out, j.Target)
	if err == nil {
		bootstraps.Store(key, program)
	}
	return program, err
}

// bootstraps keeps what was compiled for as long as this process lives: a clone does not change while a command runs.
var bootstraps sync.Map // from compiledProgram to []byte

type compiledProgram struct {
	dir    string
	target Target
}

// Bootstrap compiles the authorizer's program of the repository at root, as a release embeds it.
func Bootstrap(ctx context.Context, root, out string, target Target) error {
	_, err := compile(ctx, filepath.Join(root, "functions", "authorizer"), out, target)
	return err
}

// FindRoot returns the root of the clone around the working directory; empty if there is none.
func FindRoot() string {
	at, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "functions", "authorizer", "go.mod")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
		at = filepath.Dir(at)
	}
}

// compile builds the module in dir into one static binary. Each function is built from its own go.mod
// (GOWORK=off), so that no other module of the workspace affects its dependencies.
func compile(ctx context.Context, dir, out string, target Target) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc",
		"-ldflags=-s -w -buildid=", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+target.OS, "GOARCH="+target.Arch, "CGO_ENABLED=0", "GOWORK=off",
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, exec.ErrNotFound) {
			return nil, errors.New("the go command was not found: install Go, https://go.dev/dl/")
		}
		return nil, fmt.Errorf("%s does not build for %s/%s:\n%s", dir, target.OS, target.Arch, strings.TrimSpace(printed.String()))
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

// pack writes a zip whose bytes depend on names, modes and contents alone. quick stores the files uncompressed.
func pack(files []file, quick bool) []byte {
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch}
		if quick {
			header.Method = zip.Store
		}
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
