// Package prove checks that the policies of a route table have the same results as the table.
//
// For a class of callers it reads the policy as JSON and decides, for every path there is, whether the policy's result is
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

// ErrWrong reports that the result of a policy differs from the table's.
var ErrWrong = errors.New("policy differs from the table")

// Report says what was checked, and what to know about a table whose policies are right.
type Report struct {
	Classes  int  // classes of callers
	Decided  int  // of these, those whose policies were compared with the table for every path there is
	Complete bool // all classes that there can be were checked
	Calls    int  // sample calls for each class
	Owners   int  // of callers with other values of owners: the same as another's, in lists, literals, hostile ones
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

// answer is a policy, as package stagepolicy returned it.
type answer struct {
	document []byte // as the JSON that an authorizer would return
	exact    bool   // it claims to deny paths outside of the contract wherever it can
	closed   bool   // something that the caller owns, or may do for some time, is left out
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
	return check(t, policiesOf(t, d, first))
}

// policiesOf returns the source of a table's policies at a deployment, in a form or a later one.
func policiesOf(t *routes.Table, d stagepolicy.Deployment, first stagepolicy.Form) source {
	planner := stagepolicy.New(t)
	return func(q question) (answer, error) {
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
		return answer{policy.Encoded().AppendTo(nil), policy.Form() <= stagepolicy.Shortened, len(policy.Closed()) > 0}, err
	}
}

// newProver returns a prover of a table's policies.
func newProver(t *routes.Table, ask source) *prover {
	var g gateway
	for i, r := range t.Routes() {
		g = append(g, newRoute(i, r))
	}
	p := &prover{
		shared: &shared{ask: ask, warned: map[warning]bool{}, known: map[string]proved{}, literals: map[string]bool{}, byItems: map[string]*prover{}, parsed: map[string]*apigateway.ParsedPolicy{}},
		routes: t.Routes(), grants: t.Grants(),
	}
	p.serve(g)
	for _, r := range g {
		for _, part := range r.parts {
			if part.kind == literal {
				p.literals[part.text] = true
			}
		}
	}
	return p
}

func check(t *routes.Table, ask source) (Report, error) {
	p := newProver(t, ask)
	callers, always, complete := classes(t.Routes(), t.Connect(), maxClasses)
	p.report = Report{Complete: complete, Calls: len(p.calls)}
	p.checkCallers(t, callers, always)
	if t.HasOwners() {
		p.others = true
		for _, values := range p.otherValues() {
			callers, always, _ := classesWith(values, t.Routes(), t.Connect(), maxOtherClasses)
			p.checkCallers(t, callers[:min(always, maxOtherClasses)], always)
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

// checkCallers checks a caller of each class.
func (p *prover) checkCallers(t *routes.Table, callers []routes.Principal, always int) {
	perRoute := t.Mode() == routes.PerRoute
	if perRoute {
		first := callers[:min(len(callers), max(2, maxAnswers/max(1, len(p.gateway))))]
		if len(first) != len(callers) {
			p.report.Complete = false
		}
		callers = first
	}
	tried := max(leastClasses, maxTries/max(1, len(p.calls))) // classes for which the sample calls are tried
	if p.others {
		tried = leastClasses
		if len(p.calls) > maxOtherCalls {
			tried = 0
		}
	}
	for i, c := range callers {
		// Those with most rights, and those with the least that opens anything, are decided in any case.
		p.always = i < always
		try := i < tried
		if !try && !p.always && p.spent(maxMoves) {
			p.report.Complete = false
			break
		}
		if p.others {
			p.report.Owners++
		} else {
			p.report.Classes++
		}
		effective := granted(p.grants, c)
		if perRoute {
			p.with(effective).perRoute(t, c, effective)
		} else {
			p.perStage(c, effective, try)
		}
		p.connect(t.Connect(), c, effective)
		if len(p.wrong) >= 10 {
			break // more would not help
		}
	}
}

// maxAnswers bounds the results for single routes that are checked: classes of callers times routes, with two classes at least. A
// result depends on the class only by whether it may call the route.
const maxAnswers = 200_000

// Bounds on the classes and calls that are tried with other values of owners.
const (
	maxOtherClasses = 24
	maxOtherCalls   = 4000
)

// with returns the prover for a caller with items of its own.
func (p *prover) with(c routes.Principal) *prover {
	items := p.items(c)
	if len(items) == 0 {
		return p
	}
	var key strings.Builder
	for _, r := range items {
		key.WriteString(r.name() + "\n")
	}
	made, known := p.byItems[key.String()]
	if !known {
		made = &prover{shared: p.shared, routes: p.routes, grants: p.grants}
		made.serve(slices.Concat(p.gateway, items))
		p.byItems[key.String()] = made
	}
	return made
}

// serve prepares for the routes of a gateway.
func (p *prover) serve(g gateway) {
	p.gateway, p.calls, p.routings = g, g.calls(), newRoutings(g)
	p.group()
}

// warnAboutOthers adds one warning for all calls outside of the contract that policies allow without need.
func (p *shared) warnAboutOthers() {
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
	*shared
	gateway
	calls    []call
	routings []*routing
	own      map[*route][]call // those that are routed to it
	foreign  []call            // one call to each route, and calls to none

	byTemplate []template           // see templates
	tried      map[routePolicy]bool // policies for single routes that were tried with sample calls

	routes []routes.Route
	grants routes.Grants
}

// shared is what the provers for all callers have in common.
type shared struct {
	byItems map[string]*prover
	others  bool // the owners have other values than their own
	always  bool // the class that is checked is decided however many moves were made
	moves   int  // that were made to decide classes

	readingMoves int                                 // that were made to decide readings
	parsed       map[string]*apigateway.ParsedPolicy // policies for single routes
	knownRoutes  map[routePolicy]bool                // policies for single routes → whether they were decided

	ask      source
	example  string // the first of report.Others
	report   Report
	warned   map[warning]bool
	known    map[string]proved // rights → the policy of the first caller who has these
	literals map[string]bool   // of all templates
	wrong    []error
}

// spent reports whether as many moves were made as may be.
func (p *shared) spent(limit int) bool { return p.moves >= limit }

func (p *shared) fail(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...)))
}

// policyFor requests a policy and parses it, or notes why that failed. It returns the policy unparsed as well.
func (p *shared) policyFor(q question) (*apigateway.ParsedPolicy, answer) {
	got, err := p.ask(q)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, answer{}
	}
	if got.closed && !p.others {
		p.fail("the policy for %s leaves out what the caller owns, or may do for some time", q.caller)
	}
	if known := p.parsed[string(got.document)]; known != nil {
		return known, got
	}
	parsed, err := apigateway.ParsePolicy(got.document)
	if err != nil {
		p.wrong = append(p.wrong, err)
		return nil, answer{}
	}
	if bytes.Contains(got.document, []byte("*:")) || len(got.document) > apigateway.MaxResultBytes {
		p.fail("the policy for %s has a wildcard before its stage, or is too large", q.caller)
	}
	if q.of != nil {
		p.parsed[string(got.document)] = parsed
	}
	return parsed, got
}

// perStage checks the one policy that a caller gets. Callers with the same rights must get the same one. The effective caller has
// the scopes as well that the table grants.
func (p *prover) perStage(c, effective routes.Principal, try bool) {
	var periods []*class
	var rights strings.Builder
	for _, at := range times(p.routes, c) {
		then := effective
		then.Now = at
		now := p.with(then)
		k := &class{prover: now, caller: c, may: make([]bool, len(now.gateway)), ended: map[*route]bool{}, at: at}
		fmt.Fprintf(&rights, "%d: ", at.Unix())
		for _, r := range now.gateway {
			if k.may[r.index] = r.of != nil || permits(r.Rule, then); k.may[r.index] {
				fmt.Fprintf(&rights, "%s\n", r.name())
				k.greedy = k.greedy || r.parts[len(r.parts)-1].kind == rest
			}
		}
		periods = append(periods, k)
	}
	k := periods[0]
	for _, r := range k.gateway {
		for m, method := range methods {
			if !k.may[r.index] && r.wild != nil && k.under(r, method) {
				k.wild[m] = append(k.wild[m], r)
			}
		}
	}
	parsed, got := p.policyFor(question{caller: c, arn: stage})
	if parsed == nil {
		return
	}
	if got.closed {
		for _, k := range periods {
			k.closed = true
		}
	}
	if first, ok := p.known[rights.String()]; ok {
		if !bytes.Equal(first.document, got.document) {
			p.fail("%s has the same rights as another, but not the same policy", c)
		}
		if first.decided && !p.others {
			p.report.Decided++
		}
		return
	}
	k.policy, k.exact = parsed, got.exact
	decided := p.always || !p.spent(maxMoves)
	for i, k := range periods {
		if !decided {
			break
		}
		policy, err := newPolicyAutomaton(got.document, k.at)
		if err != nil {
			p.fail("the policy for %s cannot be read: %v", c, err)
			return
		}
		decided = k.decide(policy)
		if i == 0 {
			k.read = decided && k.decideReadings(policy)
		}
	}
	if decided && !p.others {
		p.report.Decided++
	}
	p.known[rights.String()] = proved{got.document, decided}
	if !try {
		return
	}
	for _, call := range k.calls {
		k.try(call)
	}
}

// connect checks the handshake of a WebSocket.
func (p *prover) connect(rule routes.Rule, c, effective routes.Principal) {
	arn := stage
	arn.Path = "$connect"
	parsed, _ := p.policyFor(question{caller: c, arn: arn})
	if parsed == nil {
		return
	}
	want := apigateway.ExplicitDeny
	if permits(rule, effective) {
		want = apigateway.Allowed
	}
	if got := parsed.Evaluate(apigateway.InvokeAction, arn.Prefix()+"/$connect", noon); got != want {
		p.fail("%s gets %q for the handshake of a WebSocket, want %q", c, got, want)
	}
	if got := parsed.Evaluate(apigateway.InvokeAction, arn.Prefix()+"/$connect", end); got != apigateway.ExplicitDeny {
		p.fail("%s may still open a WebSocket when the token has ended", c)
	}
}
