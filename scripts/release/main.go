// Command release builds the archives of cognito-authorizer that a release holds: one for each operating system and
// architecture, with the authorizer's programs for Lambda embedded, so that nobody who uses it needs Go. The same commit,
// built by the same Go release, gives the same bytes.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

const module = "github.com/cognito-authorizer/cognito-authorizer/scripts"

// targets are the machines that there is a command for.
var targets = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// lambda are the machines that the authorizer runs on in AWS.
var lambda = []string{"linux/amd64", "linux/arm64"}

type command struct {
	Version string   `required:"" help:"Version of the release, for example v1.2.3."`
	Out     string   `default:"dist/release" placeholder:"DIR" help:"Folder for the archives (${default})."`
	Root    string   `type:"existingdir" default:"." placeholder:"DIR" help:"The clone."`
	Target  []string `placeholder:"OS/ARCH" help:"Build for these alone. Default: all."`
}

func main() {
	cli.App{Name: "release", Description: "Builds the archives of cognito-authorizer.\n\n  go run ./scripts/release --version v1.2.3\n  go run ./scripts/release --version devel --target linux/amd64 --out /tmp/release",
		Grammar: &command{}}.Main()
}

// Run builds the archives.
func (r *command) Run(ctx context.Context, c cli.Console) error {
	if len(r.Target) == 0 {
		r.Target = targets
	}
	for _, t := range r.Target {
		if !slices.Contains(targets, t) {
			return cli.Usagef("--target %s: want one of %s", t, strings.Join(targets, ", "))
		}
	}
	work, err := os.MkdirTemp("", "cognito-authorizer-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	license, err := os.ReadFile(filepath.Join(r.Root, "LICENSE"))
	if err != nil {
		return err
	}
	for _, t := range r.Target {
		stop := c.Progress("building for %s", t)
		program, err := r.build(ctx, work, t)
		stop()
		if err != nil {
			return err
		}
		archive := filepath.Join(r.Out, "cognito-authorizer_"+strings.ReplaceAll(t, "/", "_"))
		name := "cognito-authorizer"
		var packed []byte
		if strings.HasPrefix(t, "windows/") {
			name, archive = name+".exe", archive+".zip"
			packed, err = packZip(name, program, license)
		} else {
			archive += ".tar.gz"
			packed, err = packTar(name, program, license)
		}
		if err == nil {
			err = os.WriteFile(archive, packed, 0o644)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Out, "%s  %.2f MiB\n", archive, float64(len(packed))/(1<<20))
	}
	return nil
}

// build compiles the command for a target, with the programs for Lambda in it, and that for the target itself, which
// cognito-authorizer run starts.
func (r *command) build(ctx context.Context, work, target string) ([]byte, error) {
	overlay := map[string]string{}
	programs := append(slices.Clone(lambda), target)
	slices.Sort(programs)
	for _, p := range slices.Compact(programs) {
		file, err := r.program(ctx, work, p)
		if err != nil {
			return nil, err
		}
		at, err := filepath.Abs(filepath.Join(r.Root, "scripts", "bundle", "programs", filepath.Base(file)))
		if err != nil {
			return nil, err
		}
		overlay[at] = file
	}
	document, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, err
	}
	overlayFile, out := filepath.Join(work, "overlay.json"), filepath.Join(work, "command")
	if err := os.WriteFile(overlayFile, document, 0o600); err != nil {
		return nil, err
	}
	system, arch, _ := strings.Cut(target, "/")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=release", "-overlay="+overlayFile,
		"-ldflags=-s -w -buildid= -X "+module+"/cli.version="+r.Version, "-o", out, "./cognito-authorizer")
	build.Dir = filepath.Join(r.Root, "scripts")
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	if output, err := build.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("the command does not build for %s: %w\n%s", target, err, bytes.TrimSpace(output))
	}
	return os.ReadFile(out)
}

// program returns the compressed authorizer for a target.
func (r *command) program(ctx context.Context, work, target string) (string, error) {
	system, arch, _ := strings.Cut(target, "/")
	file := filepath.Join(work, system+"_"+arch+".gz")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	bootstrap := filepath.Join(work, "bootstrap")
	if err := bundle.Bootstrap(ctx, r.Root, bootstrap, bundle.Target{OS: system, Arch: arch}); err != nil {
		return "", err
	}
	content, err := os.ReadFile(bootstrap)
	if err != nil {
		return "", err
	}
	packed, err := compress(content)
	if err != nil {
		return "", err
	}
	return file, os.WriteFile(file, packed, 0o600)
}

func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// epoch is the time of every file. Zip times begin in 1980.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func packTar(name string, program, license []byte) ([]byte, error) {
	var b bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(compressed)
	for _, f := range []struct {
		name    string
		mode    int64
		content []byte
	}{{"LICENSE", 0o644, license}, {name, 0o755, program}} {
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: epoch, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func packZip(name string, program, license []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range []struct {
		name    string
		content []byte
	}{{"LICENSE", license}, {name, program}} {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(entry, bytes.NewReader(f.content)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
