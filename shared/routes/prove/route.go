package prove

import (
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/evaluator"
	"github.com/cognito-authorizer/cognito-authorizer/shared/policy"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// perRoute checks the answers that a caller gets route by route.
func (p *prover) perRoute(t *routes.Table, c routes.Caller) {
	for _, r := range p.gateway {
		may := permits(r.Rule, c)
		for _, method := range r.methods() {
			if !p.under(r, method) {
				continue
			}
			if t.Decide(c, method, r.Template).Allowed != may {
				p.fail("%s: the decision for %s is wrong", c, r)
			}
			parsed, _ := p.policyFor(question{caller: c, arn: stage, method: method, of: &r.Route})
			if parsed != nil {
				p.tryRoute(c, r, method, may, parsed)
			}
		}
	}
}

// tryRoute compares the calls that are routed to r, and sees to it that others are not let in beside them:
// one for each other route, and those that have none.
func (p *prover) tryRoute(c routes.Caller, r *route, method string, may bool, parsed *evaluator.Policy) {
	for _, call := range slices.Concat(p.own[r], p.foreign) {
		got := parsed.Evaluate(policy.Action, call.name, noon)
		mine := call.route == r && call.method == method
		switch {
		case mine && may && call.exact && got != evaluator.Allow:
			p.fail("%s may not call %s %s, though %s is allowed", c, call.method, call.path, r)
		case !may && got != evaluator.ExplicitDeny:
			p.fail("%s is not denied %s %s explicitly, though %s is forbidden", c, call.method, call.path, r)
		case !mine && got == evaluator.Allow && (call.method != method || call.exact && !spans(r.pattern(), segments(call.path))):
			p.fail("%s may call %s %s by the policy for %s", c, call.method, call.path, r)
		case got == evaluator.Allow && parsed.Evaluate(policy.Action, call.name, end) != evaluator.ExplicitDeny:
			p.fail("%s may still call %s %s when the token has ended", c, call.method, call.path)
		}
	}
}

// group tells the calls of each route from those that stand for all others.
func (p *prover) group() {
	p.own = map[*route][]call{}
	for _, c := range p.calls {
		switch {
		case c.route != nil:
			if len(p.own[c.route]) == 0 {
				p.foreign = append(p.foreign, c)
			}
			p.own[c.route] = append(p.own[c.route], c)
		case len(p.foreign) < 2*len(p.gateway)+100:
			p.foreign = append(p.foreign, c)
		}
	}
}
