package routes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// assumedARN stands for the stage that a policy will be about, which is not known when a table is compiled.
// Its [apigateway.MethodARN.Prefix] has 85 bytes: GovCloud, and a stage of twenty letters. Under a longer one,
// Policy may still find a document too large.
var assumedARN = apigateway.MethodARN{
	Partition: "aws-us-gov", Region: "us-gov-east-1", Account: "111122223333",
	API: "abcdefghij", Stage: strings.Repeat("s", 20),
}

// contextReserve is the room, in bytes, that a policy leaves to the rest of a result: principalId and the context with
// sub, username, clientId, sessionId, expiresAt and tokenUse. Scopes and groups come on top, see [Table.Check].
const contextReserve = 512

// namesReserve is the room for scopes and groups in a context. A policy that leaves less is written in a shorter way.
const namesReserve = 512

// maxClasses bounds how many classes of callers the sizes are worked out for.
const maxClasses = 4096

// PolicyTooLargeError says that the policy for a class of callers is larger than API Gateway takes.
type PolicyTooLargeError struct {
	Caller Principal // an example of a caller of the class
	Err    error     // says how large
	Others int       // how many other classes have such a policy
}

// Error tells the size in one sentence.
func (o *PolicyTooLargeError) Error() string {
	if o.Others > 0 {
		return fmt.Sprintf("for %s, and for %d other classes of callers: %v", o.Caller, o.Others, o.Err)
	}
	return fmt.Sprintf("for %s: %v", o.Caller, o.Err)
}

// Unwrap returns the error that [Table.Policy] would answer with: [ErrTooLarge].
func (o *PolicyTooLargeError) Unwrap() error { return o.Err }

// Check finds every reason why [Table.Policy] could fail, and gives them all at once: as [*ConflictError] each
// forbidden route that cannot be kept from some class of callers, and as [*PolicyTooLargeError] the policies that are
// too large. It gives warnings where an answer is right but something is not as tight as it could be.
//
// Conflicts are found for all classes of callers there can be, without listing them: a conflict needs two
// routes that a caller may call and one that it may not, rules only ever give more to a caller who has more,
// and so the callers with the least that opens the first two stand for all. Sizes are worked out for up to
// 4,096 classes, or fewer if that takes too long; if there are more, a warning says so. Where routes overlap
// in so many ways that the conflicts cannot be found in a second or two, the error is an [*TooComplexError].
//
// A table for per-route caching has no such policies, and only the length of its resources is checked.
func (t *Table) Check() (warnings []string, err error) {
	t.mu.Lock()
	grown := t.grown()
	for _, e := range grown.endpoints {
		if n := len(assumedARN.Prefix()) + 1 + len(e.pattern.String()); n > apigateway.MaxResourceBytes {
			err = errors.Join(err, fmt.Errorf("%w: %s has a resource of %d bytes, at most %d",
				ErrTooLarge, t.routes[e.route], n, apigateway.MaxResourceBytes))
		}
	}
	if t.mode == PerRoute {
		t.mu.Unlock()
		return nil, err
	}
	grown.allow(maxCheckSteps)
	conflicts := t.conflicts(grown)
	if wrong := t.tooComplex(grown); wrong != nil {
		conflicts = append(conflicts, wrong)
	}
	t.mu.Unlock()
	if len(conflicts) > 0 {
		return nil, errors.Join(append(conflicts, err)...)
	}
	warnings, oversize := t.checkSizes()
	return warnings, errors.Join(err, oversize)
}

// conflicts returns one conflict for each pair of a forbidden route and the allowed one that covers it. The
// caller holds mu.
func (t *Table) conflicts(grown *tree) []error {
	var found []error
	seen := make(map[[2]int]bool) // a route for ANY would have the same conflict for each method
	for _, allowed := range grown.endpoints {
		grown.overlaps(allowed.pattern, func(forbidden *endpoint, call pattern) {
			pair := [2]int{forbidden.route, allowed.route}
			if seen[pair] || t.ruleOf[forbidden.route] == t.ruleOf[allowed.route] {
				return
			}
			swallowed := grown.reach(call)
			for _, s := range grown.endpoints {
				if !swallowed.has(s.id) {
					continue
				}
				if have, ok := t.classOf(allowed.route, s.route, forbidden.route); ok {
					seen[pair] = true
					found = append(found, &ConflictError{
						Forbidden: t.routes[forbidden.route], Allowed: t.routes[allowed.route], Swallowed: t.routes[s.route],
						Allow: allowed.pattern.String(), Deny: call.String(), Caller: t.atoms.caller(have),
					})
					return
				}
			}
		})
	}
	return found
}

// classOf returns the least that lets a caller call the first two routes but not the third, if anything does.
func (t *Table) classOf(first, second, forbidden int) (bits, bool) {
	for _, one := range t.needs[t.ruleOf[first]] {
		for _, two := range t.needs[t.ruleOf[second]] {
			if have := one.union(two); !t.permitted(have).has(t.ruleOf[forbidden]) {
				return have, true
			}
		}
	}
	return nil, false
}

// checkSizes makes the policy of every class and looks at its size.
func (t *Table) checkSizes() (warnings []string, err error) {
	classes, complete := t.classes(maxClasses)
	// The callers with most rights have the largest results: they are always sized, however many classes there are.
	most := t.mostRights()
	classes = append(most, classes...)
	work, tried := 0, len(classes)-len(most)
	var oversize *PolicyTooLargeError
	o := PolicyOptions{Expire: true, ExpiresAt: time.Unix(1, 0)}
	seen := make(map[string]bool)
	for i, have := range classes {
		if work > maxCheckSteps && i >= len(most) {
			complete, tried = false, i-len(most)
			break
		}
		rules := t.permitted(have)
		if key := string(rules.key(nil)); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		c := t.atoms.caller(have)
		p, err := t.plan(rules)
		work += t.tree.steps - t.tree.saved
		if err == nil {
			err = p.checkResult(c, o)
		}
		switch {
		case errors.Is(err, ErrTooComplex):
			return nil, err
		case err != nil && oversize == nil:
			oversize = &PolicyTooLargeError{Caller: c, Err: err}
		case err != nil:
			oversize.Others++
		case len(p.denies) > 1 && p.write(assumedARN, p.denies[1], o).Size() > maxPolicyBytes:
			warnings = append(warnings, fmt.Sprintf(
				"for %s the policy has no room for the Denies that keep a parameter to one segment", c))
		}
	}
	if oversize != nil {
		return nil, oversize
	}
	if !complete {
		warnings = append(warnings, fmt.Sprintf(
			"there are more than %d classes of callers, and the sizes of the policies of the others are not known", tried))
	}
	return warnings, nil
}

// mostRights lists what callers have who have everything that the rules name, and everything but one of these.
func (t *Table) mostRights() []bits {
	everything := newBits(t.atoms.count())
	for i := range t.atoms.count() {
		everything.add(i)
	}
	all := []bits{everything}
	for i := range t.atoms.count() {
		but := slices.Clone(everything)
		but.remove(i)
		all = append(all, but)
	}
	return all
}

// checkResult fails with [ErrTooLarge] unless the whole result for the caller fits: the policy, and a context with the
// caller's scopes and groups.
func (p *plan) checkResult(c Principal, o PolicyOptions) error {
	d, err := p.document(assumedARN, o)
	if err != nil {
		return err
	}
	size := d.Size() + contextReserve
	for _, name := range slices.Concat(c.Scopes, c.Groups) {
		size += len(name) + 1
	}
	if size > apigateway.MaxResultBytes {
		return fmt.Errorf("%w: %d bytes with the context, at most %d", ErrTooLarge, size, apigateway.MaxResultBytes)
	}
	return nil
}

// classes lists what the callers of each class have, at the least: every union of alternatives.
func (t *Table) classes(most int) (all []bits, complete bool) {
	empty := newBits(t.atoms.count())
	all, seen := []bits{empty}, map[string]bool{string(empty.key(nil)): true}
	for i := 0; i < len(all); i++ {
		for _, alternatives := range t.needs {
			for _, need := range alternatives {
				have := all[i].union(need)
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
	}
	return all, true
}
