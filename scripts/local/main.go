// Command local runs the whole system on this machine, with Go alone and no AWS account: a fake Cognito,
// the authorizer and the API out of their zips, and a REST API in front of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

type options struct {
	Root string `help:"The repository." type:"existingdir" default:"." placeholder:"DIR"`
	Zips string `help:"Folder with authorizer.zip and api.zip for this machine, instead of building them." type:"existingdir" placeholder:"DIR"`
	Logs bool   `help:"Show what the functions log, on standard error."`

	Demo demo `cmd:"" help:"Start everything, call it about 30 ways, and leave: with 0 only if every answer was right."`
	Run  run  `cmd:"" help:"Start everything and stay up: prints the address, people with passwords, and commands to paste."`
}

func main() {
	var opts options
	parsed := kong.Parse(&opts,
		kong.Name("local"),
		kong.Description(`The whole system on this machine: nothing leaves it, and nothing is left on it.

Examples:
  go run ./scripts/local demo
  go run ./scripts/local run --listen 127.0.0.1:8080`),
		kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&opts); err != nil {
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "local:", err)
		}
		stop()
		os.Exit(1)
	}
}

// zips returns the folder of the zips to run, and builds them into a temporary one if need be. The caller runs
// cleanup when it is done with them.
func (o *options) zips(ctx context.Context) (dir string, cleanup func(), err error) {
	if o.Zips != "" {
		return o.Zips, func() {}, nil
	}
	if _, err := os.Stat(filepath.Join(o.Root, bundle.Contract)); err != nil {
		return "", nil, fmt.Errorf("%s is not this repository (there is no %s in it): run it from the repository's root, or name that by --root", o.Root, bundle.Contract)
	}
	if dir, err = os.MkdirTemp("", "cognito-authorizer-zips-"); err != nil {
		return "", nil, err
	}
	cleanup = func() { os.RemoveAll(dir) }
	target := bundle.Host()
	fmt.Fprintf(os.Stderr, "Building authorizer and API for %s/%s (the first time takes about half a minute) …\n", target.OS, target.Arch)
	zips, _, err := bundle.Build(ctx, o.Root, dir, target)
	if err != nil {
		cleanup()
		return "", nil, err
	}
	for _, z := range zips {
		fmt.Fprintf(os.Stderr, "  %-15s %6.2f MiB  sha256 %s…\n", filepath.Base(z.Path), float64(z.Size)/(1<<20), z.SHA256[:16])
	}
	return dir, cleanup, nil
}
