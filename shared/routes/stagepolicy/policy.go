package stagepolicy

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// connectRoute is the route of a WebSocket's handshake.
const connectRoute = "$connect"

// anyMethod stands for every method that the same path does not name itself.
const anyMethod = "ANY"

// methods are those that API Gateway serves.
var methods = routes.Methods()

// maxPolicyBytes leaves room for the context in a result of [apigateway.MaxResultBytes].
const maxPolicyBytes = apigateway.MaxResultBytes - contextReserve - namesReserve

// maxPlans bounds the memory for policies worked out before. There are as many as there are combinations of
// rights among the callers of one Lambda instance: a handful.
const maxPlans = 256

// Planner makes the policies of one table. It may be used by many goroutines.
type Planner struct {
	table        *routes.Table
	routes       []routes.Route
	ruleOf       []int            // route → its rule
	grants       grants           // what rules ask of a token
	alternatives [][]bitset       // rule → its alternatives that open the whole route, as sets of grants
	owned        []ownAlternative // those that open the caller's own items
	literals     map[string]bool  // of all paths, if some items are owned
	agesInOrder  []int64          // of the sign-in that rules ask for, the shortest first

	mu       sync.Mutex
	tree     *routeTree // made on first use, guarded by mu with all that is in it
	plans    map[string]*plan
	ownPlans map[string]*plan // those with symbols, which take more memory
	ownTrees map[string]*ownTree

	layersMu sync.Mutex
	layers   map[string]*layers // guarded by layersMu with all that is in them
}

// Bounds on what is remembered for callers with values or times of their own.
const (
	maxOwnPlans = 64
	maxOwnTrees = 16
	maxLayers   = 64
)

// New returns a planner for a table.
func New(t *routes.Table) *Planner {
	p := &Planner{table: t, routes: t.Routes()}
	var rules []routes.Rule
	rules, p.ruleOf = t.Rules()
	p.grants, p.alternatives, p.owned = newGrants(rules)
	p.agesInOrder = slices.Sorted(maps.Keys(p.grants.ages))
	if p.owned != nil {
		p.literals = literalsOf(p.routes)
	}
	return p
}

// Options are what a policy holds beside the table's result.
type Options struct {
	Expire    bool      // put a Deny from ExpiresAt on beside each Allow
	ExpiresAt time.Time // when the token expires, in whole seconds; required when Expire is set

	// First is the first form that is tried. Policies of small tables are Exact otherwise.
	First Form
}

// check reports whether the time can be written, in as many characters as any other.
func (o Options) check() error {
	if year := o.ExpiresAt.UTC().Year(); o.Expire && (o.ExpiresAt.IsZero() || year < 0 || year > 9999) {
		return ErrNoExpiry
	}
	return nil
}

// Policy is the policy for one caller. The zero value grants nothing.
type Policy struct {
	written   *written
	expiresAt time.Time

	filled *filled  // in place of written: a policy with values or times of this caller
	closed []string // see Closed
}

// Closed returns what had to be left out for lack of room, or because no policy can tell it from what is forbidden: the claims
// whose owners may not call their items, and "auth_time" if routes for a recent sign-in may not be called. It is usually nil.
func (p Policy) Closed() []string { return p.closed }

// written is a policy without the time at which it expires, which is the token's own.
type written struct {
	stage    apigateway.MethodARN // without a call
	form     Form
	document apigateway.PolicyDocument
	encoded  apigateway.EncodedPolicy
	expires  bool // the last statement of the document has a time in it
	expire   bool // Options.Expire
	first    Form // Options.First
}

// Encoded returns the policy as JSON. That of the zero value is null, to which API Gateway answers with a 500.
func (p Policy) Encoded() apigateway.EncodedPolicy {
	if p.filled != nil {
		return p.filled.encoded()
	}
	if p.written == nil {
		return apigateway.EncodedPolicy{}
	}
	return p.written.encoded.WithExpiry(p.expiresAt)
}

// Document returns the policy as statements.
func (p Policy) Document() apigateway.PolicyDocument {
	if p.filled != nil {
		return p.filled.document()
	}
	if p.written == nil {
		return apigateway.PolicyDocument{}
	}
	d := p.written.document
	d.Statement = slices.Clone(d.Statement)
	if last := len(d.Statement) - 1; p.written.expires {
		d.Statement[last] = apigateway.DenyAfter(p.written.stage, p.expiresAt)
	}
	return d
}

// Form returns how closely the policy follows the table.
func (p Policy) Form() Form {
	if p.filled != nil {
		return p.filled.form
	}
	if p.written == nil {
		return Exact
	}
	return p.written.form
}

// ForStage returns everything that the caller may call at the stage of a, as one policy: Allows for the
// permitted routes, a Deny for what they cover and the table forbids, and a Deny for everything else where a
// pattern can express it. Public routes are allowed to everybody. A caller who may call nothing gets a Deny
// for the whole stage.
//
// It depends on the rights and on the values of claims that path parameters must equal: two callers to whom the rules give the
// same results get the same policy, but for the time at which it expires. Of a it uses the API and stage, never the call. For
// the handshake of a WebSocket the policy covers the handshake only.
//
// Values and times of a caller that make the policy too large, or that no policy can keep apart from what is forbidden, are left
// out with all that they would allow, see [Policy.Closed].
//
// Where a policy would not fit, a shorter form is used, see [Form]. [Planner.Check] warns of it at build time.
//
// Errors: [ErrPerRoute], [ErrConflict], [ErrTooComplex], [ErrTooLarge], [ErrNoExpiry]. The policy is then the zero value.
func (p *Planner) ForStage(c routes.Principal, a apigateway.MethodARN, o Options) (Policy, error) {
	if a.IsConnect() {
		// The result for a handshake is not cached, so a sign-in that is recent now is enough.
		return grant(p.table.Decide(c, "", connectRoute).Allowed, []string{connectRoute}, nil).policy(a, o)
	}
	if p.table.Mode() == routes.PerRoute {
		return Policy{}, ErrPerRoute
	}
	c = p.table.Effective(c)
	have := p.grants.of(c)
	if p.depends(have) {
		return p.forStageOf(c, have, a, o)
	}
	return p.forStage(have, a, o)
}

// forStage is ForStage for callers whose policies hold none of their own values or times.
func (p *Planner) forStage(have bitset, a apigateway.MethodARN, o Options) (Policy, error) {
	made, err := p.plan(p.permitted(have))
	if err != nil {
		if conflict, ok := errors.AsType[*ConflictError](err); ok {
			conflict.Caller = p.grants.principal(have) // only what the contract names, not all that the token holds
		}
		return Policy{}, err
	}
	return made.policy(a, o)
}

// ForRoute returns the decision about one route, as [routes.Table.Decide] does, in the form of a policy: an Allow for the calls
// of that route, written from its template, or a Deny for the whole stage. API Gateway must keep such
// results apart by route. For a method of ANY the policy allows all seven methods, since it may be replayed
// for each of them, and it does so only if Decide allows all of them. Errors: [ErrTooLarge], [ErrNoExpiry].
func (p *Planner) ForRoute(c routes.Principal, a apigateway.MethodARN, method, template string, o Options) (Policy, error) {
	if a.IsConnect() {
		return p.ForStage(c, a, o)
	}
	switch d := p.table.Decide(c, method, template); {
	case !d.Allowed:
		return grant(false, nil, nil).policy(a, o)
	case len(d.Limits) > 0:
		return p.forRouteOf(c, a, method, template, o)
	}
	served := []string{strings.ToUpper(method)}
	switch {
	case served[0] == anyMethod:
		served = methods
	case !slices.Contains(methods, served[0]):
		return grant(false, nil, nil).policy(a, o)
	}
	var allow, deny []string
	for _, m := range served {
		r, _ := p.table.Find(m, template)
		segments, err := r.Segments()
		if err != nil {
			return Policy{}, err // not reached: the route is in the table
		}
		allow = append(allow, newPattern(m, segments).String())
	}
	if strings.Contains(template, "{") && !strings.HasSuffix(template, "+}") {
		deny = []string{"*/*/", "*//*"} // a "*" would match paths with an empty segment, which stage policies deny too
	}
	return grant(true, allow, deny).policy(a, o)
}

// grant returns the plan that allows these resources, or nothing.
func grant(allowed bool, allow, deny []string) *plan {
	if !allowed {
		return &plan{}
	}
	return &plan{allow: allow, made: [forms]*resources{Exact: {allow: allow, deny: deny}}}
}

// plan returns the plan for callers who meet these rules, and remembers it.
func (p *Planner) plan(rules bitset) (*plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var buffer [64]byte
	key := rules.key(buffer[:0])
	if made, ok := p.plans[string(key)]; ok {
		return made, nil
	}
	made, err := p.newPlan(p.class(rules))
	if err != nil {
		return nil, err
	}
	if p.plans == nil || len(p.plans) >= maxPlans {
		p.plans = make(map[string]*plan)
	}
	p.plans[string(key)] = made
	return made, nil
}
