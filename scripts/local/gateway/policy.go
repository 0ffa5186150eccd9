package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

const invokeAction = "execute-api:Invoke"

// decide returns for one call the result of the authorizer's policy and the API's resource policy together: a Deny
// on either side wins, then an Allow on either side, and silence denies. So a resource policy that allows opens
// what the authorizer merely leaves out. Either may be nil, which neither allows nor denies.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
func (g *Gateway) decide(req *request, policies ...*apigateway.ParsedPolicy) apigateway.Decision {
	decision := apigateway.ImplicitDeny
	for _, p := range policies {
		if p == nil {
			continue
		}
		switch p.Evaluate(invokeAction, g.methodARN(req), g.options.Now()) {
		case apigateway.ExplicitDeny:
			return apigateway.ExplicitDeny
		case apigateway.Allowed:
			decision = apigateway.Allowed
		}
	}
	return decision
}

// parseResourcePolicy reads a resource policy. Its statements must be for everybody ("Principal": "*"); the
// resource may be short, as in execute-api:/stage/GET/path.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
func (g *Gateway) parseResourcePolicy(document []byte) (*apigateway.ParsedPolicy, error) {
	var policy struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal(document, &policy); err != nil {
		return nil, fmt.Errorf("resource policy: %w", err)
	}
	for _, s := range policy.Statement {
		if s["Principal"] != "*" {
			return nil, errors.New(`resource policy: every statement must have "Principal": "*"`)
		}
		delete(s, "Principal") // the evaluator checks what an authorizer may return, where there is none
		if resources, ok := s["Resource"].([]any); ok {
			for i, r := range resources {
				resources[i] = g.longResource(r)
			}
		} else {
			s["Resource"] = g.longResource(s["Resource"])
		}
	}
	plain, err := json.Marshal(policy)
	if err != nil {
		return nil, fmt.Errorf("resource policy: %w", err)
	}
	p, err := apigateway.ParsePolicy(plain)
	if err != nil {
		return nil, fmt.Errorf("resource policy: %w", err)
	}
	return p, nil
}

func (g *Gateway) longResource(r any) any {
	if text, ok := r.(string); ok {
		if rest, short := strings.CutPrefix(text, "execute-api:/"); short {
			return strings.TrimSuffix(g.stageARN(), "/"+g.options.Stage) + "/" + rest
		}
	}
	return r
}
