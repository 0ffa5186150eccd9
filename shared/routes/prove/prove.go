// Package prove checks that the policies of a route table give the table's answers.
//
// For a class of callers it takes the policy as JSON and decides, for every path there is, whether the policy's answer is
// that of the table for the route that API Gateway would choose. That can be decided, since IAM's patterns and route
// templates are both regular: for each method, one automaton recognises the templates that fit a path, another the patterns
// that match it, and a search of their product (product.go) finds the shortest path on which they differ, or none.
//
// What an automaton cannot express is tried on sample calls (calls.go), which package apigateway evaluates: that the token's end ends every Allow, which calls are denied only implicitly, and which could be
// read as a call to another route. The same calls are a test of the automata.
//
// A path that is allowed as it is sent, and would belong to a forbidden route if its escapes were decoded or its slashes
// folded, or the other way round, is found by the same search over these spellings (readings.go) and gives a warning.
//
// The package shares no reasoning with what makes the policies: rules, routing and the automata are written a second time
// here. Only the sample calls use the evaluator of package apigateway.
package prove

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
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
	Decided  int  // of these, those whose policies were compared with the table for every path there is
	Complete bool // all classes that there can be were checked
	Calls    int  // sample calls for each class
	Others   int  // allowed sample calls to paths outside of the contract, over all classes
	Warnings []Warning
}

// Warning is something that the policies rest on.
type Warning struct {
	Code      string       // stable, for programs: "implicit-denial", "spelling", "literal-value", "paths-outside", "classes-not-proved"
	Forbidden routes.Route // the route that is kept from a caller, where there is one to name
	Text      string       // one sentence, the same for all warnings of a code that name routes
	Example   string       // a caller and a call, where there is one
}

// String returns the warning with its example.
func (w Warning) String() string {
	if w.Example == "" {
		return w.Text
	}
	return w.Text + ": " + w.Example
}

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

// Check tries the policies of a table, in the form that they have at a deployment. The error is nil if all are right, else it
// holds what was wrong, as one or more [ErrWrong], or why a policy could not be made.
func Check(t *routes.Table, d stagepolicy.Deployment) (Report, error) {
	return checkForm(t, d, stagepolicy.Exact)
}

// checkForm is Check of the policies in a form, or a later one. Small tables have policies in the first form only, unless
// asked for another.
func checkForm(t *routes.Table, d stagepolicy.Deployment, first stagepolicy.Form) (Report, error) {
	planner := stagepolicy.New(t)
	return check(t, func(q question) (answer, error) {
		var policy stagepolicy.Policy
		var err error
		if o := (stagepolicy.Options{Expire: true, ExpiresAt: end, First: first}); q.of == nil {
			if !q.arn.IsConnect() {
				if policy, err = planner.ForStage(q.caller, d.ARN(), o); err != nil {
					return answer{}, err
				}
				o.First = policy.Form()
			}
			policy, err = planner.ForStage(q.caller, q.arn, o)
		} else {
			policy, err = planner.ForRoute(q.caller, q.arn, q.method, q.of.Template, o)
		}
		return answer{policy.Encoded().AppendTo(nil), policy.Form() <= stagepolicy.Shortened}, err
	})
}

func check(t *routes.Table, ask source) (Report, error) {
	var g gateway
	for i, r := range t.Routes() {
		g = append(g, newRoute(i, r))
	}
	p := &prover{gateway: g, calls: g.calls(), routings: newRoutings(g), ask: ask, warned: map[warning]bool{}, known: map[string]proved{}, literals: map[string]bool{}}
	for _, r := range g {
		for _, part := range r.parts {
			if part.kind == literal {
				p.literals[part.text] = true
			}
		}
	}
	p.group()
	tries := len(p.calls)
	if t.Mode() == routes.PerRoute {
		tries += 2 * len(p.gateway) * len(p.foreign)
	}
	callers, always, complete := classes(t.Routes(), t.Connect(), maxClasses)
	p.report = Report{Complete: complete, Calls: len(p.calls)}
	for i, c := range callers {
		// Those with most rights, and those with the least that opens anything, are decided in any case.
		p.always = i < always
		try := i < leastClasses || i < maxTries/tries
		if !try && !p.always && p.moves >= maxMoves {
			p.report.Complete = false
			break
		}
		p.report.Classes++
		if t.Mode() == routes.PerRoute {
			p.perRoute(t, c)
		} else {
			p.perStage(c, try)
		}
		p.connect(t.Connect(), c)
		if len(p.wrong) >= 10 {
			break // more would not help
		}
	}
	p.warnAboutOthers()
	if !p.report.Complete {
		p.report.Warnings = append(p.report.Warnings, Warning{Code: "classes-not-proved", Text: fmt.Sprintf(
			"only %d classes of callers were checked; there are more", p.report.Classes)})
	}
	slices.SortFunc(p.report.Warnings, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Forbidden.String(), b.Forbidden.String()))
	})
	return p.report, errors.Join(p.wrong...)
}

// warnAboutOthers adds one warning for all calls outside of the contract that policies allow without need.
func (p *prover) warnAboutOthers() {
	if p.report.Others > 0 {
		p.report.Warnings = append(p.report.Warnings, Warning{Code: "paths-outside", Example: p.example, Text: fmt.Sprintf(
			"%d sample calls to paths outside of the contract are allowed, because the Denies for them do not fit into the policy; "+
				"none of them is routed to a route of the contract", p.report.Others)})
	}
}

// proved is a policy that was compared with the table.
type proved struct {
	document []byte
	decided  bool // for every path there is
}

// prover holds the state of one check.
type prover struct {
	gateway
	calls    []call
	routings []*routing
	always   bool            // the class that is checked is decided however many moves were made
	moves    int             // that were made to decide classes
	misread  map[*route]bool // forbidden routes that a call could be read as, which a warning names

	readingMoves int                  // that were made to decide readings
	knownRoutes  map[routePolicy]bool // policies for single routes → whether they were decided

	own      map[*route][]call // those that are routed to it
	foreign  []call            // one call to each route, and calls to none
	ask      source
	example  string // the first of report.Others
	report   Report
	warned   map[warning]bool
	known    map[string]proved // rights → the policy of the first caller who has these
	literals map[string]bool   // of all templates
	wrong    []error
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
func (p *prover) perStage(c routes.Principal, try bool) {
	k := &class{prover: p, caller: c, may: make([]bool, len(p.gateway)), ended: map[*route]bool{}}
	var rights strings.Builder
	for i, r := range p.gateway {
		if k.may[r.index] = permits(r.Rule, c); k.may[r.index] {
			fmt.Fprintf(&rights, "%d ", i)
			k.greedy = k.greedy || r.parts[len(r.parts)-1].kind == rest
		}
	}
	for _, r := range p.gateway {
		for m, method := range methods {
			if !k.may[r.index] && r.wild != nil && p.under(r, method) {
				k.wild[m] = append(k.wild[m], r)
			}
		}
	}
	parsed, got := p.policyFor(question{caller: c, arn: stage})
	if parsed == nil {
		return
	}
	if first, ok := p.known[rights.String()]; ok {
		if !bytes.Equal(first.document, got.document) {
			p.fail("%s has the same rights as another, but not the same policy", c)
		}
		if first.decided {
			p.report.Decided++
		}
		return
	}
	k.policy, k.exact = parsed, got.exact
	decided := false
	if p.always || p.moves < maxMoves {
		policy, err := newPolicyAutomaton(got.document)
		if err != nil {
			p.fail("the policy for %s cannot be read: %v", c, err)
			return
		}
		decided = k.decide(policy)
		k.read = decided && k.decideReadings(policy)
	}
	if decided {
		p.report.Decided++
	}
	p.known[rights.String()] = proved{got.document, decided}
	if !try {
		return
	}
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
