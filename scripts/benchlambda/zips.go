package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

// buildAuthorizer builds authorizer.zip as for deployment, but for this machine.
func buildAuthorizer(ctx context.Context, root, dir string) (bundle.Zip, error) {
	job, err := bundle.Sample(root, dir, bundle.Host())
	if err != nil {
		return bundle.Zip{}, err
	}
	zips, err := job.Build(ctx)
	if err != nil {
		return bundle.Zip{}, err
	}
	for _, z := range zips {
		if filepath.Base(z.Path) == "authorizer.zip" {
			return z, nil
		}
	}
	return bundle.Zip{}, errors.New("the build made no authorizer.zip")
}

// buildBaseline builds the zip of a command in this directory in the same way, and returns its path.
func buildBaseline(ctx context.Context, root, dir, name string) (path string, err error) {
	bootstrap := filepath.Join(dir, name+"-bootstrap")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", bootstrap,
		"github.com/cognito-authorizer/cognito-authorizer/scripts/benchlambda/"+name)
	build.Dir = filepath.Join(root, "scripts")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not build: %w\n%s", name, err, out)
	}
	content, err := os.ReadFile(bootstrap)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, name+".zip")
	return path, writeZip(path, file{"bootstrap", 0o755, content})
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
