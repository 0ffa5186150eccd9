// Package local runs the whole system on this machine, without an AWS account: a fake Cognito, the authorizer out of its
// zip, a backend, and a REST API in front of them. Its commands are run and demo.
package local

import (
	"context"
	"os"
	"path/filepath"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// options are the flags that run and demo share.
type options struct {
	Root string `type:"existingdir" placeholder:"DIR" help:"Clone to compile from. Default: the one around the working directory."`
	Zips string `type:"existingdir" placeholder:"DIR" help:"Folder that build wrote for this machine, instead of building."`
	Logs bool   `help:"Show what the functions log, on standard error."`
}

// zips returns the folder of the zips to run, and builds them into a temporary one if need be. The caller runs
// cleanup when it is done with them.
func (o *options) zips(ctx context.Context, c cli.Console) (dir string, cleanup func(), err error) {
	if o.Root == "" {
		o.Root = bundle.FindRoot()
	}
	if o.Zips != "" {
		return o.Zips, func() {}, nil
	}
	if _, err := os.Stat(filepath.Join(o.Root, bundle.Contract)); o.Root == "" || err != nil {
		return "", nil, cli.Usagef("there is no clone of the repository here (no %s): run it in one, or name it by --root", bundle.Contract)
	}
	if dir, err = os.MkdirTemp("", "cognito-authorizer-zips-"); err != nil {
		return "", nil, err
	}
	cleanup = func() { os.RemoveAll(dir) }
	target := bundle.Host()
	c.Note("Building authorizer and API for %s/%s (the first time takes about half a minute) …", target.OS, target.Arch)
	zips, _, err := bundle.Build(ctx, o.Root, dir, target)
	if err != nil {
		cleanup()
		return "", nil, err
	}
	for _, z := range zips {
		c.Note("  %-15s %6.2f MiB  sha256 %s…", filepath.Base(z.Path), float64(z.Size)/(1<<20), z.SHA256[:16])
	}
	return dir, cleanup, nil
}
