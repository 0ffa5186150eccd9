package apigateway_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

var call = apigateway.MethodARN{
	Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abc123", Stage: "prod", Method: "GET", Path: "users/*",
}

func TestDocumentJSON(t *testing.T) {
	d := apigateway.NewPolicyDocument(
		apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{call.Resource("GET", "/me")}},
		apigateway.DenyAfter(call, time.Date(2026, 11, 22, 13, 0, 0, 999, time.FixedZone("CET", 3600))),
	)
	got, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/me"]},` +
		`{"Effect":"Deny","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*"],` +
		`"Condition":{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-11-22T12:00:00Z"}}}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDenyAllIsExplicitAndUnconditional(t *testing.T) {
	want := apigateway.PolicyDocument{Version: "2012-10-17", Statement: []apigateway.Statement{{
		Effect: apigateway.Deny, Action: "execute-api:Invoke", Resource: []string{"arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*"},
	}}}
	if got := apigateway.DenyAll(call); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestSizeIsTheLengthOfTheJSON(t *testing.T) {
	allow := apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{"a", "bc", "def"}}
	odd := apigateway.Statement{Condition: map[string]map[string]string{"A": {"k": "v", "l": "ww"}, "Bc": {"m": ""}}, Resource: []string{}}
	for name, d := range map[string]apigateway.PolicyDocument{
		"no statement":          {Statement: []apigateway.Statement{}},
		"one statement":         apigateway.NewPolicyDocument(allow),
		"a condition":           apigateway.NewPolicyDocument(allow, apigateway.DenyAfter(call, time.Unix(1795360000, 0))),
		"several conditions":    apigateway.NewPolicyDocument(odd, allow, odd),
		"a denial of the stage": apigateway.DenyAll(call),
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if d.Size() != len(data) {
				t.Errorf("Size() = %d, the JSON has %d bytes: %s", d.Size(), len(data), data)
			}
		})
	}
}
