// Package jwks writes the key set of the deployed user pool into a file of Terraform variables, so that the next apply
// seeds the authorizer with it and a cold start needs no network: cognito-authorizer jwks.
//
// A seeded set is trusted from the start, so it is worth as much as the way it came: TLS to the issuer, which is what
// the authorizer itself would trust.
package jwks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// fileName is one that Terraform reads by itself.
const fileName = "jwks.auto.tfvars.json"

// Command writes the key set.
type Command struct {
	Terraform string   `default:"terraform" placeholder:"DIR" help:"Folder of the applied configuration: its outputs name the issuers, and the file is written there (${default})."`
	Issuer    []string `placeholder:"URL" sep:"none" help:"An issuer to use in place of those in the outputs. May be given more than once."`
	Out       string   `placeholder:"FILE" help:"Where to write instead."`
	JSON      bool     `name:"json" help:"Print what was written as JSON."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Functions in a VPC that do not reach the issuer need the key set; elsewhere it makes cold starts faster.

  cognito-authorizer jwks
  cognito-authorizer jwks --issuer https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123 --out jwks.auto.tfvars.json`
}

// Run writes the file.
func (opts *Command) Run(ctx context.Context, c cli.Console) error {
	if len(opts.Issuer) == 0 || opts.Out == "" {
		if info, err := os.Stat(opts.Terraform); err != nil || !info.IsDir() {
			return cli.Usagef("there is no folder %s: name that of the applied configuration by --terraform, or give --issuer and --out", opts.Terraform)
		}
	}
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
	defer c.Progress("waiting for the key set of %s", strings.Join(issuers, ", "))()
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
	if opts.JSON {
		keys := map[string]int{}
		for i, issuer := range issuers {
			keys[issuer] = len(sets[i].Keys)
		}
		return json.NewEncoder(c.Out).Encode(map[string]any{"file": file, "keys": keys})
	}
	for i, issuer := range issuers {
		fmt.Fprintf(c.Out, "%s: %d keys of %s\n", file, len(sets[i].Keys), issuer)
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
