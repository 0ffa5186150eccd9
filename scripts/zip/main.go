// Command zip builds dist/authorizer.zip and dist/api.zip, the two functions as Lambda takes them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

type options struct {
	Arch string `help:"Architecture of the functions: arm64 or amd64 (which AWS and Terraform call x86_64)." enum:"arm64,amd64" default:"arm64"`
	Out  string `help:"Folder for the zips." default:"dist" placeholder:"DIR"`
	Root string `help:"The repository." type:"existingdir" default:"." placeholder:"DIR"`
	JSON bool   `help:"Print what was built as JSON." name:"json"`
}

func main() {
	var opts options
	kong.Parse(&opts,
		kong.Name("zip"),
		kong.Description(`Builds authorizer.zip (bootstrap and routes.json) and api.zip (bootstrap). The same commit gives the same bytes.

Examples:
  go run ./scripts/zip
  go run ./scripts/zip --arch amd64 --out dist/amd64`),
		kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, opts); err != nil {
		fmt.Fprintln(os.Stderr, "zip:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opts options) error {
	if _, err := os.Stat(filepath.Join(opts.Root, bundle.Contract)); err != nil {
		return fmt.Errorf("%s is not this repository (there is no %s in it): run it from the repository's root, or name that by --root", opts.Root, bundle.Contract)
	}
	fmt.Fprintf(os.Stderr, "building for linux/%s; the first build takes about half a minute\n", opts.Arch)
	zips, warnings, err := bundle.Build(ctx, opts.Root, opts.Out, bundle.Lambda(opts.Arch))
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "warning:", w)
	}
	if opts.JSON {
		return json.NewEncoder(os.Stdout).Encode(zips)
	}
	for _, z := range zips {
		fmt.Printf("%s  %s  %.2f MiB\n", z.SHA256, z.Path, float64(z.Size)/(1<<20))
	}
	return nil
}
