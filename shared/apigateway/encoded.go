package apigateway

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// ErrEncode reports that a document contains a string that is not UTF-8.
var ErrEncode = errors.New("the policy cannot be encoded")

// EncodedPolicy is a document as compact JSON, split around the time of [DenyAfter], so that principals with the same grants
// share one encoding. The zero value is null, to which API Gateway answers 500.
type EncodedPolicy struct{ head, end, tail string }

// NewEncodedPolicy returns a policy that is JSON already, with an expiry that does not change.
func NewEncodedPolicy(json string) EncodedPolicy { return EncodedPolicy{head: json} }

// Encode returns the document as JSON. The error is [ErrEncode].
func (d PolicyDocument) Encode() (EncodedPolicy, error) {
	w := &policyWriter{}
	w.Raw(`{"Version":`)
	w.String(d.Version)
	w.Raw(`,"Statement":[`)
	for i, s := range d.Statement {
		w.Comma(i)
		w.statement(s)
	}
	w.Raw(`]}`)
	if w.Err != nil {
		return EncodedPolicy{}, fmt.Errorf("%w: %w", ErrEncode, w.Err)
	}
	all := string(w.Out)
	if w.end == 0 {
		return EncodedPolicy{head: all}, nil
	}
	tail := all[w.end:]
	length := strings.IndexByte(tail, '"')
	return EncodedPolicy{all[:w.end], tail[:length], tail[length:]}, nil
}

// WithExpiry returns the policy with another expiry. A policy without expiry stays as it is.
func (t EncodedPolicy) WithExpiry(end time.Time) EncodedPolicy {
	if t.end != "" {
		t.end = moment(end)
	}
	return t
}

// AppendTo appends the JSON.
func (t EncodedPolicy) AppendTo(b []byte) []byte {
	if t.head == "" {
		return append(b, "null"...)
	}
	return append(append(append(b, t.head...), t.end...), t.tail...)
}

// String returns the JSON.
func (t EncodedPolicy) String() string { return string(t.AppendTo(nil)) }

// policyWriter writes a policy document.
type policyWriter struct {
	strictjson.Writer
	end int // where the time of the last statement's condition begins, if it has one
}

func (w *policyWriter) statement(s Statement) {
	w.end = 0
	w.Raw(`{"Effect":`)
	w.String(string(s.Effect))
	w.Raw(`,"Action":`)
	w.String(s.Action)
	w.Raw(`,"Resource":[`)
	for i, resource := range s.Resource {
		w.Comma(i)
		w.String(resource)
	}
	w.Raw(`]`)
	if len(s.Condition) > 0 {
		w.Raw(`,"Condition":{`)
		for i, operator := range slices.Sorted(maps.Keys(s.Condition)) {
			w.Comma(i)
			w.String(operator)
			w.Raw(`:{`)
			for j, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
				w.Comma(j)
				w.String(key)
				w.Raw(`:`)
				if operator == DateGreaterThanEquals && key == CurrentTime {
					w.end = len(w.Out) + len(`"`)
				}
				w.String(s.Condition[operator][key])
			}
			w.Raw(`}`)
		}
		w.Raw(`}`)
	}
	w.Raw(`}`)
}
