package applytest

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// permissions are policy statements, evaluated as IAM does: a matching Deny wins, and what no statement allows is denied. Only
// string equality of conditions is supported; a missing key never matches.
type permissions []struct {
	Effect           string
	Action, Resource list
	Condition        map[string]map[string]list
}

// list is a value that JSON policies may write alone or in an array.
type list []string

func (l *list) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// match reports whether a policy pattern matches: * is any string and ? any character.
func (l list) match(s string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool {
		text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		return regexp.MustCompile("(?i)^" + text + "$").MatchString(s)
	})
}

// allow reports whether an action on a resource is allowed. With an empty resource it reports whether it is allowed on any
// resource.
func (p permissions) allow(action, resource string, context map[string]string) bool {
	return p.matches("Allow", action, resource, context) && !p.denies(action, resource, context)
}

// denies reports whether an explicit Deny matches.
func (p permissions) denies(action, resource string, context map[string]string) bool {
	return resource != "" && p.matches("Deny", action, resource, context)
}

func (p permissions) matches(effect, action, resource string, context map[string]string) bool {
statements:
	for _, s := range p {
		if s.Effect != effect || !s.Action.match(action) || resource != "" && !s.Resource.match(resource) {
			continue
		}
		for _, keys := range s.Condition {
			for key, values := range keys {
				if got, there := context[key]; !there || !slices.Contains(values, got) {
					continue statements
				}
			}
		}
		return true
	}
	return false
}

func permissionsIn(t *testing.T, document string) permissions {
	t.Helper()
	found := decodeInto[struct{ Statement permissions }](t, []byte(document)).Statement
	for _, s := range found {
		for operator := range s.Condition {
			if operator != "StringEquals" && operator != "Bool" {
				t.Fatalf("a policy has the condition %s, which this test does not support", operator)
			}
		}
	}
	return found
}

// permissionsOf returns the permissions of a role, from all of its policies.
func permissionsOf(t *testing.T, c *cloud, role string) (all permissions) {
	t.Helper()
	api := iam.NewFromConfig(c.config())
	attached, err := api.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range attached.AttachedPolicies {
		found, err := api.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: policy.PolicyArn})
		if err != nil {
			t.Fatal(err)
		}
		version, err := api.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: policy.PolicyArn, VersionId: found.Policy.DefaultVersionId})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, permissionsIn(t, unescape(t, *version.PolicyVersion.Document))...)
	}
	inline, err := api.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range inline.PolicyNames {
		found, err := api.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, permissionsIn(t, unescape(t, *found.PolicyDocument))...)
	}
	return all
}

// trustOf returns the trust policy of a role.
func trustOf(t *testing.T, c *cloud, role string) permissions {
	t.Helper()
	found, err := iam.NewFromConfig(c.config()).GetRole(t.Context(), &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	return permissionsIn(t, unescape(t, *found.Role.AssumeRolePolicyDocument))
}

func unescape(t *testing.T, document string) string {
	t.Helper()
	text, err := url.QueryUnescape(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkRolePolicies evaluates the roles' policies. TestThePipelineMayDeployAndChangeTheSystem checks what Terraform needs.
func checkRolePolicies(t *testing.T, c *cloud, outputs map[string]string) {
	const (
		account = "123456789012"
		pool    = "arn:aws:cognito-idp:" + region + ":" + account + ":userpool/" + region + "_AbCdEf123"
		role    = "arn:aws:iam::" + account + ":role/"
	)
	bucket := "arn:aws:s3:::" + outputs["state_bucket"]
	state := bucket + "/cognito-authorizer/terraform.tfstate"
	bounded := map[string]string{"iam:PermissionsBoundary": outputs["permissions_boundary_arn"]}
	passed := func(service string) map[string]string { return map[string]string{"iam:PassedToService": service} }
	plan, deploy := permissionsOf(t, c, "applytest-plan-"+region), permissionsOf(t, c, "applytest-deploy-"+region)
	for _, test := range []struct {
		name             string
		action, resource string
		context          map[string]string
		plan, deploy     bool
	}{
		{"find the state", "s3:ListBucket", bucket, nil, true, true},
		{"read the state", "s3:GetObject", state, nil, true, true},
		{"write the state", "s3:PutObject", state, nil, false, true},
		{"delete the state", "s3:DeleteObject", state, nil, false, false},
		{"read the state of something else", "s3:GetObject", bucket + "/other/terraform.tfstate", nil, false, false},
		{"take the lock", "s3:PutObject", state + ".tflock", nil, false, true},
		{"look who has the lock", "s3:GetObject", state + ".tflock", nil, false, true},
		{"give the lock back", "s3:DeleteObject", state + ".tflock", nil, false, true},
		{"keep a plan", "s3:PutObject", bucket + "/plans/abc.tar", nil, true, false},
		{"get a kept plan by its version", "s3:GetObjectVersion", bucket + "/plans/abc.tar", nil, false, true},
		{"get a kept plan", "s3:GetObject", bucket + "/plans/abc.tar", nil, false, true},
		{"delete a kept plan", "s3:DeleteObject", bucket + "/plans/abc.tar", nil, false, false},
		{"store the expired token", "s3:PutObject", bucket + "/smoke/ended-token", nil, false, true},
		{"read the expired token", "s3:GetObject", bucket + "/smoke/ended-token", nil, false, true},
		{"open the state bucket to others", "s3:PutBucketPolicy", bucket, nil, false, false},
		{"stop keeping versions", "s3:PutBucketVersioning", bucket, nil, false, false},
		{"delete an old version of the state", "s3:DeleteObjectVersion", state, nil, false, false},
		{"let old versions end sooner", "s3:PutLifecycleConfiguration", bucket, nil, false, false},
		{"delete the state bucket", "s3:DeleteBucket", bucket, nil, false, false},

		{"make a role inside the boundary", "iam:CreateRole", role + "applytest-api-" + region, bounded, false, true},
		{"make a role without a boundary", "iam:CreateRole", role + "applytest-api-" + region, nil, false, false},
		{"make a role inside another boundary", "iam:CreateRole", role + "applytest-api-" + region, map[string]string{"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}, false, false},
		{"make a role of another name", "iam:CreateRole", role + "other-" + region, bounded, false, false},
		{"make a role of the deployment in another region", "iam:CreateRole", role + "applytest-api-us-east-1", bounded, false, false},
		{"give permissions to a role inside the boundary", "iam:PutRolePolicy", role + "applytest-api-" + region, bounded, false, true},
		{"give permissions to a role without a boundary", "iam:PutRolePolicy", role + "applytest-api-" + region, nil, false, false},
		{"attach a policy to a role without a boundary", "iam:AttachRolePolicy", role + "applytest-api-" + region, nil, false, false},
		{"take the boundary off a role", "iam:DeleteRolePermissionsBoundary", role + "applytest-api-" + region, bounded, false, false},
		{"change who may become a role", "iam:UpdateAssumeRolePolicy", role + "applytest-api-" + region, bounded, false, false},
		{"give permissions to itself", "iam:PutRolePolicy", role + "applytest-deploy-" + region, bounded, false, false},
		{"put the boundary on itself", "iam:PutRolePermissionsBoundary", role + "applytest-deploy-" + region, bounded, false, false},
		{"change who may become the plan role", "iam:UpdateAssumeRolePolicy", role + "applytest-plan-" + region, bounded, false, false},
		{"give permissions to the plan role", "iam:AttachRolePolicy", role + "applytest-plan-" + region, bounded, false, false},
		{"delete the plan role", "iam:DeleteRole", role + "applytest-plan-" + region, nil, false, false},
		{"become the plan role", "sts:AssumeRole", role + "applytest-plan-" + region, nil, false, false},
		{"change the boundary", "iam:CreatePolicyVersion", outputs["permissions_boundary_arn"], nil, false, false},
		{"change GitHub's provider", "iam:AddClientIDToOpenIDConnectProvider", "arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com", nil, false, false},
		{"make a provider", "iam:CreateOpenIDConnectProvider", "arn:aws:iam::" + account + ":oidc-provider/example.com", nil, false, false},
		{"make a user", "iam:CreateUser", "arn:aws:iam::" + account + ":user/applytest-x", bounded, false, false},
		{"pass a role to Lambda", "iam:PassRole", role + "applytest-api-" + region, passed("lambda.amazonaws.com"), false, true},
		{"pass a role to API Gateway", "iam:PassRole", role + "applytest-apigateway-logs-" + region, passed("apigateway.amazonaws.com"), false, true},
		{"pass a role to EC2", "iam:PassRole", role + "applytest-api-" + region, passed("ec2.amazonaws.com"), false, false},
		{"pass a role of another name", "iam:PassRole", role + "admin", passed("lambda.amazonaws.com"), false, false},
		{"pass itself to Lambda", "iam:PassRole", role + "applytest-deploy-" + region, passed("lambda.amazonaws.com"), false, false},

		{"change a function", "lambda:UpdateFunctionCode", "arn:aws:lambda:" + region + ":" + account + ":function:applytest-api", nil, false, true},
		{"change a function of another name", "lambda:UpdateFunctionCode", "arn:aws:lambda:" + region + ":" + account + ":function:other", nil, false, false},
		{"change a function in another region", "lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:" + account + ":function:applytest-api", nil, false, false},
		{"make a person for the smoke test", "cognito-idp:AdminCreateUser", pool, nil, false, true},
		{"set that person's password", "cognito-idp:AdminSetUserPassword", pool, nil, false, true},
		{"put that person into a group", "cognito-idp:AdminAddUserToGroup", pool, nil, false, true},
		{"remove that person", "cognito-idp:AdminDeleteUser", pool, nil, false, true},
		{"list people", "cognito-idp:ListUsers", pool, nil, false, false},
		{"delete the user pool", "cognito-idp:DeleteUserPool", pool, nil, false, false},
		{"change a pool in another region", "cognito-idp:UpdateUserPool", "arn:aws:cognito-idp:us-east-1:" + account + ":userpool/us-east-1_A", nil, false, false},
		{"delete revoked sessions", "dynamodb:DeleteTable", "arn:aws:dynamodb:" + region + ":" + account + ":table/applytest-authorizer-revocations", nil, false, false},
		{"read revoked sessions", "dynamodb:BatchGetItem", "arn:aws:dynamodb:" + region + ":" + account + ":table/applytest-authorizer-revocations", nil, false, false},
		{"read a log", "logs:GetLogEvents", "arn:aws:logs:" + region + ":" + account + ":log-group:/aws/lambda/applytest-api:*", nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := plan.allow(test.action, test.resource, test.context); got != test.plan {
				t.Errorf("the plan role may: %t, want %t", got, test.plan)
			}
			if got := deploy.allow(test.action, test.resource, test.context); got != test.deploy {
				t.Errorf("the deploy role may: %t, want %t", got, test.deploy)
			}
		})
	}
}
