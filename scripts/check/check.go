// Package check compiles and proves a contract and prints what was found: cognito-authorizer check.
package check

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// Command checks a contract.
type Command struct {
	document.Argument
	Strict bool `help:"Warnings fail the check, too."`
	JSON   bool `name:"json" help:"Print all findings as JSON."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Compiles the document and proves that the policies of every class of callers follow its rules. Prints errors,
warnings and notes, each with its file, line and routes, and what to do about it.

  cognito-authorizer check openapi.yaml
  cognito-authorizer check openapi.yaml --overlay rules.yaml --json
  cognito-authorizer check openapi.yaml --stage prod --region eu-west-1

A policy has at most 8 KB and names the stage in each of its resources. Without --stage and --region the longest usual names are
assumed, so what is accepted fits everywhere; with them, an API with many routes may fit that does not otherwise.

Exit codes: 0 the contract can be deployed, 1 it is refused, 2 the command line or a file is wrong.`
}

// result is what --json prints.
type result struct {
	OK       bool               `json:"ok"`
	Routes   int                `json:"routes"`
	Classes  int                `json:"classes,omitempty"` // of callers
	Decided  int                `json:"decided,omitempty"` // of these, those for which every path was decided
	Digest   string             `json:"contract_digest,omitempty"`
	SizedFor string             `json:"sized_for"` // stage that the sizes of policies are for
	Findings []contract.Finding `json:"findings"`
}

// Run checks.
func (k *Command) Run(c cli.Console) error {
	compiled, err := k.Compile()
	refused := (*contract.Error)(nil)
	r := result{OK: err == nil, SizedFor: k.String(), Findings: []contract.Finding{}}
	switch {
	case err == nil:
		r.Classes, r.Decided = compiled.Classes, compiled.Decided
		r.Routes, r.Digest, r.Findings = len(compiled.Table.Routes()), compiled.Digest, append(r.Findings, compiled.Findings...)
	case errors.As(err, &refused):
		r.Findings = refused.Findings
	default:
		return err
	}
	count := map[contract.Severity]int{}
	for _, f := range r.Findings {
		count[f.Severity]++
	}
	if k.Strict && count[contract.SeverityWarning] > 0 {
		r.OK = false
	}
	if k.JSON {
		err = json.NewEncoder(c.Out).Encode(r)
	} else {
		err = k.print(c, r, count)
	}
	if err == nil && !r.OK {
		return cli.ErrSilent
	}
	return err
}

func (k *Command) print(c cli.Console, r result, count map[contract.Severity]int) error {
	paint := cli.Paint(c.Out)
	colour := map[contract.Severity]cli.Colour{contract.SeverityError: cli.Red, contract.SeverityNote: cli.Faint}
	for _, f := range r.Findings {
		fmt.Fprintf(c.Out, "%s %s\n", paint(colour[f.Severity], string(f.Severity)+":"), cli.Printable(f.String()))
	}
	outcome := paint(cli.Red, "refused")
	if r.OK {
		outcome = paint(cli.Green, fmt.Sprintf("ok: %d routes can be deployed", r.Routes))
		fmt.Fprintf(c.Out, "proof: %d of %d classes of callers decided for every path", r.Decided, r.Classes)
		if r.Decided < r.Classes {
			fmt.Fprintf(c.Out, ", the others checked by examples")
		}
		fmt.Fprintf(c.Out, "\nsizes: for %s\n", r.SizedFor)
	}
	_, err := fmt.Fprintf(c.Out, "%s: %s (%d errors, %d warnings, %d notes)\n", k.Contract, outcome,
		count[contract.SeverityError], count[contract.SeverityWarning], count[contract.SeverityNote])
	return err
}
