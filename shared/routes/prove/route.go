package prove

import (
	"bytes"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// perRoute checks the answers that a caller gets route by route.
func (p *prover) perRoute(t *routes.Table, c routes.Principal) {
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
	for _, r := range p.templates() {
		p.everyMethod(t, c, r)
	}
}

// templates returns one route for each template of the table, whatever the names of its parameters.
func (p *prover) templates() []*route {
	var all []*route
	for _, r := range p.gateway {
		if !slices.ContainsFunc(all, func(o *route) bool { return slices.Equal(o.parts, r.parts) }) {
			all = append(all, r)
		}
	}
	return all
}

// everyMethod checks the answer for a route that was deployed for ANY: whichever method was called first, API
// Gateway replays it for all of them.
func (p *prover) everyMethod(t *routes.Table, c routes.Principal, r *route) {
	may := true
	for _, method := range methods {
		serves := func(o *route) bool {
			return slices.Equal(o.parts, r.parts) && slices.Contains(o.methods(), method) && p.under(o, method)
		}
		found := slices.IndexFunc(p.gateway, serves)
		may = may && found >= 0 && permits(p.gateway[found].Rule, c)
	}
	if t.Decide(c, "ANY", r.Template).Allowed != may {
		p.fail("%s: the decision for ANY %s is wrong", c, r.Template)
	}
	parsed, first := p.policyFor(question{caller: c, arn: stage, method: "ANY", of: &r.Route})
	if parsed == nil {
		return
	}
	arn := stage
	arn.Method, arn.Path = "POST", "x"
	if _, second := p.policyFor(question{caller: c, arn: arn, method: "ANY", of: &r.Route}); !bytes.Equal(first.document, second.document) {
		p.fail("%s: the policy for ANY %s depends on the call", c, r.Template)
	}
	for _, method := range methods {
		for _, call := range p.own[r] {
			got := parsed.Evaluate(apigateway.InvokeAction, base+method+call.path, noon)
			switch {
			case may && call.exact && got != apigateway.Allowed:
				p.fail("%s may not call %s %s by the policy for ANY %s", c, method, call.path, r.Template)
			case !may && got != apigateway.ExplicitDeny:
				p.fail("%s is not denied %s %s explicitly by the policy for ANY %s", c, method, call.path, r.Template)
			}
		}
	}
	for _, call := range p.foreign {
		allowed := parsed.Evaluate(apigateway.InvokeAction, call.name, noon) == apigateway.Allowed
		if allowed && (!may || call.exact && !spans(r.pattern(), segments(call.path))) {
			p.fail("%s may call %s %s by the policy for ANY %s", c, call.method, call.path, r.Template)
		}
	}
}

// tryRoute compares the calls that are routed to r, and sees to it that others are not let in beside them:
// one for each other route, and those that have none.
func (p *prover) tryRoute(c routes.Principal, r *route, method string, may bool, parsed *apigateway.ParsedPolicy) {
	for _, call := range slices.Concat(p.own[r], p.foreign) {
		got := parsed.Evaluate(apigateway.InvokeAction, call.name, noon)
		mine := call.route == r && call.method == method
		switch {
		case mine && may && call.exact && got != apigateway.Allowed:
			p.fail("%s may not call %s %s, though %s is allowed", c, call.method, call.path, r)
		case !may && got != apigateway.ExplicitDeny:
			p.fail("%s is not denied %s %s explicitly, though %s is forbidden", c, call.method, call.path, r)
		case !mine && got == apigateway.Allowed && (call.method != method || call.exact && !spans(r.pattern(), segments(call.path))):
			p.fail("%s may call %s %s by the policy for %s", c, call.method, call.path, r)
		case got == apigateway.Allowed && parsed.Evaluate(apigateway.InvokeAction, call.name, end) != apigateway.ExplicitDeny:
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
