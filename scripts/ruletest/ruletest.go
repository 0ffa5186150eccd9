// Package ruletest checks expectations about who may call what against a contract: cognito-authorizer test.
package ruletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/principal"
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

allowed is any response of the backend, denied 403, unauthorized 401. Claims are those that rules read; numbers, booleans and
lists are written as in a token. signed_in: 20m is a sign-in twenty minutes ago. Where a rule is about the caller's own items,
write the path of one: GET /users/u-1, not GET /users/{id}.

  cognito-authorizer test openapi.yaml cases.yaml
  cognito-authorizer test openapi.yaml cases.yaml --strict --junit results.xml

Exit codes: 0 the contract says what the file expects, 1 it does not, 2 the command line or a file is wrong.`
}

// The results that a case can expect.
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
	compiled, err := k.Compile()
	if err != nil {
		return err
	}
	api, err := contractjson.Parse(compiled.Contract)
	if err != nil {
		return err
	}
	for i := range cases {
		cases[i].As.principal = principal.Only(cases[i].As.principal, api.Claims)
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
				actual, reason := resultOf(api, c.As, r)
				results = append(results, result{Line: r.Line, Caller: c.As.String(), Route: r.String(), Expected: group.expected,
					Actual: actual, Reason: reason, OK: actual == group.expected})
			}
		}
	}
	return results
}

// resultOf returns the API's result, and why. A route that does not exist is never an expected result: it is most likely a
// mistake in the file.
func resultOf(api *contractjson.Contract, who caller, r routeRef) (actual, reason string) {
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
	// A template is taken for a template also where its parameters have other names.
	decision := api.Table().Decide(who.principal, r.Method, r.Path)
	if decision.Route == "" {
		decision = api.Table().DecideCall(who.principal, r.Method, r.Path)
	}
	switch {
	case !decision.Allowed:
		return denied, decision.Reason
	case slices.ContainsFunc(decision.Limits, func(l routes.Limit) bool { return l.Own != nil }):
		return "depends on the item", decision.Reason + ": write the path of one item"
	}
	return allowed, decision.Reason
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

// describe sets the caller's rights.
func (c *caller) describe(now time.Time) (err error) {
	var scopes, groups []string
	if c.Scopes != nil {
		scopes = *c.Scopes
	}
	if c.Groups != nil {
		groups = *c.Groups
	}
	if c.SignedIn != "" {
		ago, err := time.ParseDuration(c.SignedIn)
		switch {
		case err != nil || ago < 0:
			return fmt.Errorf("signed_in is %q: write how long ago, such as 20m", c.SignedIn)
		case c.Claims["auth_time"] != nil:
			return errors.New("signed_in and the claim auth_time say the same twice")
		}
		claims := map[string]any{"auth_time": now.Add(-ago).Unix()}
		maps.Copy(claims, c.Claims)
		c.Claims = claims
	}
	c.principal, err = principal.Describe(scopes, groups, c.Claims, now)
	return err
}

// String describes the caller.
func (c caller) String() string {
	if c.Anonymous {
		return "a caller without a token"
	}
	return c.principal.String()
}
