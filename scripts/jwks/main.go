// Command jwks writes the key set of the deployed user pool into a file of Terraform variables, so that the next apply
// seeds the authorizer with it and a cold start needs no network.
//
// A seeded set is trusted from the start, so it is worth as much as the way it came: TLS to the issuer, which is what
// the authorizer itself would trust.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// fileName is one that Terraform reads by itself.
const fileName = "jwks.auto.tfvars.json"

type options struct {
	Terraform string   `type:"existingdir" default:"terraform" placeholder:"DIR" help:"Folder of the applied configuration: its outputs name the issuers, and the file is written there."`
	Issuer    []string `placeholder:"URL" help:"An issuer to take in place of those in the outputs. May be given more than once."`
	Out       string   `placeholder:"FILE" help:"Where to write instead."`
}

func main() {
	var opts options
	kong.Parse(&opts,
		kong.Name("jwks"),
		kong.Description(`Writes the key set of the user pool into terraform/`+fileName+`, for the next apply.

Examples:
  go run ./scripts/jwks
  go run ./scripts/jwks --issuer https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123`),
		kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, opts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jwks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opts options, out io.Writer) error {
	issuers := opts.Issuer
	if len(issuers) == 0 {
		var err error
		if issuers, err = deployedIssuers(ctx, opts.Terraform); err != nil {
			return err
		}
	}
	for _, issuer := range issuers {
		if strings.HasSuffix(issuer, "/") {
			return fmt.Errorf("the issuer %s ends with a slash, which no token's iss does: leave it off", issuer)
		}
	}
	sets, err := fetchAll(ctx, issuers)
	if err != nil {
		return err
	}
	content, err := variables(issuers, sets)
	if err != nil {
		return err
	}
	file := opts.Out
	if file == "" {
		file = filepath.Join(opts.Terraform, fileName)
	}
	if err := replace(file, content); err != nil {
		return err
	}
	for i, issuer := range issuers {
		fmt.Fprintf(out, "%s: %d keys of %s\n", file, len(sets[i].Keys), issuer)
	}
	return nil
}

// replace puts a file into its place in one step, so that no apply reads half of it.
func replace(file string, content []byte) error {
	half, err := os.CreateTemp(filepath.Dir(file), ".jwks-*")
	if err != nil {
		return err
	}
	_, err = half.Write(content)
	if err = errors.Join(err, half.Close()); err == nil {
		err = os.Rename(half.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(half.Name()))
	}
	return nil
}
