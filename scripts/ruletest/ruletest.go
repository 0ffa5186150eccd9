// Package ruletest checks expectations about who may call what against a contract: cognito-authorizer test.
package ruletest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Command tests a contract.
type Command struct {
	document.Argument
	Rules  string `arg:"" help:"YAML file of expectations."`
	Strict bool   `help:"Fail as well if a route of the contract is in no case."`
	JUnit  string `name:"junit" placeholder:"FILE" help:"Write the results as JUnit XML, for a pipeline."`
	JSON   bool   `name:"json" help:"Print the results as JSON."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `The file says what callers may do. A route is a template of the contract or a concrete path:

    cases:
      - as: {groups: [staff], scopes: [], claims: {sub: u-1}}
        allowed: [GET /orders, "GET /customers/{customerId}"]
        denied: [GET /admin/reports]
      - as: {anonymous: true}
        unauthorized: [GET /orders]

allowed is any response of the backend, denied 403, unauthorized 401.

  cognito-authorizer test openapi.yaml cases.yaml
  cognito-authorizer test openapi.yaml cases.yaml --strict --junit results.xml

Exit codes: 0 the contract says what the file expects, 1 it does not, 2 the command line or a file is wrong.`
}

// The answers that a case can expect.
const (
	allowed      = "allowed"
	denied       = "denied"
	unauthorized = "unauthorized"
)

// result is the outcome for one caller and one route.
type result struct {
	Line     int    `json:"line,omitempty"`
	Caller   string `json:"caller"`
	Route    string `json:"route"`
	Expected string `json:"expected"`
	Actual   string `json:"actual"`
	Reason   string `json:"reason"`
	OK       bool   `json:"ok"`
}

// Run tests.
func (k *Command) Run(c cli.Console) error {
	began := time.Now()
	data, err := os.ReadFile(k.Rules)
	if err != nil {
		return &cli.UsageError{Err: err}
	}
	cases, err := parse(data)
	if err != nil {
		return cli.Usagef("%s: %w", k.Rules, err)
	}
	if slices.ContainsFunc(cases, func(one expectation) bool { return len(one.As.Claims) > 0 }) {
		c.Note("%s: claims make no difference: no rule of a contract reads them", k.Rules)
	}
	compiled, err := k.Compile()
	if err != nil {
		return err
	}
	api, err := contractjson.Parse(compiled.Contract)
	if err != nil {
		return err
	}
	results := check(api, cases)
	if k.Strict {
		results = append(results, untested(api, cases)...)
	}
	if k.JUnit != "" {
		if err := writeJUnit(k.JUnit, k.Rules, results, time.Since(began)); err != nil {
			return err
		}
	}
	failed := len(slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.OK }))
	if k.JSON {
		err = json.NewEncoder(c.Out).Encode(map[string]any{"passed": len(results) - failed, "failed": failed, "results": results})
	} else {
		err = k.print(c, results, failed)
	}
	if err == nil && failed > 0 {
		return cli.ErrSilent
	}
	return err
}

// print prints the differences, and how many expectations hold.
func (k *Command) print(c cli.Console, results []result, failed int) error {
	paint := cli.Paint(c.Out)
	file := filepath.ToSlash(k.Rules)
	for _, r := range results {
		if r.OK {
			continue
		}
		place := file
		if r.Line > 0 {
			place = fmt.Sprintf("%s:%d", file, r.Line)
		}
		fmt.Fprintf(c.Out, "%s  %s  %s\n", place, r.Route, r.Caller)
		fmt.Fprintf(c.Out, "    %s\n    %s\n", paint(cli.Red, "- expected: "+r.Expected), paint(cli.Green, "+ actual:   "+r.Actual+" ("+r.Reason+")"))
	}
	colour := cli.Green
	if failed > 0 {
		colour = cli.Red
	}
	_, err := fmt.Fprintln(c.Out, paint(colour, fmt.Sprintf("%s: %d expectations hold, %d do not", file, len(results)-failed, failed)))
	return err
}

// check compares each expectation with the contract.
func check(api *contractjson.Contract, cases []expectation) []result {
	var results []result
	for _, c := range cases {
		for _, group := range []struct {
			expected string
			routes   []routeRef
		}{{allowed, c.Allowed}, {denied, c.Denied}, {unauthorized, c.Unauthorized}} {
			for _, r := range group.routes {
				actual, reason := answer(api, c.As, r)
				results = append(results, result{Line: r.Line, Caller: c.As.String(), Route: r.String(), Expected: group.expected,
					Actual: actual, Reason: reason, OK: actual == group.expected})
			}
		}
	}
	return results
}

// answer returns what the API answers, and why. A route that does not exist is no expected answer: it is most likely a
// mistake in the file.
func answer(api *contractjson.Contract, who caller, r routeRef) (actual, reason string) {
	route, found := api.Find(r.Method, r.Path)
	switch {
	case !found:
		return "no such route", "the contract has none that serves it"
	case route.Access == contractjson.Public:
		return allowed, "public"
	case route.Access == contractjson.IAM:
		return "by IAM", "API Gateway authorizes the route by the caller's signature"
	case who.Anonymous:
		return unauthorized, "the route needs a token"
	}
	decision := api.Table().Decide(who.principal(), r.Method, route.Template)
	if decision.Allowed {
		return allowed, decision.Reason
	}
	return denied, decision.Reason
}

// untested returns a failure for each route that no expectation is about.
func untested(api *contractjson.Contract, cases []expectation) []result {
	tested := map[string]bool{}
	for _, c := range cases {
		for _, r := range slices.Concat(c.Allowed, c.Denied, c.Unauthorized) {
			if route, found := api.Find(r.Method, r.Path); found {
				tested[route.Method+" "+route.Template] = true
			}
		}
	}
	var results []result
	for _, route := range api.Routes {
		if name := route.Method + " " + route.Template; !tested[name] && route.Access != contractjson.IAM {
			results = append(results, result{Caller: "nobody", Route: name, Expected: "a case", Actual: "none", Reason: "--strict: no case is about this route"})
		}
	}
	return results
}

// principal returns the caller's rights.
func (c caller) principal() routes.Principal {
	var p routes.Principal
	if c.Scopes != nil {
		p.Scopes = *c.Scopes
	}
	if c.Groups != nil {
		p.Groups = *c.Groups
	}
	return p
}

// String describes the caller.
func (c caller) String() string {
	if c.Anonymous {
		return "a caller without a token"
	}
	return c.principal().String()
}
