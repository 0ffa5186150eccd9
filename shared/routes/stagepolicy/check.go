package stagepolicy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Deployment is what is known, when a table is compiled, about the stage to which its policies will refer. Each resource
// of a policy names it, so it decides how much fits. An empty field stands for the longest usual value; with all of them
// empty, the part of a resource up to the stage has 85 bytes. Under a longer one, [Planner.ForStage] may still find a
// policy too large.
type Deployment struct {
	Partition string // "aws"
	Region    string // "eu-west-1"
	Stage     string // "prod"
}

// The longest values that are usual.
const (
	longestPartition = "aws-us-gov"
	longestRegion    = "us-gov-east-1"
	longestStage     = "ssssssssssssssssssss"
)

// ARN returns the stage with an account and an API of the usual lengths.
func (d Deployment) ARN() apigateway.MethodARN {
	return apigateway.MethodARN{
		Partition: cmp.Or(d.Partition, longestPartition), Region: cmp.Or(d.Region, longestRegion), Account: "111122223333",
		API: "abcdefghij", Stage: cmp.Or(d.Stage, longestStage),
	}
}

// contextReserve is the room, in bytes, that a policy leaves to the rest of a result: principalId and the context with
// sub, username, clientId, sessionId, decisionId, expiresAt, tokenUse and issuer, at their usual lengths. Scopes and groups come
// on top, see [Planner.Check].
const contextReserve = 512

// namesReserve is the room for scopes and groups in a context. A policy that leaves less is written in a shorter way.
const namesReserve = 512

// maxClasses bounds how many classes of callers the sizes are worked out for.
const maxClasses = 4096

// Finding is a remark about policies that are right.
type Finding struct {
	Code    string // stable, for programs: "policy-unbounded", "policy-compacted", "classes-not-sized"
	Classes int    // how many classes of callers it concerns
	Message string // one sentence
}

// Check finds every reason why [Planner.ForStage] could fail for a deployment, and returns them all at once: as
// [*ConflictError] each forbidden route that cannot be kept from some class of callers, and as [*PolicyTooLargeError] the
// policies that are too large. It returns findings where each result is right but a policy is not as tight as it could be.
//
// Conflicts are found for all classes of callers there can be, without listing them: a conflict needs two
// routes that a caller may call and one that it may not. Rules are monotonic, since more grants never mean less access, so
// it suffices to test the callers with the least grants that open the first two. Sizes are worked out for up to
// 4,096 classes, or fewer if that takes too long; if there are more, a finding says so. Where routes overlap
// in so many ways that the conflicts cannot be found in a second or two, the error is a [*TooComplexError].
//
// A table for per-route caching has no such policies, and only the length of its resources is checked.
func (p *Planner) Check(d Deployment) (findings []Finding, err error) {
	arn := d.ARN()
	p.mu.Lock()
	if p.tree == nil {
		p.tree = newRouteTree(p.table.Tree())
	}
	for _, e := range p.tree.Endpoints {
		if n := len(arn.Prefix()) + 1 + len(p.tree.patterns[e.ID].String()); n > apigateway.MaxResourceBytes {
			err = errors.Join(err, fmt.Errorf("%w: %s has a resource of %d bytes, at most %d",
				ErrTooLarge, p.routes[e.Route], n, apigateway.MaxResourceBytes))
		}
	}
	if p.table.Mode() == routes.PerRoute {
		p.mu.Unlock()
		return nil, err
	}
	p.tree.allow(maxCheckSteps)
	conflicts := p.conflicts()
	if tooComplex := p.tree.tooComplex(p.routes); tooComplex != nil {
		conflicts = append(conflicts, tooComplex)
	}
	p.mu.Unlock()
	if len(conflicts) > 0 {
		return nil, errors.Join(append(conflicts, err)...)
	}
	findings, tooLarge := p.checkSizes(arn)
	return findings, errors.Join(err, tooLarge)
}

// conflicts returns one conflict for each pair of a forbidden route and the allowed one that covers it. The
// caller holds mu.
func (p *Planner) conflicts() []error {
	var found []error
	seen := make(map[[2]int]bool) // a route for ANY would have the same conflict for each method
	for _, allowed := range p.tree.Endpoints {
		allow := p.tree.patterns[allowed.ID]
		if allow == nil {
			continue
		}
		p.tree.overlaps(allow, func(forbidden *routes.Endpoint, call pattern) {
			pair := [2]int{forbidden.Route, allowed.Route}
			if seen[pair] || p.ruleOf[forbidden.Route] == p.ruleOf[allowed.Route] {
				return
			}
			swallowed := p.tree.reach(call)
			for _, s := range p.tree.Endpoints {
				if !swallowed.has(s.ID) {
					continue
				}
				if have, ok := p.leastFor(allowed.Route, s.Route, forbidden.Route); ok && p.tree.reachOrdinarily(call).has(s.ID) {
					seen[pair] = true
					found = append(found, &ConflictError{
						Forbidden: p.routes[forbidden.Route], Allowed: p.routes[allowed.Route], Swallowed: p.routes[s.Route],
						Allow: allow.String(), Deny: call.String(), Caller: p.grants.principal(have),
					})
					return
				}
			}
		})
	}
	return found
}

// leastFor returns the least grants that open the first two routes but not the third, if any do.
func (p *Planner) leastFor(first, second, forbidden int) (bitset, bool) {
	for _, one := range p.alternatives[p.ruleOf[first]] {
		for _, two := range p.alternatives[p.ruleOf[second]] {
			if have := p.closure(one.union(two)); !p.permitted(have).has(p.ruleOf[forbidden]) {
				return have, true
			}
		}
	}
	return nil, false
}

// closure returns these grants with those that follow from them, among them the scopes that the table grants.
func (p *Planner) closure(have bitset) bitset {
	return p.grants.of(p.table.Effective(p.grants.principal(have)))
}

// sizes is what was found out about the sizes of the policies of a table.
type sizes struct {
	classes  int // that were sized
	complete bool
	inForm   [forms]int // how many classes have a policy in that form
	example  [forms]routes.Principal
	widest   resources // of those that are compacted, the ones with the fewest Allows for their routes
	routes   int       // for how many routes these stand; 0 if only policies with callers' own values or times are compacted
}

// checkSizes makes the policy of every class and looks at its size.
func (p *Planner) checkSizes(arn apigateway.MethodARN) ([]Finding, error) {
	classes, complete := p.classes(maxClasses)
	// The callers with most rights have the largest results: they are always sized, however many classes there are.
	most := p.mostRights()
	found := sizes{complete: complete}
	work := 0
	var tooLarge *PolicyTooLargeError
	o := Options{Expire: true, ExpiresAt: sizedUntil}
	seen := make(map[string]bool)
	for i, have := range slices.Concat(most, classes) {
		c := p.table.Effective(p.grants.principal(have))
		have = p.grants.of(c)
		rights, _ := p.periods(c, have, o)
		key := string(p.rightsKey(nil, rights...))
		if seen[key] {
			continue
		}
		if i >= len(most) && work > maxCheckSteps {
			found.complete = false
			break
		}
		seen[key] = true
		found.classes++
		rules := p.permitted(rights[0])
		if len(rights) > 1 || len(p.holding(rights[0], rules)) > 0 {
			policy, err := p.tryStageOf(c, have, arn, o)
			work += ownSteps
			if err == nil {
				err = checkResult(policy, c)
			}
			switch {
			case errors.Is(err, ErrTooComplex), errors.Is(err, ErrConflict):
				return nil, err
			case err != nil && tooLarge == nil:
				tooLarge = &PolicyTooLargeError{Caller: c, Err: err}
			case err != nil:
				tooLarge.Others++
			default:
				found.note(nil, policy, c)
			}
			continue
		}
		made, err := p.plan(rules)
		work += p.tree.steps - p.tree.remembered
		if err != nil {
			return nil, err
		}
		policy, err := made.policy(arn, o)
		if err == nil {
			err = checkResult(policy, c)
		}
		switch {
		case errors.Is(err, ErrTooComplex):
			return nil, err
		case err != nil && tooLarge == nil:
			tooLarge = &PolicyTooLargeError{Caller: c, Err: err, Routes: made.costliest()}
		case err != nil:
			tooLarge.Others++
		default:
			found.note(made, policy, c)
		}
	}
	if tooLarge != nil {
		return nil, tooLarge
	}
	return found.findings(), nil
}

// sizedUntil is when the tokens of the callers expire for whom sizes are worked out: long after every sign-in.
var sizedUntil = time.Unix(1<<32, 0)

// ownSteps is how many steps a policy with the caller's own values counts for. They are not measured, since its tree is its own.
const ownSteps = 1 << 15

// costliest returns up to three allowed routes with the longest patterns.
func (m *plan) costliest() []routes.Route {
	if m.class == nil {
		return nil
	}
	var ids []int
	for _, e := range m.class.Endpoints {
		if m.class.allowed.has(e.ID) {
			ids = append(ids, e.ID)
		}
	}
	slices.SortStableFunc(ids, func(a, b int) int {
		return cmp.Compare(len(m.class.patterns[b].String()), len(m.class.patterns[a].String()))
	})
	var all []routes.Route
	for _, id := range ids[:min(3, len(ids))] {
		all = append(all, m.planner.routes[m.class.Endpoints[id].Route])
	}
	return all
}

func (s *sizes) note(made *plan, policy Policy, c routes.Principal) {
	f := policy.Form()
	names := func(c routes.Principal) int { return len(c.Scopes) + len(c.Groups) }
	if s.inForm[f]++; s.inForm[f] == 1 || names(c) < names(s.example[f]) {
		s.example[f] = c
	}
	if f >= Compacted && made != nil {
		if r := *made.made[f]; s.routes == 0 || len(made.allow)*len(s.widest.allow) > s.routes*len(r.allow) {
			s.widest, s.routes = r, len(made.allow)
		}
	}
}

func (s *sizes) findings() []Finding {
	var all []Finding
	of := func(forms ...Form) string {
		n, example := 0, routes.Principal{}
		for _, f := range forms {
			if n == 0 {
				example = s.example[f]
			}
			n += s.inForm[f]
		}
		return fmt.Sprintf("%d of %d classes of callers, such as %s", n, s.classes, example)
	}
	if n := s.inForm[Unbounded]; n > 0 {
		all = append(all, Finding{"policy-unbounded", n, fmt.Sprintf(
			"for %s, the policy has no room for the Denies that keep a parameter to one segment: it also allows paths outside of the contract that are longer than an allowed route",
			of(Unbounded))})
	}
	if n := s.inForm[Compacted] + s.inForm[Prefixed]; n > 0 {
		share := "several routes share Allows"
		if s.routes > 0 {
			share = fmt.Sprintf("up to %d routes share Allows, of which the policy has %d", s.routes, len(s.widest.allow))
		}
		all = append(all, Finding{"policy-compacted", n, fmt.Sprintf(
			"for %s, the policy has no room for each route: %s. They also allow paths outside of the contract that begin or end like the routes. Every route of the contract gets its own answer",
			of(Compacted, Prefixed), share)})
	}
	if !s.complete {
		all = append(all, Finding{"classes-not-sized", 0, fmt.Sprintf(
			"there are more than %d classes of callers, and the sizes of the policies of the others are not known", s.classes)})
	}
	return all
}

// mostRights lists the grants of the caller who has everything that the rules name, and of callers who lack one thing of it.
func (p *Planner) mostRights() []bitset {
	everything := newBitset(p.grants.count())
	for i := range p.grants.count() {
		everything.add(i)
	}
	all := []bitset{everything}
	for i := range p.grants.count() {
		but := slices.Clone(everything)
		but.remove(i)
		all = append(all, but)
	}
	return all
}

// checkResult fails with [ErrTooLarge] unless the whole result for the caller fits: the policy, and a context with the
// caller's scopes and groups.
func checkResult(p Policy, c routes.Principal) error {
	size := p.Document().Size() + contextReserve
	for _, name := range slices.Concat(c.Scopes, c.Groups) {
		size += len(name) + 1
	}
	if size > apigateway.MaxResultBytes {
		return fmt.Errorf("%w: %d bytes with the context, at most %d", ErrTooLarge, size, apigateway.MaxResultBytes)
	}
	return nil
}

// classes lists the least grants of the callers of each class: every union of alternatives.
func (p *Planner) classes(most int) (all []bitset, complete bool) {
	alternatives := slices.Concat(p.alternatives...)
	for _, a := range p.owned {
		alternatives = append(alternatives, a.needed)
	}
	empty := newBitset(p.grants.count())
	all, seen := []bitset{empty}, map[string]bool{string(empty.key(nil)): true}
	for i := 0; i < len(all); i++ {
		for _, needed := range alternatives {
			have := all[i].union(needed)
			key := string(have.key(nil))
			if seen[key] {
				continue
			}
			if len(all) == most {
				return all, false
			}
			seen[key] = true
			all = append(all, have)
		}
	}
	return all, true
}
