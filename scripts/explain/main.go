// Command explain says who may call what, and why: it compiles the API's OpenAPI document like the build does
// and prints the whole table, for the contract alone or for one caller, with the policy that the authorizer
// would answer.
//
// It exits with 0 when it could answer, 1 when it refuses the contract or the token, and 2 when it was called
// wrongly.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// sampleARN stands for the stage in the policy that is printed, unless --arn names another.
const sampleARN = "arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET/"

// defaultContract is where the repository keeps the document.
const defaultContract = "functions/api/openapi.yaml"

const help = `Who may call what, and why.

Without a caller it prints the table of the contract. A caller comes as --scopes and --groups, or as a
token on standard input, whose signature is not checked. "--scopes=" alone is somebody who has signed in and
has neither.

Examples:
  explain
  explain --groups admins
  explain --scopes api/users.read --route "GET /users"
  explain --groups admins --route "GET /users/alice" --json
  make -s token ARGS='login alice' | explain --token-stdin`

type options struct {
	Scopes     []string `placeholder:"A,B" help:"OAuth scopes of the caller."`
	Groups     []string `placeholder:"X,Y" help:"Cognito groups of the caller; write a comma in a name as '\\,'."`
	TokenStdin bool     `help:"Take scopes and groups from the token on standard input. It is decoded, not verified, and never printed."`
	Route      string   `placeholder:"\"GET /users\"" help:"Answer for this route only, in one sentence. The path may be a template or a real one."`
	Contract   string   `placeholder:"PATH" help:"The OpenAPI document. Default: functions/api/openapi.yaml of the repository around the working directory."`
	ARN        string   `name:"arn" placeholder:"ARN" help:"methodArn or routeArn of a call to the stage that the policy is to be for."`
	Policy     bool     `default:"true" negatable:"" help:"Print the policy of the caller too."`
	JSON       bool     `name:"json" help:"Print JSON."`
}

// errUsage says that the command was called wrongly.
var errUsage = errors.New("wrong usage")

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command, and gives its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	exited := false
	parser, err := kong.New(&o, kong.Name("explain"), kong.Description(help), kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }))
	if err == nil {
		_, err = parser.Parse(args)
	}
	if exited { // --help was asked for, and printed
		return 0
	}
	if err != nil {
		err = fmt.Errorf("%w: %w (try --help)", errUsage, err)
	} else {
		err = explain(o, stdin, stdout, stderr)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "explain:", err)
		return 2
	}
	fmt.Fprintln(stderr, "explain:", err)
	return 1
}

func explain(o options, stdin io.Reader, stdout, stderr io.Writer) error {
	who, err := callerFrom(o, stdin, stderr)
	if err != nil {
		return err
	}
	arn := sampleARN
	if o.ARN != "" {
		arn = o.ARN
	}
	stage, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		return fmt.Errorf("%w: --arn: %w", errUsage, err)
	}
	path := o.Contract
	if path == "" {
		if path, err = findContract(); err != nil {
			return err
		}
	}
	compiled, err := contract.Compile(path)
	if err != nil {
		return err
	}
	a := &answer{table: compiled.Table, who: who, stage: stage, withPolicy: o.Policy && o.Route == ""}
	if o.Route != "" {
		err = a.one(o.Route)
	} else {
		for _, w := range compiled.Warnings() {
			fmt.Fprintln(stderr, "warning:", w)
		}
		err = a.all()
	}
	if err != nil {
		return err
	}
	if o.JSON {
		return a.writeJSON(stdout)
	}
	return a.writeText(stdout)
}

// caller is the one for whom to explain.
type caller struct {
	routes.Principal
	policy routes.PolicyOptions // the end of the token, where there is one
}

// callerFrom returns the caller, or nil when none is described.
func callerFrom(o options, stdin io.Reader, stderr io.Writer) (*caller, error) {
	switch {
	case o.TokenStdin && (o.Scopes != nil || o.Groups != nil):
		return nil, fmt.Errorf("%w: --token-stdin and --scopes or --groups name two callers", errUsage)
	case o.TokenStdin:
		fmt.Fprintln(stderr, "the token is decoded and not verified: anybody can have written it")
		return readToken(stdin)
	case o.Scopes == nil && o.Groups == nil:
		return nil, nil
	}
	return &caller{Principal: routes.Principal{Scopes: named(o.Scopes), Groups: named(o.Groups)}}, nil
}

// named leaves out the empty name that "--scopes=" gives.
func named(all []string) []string {
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all
}

// findContract looks for the document in the working directory and above.
func findContract() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := directory; ; at = filepath.Dir(at) {
		path := filepath.Join(at, defaultContract)
		if _, err := os.Stat(path); err == nil {
			if short, err := filepath.Rel(directory, path); err == nil {
				path = short
			}
			return path, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%w: no %s here or above; name the document with --contract", errUsage, defaultContract)
		}
	}
}
