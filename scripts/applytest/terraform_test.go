package applytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"text/template"
)

const root = "../.." // the repository, from this package

// configuration is a copy of a Terraform configuration that deploys to a cloud, with the zips and the contract in place.
type configuration struct {
	dir       string
	provider  string // TF_REATTACH_PROVIDERS; a process of its own, since it keeps the address of one cloud
	variables map[string]any
}

// The services that the configuration calls.
var services = []string{
	"apigateway", "apigatewayv2", "cloudfront", "cloudwatch", "cognitoidp", "dynamodb", "iam", "lambda", "logs", "s3", "sns", "sts",
}

// An override file takes precedence over the provider block of the configuration. With the provider's default number of
// retries, a call that moto does not support would take many minutes.
var override = template.Must(template.New("").Parse(`provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  max_retries                 = 1

  endpoints {
{{- range .Services}}
    {{.}} = "{{$.URL}}"
{{- end}}
  }
}
`))

// noWaiting saves half a minute: the provider waits that long before it first asks whether a new distribution is deployed.
const noWaiting = `resource "aws_cloudfront_distribution" "this" {
  wait_for_deployment = false
}
`

// newConfiguration copies the folder of the repository that holds a root configuration, such as terraform.
func newConfiguration(t *testing.T, c *cloud, folder, zips string, variables map[string]any) *configuration {
	t.Helper()
	work := t.TempDir()
	dir := filepath.Join(work, filepath.FromSlash(folder))
	if err := copyConfiguration(filepath.Join(root, "terraform"), filepath.Join(work, "terraform")); err != nil {
		t.Fatal(err)
	}
	functions := filepath.Join(work, "functions")
	if err := errors.Join(
		os.MkdirAll(functions, 0o755),
		os.CopyFS(filepath.Join(functions, "api"), os.DirFS(filepath.Join(root, "functions", "api"))),
		os.CopyFS(filepath.Join(work, "dist"), os.DirFS(zips)),
	); err != nil {
		t.Fatal(err)
	}
	var provider bytes.Buffer
	if err := override.Execute(&provider, map[string]any{"Services": services, "URL": c.URL}); err != nil {
		t.Fatal(err)
	}
	err := os.WriteFile(filepath.Join(dir, "moto_override.tf"), provider.Bytes(), 0o600)
	if strings.HasPrefix(folder, "terraform/examples/") { // which have no provider block to override
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, "moto.tf"), []byte("provider \"aws\" {\n  region = \""+region+"\"\n}\n"), 0o600))
	}
	err = errors.Join(err, os.WriteFile(filepath.Join(work, "terraform", "modules", "site", "moto_override.tf"), []byte(noWaiting), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	tf := &configuration{dir: dir, provider: startProvider(t, dir), variables: variables}
	tf.run(t, "init", "-input=false", "-backend=false")
	return tf
}

// copyConfiguration copies the files of a configuration, without Terraform's own files and local variables.
func copyConfiguration(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && entry.Name() == ".terraform":
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, strings.TrimPrefix(path, from)), 0o755)
		case !slices.Contains([]string{".tf", ".js"}, filepath.Ext(path)) || strings.HasSuffix(path, "override.tf"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, strings.TrimPrefix(path, from)), content, 0o600)
	})
}

// run runs a Terraform command and returns its standard output.
func (tf *configuration) run(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := tf.try(t.Context(), args...)
	if err != nil {
		t.Fatalf("terraform %s: %v", args[0], err)
	}
	return out
}

func (tf *configuration) try(ctx context.Context, args ...string) ([]byte, error) {
	if slices.Contains([]string{"apply", "destroy", "plan"}, args[0]) {
		file := filepath.Join(tf.dir, "applytest.auto.tfvars.json")
		content, err := json.Marshal(tf.variables)
		if err == nil {
			err = os.WriteFile(file, content, 0o600)
		}
		if err != nil {
			return nil, err
		}
		args = append(args, "-input=false")
	}
	if args[0] != "output" && args[0] != "show" {
		args = append(args, "-no-color")
	}
	cmd := exec.CommandContext(ctx, "terraform", args...)
	cmd.Dir = tf.dir
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_REATTACH_PROVIDERS="+tf.provider,
		"GOGC=400") // the provider's schemas are a large heap, of which nothing is garbage
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w\n%s\n%s", err, messages.String(), last(out.String(), 4000))
	}
	return out.Bytes(), nil
}

func last(s string, n int) string { return s[max(0, len(s)-n):] }

func (tf *configuration) apply(t *testing.T) map[string]string {
	t.Helper()
	tf.run(t, "apply", "-auto-approve")
	var values map[string]struct{ Value any }
	if err := json.Unmarshal(tf.run(t, "output", "-json"), &values); err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{}
	for name, output := range values {
		outputs[name], _ = output.Value.(string)
	}
	return outputs
}

func (tf *configuration) resources(t *testing.T) int {
	t.Helper()
	return strings.Count(string(tf.run(t, "state", "list")), "\n")
}

// change is a value that a plan would change, as address and path, or a resource address with its planned action.
type change string

// changes returns what a further plan would change.
func (tf *configuration) changes(t *testing.T) []change {
	t.Helper()
	file := filepath.Join(tf.dir, "second.tfplan")
	tf.run(t, "plan", "-out="+file)
	var plan struct {
		ResourceChanges []struct {
			Address string
			Mode    string
			Change  struct {
				Actions       []string
				Before, After any
			}
		} `json:"resource_changes"`
		OutputChanges map[string]struct{ Actions []string } `json:"output_changes"`
	}
	if err := json.Unmarshal(tf.run(t, "show", "-json", file), &plan); err != nil {
		t.Fatal(err)
	}
	var all []change
	for _, r := range plan.ResourceChanges {
		switch action := strings.Join(r.Change.Actions, " then "); {
		case r.Mode != "managed" || action == "no-op":
		case action == "update":
			all = append(all, differences(r.Address, r.Change.Before, r.Change.After)...)
		default:
			all = append(all, change(r.Address+": "+action))
		}
	}
	for name, output := range plan.OutputChanges {
		if action := strings.Join(output.Actions, " then "); action != "no-op" {
			all = append(all, change("output."+name+": "+action))
		}
	}
	return all
}

// differences returns the paths, below at, where two values differ.
func differences(at string, before, after any) (all []change) {
	switch after := after.(type) {
	case map[string]any:
		if before, ok := before.(map[string]any); ok {
			for _, name := range slices.Sorted(maps.Keys(after)) {
				all = append(all, differences(at+"."+name, before[name], after[name])...)
			}
			return all
		}
	case []any:
		if before, ok := before.([]any); ok && len(before) == len(after) {
			for i := range after {
				all = append(all, differences(fmt.Sprintf("%s[%d]", at, i), before[i], after[i])...)
			}
			return all
		}
	}
	if !reflect.DeepEqual(before, after) {
		return []change{change(at)}
	}
	return nil
}
