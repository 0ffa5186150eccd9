// Package apigateway models what API Gateway does, whatever the rules of an API: method ARNs, the routing of a call, the
// policies that an authorizer returns, and their evaluation. It knows nothing of tokens.
//
// It defines its own policy types because those of aws-lambda-go have no Condition.
//
// The evaluation reads the raw JSON of a policy and follows the rules of IAM: a matching Deny wins, then any matching
// Allow; otherwise the call is implicitly denied. It shares no code with the planner that writes the policies, so that it
// can check the planner. It supports Effect, Action, Resource and conditions on the time; everything else is an error.
//
// See https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
package apigateway
