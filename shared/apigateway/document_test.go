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

func TestADocumentAllowsACallBeforeItsConditionsHold(t *testing.T) {
	me, users := call.Resource("GET", "/me"), call.Resource("GET", "/users/*")
	statement := func(effect apigateway.Effect, condition map[string]map[string]string, resources ...string) apigateway.Statement {
		return apigateway.Statement{Effect: effect, Action: apigateway.InvokeAction, Resource: resources, Condition: condition}
	}
	soon := apigateway.DenyAfter(call, time.Unix(1795360000, 0)).Condition
	for name, tt := range map[string]struct {
		statements []apigateway.Statement
		want       bool
	}{
		"no statement":                   {nil, false},
		"an Allow of it":                 {[]apigateway.Statement{statement(apigateway.Allow, nil, me, users)}, true},
		"an Allow of another path":       {[]apigateway.Statement{statement(apigateway.Allow, nil, me)}, false},
		"an Allow for some time":         {[]apigateway.Statement{statement(apigateway.Allow, soon, users)}, true},
		"an Allow and a Deny":            {[]apigateway.Statement{statement(apigateway.Allow, nil, users), statement(apigateway.Deny, nil, users)}, false},
		"a Deny and an Allow":            {[]apigateway.Statement{statement(apigateway.Deny, nil, users), statement(apigateway.Allow, nil, users)}, false},
		"an Allow and a later Deny":      {[]apigateway.Statement{statement(apigateway.Allow, nil, users), statement(apigateway.Deny, soon, users)}, true},
		"an Allow and a Deny of another": {[]apigateway.Statement{statement(apigateway.Allow, nil, users), statement(apigateway.Deny, nil, me)}, true},
		"a Deny alone":                   {[]apigateway.Statement{statement(apigateway.Deny, nil, me)}, false},
		"an effect that is neither":      {[]apigateway.Statement{statement("", nil, users)}, false},
	} {
		if got := apigateway.NewPolicyDocument(tt.statements...).Allows(call.Resource("GET", "/users/7")); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
