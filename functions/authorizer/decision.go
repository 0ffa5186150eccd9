package main

import (
	"errors"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// outcome is the HTTP result the caller sees.
type outcome string

const (
	outcomeError        outcome = "error"        // 500
	outcomeUnauthorized outcome = "unauthorized" // 401
	outcomeDeny         outcome = "deny"         // 403
	outcomeAllow        outcome = "allow"
)

// decision is what is logged about one request. The zero value is an error.
type decision struct {
	start   time.Time
	outcome outcome
	reason  string // one of the reasons below or of cognito.Reasons
	rule    string // with a 403: what the route requires
	route   string // as in the contract, never the path of the call: paths hold personal data
	problem string // with a 500: the error
	err     error
	claims  cognito.Claims

	apiRequestID   string   // API Gateway's request ID; empty in a TOKEN event
	groups, scopes string   // those of the token that the contract names, joined by a space
	contextLeftOut []string // claims of CONTEXT_CLAIMS that were not passed on
}

// Reasons reported by this package. With cognito.Reasons they form the complete list used in logs, metrics and docs.
const (
	reasonAllowed    = "allowed"
	reasonForbidden  = "forbidden"   // the token lacks a scope or group that the route requires
	reasonNoContract = "no_contract" // the route is not in the contract
)

var ownReasons = []struct {
	err     error
	reason  string
	outcome outcome
}{
	{errTokenMissing, "token_missing", outcomeUnauthorized},
	{errTokenScheme, "token_scheme", outcomeUnauthorized},
	{errTokenAmbiguous, "token_ambiguous", outcomeUnauthorized},
	{errRevoked, "revoked", outcomeUnauthorized},
	{errNoSession, "no_session", outcomeUnauthorized},
	{errRevocations, "revocations_unavailable", outcomeError},
	{errEvent, "event", outcomeError},
	{errPolicy, "policy", outcomeError},
	{errResponse, "response", outcomeError},
	{errPanic, "panic", outcomeError},
}

var errPanic = errors.New("panic")

// recordDecision records the decision for a valid token.
func (d *decision) recordDecision(call routes.Decision) {
	switch {
	case call.Allowed:
		d.outcome, d.reason = outcomeAllow, reasonAllowed
	case call.Route == "":
		d.outcome, d.reason = outcomeDeny, reasonNoContract
	default:
		d.outcome, d.reason, d.rule = outcomeDeny, reasonForbidden, call.Reason
	}
}

// recordError records why the result is an error.
func (d *decision) recordError(err error) {
	d.err, d.rule = err, ""
	d.reason, d.outcome = classify(err)
	if d.outcome == outcomeError {
		d.problem = err.Error()
	}
}

// classify maps an error to its reason and outcome: 401 for an invalid token, 500 for everything else, including errors it
// does not know.
func classify(err error) (reason string, o outcome) {
	for _, own := range ownReasons {
		if errors.Is(err, own.err) {
			return own.reason, own.outcome
		}
	}
	reason = cognito.Reason(err)
	if reason == "internal" || errors.Is(err, jwks.ErrUnavailable) {
		return reason, outcomeError
	}
	return reason, outcomeUnauthorized
}
