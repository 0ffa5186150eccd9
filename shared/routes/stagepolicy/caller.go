package stagepolicy

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// depends reports whether a policy for callers with these grants may hold values or times of their own.
func (p *Planner) depends(have bitset) bool {
	if len(p.owned) == 0 && len(p.agesInOrder) == 0 {
		return false
	}
	for _, i := range p.grants.usable {
		if have.has(i) {
			return true
		}
	}
	for _, i := range p.grants.ages {
		if have.has(i) {
			return true
		}
	}
	return false
}

// forStageOf is ForStage for a caller whose policy may hold the caller's own values or times. What does not fit is left out, the claim with the
// most values first; rights that end with the age of the sign-in come last.
func (p *Planner) forStageOf(c routes.Principal, have bitset, a apigateway.MethodARN, o Options) (Policy, error) {
	var closed []string
	for {
		policy, err := p.tryStageOf(c, have, a, o)
		if err == nil {
			policy.closed = closed
			return policy, nil
		}
		if errors.Is(err, ErrNoExpiry) {
			return Policy{}, err
		}
		claim := p.widestClaim(c, have)
		switch {
		case claim != "":
			have = slices.Clone(have)
			have.remove(p.grants.usable[claim])
			closed = append(closed, claim)
		case slices.ContainsFunc(p.agesInOrder, func(age int64) bool { return have.has(p.grants.ages[age]) }):
			have = slices.Clone(have)
			for _, i := range p.grants.ages {
				have.remove(i)
			}
			closed = append(closed, "auth_time")
		default:
			return Policy{}, err
		}
	}
}

// widestClaim returns the claim with the most values among those that path parameters must equal, or an empty string. Of two alike it
// is the one whose name sorts first.
func (p *Planner) widestClaim(c routes.Principal, have bitset) string {
	widest, most := "", 0
	for _, claim := range slices.Sorted(maps.Keys(p.grants.usable)) {
		if !have.has(p.grants.usable[claim]) {
			continue
		}
		values, _ := routes.OwnerValues(c, claim)
		if n := len(strings.Join(values, ",")); n > most {
			widest, most = claim, n
		}
	}
	return widest
}

// tryStageOf makes the policy with everything in it, or fails.
func (p *Planner) tryStageOf(c routes.Principal, have bitset, a apigateway.MethodARN, o Options) (Policy, error) {
	rights, times := p.periods(c, have, o)
	var holding []int // in any of the periods: a route that is open at first may be open for own items later
	for _, less := range rights {
		holding = append(holding, p.holding(less, p.permitted(less))...)
	}
	if len(rights) == 1 && len(holding) == 0 {
		return p.forStage(rights[0], a, o)
	}
	if err := o.check(); err != nil {
		return Policy{}, err
	}
	symbols := p.symbols(c, holding)
	l, err := p.layersFor(rights, symbols)
	if err != nil {
		return Policy{}, err
	}
	if len(l.plans[0].allow) == 0 {
		return l.plans[0].policy(a, o)
	}
	return p.fill(l, symbols, times, a, o)
}

// periods returns what the caller has from now on, and after each time at which the sign-in gets too old for some rule. Without a
// Deny for the end of the token there are no times in policies at all: rights then last for as long as the policy is cached.
func (p *Planner) periods(c routes.Principal, have bitset, o Options) (rights []bitset, times []time.Time) {
	rights = []bitset{have}
	if o.Expire {
		for _, age := range p.agesInOrder {
			end := endOf(c, age)
			if !have.has(p.grants.ages[age]) || !end.Before(o.ExpiresAt) {
				continue
			}
			less := slices.Clone(rights[len(rights)-1])
			less.remove(p.grants.ages[age])
			if p.sameRights(less, rights[len(rights)-1]) {
				rights[len(rights)-1] = less
				continue
			}
			rights, times = append(rights, less), append(times, end)
		}
	}
	return rights, append(times, o.ExpiresAt)
}

// sameRights reports whether two sets of grants open the same routes and items.
func (p *Planner) sameRights(a, b bitset) bool {
	one, two := p.permitted(a), p.permitted(b)
	return slices.Equal(one, two) && slices.Equal(p.holding(a, one), p.holding(b, two))
}

// layersFor returns the plans for these rights, and remembers them.
func (p *Planner) layersFor(rights []bitset, symbols []symbol) (*layers, error) {
	var buffer [256]byte
	key := symbolsKey(p.rightsKey(buffer[:0], rights...), symbols)
	p.layersMu.Lock()
	made, known := p.layers[string(key)]
	p.layersMu.Unlock()
	if known {
		return made, nil
	}
	made = &layers{}
	for _, have := range rights {
		m, err := p.ownPlan(have, symbols)
		if err != nil {
			return nil, err
		}
		made.plans = append(made.plans, m)
	}
	p.layersMu.Lock()
	defer p.layersMu.Unlock()
	if p.layers == nil || len(p.layers) >= maxLayers {
		p.layers = make(map[string]*layers)
	}
	p.layers[string(key)] = made
	return made, nil
}

// rightsKey appends what a policy depends on beside the caller's values: for each period, the rules that allow the caller and the
// alternatives that open its own items. No key begins with another one.
func (p *Planner) rightsKey(to []byte, rights ...bitset) []byte {
	to = binary.LittleEndian.AppendUint32(to, uint32(len(rights)))
	for _, have := range rights {
		permitted := p.permitted(have)
		holding := p.holding(have, permitted)
		to = binary.LittleEndian.AppendUint32(permitted.key(to), uint32(len(holding)))
		for _, i := range holding {
			to = binary.LittleEndian.AppendUint32(to, uint32(i))
		}
	}
	return to
}

// ownPlan returns the plan for callers with these grants whose own values the symbols stand for.
func (p *Planner) ownPlan(have bitset, symbols []symbol) (*plan, error) {
	permitted := p.permitted(have)
	holding := p.holding(have, permitted)
	if len(holding) == 0 {
		return p.plan(permitted)
	}
	key := string(symbolsKey(p.rightsKey(nil, have), symbols))
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.ownPlans[key]; ok {
		return made, nil
	}
	tree, err := p.ownTreeFor(symbols)
	if err != nil {
		return nil, err
	}
	made, err := p.newPlan(p.ownClass(permitted, holding, tree))
	if conflict, ok := errors.AsType[*ConflictError](err); ok {
		conflict.Caller = p.grants.principal(have)
		conflict.Allow, conflict.Deny = tree.worded(p, conflict.Allow), tree.worded(p, conflict.Deny)
	}
	if err != nil {
		return nil, err
	}
	if p.ownPlans == nil || len(p.ownPlans) >= maxOwnPlans {
		p.ownPlans = make(map[string]*plan)
	}
	p.ownPlans[key] = made
	return made, nil
}

// fill returns the policy in the first form that fits with the caller's values and times.
func (p *Planner) fill(l *layers, symbols []symbol, times []time.Time, a apigateway.MethodARN, o Options) (Policy, error) {
	a.Method, a.Path = "", ""
	made := &filled{values: make([][]string, len(symbols)), times: times}
	for i, s := range symbols {
		made.values[i] = s.values
	}
	smallest := 0
	for f := o.First; int(f) < forms; f++ {
		t, ok, err := p.template(l, f, a, o.Expire)
		if errors.Is(err, ErrTooComplex) {
			break // the exact form does not fit, and a shorter one is too much work
		}
		if err != nil {
			return Policy{}, err
		}
		if !ok {
			break
		}
		made.template = t
		size, countable := t.size(made.values)
		if countable && size <= maxPolicyBytes {
			if n := made.longestResource(); n > apigateway.MaxResourceBytes {
				return Policy{}, fmt.Errorf("%w: a resource has %d bytes, at most %d", ErrTooLarge, n, apigateway.MaxResourceBytes)
			}
			return Policy{filled: made}, nil
		}
		if countable {
			smallest = min(size, cmp.Or(smallest, size))
		}
	}
	return Policy{}, fmt.Errorf("%w: %d bytes, at most %d beside the context", ErrTooLarge, smallest, maxPolicyBytes)
}

// template returns the template of layers in a form, or false if there is no such form. It is remembered for one stage.
func (p *Planner) template(l *layers, f Form, a apigateway.MethodARN, end bool) (*template, bool, error) {
	p.layersMu.Lock()
	defer p.layersMu.Unlock()
	if l.stage != a || l.end != end {
		l.made, l.stage, l.end = [forms]*template{}, a, end
	}
	if l.made[f] == nil {
		all, ok, err := l.resourcesIn(f)
		if err != nil || !ok {
			return nil, ok, err
		}
		l.made[f] = newTemplate(f, statementsOf(all, a, end))
	}
	return l.made[f], true, nil
}

// forRouteOf is ForRoute for a caller who may call only its own items, or only until some time.
func (p *Planner) forRouteOf(c routes.Principal, a apigateway.MethodARN, method, template string, o Options) (Policy, error) {
	if err := o.check(); err != nil {
		return Policy{}, err
	}
	served := []string{strings.ToUpper(method)}
	if served[0] == anyMethod {
		served = methods
	}
	type period struct {
		end   time.Time
		allow []string
	}
	var periods []period // the first is without an end
	periods = append(periods, period{})
	var closed []string
	values := [][]string{}
	wild := false
	for _, m := range served {
		r, _ := p.table.Find(m, template)
		segments, err := r.Segments()
		if err != nil {
			return Policy{}, err // not reached: the route is in the table
		}
		for _, limit := range p.table.Decide(c, m, template).Limits {
			pattern := newPattern(m, segments)
			for i, s := range segments {
				if own, limited := limit.Own[s.Text]; limited && s.Param {
					pattern[i+1] = fmt.Sprintf("{%d}", len(values))
					values = append(values, own)
				}
			}
			wild = wild || slices.Contains(pattern, wildcard) && !segments[len(segments)-1].Greedy
			var end time.Time
			if o.Expire && limit.Until.Before(o.ExpiresAt) {
				end = limit.Until
			}
			at := slices.IndexFunc(periods, func(x period) bool { return x.end.Equal(end) })
			if at < 0 {
				at = len(periods)
				periods = append(periods, period{end: end})
			}
			periods[at].allow = append(periods[at].allow, pattern.String())
		}
	}
	a.Method, a.Path = "", ""
	prefix := a.Prefix() + "/"
	var statements []timedStatement
	var times []time.Time
	for _, x := range periods {
		switch {
		case len(x.allow) == 0:
		case x.end.IsZero():
			statements = append(statements, timedStatement{apigateway.Allow, prefixed(prefix, x.allow), always, 0})
		default:
			statements = append(statements, timedStatement{apigateway.Allow, prefixed(prefix, x.allow), until, len(times)})
			times = append(times, x.end)
		}
	}
	if wild {
		statements = append(statements, timedStatement{apigateway.Deny, prefixed(prefix, []string{"*/*/", "*//*"}), always, 0})
	}
	if o.Expire {
		end := o.ExpiresAt
		if len(periods[0].allow) == 0 { // denied explicitly as soon as nothing is allowed
			end = slices.MaxFunc(times, time.Time.Compare)
		}
		statements = append(statements, timedStatement{apigateway.Deny, []string{a.StageResource()}, from, len(times)})
		times = append(times, end)
	}
	made := &filled{template: newTemplate(Exact, statements), values: values, times: times}
	if size, ok := made.size(values); !ok || size > maxPolicyBytes || made.longestResource() > apigateway.MaxResourceBytes {
		for claim := range p.grants.owners {
			closed = append(closed, claim)
		}
		slices.Sort(closed)
		policy, err := grant(false, nil, nil).policy(a, o)
		policy.closed = closed
		return policy, err
	}
	return Policy{filled: made}, nil
}
