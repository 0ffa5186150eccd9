// Package prove checks that the policies of a route table give the table's answers.
//
// For each class of callers it takes the policy as JSON, and for each route the calls that instantiate it,
// benign and hostile ones, and compares what the policy says, under the rules of IAM, with what the table
// says about the route that API Gateway would choose. It shares no reasoning with what makes the policies:
// rules, routing and evaluation are written a second time, here and in the package evaluator.
//
// It is a check by many examples, and not a proof in the sense of mathematics.
package prove

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// ErrWrong reports that a policy gives another answer than the table.
var ErrWrong = errors.New("policy differs from the table")

// Report says what was checked, and what to know about a table whose policies are right.
type Report struct {
	Classes  int  // classes of callers
	Complete bool // these are all classes that there can be
	Calls    int  // calls that were tried, for each class
	Others   int  // calls to paths outside of the contract that are allowed for lack of room, for all classes together
	Warnings []Warning
}

// Warning is something that the policies rest on.
type Warning struct {
	Forbidden routes.Route // the route that is kept from a caller
	Allowed   routes.Route // the route that makes it hard, where there is one to name
	Text      string       // one sentence
}

// String returns the text.
func (w Warning) String() string { return w.Text }

// The stage at which the calls of the check are made, when they are made, and when the token ends.
var (
	stage = apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "a", Stage: "p"}
	noon  = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	end   = noon.Add(time.Hour)

	base = stage.Prefix() + "/" // of the resources that are called
)

// question is what a policy is asked for.
type question struct {
	caller routes.Principal
	arn    apigateway.MethodARN
	method string        // with of
	of     *routes.Route // for one route; nil: for the whole stage, or for a handshake
}

// answer is a policy.
type answer struct {
	document []byte // as the JSON that an authorizer would return
	exact    bool   // it claims to deny paths outside of the contract wherever it can
}

// source makes policies.
type source func(question) (answer, error)

// Check tries the policies of a table. The error is nil if all are right, else it holds what was wrong, as
// one or more [ErrWrong], or why a policy could not be made.
func Check(t *routes.Table) (Report, error) {
	return checkForm(t, stagepolicy.Exact)
}

// checkForm is Check of the policies in a form, or a later one. Small tables have policies in the first form only, unless
// asked for another.
func checkForm(t *routes.Table, first stagepolicy.Form) (Report, error) {
	planner := stagepolicy.New(t)
	return check(t, func(q question) (answer, error) {
		var policy stagepolicy.Policy
		var err error
		if o := (stagepolicy.Options{Expire: true, ExpiresAt: end, First: first}); q.of == nil {
			policy, err = planner.ForStage(q.caller, q.arn, o)
		} else {
			policy, err = planner.ForRoute(q.caller, q.arn, q.method, q.of.Template, o)
		}
		return answer{policy.Encoded().AppendTo(nil), policy.Form() <= stagepolicy.Shortened}, err
	})
}

func check(t *routes.Table, ask source) (Report, error) {
	var g gateway
	for _, r := range t.Routes() {
		g = append(g, newRoute(r))
	}
	p := &prover{gateway: g, calls: g.calls(), ask: ask, warned: map[warning]bool{}, known: map[string][]byte{}}
	p.group()
	tries := len(p.calls)
	if t.Mode() == routes.PerRoute {
		tries += 2 * len(p.gateway) * len(p.foreign)
	}
	callers, complete := classes(t.Routes(), t.Connect(), min(maxClasses, max(leastClasses, maxTries/tries)))
	p.report = Report{Classes: len(callers), Complete: complete, Calls: len(p.calls)}
	if !complete {
		p.report.Warnings = append(p.report.Warnings, Warning{
			Text: fmt.Sprintf("there are more than %d classes of callers; the policies of the others were not tried", len(callers)),
		})
	}
	for _, c := range callers {
		if t.Mode() == routes.PerRoute {
			p.perRoute(t, c)
		} else {
			p.perStage(c)
		}
		p.connect(t.Connect(), c)
		if len(p.wrong) >= 10 {
			break // more would not help
		}
	}
	p.warnAboutOthers()
	return p.report, errors.Join(p.wrong...)
}

// warnAboutOthers adds one warning for all calls outside of the contract that policies allow without need.
func (p *prover) warnAboutOthers() {
	if p.report.Others > 0 {
		p.report.Warnings = append(p.report.Warnings, Warning{Text: fmt.Sprintf(
			"%d of the calls that were tried, to paths for which the contract has no route, are allowed to callers whose policies have no room to deny them, "+
				"such as %s. No route of the contract is among them: what matters is whether the API serves such paths all the same",
			p.report.Others, p.example)})
	}
}

// prover holds the state of one check.
type prover struct {
	gateway
	calls   []call
	own     map[*route][]call // those that are routed to it
	foreign []call            // one call to each route, and calls to none
	ask     source
	example string // the first of report.Others
	report  Report
	warned  map[warning]bool
	known   map[string][]byte // rights → the policy of the first caller who has these
	wrong   []error
}

func (p *prover) fail(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...)))
}

// policyFor asks for a policy and reads it, or notes why not. It returns the answer as well.
func (p *prover) policyFor(q question) (*apigateway.ParsedPolicy, answer) {
	got, err := p.ask(q)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, answer{}
	}
	parsed, err := apigateway.ParsePolicy(got.document)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, answer{}
	}
	if bytes.Contains(got.document, []byte("*:")) || len(got.document) > apigateway.MaxResultBytes {
		p.fail("the policy for %s has a wildcard before its stage, or is too large", q.caller)
	}
	return parsed, got
}

// perStage checks the one policy that a caller gets. Callers with the same rights must get the same one.
func (p *prover) perStage(c routes.Principal) {
	k := &class{prover: p, caller: c, may: map[*route]bool{}, ended: map[*route]bool{}}
	var rights strings.Builder
	for i, r := range p.gateway {
		if k.may[r] = permits(r.Rule, c); k.may[r] {
			fmt.Fprintf(&rights, "%d ", i)
			k.greedy = k.greedy || r.parts[len(r.parts)-1].kind == rest
		}
	}
	parsed, got := p.policyFor(question{caller: c, arn: stage})
	if parsed == nil {
		return
	}
	if first, ok := p.known[rights.String()]; ok {
		if !bytes.Equal(first, got.document) {
			p.fail("%s has the same rights as another, but not the same policy", c)
		}
		return
	}
	p.known[rights.String()] = got.document
	k.policy, k.exact = parsed, got.exact
	for _, call := range p.calls {
		k.try(call)
	}
}

// connect checks the handshake of a WebSocket.
func (p *prover) connect(rule routes.Rule, c routes.Principal) {
	arn := stage
	arn.Path = "$connect"
	parsed, _ := p.policyFor(question{caller: c, arn: arn})
	if parsed == nil {
		return
	}
	want := apigateway.ExplicitDeny
	if permits(rule, c) {
		want = apigateway.Allowed
	}
	if got := parsed.Evaluate(apigateway.InvokeAction, arn.Prefix()+"/$connect", noon); got != want {
		p.fail("%s gets %q for the handshake of a WebSocket, want %q", c, got, want)
	}
	if got := parsed.Evaluate(apigateway.InvokeAction, arn.Prefix()+"/$connect", end); got != apigateway.ExplicitDeny {
		p.fail("%s may still open a WebSocket when the token has ended", c)
	}
}
