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
)

// ErrWrong reports that a policy gives another answer than the table.
var ErrWrong = errors.New("policy differs from the table")

// Report says what was checked, and what to know about a table whose policies are right.
type Report struct {
	Classes  int  // classes of callers
	Complete bool // these are all classes that there can be
	Calls    int  // calls that were tried, for each class
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

// answer makes a policy, as the JSON that an authorizer would return.
type answer func(question) ([]byte, error)

// Check tries the policies of a table. The error is nil if all are right, else it holds what was wrong, as
// one or more [ErrWrong], or why a policy could not be made.
func Check(t *routes.Table) (Report, error) {
	return check(t, func(q question) ([]byte, error) {
		o := routes.PolicyOptions{Expire: true, ExpiresAt: end}
		if q.of == nil {
			text, err := t.PolicyText(q.caller, q.arn, o)
			return text.AppendTo(nil), err
		}
		document, err := t.RoutePolicy(q.caller, q.arn, q.method, q.of.Template, o)
		if err != nil {
			return nil, err
		}
		text, err := document.Encode()
		return text.AppendTo(nil), err
	})
}

func check(t *routes.Table, ask answer) (Report, error) {
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
	return p.report, errors.Join(p.wrong...)
}

// prover holds the state of one check.
type prover struct {
	gateway
	calls   []call
	own     map[*route][]call // those that are routed to it
	foreign []call            // one call to each route, and calls to none
	ask     answer
	report  Report
	warned  map[warning]bool
	known   map[string][]byte // rights → the policy of the first caller who has these
	wrong   []error
}

func (p *prover) fail(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...)))
}

// policyFor asks for a policy and reads it, or notes why not. It gives the JSON as well.
func (p *prover) policyFor(q question) (*apigateway.ParsedPolicy, []byte) {
	document, err := p.ask(q)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, nil
	}
	parsed, err := apigateway.ParsePolicy(document)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, nil
	}
	if bytes.Contains(document, []byte("*:")) || len(document) > apigateway.MaxResultBytes {
		p.fail("the policy for %s has a wildcard before its stage, or is too large", q.caller)
	}
	return parsed, document
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
	parsed, document := p.policyFor(question{caller: c, arn: stage})
	if parsed == nil {
		return
	}
	if first, ok := p.known[rights.String()]; ok {
		if !bytes.Equal(first, document) {
			p.fail("%s has the same rights as another, but not the same policy", c)
		}
		return
	}
	p.known[rights.String()] = document
	k.policy = parsed
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
