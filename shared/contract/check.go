package contract

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

const perRoute = "Rename or split one of them, give them the same rule, or cache results per route (x-authorizer-caching: route)"

// maxStageRules bounds the different rules of a table with results for a whole stage: each may be met or not by a caller, and one policy of
// at most 8 KB must say which.
const maxStageRules = 512

// prove checks that the stage policies can be built and that they enforce the rules.
func (r *Result) prove(path string, d stagepolicy.Deployment) error {
	c := &compiler{file: path, byKey: map[string]*found{}, positions: r.positions, deployment: d}
	whole := position{file: path}
	if rules, _ := r.Table.Rules(); r.Table.Mode() == routes.PerStage && len(rules) > maxStageRules {
		c.refuse("too-large", whole, "", fmt.Sprintf("the routes have %d different rules, and one policy for the stage can tell at most %d apart", len(rules), maxStageRules),
			"Split the API, or cache results per route (x-authorizer-caching: route)")
		return &Error{append(r.Findings, c.findings()...)}
	}
	var report prove.Report
	var proof error
	var proved sync.WaitGroup
	proved.Go(func() { report, proof = prove.Check(r.Table, d) })
	findings, err := stagepolicy.New(r.Table).Check(d)
	proved.Wait()
	c.refuseAll(err)
	for _, f := range findings {
		c.warn(f.Code, whole, "", f.Message, "")
	}
	if err == nil {
		c.refuseAll(proof)
		r.Classes, r.Decided = report.Classes, report.Decided
		for _, w := range report.Warnings {
			if w.Code == "paths-outside" && len(findings) > 0 {
				continue // already reported by the finding about the form of the policies
			}
			if w.Forbidden.Method == "" {
				c.warn(w.Code, whole, "", w.String(), "")
			} else { // one finding for all routes
				c.warn(w.Code, r.positions[w.Forbidden.String()], w.Forbidden.String(), w.Text, "")
			}
		}
	}
	if c.refused {
		return &Error{append(r.Findings, c.findings()...)}
	}
	r.Findings = append(r.Findings, c.findings()...)
	return nil
}

// located returns a route with the position of its operation.
func (c *compiler) located(route string) string {
	at := c.positions[route]
	if at.file == c.file {
		return fmt.Sprintf("%s in line %d", route, at.line)
	}
	return fmt.Sprintf("%s in %s:%d", route, at.file, at.line)
}

// refuseAll reports each of several joined errors, with the lines of the routes that it names.
func (c *compiler) refuseAll(err error) {
	if err == nil {
		return
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			c.refuseAll(one)
		}
		return
	}
	if conflict, ok := errors.AsType[*stagepolicy.ConflictError](err); ok {
		c.refuseFor("conflict", c.positions[conflict.Forbidden.String()], "", fmt.Errorf("%w. %s, %s", err,
			c.located(conflict.Allowed.String()), c.located(conflict.Swallowed.String())), perRoute)
		return
	}
	if complex, ok := errors.AsType[*stagepolicy.TooComplexError](err); ok {
		c.refuseFor("too-complex", c.positions[complex.First.String()], "", fmt.Errorf("%w. %s", err, c.located(complex.Second.String())),
			"Use fewer parameters in one of them, or cache results per route (x-authorizer-caching: route)")
		return
	}
	if errors.Is(err, stagepolicy.ErrTooLarge) {
		wayOut := "Split the API, or cache results per route (x-authorizer-caching: route)"
		if c.deployment.Stage == "" || c.deployment.Region == "" {
			wayOut = "Say where the API is deployed (--stage, --region), which may leave more room; split it, or cache results per route (x-authorizer-caching: route)"
		}
		c.refuseFor("too-large", position{file: c.file}, "", err, wayOut)
		return
	}
	c.refuseFor("proof", position{file: c.file}, "", err, "")
}
