// Package routes decides who may call what, from a table of routes and rules.
//
// The table is compiled from the OpenAPI document of the API (see package contract), shipped as routes.json, and read
// here. [Table.Decide] returns the decision about one route, and [Table.Match] the route that a call is routed to.
// Package stagepolicy turns the table into policies, and package prove checks them.
//
// The package links neither YAML nor OpenAPI.
package routes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ErrDuplicate reports that two routes serve the same calls.
var ErrDuplicate = errors.New("two routes serve the same calls")

// ErrRule reports that a rule has no meaning.
var ErrRule = errors.New("rule cannot be used")

// Route is one line of the table.
type Route struct {
	Method   string // in upper case, or ANY: every method that the same path does not name itself
	Template string // "/users/{id}", "/files/{path+}", "/"
	Rule     Rule

	// Values restricts path parameters, by name. A parameter without an entry may have any value. It is known at
	// build time only: routes.json does not carry it.
	Values map[string]Values

	taken map[string][]string // see Taken; set by [New] where the rule has owners
}

// Values is what the contract declares about the values of a path parameter: that they are UUIDs, for example.
// API Gateway does not enforce it, so it may never widen what a policy allows. It can rule out that a call to
// this route is ever denied because its parameter equals a literal of another route.
type Values interface {
	// Excludes reports whether a valid value of the parameter never equals the literal.
	Excludes(literal string) bool
}

// String returns the route as API Gateway writes route keys: "GET /users/{id}".
func (r Route) String() string { return r.Method + " " + r.Template }

// Segments returns the parts of the template between its slashes. The root has one, which is empty. Errors: [ErrTemplate].
func (r Route) Segments() ([]Segment, error) { return parseTemplate(r.Template) }

// Check says what is wrong with the route by itself.
// Errors: [ErrMethod], [ErrTemplate], [ErrName], [ErrRule].
func (r Route) Check() error {
	_, err := r.key()
	wrong := r.Rule.check()
	if err == nil && wrong == nil {
		wrong = r.CheckOwners()
	}
	if wrong != nil {
		err = errors.Join(err, fmt.Errorf("%s: %w", r, wrong))
	}
	return err
}

// CheckOwners refuses a rule by which a claim must equal anything but a single segment of the path. Errors: [ErrTemplate], [ErrRule].
func (r Route) CheckOwners() error {
	if !r.Rule.hasOwners() {
		return nil
	}
	segments, err := r.Segments()
	if err != nil {
		return err
	}
	return r.Rule.checkOwners(segments)
}

// key tells routes apart by the calls that they serve.
func (r Route) key() (string, error) {
	segments, err := parseTemplate(r.Template)
	if wrong := checkMethod(r.Method); wrong != nil {
		err = errors.Join(wrong, err)
	}
	return shape(r.Method, segments), err
}

// Rules returns the distinct rules, and for each route of Routes the index of its rule among them.
func (t *Table) Rules() (rules []Rule, ofRoute []int) {
	return slices.Clone(t.rules), slices.Clone(t.ruleOf)
}

// Mode is how API Gateway is to cache the authorizer's results.
type Mode string

const (
	// PerStage is for one result that is replayed for every route of the stage. It is the zero value.
	PerStage Mode = ""

	// PerRoute is for results that are cached by route: REST with context.httpMethod and context.resourcePath
	// among the identity sources, HTTP API with $context.routeKey. Nothing here can see whether the API is
	// set up so; a result replayed for another route could then be wrong.
	PerRoute Mode = "route"
)

// Options are what a table holds beside its routes.
type Options struct {
	Mode    Mode
	Connect Rule   // who may open a WebSocket; the zero value lets nobody. It has no path, hence no owners
	Grants  Grants // scopes that callers hold in addition

	// ContractDigest is the digest of the contract that the table was compiled from: SHA-256 in lower-case hex, or empty.
	ContractDigest string
}

// Table is a route table. It does not change once made and may be used by many goroutines.
type Table struct {
	mode    Mode
	connect Rule
	grants  Grants
	digest  string   // of the contract
	claims  []string // that rules read, sorted
	routes  []Route  // sorted by template, then method
	rules   []Rule   // the distinct ones, canonical and sorted
	ruleOf  []int    // route → index into rules
	byShape map[string]int

	grow sync.Once
	tree *Tree // see Tree
}

// New makes a table. It keeps the routes sorted and the rules in canonical form, so the order in which they
// come does not matter. It reports every problem at once.
// Errors: [ErrMethod], [ErrTemplate], [ErrName], [ErrRule], [ErrDuplicate].
//
// It does not check that a policy for a whole stage can be made; package stagepolicy does.
func New(routes []Route, o Options) (*Table, error) {
	each := make([]ruled, len(routes))
	for i, r := range routes {
		each[i] = ruled{rule: r.Rule, routes: []Route{r}}
	}
	return build(each, o)
}

// ruled are routes under one rule, which need not be set in each of them yet.
type ruled struct {
	rule   Rule
	routes []Route
}

// build makes the table. It looks at each rule once, however many routes share it.
func build(groups []ruled, o Options) (*Table, error) {
	if o.Mode != PerStage && o.Mode != PerRoute {
		return nil, fmt.Errorf("%w: mode %q, want %q or none", ErrRule, o.Mode, PerRoute)
	}
	t := &Table{mode: o.Mode, connect: o.Connect.canonical(), digest: o.ContractDigest,
		grants: Grants{Groups: sortedValues(o.Grants.Groups), Clients: sortedValues(o.Grants.Clients)}}
	var problems []error
	if o.ContractDigest != "" && !isDigest(o.ContractDigest) {
		problems = append(problems, fmt.Errorf("%w: digest of the contract: want 64 lower-case hex digits", ErrRule))
	}
	if err := errors.Join(o.Connect.Check(), o.Connect.checkOwners(nil)); err != nil {
		problems = append(problems, fmt.Errorf("%s: %w", connectRoute, err))
	}
	if err := o.Grants.check(); err != nil {
		problems = append(problems, fmt.Errorf("grants: %w", err))
	}
	ruleOf, count := make([]Rule, len(groups)), 0
	seen := make(map[string]bool, len(groups))
	for i, g := range groups {
		if err := g.rule.check(); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", g.routes[0], err))
		}
		ruleOf[i] = g.rule.canonical()
		if key := ruleOf[i].key(); !seen[key] {
			seen[key] = true
			t.rules = append(t.rules, ruleOf[i])
		}
		count += len(g.routes)
	}
	slices.SortFunc(t.rules, compareRules)
	t.addRoutes(groups, ruleOf, count)
	t.byShape = make(map[string]int, len(t.routes))
	for i, r := range t.routes {
		key, err := r.key()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if first, twice := t.byShape[key]; twice {
			problems = append(problems, fmt.Errorf("%w: %s and %s", ErrDuplicate, t.routes[first], r))
		}
		t.byShape[key] = i
		if err := r.CheckOwners(); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	t.claims = claimsOf(append(slices.Clone(t.rules), t.connect))
	if n := len(ownerClaims(t.rules)); n > maxOwnerClaims {
		return nil, fmt.Errorf("%w: path parameters must equal %d claims, at most %d", ErrRule, n, maxOwnerClaims)
	}
	return t, t.markTaken()
}

// ownerClaims returns the claims that path parameters must equal.
func ownerClaims(rules []Rule) []string {
	names := make(map[string]bool)
	for _, r := range rules {
		for _, a := range r.AnyOf {
			for claim := range a.Owners {
				names[claim] = true
			}
		}
	}
	return sortedNames(names)
}

// claimsOf returns the claims that rules read, sorted.
func claimsOf(rules []Rule) []string {
	names := make(map[string]bool)
	for _, r := range rules {
		for _, a := range r.AnyOf {
			for claim := range a.Claims {
				names[claim] = true
			}
			for claim := range a.Owners {
				names[claim] = true
			}
		}
	}
	return sortedNames(names)
}

// addRoutes adds the routes of the groups, count in all, in order, with their rules and the numbers of these. It sorts
// pointers: moving whole routes would take most of the time in which a table is loaded.
func (t *Table) addRoutes(groups []ruled, ruleOf []Rule, count int) {
	type numbered struct {
		route Route
		rule  int
	}
	sorted := make([]*numbered, 0, count)
	for i, g := range groups {
		number, _ := slices.BinarySearchFunc(t.rules, ruleOf[i], compareRules)
		all := make([]numbered, len(g.routes))
		for j, r := range g.routes {
			r.Rule = ruleOf[i]
			all[j] = numbered{r, number}
			sorted = append(sorted, &all[j])
		}
	}
	slices.SortFunc(sorted, func(a, b *numbered) int { return compareRoutes(&a.route, &b.route) })
	t.routes, t.ruleOf = make([]Route, count), make([]int, count)
	for i, r := range sorted {
		t.routes[i], t.ruleOf[i] = r.route, r.rule
	}
}

func compareRoutes(a, b *Route) int {
	return cmp.Or(strings.Compare(a.Template, b.Template), strings.Compare(a.Method, b.Method))
}

func compareRules(a, b Rule) int {
	if a.Public != b.Public {
		if a.Public {
			return -1
		}
		return 1
	}
	return slices.CompareFunc(a.AnyOf, b.AnyOf, compareAllOf)
}

// Routes returns the table, sorted by template and method, with the rules in canonical form.
func (t *Table) Routes() []Route { return slices.Clone(t.routes) }

// Mode is how API Gateway is to cache the authorizer's results.
func (t *Table) Mode() Mode { return t.mode }

// Connect says who may open a WebSocket.
func (t *Table) Connect() Rule { return t.connect }

// ContractDigest returns the digest of the contract that the table was compiled from, or an empty string.
func (t *Table) ContractDigest() string { return t.digest }

func isDigest(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
