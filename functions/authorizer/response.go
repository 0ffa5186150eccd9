package main

import (
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// errResponse says that no answer could be written. It is a fault: the caller gets a 500.
var errResponse = errors.New("the answer cannot be written")

// respond writes the answer in the form that the kind of API asks for.
func respond(kind eventKind, simple bool, r rights, claims cognito.Claims) ([]byte, error) {
	w := writer{out: make([]byte, 0, 2048)}
	if kind == httpV2 && simple {
		w.simpleAnswer(r.call.Allowed, claims)
	} else {
		w.policyAnswer(r.policy, claims)
	}
	if w.err != nil {
		return nil, fmt.Errorf("%w: %w", errResponse, w.err)
	}
	if len(w.out) > apigateway.MaxResultBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, and API Gateway takes at most %d", errResponse, len(w.out), apigateway.MaxResultBytes)
	}
	return w.out, nil
}

// policyAnswer is what REST APIs, WebSocket APIs and HTTP APIs take. Without a principal or a policy API Gateway
// answers 500. The types of aws-lambda-go are not used since they cannot hold a Condition.
func (w *writer) policyAnswer(policy apigateway.EncodedPolicy, claims cognito.Claims) {
	w.raw(`{"principalId":`)
	w.text(claims.Principal())
	w.raw(`,"policyDocument":`)
	w.out = policy.AppendTo(w.out)
	w.raw(`,"context":`)
	w.context(claims.Identity())
	w.raw(`}`)
}

// simpleAnswer is the short form that an HTTP API takes with payload format 2.0 when it is told to.
func (w *writer) simpleAnswer(allowed bool, claims cognito.Claims) {
	w.raw(`{"isAuthorized":`)
	if allowed {
		w.raw(`true`)
	} else {
		w.raw(`false`)
	}
	w.raw(`,"context":`)
	w.context(claims.Identity())
	w.raw(`}`)
}

// context is what the API behind the authorizer gets of the caller.
func (w *writer) context(caller identity.Identity) {
	w.raw(`{`)
	written := 0
	for _, m := range caller.Members() {
		if m.Value == "" {
			continue
		}
		w.comma(written)
		w.text(m.Name)
		w.raw(`:`)
		w.text(m.Value)
		written++
	}
	w.raw(`}`)
}
