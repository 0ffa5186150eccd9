package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

// buildZips builds authorizer.zip as for deployment, but for this machine, and nop.zip in the same way.
func buildZips(ctx context.Context, root, dir string) (authorizer bundle.Zip, nop string, err error) {
	job, err := bundle.Sample(root, dir, bundle.Host())
	if err != nil {
		return bundle.Zip{}, "", err
	}
	zips, err := job.Build(ctx)
	if err != nil {
		return bundle.Zip{}, "", err
	}
	for _, z := range zips {
		if filepath.Base(z.Path) == "authorizer.zip" {
			authorizer = z
		}
	}
	bootstrap := filepath.Join(dir, "nop-bootstrap")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", bootstrap,
		"github.com/cognito-authorizer/cognito-authorizer/scripts/benchlambda/nop")
	build.Dir = filepath.Join(root, "scripts")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return bundle.Zip{}, "", fmt.Errorf("the empty handler does not build: %w\n%s", err, out)
	}
	content, err := os.ReadFile(bootstrap)
	if err != nil {
		return bundle.Zip{}, "", err
	}
	nop = filepath.Join(dir, "nop.zip")
	return authorizer, nop, writeZip(nop, file{"bootstrap", 0o755, content})
}

type file struct {
	name    string
	mode    fs.FileMode
	content []byte
}

func writeZip(path string, files ...file) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	w := zip.NewWriter(out)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		header.SetMode(f.mode)
		entry, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.content); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Close()
}
