package main

import (
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// errResponse reports that no response could be written: a 500.
var errResponse = errors.New("the response cannot be written")

// responseWriter writes the authorizer's response.
type responseWriter struct{ strictjson.Writer }

// respond writes the response in the format of the event's type.
func respond(kind eventKind, simple bool, a authorization, caller identity.Identity) ([]byte, error) {
	w := responseWriter{strictjson.Writer{Out: make([]byte, 0, 2048)}}
	if kind == httpV2 && simple {
		w.simpleResponse(a.call.Allowed, caller)
	} else {
		w.policyResponse(a.policy, caller)
	}
	if w.Err != nil {
		return nil, fmt.Errorf("%w: %w", errResponse, w.Err)
	}
	if len(w.Out) > apigateway.MaxResultBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, and API Gateway accepts at most %d", errResponse, len(w.Out), apigateway.MaxResultBytes)
	}
	return w.Out, nil
}

// policyResponse writes the format of REST APIs, WebSocket APIs and HTTP APIs. Without a principal or a policy API Gateway
// answers 500. The types of aws-lambda-go are not used because they have no Condition.
func (w *responseWriter) policyResponse(policy apigateway.EncodedPolicy, caller identity.Identity) {
	w.Raw(`{"principalId":`)
	w.String(caller.Subject)
	w.Raw(`,"policyDocument":`)
	w.Out = policy.AppendTo(w.Out)
	w.Raw(`,"context":`)
	w.context(caller)
	w.Raw(`}`)
}

// simpleResponse writes the short format of HTTP APIs with payload format 2.0 and simple responses enabled.
func (w *responseWriter) simpleResponse(allowed bool, caller identity.Identity) {
	w.Raw(`{"isAuthorized":`)
	if allowed {
		w.Raw(`true`)
	} else {
		w.Raw(`false`)
	}
	w.Raw(`,"context":`)
	w.context(caller)
	w.Raw(`}`)
}

// context writes what the backend learns about the caller.
func (w *responseWriter) context(caller identity.Identity) {
	w.Raw(`{`)
	var buffer [16]identity.Member
	for i, m := range caller.AppendMembers(buffer[:0]) {
		w.Comma(i)
		w.String(m.Name)
		w.Raw(`:`)
		w.String(m.Value)
	}
	w.Raw(`}`)
}
