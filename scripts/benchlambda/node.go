package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed node/runtime.mjs
var nodeRuntime []byte

//go:embed node/handler.mjs
var nodeHandler []byte

// newNode returns aws-jwt-verify, the most common alternative, on this machine's Node.js. It has a bootstrap like the others. npm
// downloads the package into dir.
func newNode(ctx context.Context, dir string, env map[string]string, events [][]byte, memory int) (*target, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("node is not on PATH: install Node.js")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, errors.New("npm is not on PATH: install Node.js with npm")
	}
	install := exec.CommandContext(ctx, npm, "install", "--prefix", filepath.Join(dir, "npm"), "--no-audit", "--no-fund", "--ignore-scripts", "aws-jwt-verify")
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm cannot install aws-jwt-verify: %w\n%s", err, out)
	}
	files := []file{
		{"bootstrap", 0o755, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' \"$LAMBDA_TASK_ROOT/runtime.mjs\"\n", node)},
		{"runtime.mjs", 0o644, nodeRuntime},
		{"handler.mjs", 0o644, nodeHandler},
	}
	modules := os.DirFS(filepath.Join(dir, "npm"))
	err = fs.WalkDir(modules, "node_modules/aws-jwt-verify", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(modules, path)
		files = append(files, file{path, 0o644, content})
		return err
	})
	if err != nil {
		return nil, err
	}
	zip := filepath.Join(dir, "node.zip")
	return &target{
		name: "node", zip: zip, env: env, events: events, memory: memory,
		fill: 3000, // V8 compiles functions after many calls
	}, writeZip(zip, files...)
}
