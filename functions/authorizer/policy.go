package main

import (
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// errPolicy says that there is no policy for this caller, as when it would be over 8 KB. It is a fault: the
// caller gets a 500, and nothing is left out to make it fit.
var errPolicy = errors.New("no policy can be made")

// rights are what a caller with a good token may do. The zero value is nothing.
type rights struct {
	call   routes.Decision          // about the call that is asked about; nothing of it is in the policy
	policy apigateway.EncodedPolicy // about every route of the stage, or in per-route mode about the one
}

// decide works out the caller's rights. The policy comes from the token and the table alone, so it is right for
// every route on which API Gateway replays it. Where answers are kept apart by route, which the contract says
// or HTTP_RESPONSE=simple, it comes from the route that API Gateway matched, too, and never from the path.
func (a *authorizer) decide(ev event, called routes.Route, claims cognito.Claims) (rights, error) {
	caller := routes.Principal{Scopes: claims.Scopes, Groups: claims.Groups}
	options := stagepolicy.Options{
		Expire: a.config.ExpireCachedPolicies,
		// A cached policy stops allowing when the token would no longer be accepted here.
		ExpiresAt: claims.ExpiresAt.Add(a.config.Leeway),
	}
	if a.perRoute(ev) {
		policy, err := a.policies.ForRoute(caller, ev.call, ev.method, ev.template, options)
		if err != nil {
			return rights{}, fmt.Errorf("%w: %w", errPolicy, err)
		}
		call := a.table.Decide(caller, ev.method, ev.template)
		if simple := ev.kind == httpV2 && a.config.Simple; !simple { // one boolean for the whole route: the path has no say
			call = asInPolicy(call, ev, policy)
		}
		return rights{call, policy.Encoded()}, nil
	}
	policy, err := a.policies.ForStage(caller, ev.call, options)
	if err != nil {
		return rights{}, fmt.Errorf("%w: %w", errPolicy, err)
	}
	var call routes.Decision
	if called.Template != "" {
		call = called.Decide(caller)
	}
	return rights{asInPolicy(call, ev, policy), policy.Encoded()}, nil
}

// asInPolicy corrects the decision about a path with an empty segment, such as "/me/", for the log: which routes such a
// path belongs to depends on the caller, so the policy itself is asked.
func asInPolicy(call routes.Decision, ev event, policy stagepolicy.Policy) routes.Decision {
	if !routes.HasEmptySegment(ev.call.Path) {
		return call
	}
	if allowed := policy.Document().Allows(ev.call.Prefix() + "/" + ev.call.Method + "/" + ev.call.Path); allowed != call.Allowed {
		call.Allowed, call.Reason = allowed, "the policy's answer to a path with an empty segment"
	}
	return call
}

// perRoute reports whether the answer is about one route alone. A WebSocket has just the one that is asked about.
func (a *authorizer) perRoute(ev event) bool {
	return a.table.Mode() == routes.PerRoute || ev.kind == httpV2 && a.config.Simple
}

// called is the route of the contract that the event is about, for the decision that is logged; zero if there is none.
// The route that API Gateway names may be a catch-all, and a TOKEN event names none: so the path says which it is.
func (a *authorizer) called(ev event) routes.Route {
	if ev.kind == webSocket {
		return routes.Route{Template: connectRoute, Rule: a.table.Connect()}
	}
	called, _ := a.table.Match(ev.call.Method, "/"+ev.call.Path)
	return called
}

// nameOf names a route for the log, as the contract writes it. The path that was called stays out of the log: it may
// hold personal data.
func nameOf(called routes.Route) string {
	switch {
	case called.Template == "":
		return "unknown"
	case called.Method == "":
		return called.Template
	}
	return called.String()
}
