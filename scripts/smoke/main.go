// Command smoke calls an API, deployed or local, and checks that its authorizer is at work: 401 without a
// token, 403 without the right, an answer with it, CORS headers on each, and what happens once a token has
// ended. What to call and what to expect comes from the API's own contract.
//
// It only reads: it calls no operation but GET, and OPTIONS as a browser would.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// The exit codes. A pipeline can tell an API that misbehaves from a command line that makes no sense.
const (
	exitMismatch    = 1
	exitUsage       = 2
	exitInterrupted = 130 // as a shell reports it
)

type options struct {
	URL         string        `required:"" help:"Address of the API, with its stage if it has one in its path." placeholder:"URL"`
	Origin      string        `help:"Web origin whose pages must be able to read every answer. Without it CORS is not checked." placeholder:"ORIGIN"`
	TokensFile  string        `help:"File with the tokens; nobody else may be able to read it." placeholder:"FILE" xor:"tokens"`
	TokensStdin bool          `help:"Read the tokens from standard input." xor:"tokens"`
	TokensEnv   string        `help:"Name of the environment variable that holds the tokens." placeholder:"NAME" xor:"tokens"`
	RequireAll  bool          `help:"A check that cannot be made counts as failed."`
	JSON        bool          `name:"json" help:"Print the result as one JSON object."`
	Contract    string        `help:"The API's contract.json, as the build wrote it, or its OpenAPI document." default:"dist/contract.json" placeholder:"FILE"`
	Timeout     time.Duration `help:"How long one call may take." default:"10s"`
}

const description = `Checks that the authorizer of an API is at work. Tokens are given as JSON, never as arguments:

  {"member": "…", "admin": "…", "machine": "…", "expired": "…"}

The first three are any callers that differ in scopes and groups; what each may call is worked out from its own
claims. "expired" is a token that was good and has ended. Each may be left out.

Exit status: 0 all is well, 1 something is not, 2 the command line makes no sense.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr, os.Getenv, 2 * time.Second})
	stop()
	os.Exit(code)
}

// console is what a run reads and writes: results to out, everything else to err.
type console struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	patience time.Duration // after which somebody who watches is told that something goes on
}

func run(ctx context.Context, args []string, c console) int {
	var opts options
	exit := -1
	parser, err := kong.New(&opts, kong.Name("smoke"), kong.Description(description),
		kong.Writers(c.out, c.err), kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}))
	if err == nil {
		_, err = parser.Parse(args)
	}
	if exit >= 0 { // help was asked for and printed
		return exit
	}
	var checks []check
	var skipped []string
	var call caller
	if err == nil {
		call, err = newCaller(opts, c)
	}
	if err == nil {
		checks, skipped, err = prepare(opts, c)
	}
	if err != nil {
		fmt.Fprintln(c.err, "smoke:", usageProblem(err))
		return exitUsage
	}
	report := newReport(opts, skipped, checks)
	made := call.all(ctx, checks, func(r result) { report.add(r, c.out) })
	report.NotMade = len(checks) - made
	if err := report.finish(c.out); err != nil {
		fmt.Fprintln(c.err, "smoke: writing the result:", err)
		return exitMismatch
	}
	if ctx.Err() != nil {
		fmt.Fprintln(c.err, "smoke: interrupted")
		return exitInterrupted
	}
	if report.Failed > 0 {
		return exitMismatch
	}
	return 0
}

// prepare reads the tokens and the contract and makes the list of checks of them.
func prepare(opts options, c console) ([]check, []string, error) {
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

// usageProblem never repeats a word of the command line that has no place there: it may well be a token.
func usageProblem(err error) string {
	const advice = "tokens are given by --tokens-file, --tokens-stdin or --tokens-env; see smoke --help"
	switch text := err.Error(); {
	case strings.HasPrefix(text, "unexpected argument"):
		return "there is an argument too many: " + advice
	case strings.HasPrefix(text, "unknown flag"):
		flag, _, _ := strings.Cut(strings.TrimPrefix(text, "unknown flag "), "=")
		flag, _, _ = strings.Cut(flag, ",")
		return "there is no option " + flag + ": " + advice
	default:
		return text
	}
}

// readContract returns the route table of a contract.json, or of an OpenAPI document, which is compiled first.
func readContract(path string) (*routes.Table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no such contract: build it first (make build-zip), or name contract.json or the OpenAPI document by --contract", filepath.ToSlash(path))
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
