package apigateway

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Decision is the result of evaluating a policy for one call.
type Decision int

// The decisions. The zero value is a denial. A resource policy that allows overrides an ImplicitDeny, but
// never an ExplicitDeny.
const (
	ImplicitDeny Decision = iota // no statement matches
	ExplicitDeny                 // a Deny matches
	Allowed                      // an Allow matches and no Deny does
)

// String returns a description of the decision.
func (d Decision) String() string {
	switch d {
	case ExplicitDeny:
		return "explicit deny"
	case Allowed:
		return "allow"
	default:
		return "implicit deny"
	}
}

// ErrPolicy reports a string that is not a policy, or a policy that this package cannot evaluate.
var ErrPolicy = errors.New("policy cannot be evaluated")

// ParsedPolicy is a parsed policy, for evaluation of many calls.
type ParsedPolicy struct {
	statements []statement
}

type statement struct {
	deny      bool
	actions   []wildcard // in lower case, because they are case-insensitive
	resources []wildcard
	tests     []test // all of them must hold
}

// ParsePolicy parses a policy. The error is [ErrPolicy].
func ParsePolicy(policyJSON []byte) (*ParsedPolicy, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMany[struct {
			Sid       string
			Effect    string
			Action    oneOrMany[string]
			Resource  oneOrMany[string]
			Condition map[string]map[string]oneOrMany[string]
		}]
	}
	if err := json.Unmarshal(policyJSON, &raw, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	if raw.Version != "2012-10-17" {
		return nil, fmt.Errorf("%w: version %q, want 2012-10-17", ErrPolicy, raw.Version)
	}
	if len(raw.Statement) == 0 {
		return nil, fmt.Errorf("%w: no statement", ErrPolicy)
	}
	p := &ParsedPolicy{}
	for i, s := range raw.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return nil, fmt.Errorf("%w: statement %d: effect %q", ErrPolicy, i, s.Effect)
		}
		if len(s.Action) == 0 || len(s.Resource) == 0 {
			return nil, fmt.Errorf("%w: statement %d lacks an action or a resource", ErrPolicy, i)
		}
		st := statement{deny: s.Effect == "Deny"}
		for _, action := range s.Action {
			st.actions = append(st.actions, newWildcard(strings.ToLower(action)))
		}
		for _, pattern := range s.Resource {
			if pattern == "" || strings.Contains(pattern, "${") {
				return nil, fmt.Errorf("%w: statement %d: a resource is empty or holds a policy variable", ErrPolicy, i)
			}
			st.resources = append(st.resources, newWildcard(pattern))
		}
		for operator, keys := range s.Condition {
			for key, values := range keys {
				t, err := newTest(operator, key, values)
				if err != nil {
					return nil, fmt.Errorf("%w: statement %d: %w", ErrPolicy, i, err)
				}
				st.tests = append(st.tests, t)
			}
		}
		p.statements = append(p.statements, st)
	}
	return p, nil
}

// EvaluatePolicy parses a policy and evaluates it for one call: its action, resource and time. The error is [ErrPolicy], with
// ImplicitDeny; API Gateway then responds with 500.
func EvaluatePolicy(policyJSON []byte, action, resource string, at time.Time) (Decision, error) {
	p, err := ParsePolicy(policyJSON)
	if err != nil {
		return ImplicitDeny, err
	}
	return p.Evaluate(action, resource, at), nil
}

// Evaluate evaluates the policy for one call: its action, resource and time. Wildcards in the resource of the call are ordinary
// characters.
func (p *ParsedPolicy) Evaluate(action, resource string, at time.Time) Decision {
	decision := ImplicitDeny
	for _, s := range p.statements {
		switch {
		case !s.matches(action, resource, at):
		case s.deny:
			return ExplicitDeny
		default:
			decision = Allowed
		}
	}
	return decision
}

func (s statement) matches(action, resource string, at time.Time) bool {
	for _, t := range s.tests {
		if !t.holds(at) {
			return false
		}
	}
	return anyMatch(s.resources, resource) && anyMatch(s.actions, strings.ToLower(action))
}

// oneOrMany is a JSON string or array of strings.
type oneOrMany[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (m *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]T)(m), json.RejectUnknownMembers(true))
	}
	var one T
	if err := json.Unmarshal(data, &one, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	*m = oneOrMany[T]{one}
	return nil
}
