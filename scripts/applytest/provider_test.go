package applytest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// providerFile is the AWS provider, fetched once as Terraform is configured.
var providerFile string

// fetchProvider lets Terraform install the provider in a folder and returns its file.
func fetchProvider(ctx context.Context, folder string) (string, error) {
	versions, err := os.ReadFile(filepath.Join(root, "terraform", "versions.tf"))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "versions.tf"), versions, 0o600)
	}
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "terraform", "init", "-backend=false", "-input=false", "-no-color")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(last(string(out), 4000))
	}
	found, err := filepath.Glob(filepath.Join(folder, ".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"))
	if err != nil || len(found) != 1 {
		return "", errors.New("terraform init installed no AWS provider")
	}
	return found[0], nil
}

// provide runs the provider, whose file is its argument, until its standard input is closed, so that it stops with this process,
// however that stops.
const provide = `"$0" -debug & provider=$!; exec 2>/dev/null; cat >/dev/null; kill -KILL $provider; wait $provider`

var attachable = regexp.MustCompile(`TF_REATTACH_PROVIDERS='(.*)'`)

// startProvider starts a process of the provider in the folder of a configuration, whose paths are relative to it, and returns
// the value of TF_REATTACH_PROVIDERS with which Terraform uses it. The process ends with the test. Terraform would start one
// several times per command, each of which takes seconds.
func startProvider(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", provide, providerFile)
	cmd.Dir = dir
	// Settings of the person who runs the test mean another AWS. With AWS_CA_BUNDLE the provider cannot be configured twice.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
	cmd.Env = append(cmd.Env, "GOGC=400") // its schemas are a large heap, too: a quarter less CPU time
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if at := attachable.FindStringSubmatch(lines.Text()); at != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // so that it never waits for a reader
			return at[1]
		}
	}
	t.Fatal("the AWS provider ended before Terraform could use it")
	return ""
}
