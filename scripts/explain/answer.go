package explain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// answer is what the command prints.
type answer struct {
	api        *contractjson.Contract
	table      *routes.Table // of api, as it was compiled
	who        *caller       // nil: the contract alone
	stage      apigateway.MethodARN
	withPolicy bool

	rows   []row
	single bool // one row, as a sentence
	policy *apigateway.PolicyDocument
}

// row is one line of the table.
type row struct {
	Route   string `json:"route"`             // as in the contract; empty when it has no such route
	Asked   string `json:"asked,omitempty"`   // the route as it was asked for, where that differs
	Rule    string `json:"rule,omitempty"`    // what the route asks for
	Allowed *bool  `json:"allowed,omitempty"` // absent when there is no caller
	Reason  string `json:"reason,omitempty"`  // why, for the caller

	Refusal routes.Refusal `json:"refusal,omitempty"` // the kind of a denial
}

// all fills in every route, the handshake of a WebSocket at the end, and the policy.
func (a *answer) all() error {
	for _, r := range a.table.Routes() {
		a.rows = append(a.rows, a.row(r.String(), r.Rule, r.Decide))
	}
	for _, r := range a.api.Routes {
		if r.Access == contractjson.IAM {
			a.rows = append(a.rows, a.iamRow(r))
		}
	}
	a.rows = append(a.rows, a.row("$connect", a.table.Connect(), a.decide("", "$connect")))
	if a.who == nil || a.table.Mode() == routes.PerRoute || !a.withPolicy && !a.table.HasOwners() {
		return nil
	}
	policy, err := stagepolicy.New(a.table).ForStage(a.who.Principal, a.stage, a.who.policy)
	if err != nil {
		return err
	}
	if a.withPolicy {
		document := policy.Document()
		a.policy = &document
	}
	for i, r := range a.table.Routes() {
		a.askRoom(&a.rows[i], r, ownPath(r, r.Decide(a.who.Principal)), policy)
	}
	return nil
}

// one fills in the route that was asked for: by its template, or by a path that is routed to it.
func (a *answer) one(asked string) error {
	method, path, ok := strings.Cut(strings.TrimSpace(asked), " ")
	if asked == "$connect" {
		path, ok = asked, true
	}
	path = strings.TrimSpace(path)
	if !ok || path != "$connect" && !strings.HasPrefix(path, "/") {
		return cli.Usagef(`--route %q: want METHOD /path, like "GET /users"`, asked)
	}
	a.single = true
	method = strings.ToUpper(method)
	template, route := path, routes.Route{Rule: a.table.Connect()}
	if path != "$connect" {
		if r, found := a.api.Find(method, path); found && r.Access == contractjson.IAM {
			iam := a.iamRow(r)
			if asked := method + " " + path; asked != iam.Route {
				iam.Asked = asked
			}
			a.rows = []row{iam}
			return nil
		}
		r, found := a.find(method, path)
		if !found {
			no := false
			d := a.table.Decide(routes.Principal{}, method, path)
			a.rows = []row{{Asked: method + " " + path, Allowed: &no, Reason: d.Reason, Refusal: d.Refusal}}
			return nil
		}
		template, route = r.Template, r
		asked = r.String()
	}
	decide := a.decide(method, template)
	if concrete := path != template && path != "$connect"; concrete { // whose item it is can be decided
		decide = func(c routes.Principal) routes.Decision {
			if d := a.table.Decide(c, method, path); d.Route != "" { // a template with other names of parameters
				return d
			}
			return a.table.DecideCall(c, method, path)
		}
	}
	found := a.row(asked, route.Rule, decide)
	if err := a.askPolicy(&found, method, path, route); err != nil {
		return err
	}
	if path != "$connect" && method+" "+path != asked {
		found.Asked = method + " " + path
	}
	a.rows = []row{found}
	return nil
}

// askPolicy corrects the row of a call by the policy itself, as the authorizer does: where the policy has no room for values of
// the caller, and for a path with an empty segment, such as "/files/a/". Which routes such a path belongs to depends on the caller.
func (a *answer) askPolicy(found *row, method, path string, route routes.Route) error {
	empty := routes.HasEmptySegment(strings.TrimPrefix(path, "/"))
	if a.who == nil || route.Template == "" || !empty && !a.table.HasOwners() {
		return nil
	}
	planner := stagepolicy.New(a.table)
	policy, err := planner.ForStage(a.who.Principal, a.stage, a.who.policy)
	if errors.Is(err, stagepolicy.ErrPerRoute) {
		policy, err = planner.ForRoute(a.who.Principal, a.stage, method, route.Template, a.who.policy)
	}
	if err != nil {
		return err
	}
	if !empty {
		called := path
		if _, isTemplate := a.table.Find(method, path); isTemplate {
			called = ownPath(route, route.Decide(a.who.Principal))
		}
		a.askRoom(found, route, called, policy)
		return nil
	}
	if allowed := policy.Document().Allows(a.stage.Prefix() + "/" + method + path); allowed != *found.Allowed {
		found.Allowed, found.Reason = &allowed, "the policy's answer to a path with an empty segment"
	}
	return nil
}

// askRoom corrects the row of a route that the table opens for items of the caller, one of which has this path, if the policy has no
// room for them.
func (a *answer) askRoom(found *row, route routes.Route, path string, policy stagepolicy.Policy) {
	method := route.Method
	if method == contractjson.AnyMethod {
		method = http.MethodGet
	}
	closed := policy.Closed()
	if len(closed) == 0 || !*found.Allowed || policy.Document().Allows(a.stage.Prefix()+"/"+method+path) {
		return
	}
	no := false
	found.Allowed, found.Refusal = &no, routes.RefusedRoom
	found.Reason = "needs " + route.Rule.String() + ": a policy has no room for the values of claim " + strings.Join(closed, ", ")
}

// ownPath returns a path of a route, with values of the caller where the decision limits it to these.
func ownPath(route routes.Route, d routes.Decision) string {
	within := routes.Limit{}
	if len(d.Limits) > 0 {
		within = d.Limits[0]
	}
	return within.Path(route, "~")
}

// find returns the route of a template or of a real path.
func (a *answer) find(method, path string) (routes.Route, bool) {
	if d := a.table.Decide(routes.Principal{}, method, path); d.Route != "" {
		for _, r := range a.table.Routes() {
			if r.String() == d.Route {
				return r, true
			}
		}
	}
	return a.table.Match(method, path)
}

// decide returns the table's decision about a method and a template. For ANY it uses the rules of all methods
// together, as the authorizer does.
func (a *answer) decide(method, template string) func(routes.Principal) routes.Decision {
	return func(c routes.Principal) routes.Decision { return a.table.Decide(c, method, template) }
}

// iamRow is the row of a route that API Gateway authorizes without the authorizer. No token opens it.
func (a *answer) iamRow(r contractjson.Route) row {
	found := row{Route: r.Method + " " + r.Template, Rule: contract.IAMText}
	if a.who != nil {
		found.Allowed, found.Reason = new(bool), "API Gateway authorizes the route by IAM"
	}
	return found
}

func (a *answer) row(route string, rule routes.Rule, decide func(routes.Principal) routes.Decision) row {
	found := row{Route: route, Rule: rule.String()}
	if a.who != nil {
		d := decide(a.who.Principal)
		found.Allowed, found.Reason, found.Refusal = &d.Allowed, d.Reason, d.Refusal
	}
	return found
}

// write prints the answer on standard output.
func (a *answer) write(c cli.Console, asJSON bool) error {
	if asJSON {
		return a.writeJSON(c.Out)
	}
	return a.writeText(c.Out)
}

func (a *answer) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if a.single {
		return encoder.Encode(a.rows[0])
	}
	whole := struct {
		Caller *callerJSON                `json:"caller,omitempty"`
		Mode   string                     `json:"caching"`
		Routes []row                      `json:"routes"`
		Policy *apigateway.PolicyDocument `json:"policy,omitempty"`
	}{Mode: "stage", Routes: a.rows, Policy: a.policy}
	if a.table.Mode() == routes.PerRoute {
		whole.Mode = "route"
	}
	if a.who != nil {
		whole.Caller = &callerJSON{Scopes: a.who.Scopes, Groups: a.who.Groups, Claims: slices.Sorted(maps.Keys(a.who.Claims))}
	}
	return encoder.Encode(whole)
}

type callerJSON struct {
	Scopes []string `json:"scopes"`
	Groups []string `json:"groups"`
	Claims []string `json:"claims,omitempty"` // names: values may be personal
}

func (a *answer) writeText(w io.Writer) error {
	if a.single {
		_, err := fmt.Fprintln(w, a.sentence(a.rows[0]))
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if a.who == nil {
		fmt.Fprintln(table, "ROUTE\tWHO MAY CALL IT")
	} else {
		fmt.Fprintf(w, "%s\n\n", capital(a.who.String()))
		fmt.Fprintln(table, "ROUTE\tALLOWED\tWHY")
	}
	for _, r := range a.rows {
		if a.who == nil {
			fmt.Fprintf(table, "%s\t%s\n", r.Route, r.Rule)
		} else {
			fmt.Fprintf(table, "%s\t%s\t%s\n", r.Route, map[bool]string{true: "yes", false: "no"}[*r.Allowed], r.Reason)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if a.table.Mode() == routes.PerRoute {
		_, err := fmt.Fprintln(w, "\nResults are cached by route: there is no policy for the whole stage.")
		return err
	}
	if a.policy == nil {
		return nil
	}
	data, err := json.MarshalIndent(a.policy, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nThe policy, %d bytes of at most %d:\n%s\n", a.policy.Size(), apigateway.MaxResultBytes, data)
	return err
}

// sentence returns the reason in one sentence.
func (a *answer) sentence(r row) string {
	route := r.Route
	if r.Asked != "" && r.Route != "" {
		route = fmt.Sprintf("%s (%s)", r.Asked, r.Route)
	}
	switch {
	case r.Route == "":
		return fmt.Sprintf("Nobody may call %s: %s.", r.Asked, r.Reason)
	case a.who == nil:
		return fmt.Sprintf("Who may call %s: %s.", route, r.Rule)
	case *r.Allowed:
		return fmt.Sprintf("%s may call %s: %s.", capital(a.who.String()), route, r.Reason)
	default:
		return fmt.Sprintf("%s may not call %s: %s.", capital(a.who.String()), route, r.Reason)
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
