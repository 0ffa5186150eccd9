// Package build makes what is deployed out of a contract: cognito-authorizer build.
package build

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
)

// Command builds authorizer.zip, contract.json and manifest.json.
type Command struct {
	document.Argument
	Arch   string `enum:"arm64,amd64" default:"arm64" help:"Architecture of the function: arm64 or amd64, which AWS and Terraform call x86_64 (${default})."`
	Out    string `default:"dist" placeholder:"DIR" help:"Folder for the files (${default})."`
	Root   string `type:"existingdir" placeholder:"DIR" help:"Clone to compile the authorizer from. Default: the one around the working directory; a release has it built in."`
	Sample bool   `help:"Build api.zip, the sample API of the clone, too."`
	JSON   bool   `name:"json" help:"Print what was built as JSON."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Writes authorizer.zip (bootstrap and routes.json, ready for Lambda), contract.json (for Terraform) and manifest.json
(what belongs together). The same input gives the same bytes.

  cognito-authorizer build openapi.yaml
  cognito-authorizer build openapi.yaml --overlay rules.yaml --arch amd64 --out dist
  cognito-authorizer build openapi.yaml --stage prod --region eu-west-1

--stage and --region say where the API is deployed, for documents whose policies are too large for the longest usual names.
They change no file but manifest.json, which records them.`
}

// Run builds.
func (b *Command) Run(ctx context.Context, c cli.Console) error {
	compiled, err := b.Compile()
	if err != nil {
		return err
	}
	document.Warn(c, compiled)
	sized, err := b.Known()
	if err != nil {
		return err
	}
	job := bundle.Job{Compiled: compiled, Root: b.Root, Out: b.Out, Target: bundle.Lambda(b.Arch), Sample: b.Sample, SizedFor: sized}
	if job.Root == "" && (!bundle.Embedded() || b.Sample) {
		job.Root = bundle.FindRoot()
	}
	stop := c.Progress("building for linux/%s; in a clone with empty Go caches this takes about half a minute", b.Arch)
	zips, err := job.Build(ctx)
	stop()
	if err != nil {
		return err
	}
	if b.JSON {
		return json.NewEncoder(c.Out).Encode(zips)
	}
	for _, z := range zips {
		fmt.Fprintf(c.Out, "%s  %s  %.2f MiB\n", z.SHA256, z.Path, float64(z.Size)/(1<<20))
	}
	for _, name := range []string{"contract.json", "manifest.json"} {
		fmt.Fprintf(c.Out, "%-64s  %s\n", "", filepath.Join(b.Out, name))
	}
	return nil
}
