package routes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// ErrTooLarge reports that a policy would not fit into what API Gateway takes. Nothing is left out of it to
// make it fit.
var ErrTooLarge = errors.New("policy too large")

// ErrPerRoute reports that a policy for the whole stage was asked of a table that is meant for answers kept
// apart by route, and was not checked for anything else.
var ErrPerRoute = errors.New("the route table is for per-route caching")

// ErrNoExpiry reports that a policy was to end with the token, but no end was given, or one that RFC 3339 cannot write.
var ErrNoExpiry = errors.New("no time at which the policy is to end")

// PolicyOptions say what a policy holds beside the table's answer.
type PolicyOptions struct {
	Expire    bool      // put a Deny from ExpiresAt on beside each Allow
	ExpiresAt time.Time // the end of the token, in whole seconds; required when Expire is set
}

// check reports whether the end can be written, in as many letters as any other.
func (o PolicyOptions) check() error {
	if year := o.ExpiresAt.UTC().Year(); o.Expire && (o.ExpiresAt.IsZero() || year < 0 || year > 9999) {
		return ErrNoExpiry
	}
	return nil
}

// maxPolicyBytes leaves room for the context in a result of [apigateway.MaxResultBytes].
const maxPolicyBytes = apigateway.MaxResultBytes - contextReserve - namesReserve

// maxPlans bounds the memory for policies worked out before. There are as many as there are combinations of
// rights among the callers of one Lambda instance: a handful.
const maxPlans = 256

// Policy returns everything that the caller may call at the stage of a, as one policy: Allows for the
// permitted routes, a Deny for what they cover and the table forbids, and a Deny for everything else where a
// pattern can express it. Public routes are allowed to everybody. A caller who may call nothing gets a Deny
// for the whole stage.
//
// It depends on the rights alone: two callers to whom the rules give the same answers get the same policy,
// but for the time of its end. Of a it takes the API and stage, never the call. For the handshake of a
// WebSocket the policy covers the handshake only.
//
// Where a policy would not fit, its Denies are written in a shorter way that reaches further, though to no
// route that is allowed. Where even that does not fit, the Denies that bound parameters to one segment are
// left out together; no route of the table depends on them, and [Table.Check] warns of it at build time.
//
// Errors: [ErrPerRoute], [ErrConflict], [ErrTooComplex], [ErrTooLarge], [ErrNoExpiry]. The document is then empty and grants
// nothing.
func (t *Table) Policy(c Principal, a apigateway.MethodARN, o PolicyOptions) (apigateway.PolicyDocument, error) {
	p, err := t.planFor(c, a)
	if err != nil {
		return apigateway.PolicyDocument{}, err
	}
	return p.document(a, o)
}

// PolicyText returns what [Table.Policy] gives, as JSON. It does not write it anew for each caller. Errors: as there.
func (t *Table) PolicyText(c Principal, a apigateway.MethodARN, o PolicyOptions) (apigateway.EncodedPolicy, error) {
	p, err := t.planFor(c, a)
	if err != nil {
		return apigateway.EncodedPolicy{}, err
	}
	return p.text(a, o)
}

func (t *Table) planFor(c Principal, a apigateway.MethodARN) (*plan, error) {
	if a.IsConnect() {
		return grant(t.connect.Allows(c), []string{connectRoute}), nil
	}
	if t.mode == PerRoute {
		return nil, ErrPerRoute
	}
	have := t.atoms.set(c)
	p, err := t.plan(t.permitted(have))
	if err != nil {
		var conflict *ConflictError
		if errors.As(err, &conflict) {
			conflict.Caller = t.atoms.caller(have) // only what the contract names, not all that the token holds
		}
		return nil, err
	}
	return p, nil
}

// RoutePolicy answers for one route, as [Table.Decide] does, in the form of a policy: an Allow for the calls
// of that route, written from its template, or a Deny for the whole stage. API Gateway must keep such
// answers apart by route. For a method of ANY the policy allows all seven methods, since it may be replayed
// for each of them, and it does so only if Decide allows all of them. Errors: [ErrTooLarge], [ErrNoExpiry].
func (t *Table) RoutePolicy(c Principal, a apigateway.MethodARN, method, template string, o PolicyOptions) (apigateway.PolicyDocument, error) {
	if a.IsConnect() {
		return t.Policy(c, a, o)
	}
	var resources []string
	for _, m := range methodsOf(upper(method)) {
		segments, r, found := t.find(m, template)
		if !found || !r.Rule.Allows(c) || !slices.Contains(methods, m) {
			return apigateway.DenyAll(a), nil
		}
		resource := pattern{m}
		for _, s := range segments {
			if s.param {
				resource = append(resource, wildcard)
			} else {
				resource = append(resource, s.text)
			}
		}
		resources = append(resources, resource.String())
	}
	p := grant(true, resources)
	if strings.Contains(template, "{") && !strings.HasSuffix(template, "+}") {
		p.denies = [][]string{{"*/*/", "*//*"}} // a "*" would take paths with an empty segment, which stage policies deny too
	}
	return p.document(a, o)
}

// grant is the plan that allows these resources, or nothing.
func grant(allowed bool, resources []string) *plan {
	if !allowed {
		return &plan{}
	}
	return &plan{allow: resources, denies: [][]string{nil}}
}

// plan returns the plan for callers to whom these rules say yes, and remembers it.
func (t *Table) plan(rules bits) (*plan, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var buffer [64]byte
	key := rules.key(buffer[:0])
	if p, ok := t.plans[string(key)]; ok {
		return p, nil
	}
	p, err := newPlan(t, t.grown(), rules)
	if err != nil {
		return nil, err
	}
	if t.plans == nil || len(t.plans) >= maxPlans {
		t.plans = make(map[string]*plan)
	}
	t.plans[string(key)] = p
	return p, nil
}

// grown returns the tree, which is made on first use: a table for per-route answers needs none. The caller
// holds mu.
func (t *Table) grown() *tree {
	if t.tree == nil {
		t.tree = newTree(t.routes)
	}
	return t.tree
}

// document writes the plan for one stage.
func (p *plan) document(a apigateway.MethodARN, o PolicyOptions) (apigateway.PolicyDocument, error) {
	if len(p.allow) == 0 {
		return apigateway.DenyAll(a), nil
	}
	if err := o.check(); err != nil {
		return apigateway.PolicyDocument{}, err
	}
	d := p.write(a, p.denies[0], o)
	if size := d.Size(); size > maxPolicyBytes && len(p.denies) > 1 {
		d = p.write(a, p.shorter(size, len(a.Prefix())), o)
	}
	if size := d.Size(); size > maxPolicyBytes {
		return apigateway.PolicyDocument{}, fmt.Errorf("%w: %d bytes, at most %d beside the context", ErrTooLarge, size, maxPolicyBytes)
	}
	for _, s := range d.Statement {
		for _, r := range s.Resource {
			if len(r) > apigateway.MaxResourceBytes {
				return apigateway.PolicyDocument{}, fmt.Errorf("%w: a resource has %d bytes, at most %d", ErrTooLarge, len(r), apigateway.MaxResourceBytes)
			}
		}
	}
	return d, nil
}

// written is the last text of a plan: a Lambda instance answers for one stage, as a rule, and only the time of the end is
// the token's own.
type written struct {
	stage  apigateway.MethodARN // without a call
	expire bool
	text   apigateway.EncodedPolicy
}

// text is document as JSON.
func (p *plan) text(a apigateway.MethodARN, o PolicyOptions) (apigateway.EncodedPolicy, error) {
	a.Method, a.Path = "", ""
	last := p.last.Load()
	if last == nil || last.stage != a || last.expire != o.Expire || o.check() != nil {
		d, err := p.document(a, o)
		if err != nil {
			return apigateway.EncodedPolicy{}, err
		}
		text, err := d.Encode()
		if err != nil {
			return apigateway.EncodedPolicy{}, err
		}
		last = &written{a, o.Expire, text}
		p.last.Store(last)
	}
	return last.text.WithExpiry(o.ExpiresAt), nil
}

// shorter returns the first way to write the Denies that fits, or the last, when the first makes a document of
// this size.
func (p *plan) shorter(size, prefix int) []string {
	each := prefix + len(`/"",`)
	best := p.denies[0]
	for _, next := range p.denies[1:] {
		size -= (len(best)-len(next))*each + bytesOf(best) - bytesOf(next)
		best = next
		if size <= maxPolicyBytes {
			break
		}
	}
	return best
}

func bytesOf(texts []string) int {
	n := 0
	for _, text := range texts {
		n += len(text)
	}
	return n
}

func (p *plan) write(a apigateway.MethodARN, deny []string, o PolicyOptions) apigateway.PolicyDocument {
	prefix := a.Prefix() + "/"
	statements := make([]apigateway.Statement, 0, 3)
	statements = append(statements, apigateway.Statement{
		Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: prefixed(prefix, p.allow),
	})
	if len(deny) > 0 {
		statements = append(statements, apigateway.Statement{
			Effect: apigateway.Deny, Action: apigateway.InvokeAction, Resource: prefixed(prefix, deny),
		})
	}
	if o.Expire {
		statements = append(statements, apigateway.DenyAfter(a, o.ExpiresAt))
	}
	return apigateway.NewPolicyDocument(statements...)
}

// prefixed puts the prefix before each text.
func prefixed(prefix string, all []string) []string {
	resources := make([]string, len(all))
	for i, s := range all {
		resources[i] = prefix + s
	}
	return resources
}
