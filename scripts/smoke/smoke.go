// Package smoke calls an API, deployed or local, and checks that its authorizer is at work: 401 without a
// token, 403 without the right, a response with it, CORS headers on each, and what happens once a token has
// expired. What to call and what to expect comes from the API's own contract: cognito-authorizer smoke.
//
// It only reads: it calls no operation but GET, and OPTIONS as a browser would.
package smoke

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Command checks an API.
type Command struct {
	URL         string        `required:"" help:"Address of the API, with its stage if it has one in its path." placeholder:"URL"`
	Origin      string        `help:"Web origin whose pages must be able to read every response. Without it CORS is not checked." placeholder:"ORIGIN"`
	TokensFile  string        `help:"File with the tokens; nobody else may be able to read it." placeholder:"FILE" xor:"tokens"`
	TokensStdin bool          `help:"Read the tokens from standard input." xor:"tokens"`
	TokensEnv   string        `help:"Name of the environment variable that holds the tokens." placeholder:"NAME" xor:"tokens"`
	RequireAll  bool          `help:"A check that cannot be made counts as failed."`
	JSON        bool          `name:"json" help:"Print the result as one JSON object."`
	Contract    string        `help:"The API's contract.json, as the build wrote it, or its OpenAPI document." default:"dist/contract.json" placeholder:"FILE"`
	Timeout     time.Duration `help:"How long one call may take." default:"10s"`

	console *console `kong:"-"` // for tests; nil: that of the process
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Checks that the authorizer of an API is at work. Tokens are given as JSON, never as arguments:

  {"member": "…", "admin": "…", "machine": "…", "expired": "…"}

The first three are any callers that differ in scopes and groups; what each may call follows from its own
claims. "expired" is a token that was valid and has expired. Each may be left out.

  cognito-authorizer smoke --url https://api.example.com/prod --tokens-file tokens.json
  cognito-authorizer smoke --url http://127.0.0.1:8080/local --contract openapi.yaml

Exit codes: 0 everything is as expected, 1 something is not, 2 the command line is wrong.`
}

// console is what a run reads and writes: results to out, everything else to err.
type console struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	patience time.Duration // after which progress is printed
}

// Run makes the checks.
func (opts Command) Run(ctx context.Context, terminal cli.Console) error {
	c := console{terminal.In, terminal.Out, terminal.Err, os.Getenv, cli.Patience}
	if opts.console != nil {
		c = *opts.console
	}
	call, err := newCaller(opts, c)
	if err != nil {
		return &cli.UsageError{Err: err}
	}
	checks, skipped, err := prepare(opts, c)
	if err != nil {
		return &cli.UsageError{Err: err}
	}
	report := newReport(opts, skipped, checks)
	made := call.all(ctx, checks, func(r result) { report.add(r, c.out) })
	report.NotMade = len(checks) - made
	if err := report.finish(c.out); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	if report.Failed > 0 {
		return cli.ErrSilent
	}
	return nil
}

// prepare reads the tokens and the contract and returns the checks and what they do not cover.
func prepare(opts Command, c console) ([]check, []string, error) {
	tokens, err := readTokens(opts, c, time.Now())
	if err != nil {
		return nil, nil, err
	}
	table, err := readContract(opts.Contract)
	if err != nil {
		return nil, nil, err
	}
	checks, skipped := plan(table, tokens, opts.Origin)
	return checks, skipped, nil
}

// readContract returns the route table of a contract.json, or of an OpenAPI document, which is compiled first.
func readContract(path string) (*routes.Table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no such contract: name contract.json, which cognito-authorizer build writes, or the OpenAPI document by --contract", filepath.ToSlash(path))
	}
	if !contractjson.IsCompiled(data) {
		compiled, err := contract.Compile(path)
		if err != nil {
			return nil, err
		}
		data = compiled.Contract
	}
	c, err := contractjson.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.ToSlash(path), err)
	}
	if c.Table() == nil {
		return nil, fmt.Errorf("%s: every route is authorized by IAM: there is no authorizer to check", filepath.ToSlash(path))
	}
	return c.Table(), nil
}
