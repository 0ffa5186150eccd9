// Package explain prints who may call what, and why: the commands routes and explain. They compile the API's OpenAPI
// document as the build does and print the table, for the contract alone or for one caller, with the policy that
// the authorizer would return.
package explain

import (
	"cmp"
	"fmt"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/principal"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// sample is the stage in the policy that is printed, unless flags name another.
var sample = apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abcdef1234", Stage: "prod"}

// RoutesCommand prints the table of a contract.
type RoutesCommand struct {
	document.Argument
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (*RoutesCommand) Help() string {
	return `  cognito-authorizer routes openapi.yaml
  cognito-authorizer routes openapi.yaml --json`
}

// Run prints the table.
func (r *RoutesCommand) Run(c cli.Console) error {
	compiled, err := r.Compile()
	if err != nil {
		return err
	}
	api, err := contractjson.Parse(compiled.Contract)
	if err != nil {
		return err
	}
	a := &answer{api: api, table: compiled.Table}
	document.Warn(c, compiled)
	if err := a.all(); err != nil {
		return err
	}
	return a.write(c, r.JSON)
}

// Command prints what one caller may do.
type Command struct {
	document.Argument
	Scopes     []string      `placeholder:"A,B" help:"OAuth scopes of the caller."`
	Groups     []string      `placeholder:"X,Y" help:"Cognito groups of the caller; write a comma in a name as '\\,'."`
	Claims     []string      `name:"claim" sep:"none" placeholder:"NAME=VALUE" help:"A claim of the caller, for rules about claims, owners and app clients. Several times for several claims, or for a list."`
	SignedIn   time.Duration `placeholder:"DURATION" help:"How long ago the caller signed in, such as 20m, for rules about the age of a sign-in."`
	TokenStdin bool          `help:"Read scopes, groups and claims from the token on standard input. It is decoded, not verified, and never printed."`
	LogLine    bool          `help:"Explain the log line on standard input: one of the API's access log, or a decision line of the authorizer."`
	Route      string        `placeholder:"\"GET /users\"" help:"Answer for this route only, in one sentence. The path may be a template or a concrete one."`
	Expect     string        `enum:"allow,deny," default:"" placeholder:"allow|deny" help:"Exit with 1 unless the answer for --route is this one."`
	ARN        string        `name:"arn" placeholder:"ARN" help:"methodArn or routeArn of a call to the stage that the policy is to be for."`
	Policy     bool          `default:"true" negatable:"" help:"Print the policy of the caller too."`
	JSON       bool          `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Without a caller it prints the table of the contract. A caller is given by --scopes, --groups and --claim, or by a
token on standard input, whose signature is not checked. "--scopes=" alone is somebody who has signed in and
has none of them. Values of claims are never printed.

  cognito-authorizer explain openapi.yaml --groups admins
  cognito-authorizer explain openapi.yaml --scopes api/users.read --route "GET /users"
  cognito-authorizer explain openapi.yaml --groups admins --route "GET /users/alice" --expect allow
  cognito-authorizer explain openapi.yaml --claim custom:tenant_id=t-1 --route "GET /tenants/t-2/orders"
  cognito-authorizer explain openapi.yaml --groups admins --signed-in 20m --route "DELETE /users/alice"
  cognito-authorizer token login alice | cognito-authorizer explain openapi.yaml --token-stdin
  cognito-authorizer explain openapi.yaml --log-line < line.json`
}

// Run prints the answer.
func (o *Command) Run(c cli.Console) error {
	if o.LogLine {
		return o.explainLine(c)
	}
	if o.Expect != "" && o.Route == "" {
		return cli.Usagef("--expect needs --route: what is expected, and of which route?")
	}
	who, err := o.caller(c)
	if err != nil {
		return err
	}
	stage, err := o.stage()
	if err != nil {
		return err
	}
	compiled, err := o.Compile()
	if err != nil {
		return err
	}
	if who != nil {
		who.Principal = principal.Only(who.Principal, compiled.Table.ClaimNames())
	}
	api, err := contractjson.Parse(compiled.Contract)
	if err != nil {
		return err
	}
	a := &answer{api: api, table: compiled.Table, who: who, stage: stage, withPolicy: o.Policy && o.Route == ""}
	if o.Route != "" {
		err = a.one(o.Route)
	} else {
		document.Warn(c, compiled)
		err = a.all()
	}
	if err != nil {
		return err
	}
	if err := a.write(c, o.JSON); err != nil {
		return err
	}
	if o.Expect == "" {
		return nil
	}
	return a.expect(o.Expect)
}

// stage returns the stage that the policy is for. One that --arn names is also the one that sizes are worked out for.
func (o *Command) stage() (apigateway.MethodARN, error) {
	if o.ARN == "" {
		known, err := o.Known()
		stage := sample
		stage.Partition, stage.Region, stage.Stage = cmp.Or(known.Partition, stage.Partition), cmp.Or(known.Region, stage.Region), cmp.Or(known.Stage, stage.Stage)
		return stage, err
	}
	if o.Deployment != (document.Deployment{}) {
		return apigateway.MethodARN{}, cli.Usagef("--arn and --stage, --region or --partition exclude each other")
	}
	stage, err := apigateway.ParseMethodARN(o.ARN)
	if err != nil {
		return stage, &cli.UsageError{Err: fmt.Errorf("--arn: %w", err)}
	}
	o.Deployment = document.Deployment{Stage: stage.Stage, Region: stage.Region, Partition: stage.Partition}
	return stage, nil
}

// explainLine explains the log line on standard input.
func (o *Command) explainLine(c cli.Console) error {
	if o.TokenStdin || o.described() || o.Route != "" || o.Expect != "" || o.ARN != "" {
		return cli.Usagef("--log-line takes caller and route from the line: give nothing beside it but --json")
	}
	compiled, err := o.Compile()
	if err != nil {
		return err
	}
	e, err := explainLine(compiled.Table, c.In)
	if err != nil {
		return err
	}
	return printLine(c, e, o.JSON)
}

// expect returns an error if the answer for the single route is another one.
func (a *answer) expect(want string) error {
	r := a.rows[0]
	if r.Allowed == nil {
		return cli.Usagef("--expect needs a caller: give --scopes, --groups, --claim or --token-stdin")
	}
	if got := map[bool]string{true: "allow", false: "deny"}[*r.Allowed]; got != want {
		return fmt.Errorf("expected %s, and the answer is %s", want, got)
	}
	return nil
}

// caller is the one for whom to explain.
type caller struct {
	routes.Principal
	policy stagepolicy.Options // the end of the token, where there is one
}

// caller returns the caller, or nil when none is described.
func (o *Command) caller(c cli.Console) (*caller, error) {
	switch {
	case o.TokenStdin && o.described():
		return nil, cli.Usagef("--token-stdin and --scopes, --groups, --claim or --signed-in name two callers")
	case o.TokenStdin:
		c.Note("the token is decoded and not verified: anybody can have written it")
		return readToken(c.In)
	case !o.described():
		return nil, nil
	}
	claims, err := principal.ParseClaims(o.Claims)
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	now := time.Now()
	if o.SignedIn > 0 {
		if claims["auth_time"] != nil {
			return nil, cli.Usagef("--signed-in and --claim auth_time say the same twice")
		}
		claims["auth_time"] = now.Add(-o.SignedIn).Unix()
	}
	p, err := principal.Describe(named(o.Scopes), named(o.Groups), claims, now)
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	return &caller{Principal: p}, nil
}

// described reports whether flags describe a caller.
func (o *Command) described() bool {
	return o.Scopes != nil || o.Groups != nil || o.Claims != nil || o.SignedIn != 0
}

// named leaves out the empty name that "--scopes=" gives.
func named(all []string) []string {
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all
}
