package policy_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/policy"
)

var call = policy.ARN{
	Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abc123", Stage: "prod", Method: "GET", Path: "users/*",
}

func TestADocumentIsTheJSONThatAPIGatewayTakes(t *testing.T) {
	d := policy.NewDocument(
		policy.Statement{Effect: policy.Allow, Action: policy.Action, Resource: []string{call.Resource("GET", "/me")}},
		policy.DenyFrom(call, time.Date(2026, 11, 22, 13, 0, 0, 999, time.FixedZone("CET", 3600))),
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
	want := policy.Document{Version: "2012-10-17", Statement: []policy.Statement{{
		Effect: policy.Deny, Action: "execute-api:Invoke", Resource: []string{"arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*"},
	}}}
	if got := policy.DenyAll(call); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestSizeIsTheLengthOfTheJSON(t *testing.T) {
	allow := policy.Statement{Effect: policy.Allow, Action: policy.Action, Resource: []string{"a", "bc", "def"}}
	odd := policy.Statement{Condition: map[string]map[string]string{"A": {"k": "v", "l": "ww"}, "Bc": {"m": ""}}, Resource: []string{}}
	for name, d := range map[string]policy.Document{
		"no statement":          {Statement: []policy.Statement{}},
		"one statement":         policy.NewDocument(allow),
		"a condition":           policy.NewDocument(allow, policy.DenyFrom(call, time.Unix(1795360000, 0))),
		"several conditions":    policy.NewDocument(odd, allow, odd),
		"a denial of the stage": policy.DenyAll(call),
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
