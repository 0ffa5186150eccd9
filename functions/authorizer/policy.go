package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// errPolicy reports that there is no policy for this principal, for example because it would exceed 8 KB: a 500. Only
// values of owned claims may be left out to make a policy fit.
var errPolicy = errors.New("no policy for this principal")

// authorization is what the principal of a valid token may do. The zero value allows nothing.
type authorization struct {
	call   routes.Decision          // for the call of the event; never used to build the policy
	policy apigateway.EncodedPolicy // for every route of the stage, or in per-route mode for the matched one
}

// authorize returns what the principal may do. The policy depends on the token and the route table alone, so it is correct
// for every route on which API Gateway replays it. With results per route, which the contract or HTTP_RESPONSE=simple asks
// for, it also depends on the route that API Gateway matched, and never on the path.
func (a *authorizer) authorize(ev event, matched routes.Route, principal routes.Principal, expiresAt time.Time) (authorization, error) {
	options := stagepolicy.Options{
		Expire: a.config.ExpireCachedPolicies,
		// A cached policy must end when the token would no longer be accepted.
		ExpiresAt: expiresAt.Add(a.config.Leeway),
	}
	if a.perRoute(ev) {
		policy, err := a.policies.ForRoute(principal, ev.call, ev.method, ev.template, options)
		if err != nil {
			return authorization{}, fmt.Errorf("%w: %w", errPolicy, err)
		}
		call := a.decideCall(ev, principal)
		if simple := ev.kind == httpV2 && a.config.Simple; !simple { // one boolean for the whole route, whatever the path
			call = asInPolicy(call, ev, policy)
		}
		return authorization{call, policy.Encoded()}, nil
	}
	policy, err := a.policies.ForStage(principal, ev.call, options)
	if err != nil {
		return authorization{}, fmt.Errorf("%w: %w", errPolicy, err)
	}
	var call routes.Decision
	if matched.Template != "" {
		call = matched.DecideCall(principal, ev.path)
	}
	return authorization{asInPolicy(call, ev, policy), policy.Encoded()}, nil
}

// decideCall decides about a call of the route that API Gateway matched. Where only the principal's own items are allowed, the
// path says whose item it is.
func (a *authorizer) decideCall(ev event, principal routes.Principal) routes.Decision {
	call := a.routes.Decide(principal, ev.method, ev.template)
	if !call.Allowed || len(call.Limits) == 0 {
		return call
	}
	r, found := a.routes.Find(ev.call.Method, ev.template)
	if !found {
		return routes.Decision{Route: call.Route, Reason: call.Reason, Refusal: routes.RefusedOwner}
	}
	return r.DecideCall(principal, ev.path)
}

// asInPolicy corrects the logged decision where the policy does not follow the table: where it has no room for values of the
// principal, and for a path with an empty segment, such as "/me/". Which routes such a path belongs to depends on the principal,
// so the policy is evaluated.
func asInPolicy(call routes.Decision, ev event, policy stagepolicy.Policy) routes.Decision {
	closed := len(policy.Closed()) > 0 && call.Allowed
	if !closed && !routes.HasEmptySegment(ev.call.Path) {
		return call
	}
	if allowed := policy.Document().Allows(ev.call.Prefix() + "/" + ev.call.Method + ev.path); allowed != call.Allowed {
		call.Allowed, call.Reason = allowed, "a path with an empty segment"
		if closed {
			call.Reason, call.Refusal = "the policy has no room for the values of claim "+strings.Join(policy.Closed(), ", "), routes.RefusedRoom
		}
	}
	return call
}

// perRoute reports whether the result is for one route. A WebSocket API has only the route $connect.
func (a *authorizer) perRoute(ev event) bool {
	return a.routes.Mode() == routes.PerRoute || ev.kind == httpV2 && a.config.Simple
}

// matchedRoute returns the route of the contract that the call is for, for the logged decision; zero if there is none. It goes
// by the path, since the route that API Gateway names may be a catch-all, and a TOKEN event names none.
func (a *authorizer) matchedRoute(ev event) routes.Route {
	if ev.kind == webSocket {
		return routes.Route{Template: connectRoute, Rule: a.routes.Connect()}
	}
	matched, _ := a.routes.Match(ev.call.Method, ev.path)
	return matched
}

// routeLabel returns the name of a route for the log, as the contract has it. The path of the call is not logged: it may hold
// personal data.
func routeLabel(matched routes.Route) string {
	switch {
	case matched.Template == "":
		return "unknown"
	case matched.Method == "":
		return matched.Template
	}
	return matched.String()
}
