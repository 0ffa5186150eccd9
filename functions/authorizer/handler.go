package main

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// authorizer handles the events of API Gateway. One is made when the function starts.
type authorizer struct {
	config     Config
	verifier   *cognito.Verifier
	keys       []*jwks.Cache // of the issuers, in the order of ISSUERS
	revoked    revocations
	routes     *routes.Table
	claimNames []string             // that the rules of routes read
	policies   *stagepolicy.Planner // of routes
	named      contractNames        // by routes
	report     *reporter
	now        func() time.Time
}

// errUnauthorized is returned for an invalid token. API Gateway answers 401 to this exact message and 500 to any other, so it
// is never wrapped.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
var errUnauthorized = errors.New("Unauthorized")

// errInternal is returned when the token could not be verified: a 500. The reason is logged, and the caller does not see it.
var errInternal = errors.New("the request could not be authorized")

// Invoke handles one event. The result allows something only if the last step succeeded: an error, a panic and a zero value
// all refuse.
func (a *authorizer) Invoke(ctx context.Context, payload []byte) (result []byte, err error) {
	d := decision{start: a.now()}
	defer func() {
		if recover() != nil { // the value may quote the event, so it is not logged
			d.recordError(errPanic)
			result, err = nil, errInternal
			a.report.panicked(ctx, debug.Stack())
		}
		a.report.decided(ctx, d, a.now())
	}()
	result, err = a.handle(ctx, payload, &d)
	if err == nil {
		return result, nil
	}
	d.recordError(err)
	if d.outcome == outcomeError {
		return nil, errInternal
	}
	return nil, errUnauthorized
}

// handle processes one request: event, token, verify, revocation, policy, response. It records in d what is logged.
func (a *authorizer) handle(ctx context.Context, payload []byte, d *decision) ([]byte, error) {
	ev, err := decodeEvent(payload)
	if err != nil {
		return nil, err
	}
	matched := a.matchedRoute(ev)
	d.route, d.apiRequestID = routeLabel(matched), ev.requestID

	token, err := bearerToken(ev)
	if err != nil {
		return nil, err
	}

	claims, err := a.verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	d.claims = claims
	d.groups, d.scopes = a.named.groups.among(claims.Groups), a.named.scopes.among(claims.Scopes)
	if err := a.revoked.check(ctx, claims); err != nil {
		return nil, err
	}

	principal := a.principal(claims)
	authorized, err := a.authorize(ev, matched, principal, claims.ExpiresAt)
	if err != nil {
		return nil, err
	}
	caller := a.caller(claims, principal.Scopes)
	caller.DecisionID = decisionID(ctx, ev)
	response, err := respond(ev.kind, a.config.Simple, authorized, caller)
	if err != nil {
		return nil, err
	}
	caller.Claims, d.contextLeftOut = a.contextClaims(claims, apigateway.MaxResultBytes-len(response))
	if caller.Claims != nil {
		if response, err = respond(ev.kind, a.config.Simple, authorized, caller); err != nil {
			return nil, err
		}
	}
	d.recordDecision(authorized.call)
	return response, nil
}

// decisionID returns what the backend and the access log learn as decisionId. It leads from a call to the decision line of the
// invocation that made its result, however long the result was cached: API Gateway's request ID of that call, or Lambda's
// request ID if the event has none. Where it is another call's, the result came from the cache.
func decisionID(ctx context.Context, ev event) string {
	if ev.requestID != "" {
		return ev.requestID
	}
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		return invocation.AwsRequestID
	}
	return ""
}
