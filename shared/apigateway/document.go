package apigateway

import (
	"slices"
	"time"
)

// PolicyVersion is the version of the policy language, the only one in use.
const PolicyVersion = "2012-10-17"

// InvokeAction is the one action that a policy of an authorizer speaks about.
const InvokeAction = "execute-api:Invoke"

const (
	// MaxResultBytes is the largest result of an authorizer, policy and context together: Service Quotas L-20859C74, for
	// API Gateway as a whole. Larger REST policies have been reported to work, and to refuse every call.
	MaxResultBytes = 8 << 10

	// MaxResourceBytes is the longest resource, in bytes, that API Gateway takes inside a policy.
	MaxResourceBytes = 512
)

// Effect is what a statement does. The zero value is neither, and API Gateway refuses a policy that holds it.
type Effect string

// The two effects. A Deny that matches wins over every Allow.
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

// DenyAll denies every call to the stage of a. The denial is explicit, because an implicit one loses to a
// resource policy that allows.
func DenyAll(a MethodARN) PolicyDocument {
	return NewPolicyDocument(Statement{Effect: Deny, Action: InvokeAction, Resource: []string{a.StageResource()}})
}

// DenyAfter denies every call to the stage of a from the given moment on. It is to stand beside an Allow, so
// that an answer that API Gateway has cached does not outlive the token. It never stands in for a condition
// on the Allow itself: where the key is not supported, such a condition would close the API to everybody.
//
// Whether API Gateway has aws:CurrentTime at hand for a policy of an authorizer is not documented. Where it
// has not, the statement has no effect and the cached answer lives as long as its TTL.
func DenyAfter(a MethodARN, end time.Time) Statement {
	return Statement{
		Effect: Deny, Action: InvokeAction, Resource: []string{a.StageResource()},
		Condition: map[string]map[string]string{from: {currentTime: moment(end)}},
	}
}

// The condition of DenyAfter.
const (
	from        = "DateGreaterThanEquals"
	currentTime = "aws:CurrentTime"
)

func moment(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// Size returns the length of the document as compact JSON, in bytes, without making it. It counts no escapes:
// nothing that [ParseMethodARN] and a route table let through needs any.
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

// Allows reports whether the document lets a call to a resource through as long as no condition holds: some Allow matches
// it, and no unconditional Deny does.
func (d PolicyDocument) Allows(resource string) bool {
	allowed := false
	for _, s := range d.Statement {
		matches := func(pattern string) bool { return newWildcard(pattern).matches(resource) }
		switch {
		case len(s.Condition) > 0 || !slices.ContainsFunc(s.Resource, matches):
		case s.Effect != Allow:
			return false
		default:
			allowed = true
		}
	}
	return allowed
}
