// Package local runs the whole system on this machine, without an AWS account: a fake Cognito, the authorizer out of its
// zip, a backend, and a REST API in front of them. Its commands are run and demo.
package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// options are the flags that run and demo share.
type options struct {
	document.Flag
	Root string            `type:"existingdir" placeholder:"DIR" help:"Clone to compile from. Default: the one around the working directory; a release needs none."`
	Zips string            `type:"existingdir" placeholder:"DIR" help:"Folder that build wrote for this machine, instead of building."`
	Type string            `help:"Type of the authorizer: TOKEN or REQUEST. Default: as the contract needs it." enum:"TOKEN,REQUEST," default:"" placeholder:"TYPE"`
	Set  map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"Setting of the authorizer, such as TOKEN_USE=access,id or LEEWAY=5s; may be repeated."`
}

// built is what the stack runs.
type built struct {
	dir     string // of zips, contract.json and manifest.json
	sample  bool   // api.zip, the sample API, is there
	cleanup func()
}

// build compiles the contract and puts the zips for this machine into a temporary folder, unless a folder is given.
// Without a contract it is the sample of the clone.
func (o *options) build(ctx context.Context, c cli.Console) (*built, error) {
	explicit := o.Root != ""
	if !explicit {
		o.Root = bundle.FindRoot()
	}
	if o.Zips != "" {
		if o.Contract != "" {
			return nil, cli.Usagef("--zips and --contract exclude each other: the zips hold a contract")
		}
		_, err := os.Stat(filepath.Join(o.Zips, "api.zip"))
		return &built{o.Zips, err == nil, func() {}}, nil
	}
	b := &built{sample: o.Contract == ""}
	job := bundle.Job{Root: o.Root, Target: bundle.Host(), Quick: true, Sample: b.sample}
	if bundle.Embedded() && !b.sample && !explicit {
		job.Root = ""
	}
	var err error
	switch {
	case !b.sample:
		job.Compiled, err = o.Compile()
	case o.Root == "":
		err = cli.Usagef("which API? Name its OpenAPI document by --contract; only in a clone of the repository there is a sample to fall back on")
	default:
		job.Compiled, err = contract.Compile(filepath.Join(o.Root, bundle.Contract))
	}
	if err != nil {
		return nil, err
	}
	if job.Out, err = os.MkdirTemp("", "cognito-authorizer-zips-"); err != nil {
		return nil, err
	}
	b.dir, b.cleanup = job.Out, func() { os.RemoveAll(job.Out) }
	stop := func() {}
	if job.Root != "" {
		c.Note("Building for %s/%s …", job.Target.OS, job.Target.Arch)
		stop = c.Progress("  compiling the functions: with empty Go caches this takes about half a minute on two cores")
	}
	zips, err := job.Build(ctx)
	stop()
	if err != nil {
		b.cleanup()
		return nil, err
	}
	for _, z := range zips {
		c.Note("  %-15s %6.2f MiB  sha256 %s…", filepath.Base(z.Path), float64(z.Size)/(1<<20), z.SHA256[:16])
	}
	return b, nil
}

// stack returns the options of a stack that runs what was built.
func (o *options) stack(b *built) stack.Options {
	s := stack.Options{Zips: b.dir, Authorizer: gateway.AuthorizerType(o.Type), Settings: o.Set}
	if b.sample {
		s.People = stack.SamplePeople()
	}
	return s
}

// invocation returns how to call this command in another shell.
func invocation() string {
	executable, err := os.Executable()
	if err != nil || strings.Contains(executable, string(filepath.Separator)+"go-build") { // go run
		return "go run ./scripts/cognito-authorizer"
	}
	return shellQuote(os.Args[0])
}

// shellQuote returns an argument that a POSIX shell reads as s.
func shellQuote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=:,./@%", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func describeMillis(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}
