package apigateway_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

func TestEncodedPolicyIsTheJSONOfItsDocument(t *testing.T) {
	allow := apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{call.Resource("GET", "/me"), call.Resource("GET", "/ü\"")}}
	other := apigateway.Statement{Resource: []string{}, Condition: map[string]map[string]string{
		"DateGreaterThanEquals": {"aws:EpochTime": "1", "aws:CurrentTime": "2026-01-01T00:00:00Z"}, "A": {"k": ""},
	}}
	soon, late := time.Unix(1795360000, 999), time.Date(2026, 11, 22, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	for name, tt := range map[string]struct{ document, later apigateway.PolicyDocument }{
		"without an end":      {apigateway.NewPolicyDocument(allow), apigateway.NewPolicyDocument(allow)},
		"a denial":            {apigateway.DenyAll(call), apigateway.DenyAll(call)},
		"no statement":        {apigateway.PolicyDocument{Statement: []apigateway.Statement{}}, apigateway.PolicyDocument{Statement: []apigateway.Statement{}}},
		"an end":              {apigateway.NewPolicyDocument(allow, apigateway.DenyAfter(call, soon)), apigateway.NewPolicyDocument(allow, apigateway.DenyAfter(call, late))},
		"an end, but not yet": {apigateway.NewPolicyDocument(apigateway.DenyAfter(call, soon), allow), apigateway.NewPolicyDocument(apigateway.DenyAfter(call, soon), allow)},
		"an end among others": {apigateway.NewPolicyDocument(other), func() apigateway.PolicyDocument {
			o := other
			o.Condition = map[string]map[string]string{
				"DateGreaterThanEquals": {"aws:EpochTime": "1", "aws:CurrentTime": "2026-11-22T12:00:00Z"}, "A": {"k": ""},
			}
			return apigateway.NewPolicyDocument(o)
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := tt.document.Encode()
			if err != nil {
				t.Fatal(err)
			}
			for _, pair := range []struct {
				got  apigateway.EncodedPolicy
				want apigateway.PolicyDocument
			}{{text, tt.document}, {text.WithExpiry(late), tt.later}, {text, tt.document}} {
				want, err := json.Marshal(pair.want)
				if err != nil {
					t.Fatal(err)
				}
				if got := string(pair.got.AppendTo([]byte("x"))); got != "x"+string(want) || pair.got.String() != string(want) {
					t.Errorf("got  %s\nwant x%s", got, want)
				}
			}
		})
	}
}

func TestTheZeroEncodedPolicyIsNull(t *testing.T) {
	broken := apigateway.NewPolicyDocument(apigateway.Statement{Effect: apigateway.Allow, Resource: []string{"a\xff"}})
	text, err := broken.Encode()
	if !errors.Is(err, apigateway.ErrEncode) || strings.Contains(text.String(), "Allow") {
		t.Errorf("got %s, %v", text, err)
	}
	if got := (apigateway.EncodedPolicy{}).WithExpiry(time.Now()).String(); got != "null" {
		t.Errorf("the zero value is %s", got)
	}
}
