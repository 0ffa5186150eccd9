package main

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// authorizer answers API Gateway. It is made once, when the function starts, and serves every event after that.
type authorizer struct {
	config   Config
	verifier *cognito.Verifier
	keys     []*jwks.Cache // of the issuers, in the order of ISSUERS
	sessions revocations
	table    *routes.Table
	policies *stagepolicy.Planner // of table
	report   *reporter
	now      func() time.Time
}

// errUnauthorized is the answer to a token that is not good. API Gateway makes a 401 of this exact text and a
// 500 of any other, so it is returned as it is, never wrapped.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
var errUnauthorized = errors.New("Unauthorized")

// errFault is the answer when the token could not be checked: a 500. The log says why; the caller is not told.
var errFault = errors.New("the request could not be authorized")

// Invoke answers one event. Whatever happens on the way, the answer is an allowing policy only if the last step
// made one: an error, a panic and a zero value all refuse.
func (a *authorizer) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	d := decision{start: a.now()}
	defer func() {
		if recover() != nil { // the value may quote the event, so it is not logged
			d.fail(errPanic)
			answer, err = nil, errFault
			a.report.panicked(ctx, debug.Stack())
		}
		a.report.decided(ctx, d, a.now())
	}()
	answer, err = a.handle(ctx, payload, &d)
	if err == nil {
		return answer, nil
	}
	d.fail(err)
	if d.outcome == outcomeFault {
		return nil, errFault
	}
	return nil, errUnauthorized
}

// handle is one request: event, token, verify, policy, response. It notes in d what it learns, for the log.
func (a *authorizer) handle(ctx context.Context, payload []byte, d *decision) ([]byte, error) {
	ev, err := decodeEvent(payload)
	if err != nil {
		return nil, err
	}
	called := a.called(ev)
	d.route = nameOf(called)

	token, err := bearerToken(ev)
	if err != nil {
		return nil, err
	}

	claims, err := a.verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	d.claims = claims
	if err := a.sessions.check(ctx, claims); err != nil {
		return nil, err
	}

	rights, err := a.decide(ev, called, claims)
	if err != nil {
		return nil, err
	}
	answer, err := respond(ev.kind, a.config.Simple, rights, claims)
	if err != nil {
		return nil, err
	}
	d.judge(rights.call)
	return answer, nil
}
