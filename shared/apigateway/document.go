package apigateway

import (
	"slices"
	"time"
)

// PolicyVersion is the version of the policy language, the only one in use.
const PolicyVersion = "2012-10-17"

// InvokeAction is the only action in an authorizer's policy.
const InvokeAction = "execute-api:Invoke"

const (
	// MaxResultBytes is the largest result of an authorizer, policy and context together: Service Quotas L-20859C74, for
	// API Gateway as a whole. Larger REST policies have been reported to work, and to refuse every call.
	MaxResultBytes = 8 << 10

	// MaxResourceBytes is the maximum length of a resource in a policy, in bytes.
	MaxResourceBytes = 512
)

// Effect is the effect of a statement. The zero value is invalid, and API Gateway refuses a policy that contains it.
type Effect string

// The effects. A matching Deny overrides every Allow.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// PolicyDocument is a policy. The zero value grants nothing.
type PolicyDocument struct {
	Version   string
	Statement []Statement
}

// Statement allows or denies InvokeAction on any of its resources, while its condition holds.
type Statement struct {
	Effect    Effect
	Action    string
	Resource  []string
	Condition map[string]map[string]string `json:",omitempty"` // operator → key → value
}

// NewPolicyDocument returns a document with these statements, in this order.
func NewPolicyDocument(statements ...Statement) PolicyDocument {
	return PolicyDocument{Version: PolicyVersion, Statement: statements}
}

// DenyAll returns a document that denies every call to the stage of a. The denial is explicit, because an implicit one loses to a
// resource policy that allows.
func DenyAll(a MethodARN) PolicyDocument {
	return NewPolicyDocument(Statement{Effect: Deny, Action: InvokeAction, Resource: []string{a.StageResource()}})
}

// DenyAfter returns a statement that denies every call to the stage of a from the given time on. Next to an Allow, it prevents a
// policy that API Gateway has cached from outliving the token. A condition on the Allow itself would be unsafe: if the key is
// not supported, it would deny every call.
//
// AWS does not document whether aws:CurrentTime is available to an authorizer's policy. If it is not, the statement has no effect,
// and the policy stays cached for its TTL.
func DenyAfter(a MethodARN, end time.Time) Statement {
	return Statement{
		Effect: Deny, Action: InvokeAction, Resource: []string{a.StageResource()},
		Condition: map[string]map[string]string{DateGreaterThanEquals: {CurrentTime: moment(end)}},
	}
}

// The key and the operators of conditions about the time.
const (
	CurrentTime           = "aws:CurrentTime"
	DateLessThan          = "DateLessThan"
	DateGreaterThanEquals = "DateGreaterThanEquals"
)

func moment(t time.Time) string { return string(AppendTime(make([]byte, 0, len(time.RFC3339)), t)) }

// AppendTime appends the value of a condition about the time: UTC, in whole seconds.
func AppendTime(b []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Second).AppendFormat(b, time.RFC3339)
}

// Size returns the length of the document as compact JSON, in bytes, without encoding it. It assumes that no string needs escapes,
// which is true for everything that [ParseMethodARN] and route tables accept.
func (d PolicyDocument) Size() int {
	n := len(`{"Version":"","Statement":[]}`) + len(d.Version) + commas(len(d.Statement))
	for _, s := range d.Statement {
		n += len(`{"Effect":"","Action":"","Resource":[]}`) + len(s.Effect) + len(s.Action) + commas(len(s.Resource))
		for _, r := range s.Resource {
			n += len(`""`) + len(r)
		}
		if len(s.Condition) > 0 {
			n += len(`,"Condition":{}`) + commas(len(s.Condition))
		}
		for operator, keys := range s.Condition {
			n += len(`"":{}`) + len(operator) + commas(len(keys))
			for key, value := range keys {
				n += len(`"":""`) + len(key) + len(value)
			}
		}
	}
	return n
}

func commas(items int) int { return max(items-1, 0) }

// Allows reports whether the document allows a call to a resource when it is made, which is before the times of its conditions: an
// Allow matches it and no unconditional Deny does.
func (d PolicyDocument) Allows(resource string) bool {
	allowed := false
	for _, s := range d.Statement {
		matches := func(pattern string) bool { return newWildcard(pattern).matches(resource) }
		switch {
		case len(s.Condition) > 0 && s.Effect != Allow || !slices.ContainsFunc(s.Resource, matches):
		case s.Effect != Allow:
			return false
		default:
			allowed = true
		}
	}
	return allowed
}
