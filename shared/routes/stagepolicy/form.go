package stagepolicy

import (
	"cmp"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// Form is how closely a policy follows the table. Whatever its form, a policy has the table's result for each call to a
// route of the table. The forms differ in what they say about paths outside of the contract. The first that fits is used.
type Form int

const (
	// Exact denies paths outside of the contract wherever a pattern can.
	Exact Form = iota

	// Shortened denies the same, and more: where nothing that is allowed begins with "GET/adm", one Deny of it can
	// stand for "GET/admin", "GET/admin/*" and "GET/adm-tools".
	Shortened

	// Unbounded is Shortened without the Denies that keep a parameter to one segment: GET/users/* then covers
	// /users/7/anything, unless that is a forbidden route.
	Unbounded

	// Compacted has Allows and Denies that stand for several routes by what these have in common, and cover whatever
	// else has it.
	Compacted

	// Prefixed is Compacted with Allows that are cut, within a segment too, to what they have in common: where nothing
	// that is forbidden begins with "GET/adm", one Allow of it can stand for "GET/admin/*" and "GET/adm-tools".
	Prefixed

	forms int = iota
)

// String returns the form in one word.
func (f Form) String() string {
	return [...]string{"exact", "shortened", "unbounded", "compacted", "prefixed"}[f]
}

// resources are what a policy allows and denies: METHOD/PATH patterns, sorted.
type resources struct {
	form        Form
	allow, deny []string
}

// plan is what a policy says for one class of callers, without the ARN and without the time.
type plan struct {
	allow   []string // in the form Exact; nothing if the callers may call nothing
	planner *Planner
	class   *classPlanner     // makes the forms, under planner.mu; nil if Exact is the only one
	made    [forms]*resources // as far as they were needed

	last atomic.Pointer[written] // a Lambda instance usually serves one stage
}

// policy returns the policy of the plan for the stage of a.
func (m *plan) policy(a apigateway.MethodARN, o Options) (Policy, error) {
	a.Method, a.Path = "", ""
	last := m.last.Load()
	if last == nil || last.stage != a || last.expire != o.Expire || last.first != o.First || o.check() != nil {
		var err error
		if last, err = m.write(a, o); err != nil {
			return Policy{}, err
		}
		m.last.Store(last)
	}
	return Policy{written: last, expiresAt: o.ExpiresAt}, nil
}

// write writes the policy in the first form that fits.
func (m *plan) write(a apigateway.MethodARN, o Options) (*written, error) {
	made := &written{stage: a, expire: o.Expire, first: o.First}
	if len(m.allow) == 0 {
		made.document = apigateway.DenyAll(a)
	} else {
		if err := o.check(); err != nil {
			return nil, err
		}
		r, err := m.fitting(a, o)
		if err != nil {
			return nil, err
		}
		made.form, made.document, made.expires = r.form, r.document(a, o), o.Expire
		for _, s := range made.document.Statement {
			for _, resource := range s.Resource {
				if len(resource) > apigateway.MaxResourceBytes {
					return nil, fmt.Errorf("%w: a resource has %d bytes, at most %d", ErrTooLarge, len(resource), apigateway.MaxResourceBytes)
				}
			}
		}
	}
	var err error
	made.encoded, err = made.document.Encode()
	return made, err
}

// fitting returns the resources in the first form that fits.
func (m *plan) fitting(a apigateway.MethodARN, o Options) (resources, error) {
	allows := resources{allow: m.allow}.size(a, o)
	first := o.First
	switch {
	case m.class == nil:
		first = Exact // there is no other
	case allows > maxPolicyBytes:
		first = max(first, Compacted) // the forms before it have these Allows, which alone do not fit
	}
	smallest := 0
	for f := first; int(f) < forms; f++ {
		r, ok, err := m.in(f)
		if errors.Is(err, ErrTooComplex) {
			break // the exact form does not fit, and a shorter one is too much work
		}
		if err != nil {
			return resources{}, err
		}
		if !ok {
			break
		}
		size := r.size(a, o)
		if size <= maxPolicyBytes {
			return r, nil
		}
		smallest = min(size, cmp.Or(smallest, size))
	}
	return resources{}, fmt.Errorf("%w: %d bytes, at most %d beside the context", ErrTooLarge, cmp.Or(smallest, allows), maxPolicyBytes)
}

// in returns the resources in a form, and false when there is no such form.
func (m *plan) in(f Form) (resources, bool, error) {
	if m.class == nil {
		if f != Exact {
			return resources{}, false, nil
		}
		return *m.made[f], true, nil
	}
	m.planner.mu.Lock()
	defer m.planner.mu.Unlock()
	if m.made[f] == nil {
		made, err := m.class.resourcesIn(f)
		if err != nil {
			return resources{}, false, err
		}
		m.made[f] = &made
	}
	return *m.made[f], true, nil
}

// document returns the policy for one stage.
func (r resources) document(a apigateway.MethodARN, o Options) apigateway.PolicyDocument {
	prefix := a.Prefix() + "/"
	statements := make([]apigateway.Statement, 0, 3)
	statements = append(statements, invoke(apigateway.Allow, prefixed(prefix, r.allow)))
	if len(r.deny) > 0 {
		statements = append(statements, invoke(apigateway.Deny, prefixed(prefix, r.deny)))
	}
	if o.Expire {
		statements = append(statements, apigateway.DenyAfter(a, o.ExpiresAt))
	}
	return apigateway.NewPolicyDocument(statements...)
}

// size returns the length of the document in bytes, without making it.
func (r resources) size(a apigateway.MethodARN, o Options) int {
	n := resources{form: r.form, deny: r.deny[:min(len(r.deny), 0)]}.document(a, o).Size()
	if len(r.deny) > 0 {
		n += len(`,`) + emptyDeny
	}
	each := len(a.Prefix()) + len(`/"",`)
	for _, all := range [][]string{r.allow, r.deny} {
		n += max(len(all)*each-len(`,`), 0)
		for _, s := range all {
			n += len(s)
		}
	}
	return n
}

// emptyDeny is the length of a statement that denies nothing, in bytes.
var emptyDeny = apigateway.NewPolicyDocument(invoke(apigateway.Deny, nil)).Size() - apigateway.NewPolicyDocument().Size()

func invoke(effect apigateway.Effect, on []string) apigateway.Statement {
	return apigateway.Statement{Effect: effect, Action: apigateway.InvokeAction, Resource: on}
}

// prefixed puts the prefix before each string.
func prefixed(prefix string, all []string) []string {
	resources := make([]string, len(all))
	for i, s := range all {
		resources[i] = prefix + s
	}
	return resources
}
