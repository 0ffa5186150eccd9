package main

import (
	"errors"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
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
	err    error
	reason string
}{
	{errTokenMissing, "token_missing"},
	{errTokenScheme, "token_scheme"},
	{errTokenAmbiguous, "token_ambiguous"},
	{errRevoked, "revoked"},
	{errNoSession, "no_session"},
	{errRevocations, "revocations_unavailable"},
	{errEvent, "event"},
	{errPolicy, "policy"},
	{errResponse, "response"},
	{errPanic, "panic"},
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
	d.err, d.reason, d.rule = err, reasonOf(err), ""
	d.outcome = outcomeUnauthorized
	if isFault(err) {
		d.outcome, d.fault = outcomeFault, err.Error()
	}
}

func reasonOf(err error) string {
	for _, own := range ownReasons {
		if errors.Is(err, own.err) {
			return own.reason
		}
	}
	return cognito.Reason(err)
}
