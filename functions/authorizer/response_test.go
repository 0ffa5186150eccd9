package main

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// respond writes JSON by hand; it must equal what encoding/json produces.
func TestAResponseIsTheJSONOfItsTypes(t *testing.T) {
	arn := apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abc123", Stage: "prod", Method: "GET", Path: "x"}
	odd := cognito.Claims{Subject: `a"b\c`, ClientID: "web", Username: "älice </script>\u2028", Groups: []string{"admins", "\u0001"}, ExpiresAt: time.Unix(1795360000, 0)}
	allow := apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{arn.Resource("GET", "/me"), `x"y`}}
	twice := apigateway.Statement{Effect: apigateway.Deny, Action: apigateway.InvokeAction, Resource: []string{}, Condition: map[string]map[string]string{
		"B": {"k": "v", "a": `"`}, "A": {"z": ""},
	}}
	for name, document := range map[string]apigateway.PolicyDocument{
		"the zero value": {Statement: []apigateway.Statement{}},
		"a denial":       apigateway.DenyAll(arn),
		"everything":     apigateway.NewPolicyDocument(allow, apigateway.DenyAfter(arn, time.Unix(1795360000, 0)), twice),
	} {
		t.Run(name, func(t *testing.T) {
			text, err := document.Encode()
			if err != nil {
				t.Fatal(err)
			}
			got, err := respond(restRequest, false, authorization{policy: text}, odd.Identity())
			if err != nil {
				t.Fatal(err)
			}
			want, err := json.Marshal(map[string]any{
				"principalId": odd.Principal(), "policyDocument": document, "context": odd.Identity().Context(),
			})
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			again, _ := respond(restRequest, false, authorization{policy: text}, odd.Identity())
			if string(again) != string(got) {
				t.Error("the same claims gave other bytes")
			}
		})
	}
	for _, allowed := range []bool{true, false} {
		got, err := respond(httpV2, true, authorization{call: routes.Decision{Allowed: allowed}}, odd.Identity())
		want, _ := json.Marshal(map[string]any{"isAuthorized": allowed, "context": odd.Identity().Context()})
		if err != nil || !sameJSON(t, got, want) {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

func TestAResponseThatCannotBeEncodedIsAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		kind   eventKind
		claims cognito.Claims
	}{
		"a text that is not UTF-8":                {restRequest, cognito.Claims{Subject: "a\xff"}},
		"more than a WebSocket's result may have": {webSocket, cognito.Claims{Subject: "a", Groups: []string{strings.Repeat("x", apigateway.MaxResultBytes)}}},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := respond(tt.kind, false, authorization{}, tt.claims.Identity())
			if !errors.Is(err, errResponse) || body != nil {
				t.Errorf("got %q, %v; want %v", body, err, errResponse)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	return reflect.DeepEqual(x, y)
}
