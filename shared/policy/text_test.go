package policy_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/policy"
)

func TestATextIsTheJSONOfItsDocument(t *testing.T) {
	allow := policy.Statement{Effect: policy.Allow, Action: policy.Action, Resource: []string{call.Resource("GET", "/me"), call.Resource("GET", "/ü\"")}}
	other := policy.Statement{Resource: []string{}, Condition: map[string]map[string]string{
		"DateGreaterThanEquals": {"aws:EpochTime": "1", "aws:CurrentTime": "2026-01-01T00:00:00Z"}, "A": {"k": ""},
	}}
	soon, late := time.Unix(1795360000, 999), time.Date(2026, 11, 22, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	for name, tt := range map[string]struct{ document, later policy.Document }{
		"without an end":      {policy.NewDocument(allow), policy.NewDocument(allow)},
		"a denial":            {policy.DenyAll(call), policy.DenyAll(call)},
		"no statement":        {policy.Document{Statement: []policy.Statement{}}, policy.Document{Statement: []policy.Statement{}}},
		"an end":              {policy.NewDocument(allow, policy.DenyFrom(call, soon)), policy.NewDocument(allow, policy.DenyFrom(call, late))},
		"an end, but not yet": {policy.NewDocument(policy.DenyFrom(call, soon), allow), policy.NewDocument(policy.DenyFrom(call, soon), allow)},
		"an end among others": {policy.NewDocument(other), func() policy.Document {
			o := other
			o.Condition = map[string]map[string]string{
				"DateGreaterThanEquals": {"aws:EpochTime": "1", "aws:CurrentTime": "2026-11-22T12:00:00Z"}, "A": {"k": ""},
			}
			return policy.NewDocument(o)
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := tt.document.Text()
			if err != nil {
				t.Fatal(err)
			}
			for _, pair := range []struct {
				got  policy.Text
				want policy.Document
			}{{text, tt.document}, {text.Until(late), tt.later}, {text, tt.document}} {
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

func TestNoTextIsNoPolicy(t *testing.T) {
	broken := policy.NewDocument(policy.Statement{Effect: policy.Allow, Resource: []string{"a\xff"}})
	text, err := broken.Text()
	if !errors.Is(err, policy.ErrText) || strings.Contains(text.String(), "Allow") {
		t.Errorf("got %s, %v", text, err)
	}
	if got := (policy.Text{}).Until(time.Now()).String(); got != "null" {
		t.Errorf("the zero value is %s", got)
	}
}
