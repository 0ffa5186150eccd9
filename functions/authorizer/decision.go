package main

import (
	"errors"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// outcome is what the caller meets.
type outcome string

const (
	outcomeFault        outcome = "fault"        // 500
	outcomeUnauthorized outcome = "unauthorized" // 401
	outcomeDeny         outcome = "deny"         // 403
	outcomeAllow        outcome = "allow"
)

// decision is what is known of one request when it has been answered. The zero value is no answer: a fault.
type decision struct {
	start   time.Time
	outcome outcome
	reason  string // from the closed list of reasons
	rule    string // what the route asks for, of a 403
	route   string // as in the contract, never the path that was called: paths hold personal data
	fault   string // what went wrong on our side
	err     error
	claims  cognito.Claims
}

// The reasons of this package, beside those of package cognito: together the closed list that the log, the
// metrics and the documentation share.
const (
	reasonAllowed    = "allowed"
	reasonForbidden  = "forbidden"   // the rule of the route asks for a scope or a group that the token lacks
	reasonNoContract = "no_contract" // the contract does not know the route
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
	{errRevocations, "revocations_unavailable", outcomeFault},
	{errEvent, "event", outcomeFault},
	{errPolicy, "policy", outcomeFault},
	{errResponse, "response", outcomeFault},
	{errPanic, "panic", outcomeFault},
}

var errPanic = errors.New("panic")

// judge notes the answer to a token that is good.
func (d *decision) judge(call routes.Decision) {
	switch {
	case call.Allowed:
		d.outcome, d.reason = outcomeAllow, reasonAllowed
	case call.Route == "":
		d.outcome, d.reason = outcomeDeny, reasonNoContract
	default:
		d.outcome, d.reason, d.rule = outcomeDeny, reasonForbidden, call.Reason
	}
}

// fail notes why there is no answer but an error.
func (d *decision) fail(err error) {
	d.err, d.rule = err, ""
	d.reason, d.outcome = judgement(err)
	if d.outcome == outcomeFault {
		d.fault = err.Error()
	}
}

// judgement reports whether err is about the token, for which the answer is 401, or about us. An error that nobody
// foresaw is about us.
func judgement(err error) (reason string, o outcome) {
	for _, own := range ownReasons {
		if errors.Is(err, own.err) {
			return own.reason, own.outcome
		}
	}
	reason = cognito.Reason(err)
	if reason == "internal" || errors.Is(err, jwks.ErrUnavailable) {
		return reason, outcomeFault
	}
	return reason, outcomeUnauthorized
}
