package applytest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	idptypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// checkFunctions checks both functions, the permissions of their roles and the retention of their logs.
func checkFunctions(t *testing.T, c *cloud, name string, outputs map[string]string, authorizerActions []string) {
	apiActions := []string{"cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:ListUsers"}
	if len(authorizerActions) > 0 { // with a revocation table
		apiActions = append(apiActions, "dynamodb:UpdateItem")
	}
	for function, actions := range map[string][]string{name + "-authorizer": authorizerActions, name + "-api": apiActions} {
		found, err := lambdaapi.NewFromConfig(c.config()).GetFunction(t.Context(), &lambdaapi.GetFunctionInput{FunctionName: &function})
		if err != nil {
			t.Fatal(err)
		}
		f := found.Configuration
		if f.Runtime != "provided.al2023" || len(f.Architectures) != 1 || string(f.Architectures[0]) != architecture {
			t.Errorf("%s runs on %s, %v", function, f.Runtime, f.Architectures)
		}
		if f.TracingConfig == nil || f.TracingConfig.Mode != "Active" {
			t.Errorf("%s is not traced", function)
		}
		granted := rolePolicy(t, c, function)
		var own []string
		for _, statement := range granted {
			for _, action := range statement.Action {
				if strings.Contains(action, "*") {
					t.Errorf("%s may do %s", function, action)
				}
				if !strings.HasPrefix(action, "logs:") && !strings.HasPrefix(action, "xray:") {
					own = append(own, action)
				}
			}
			for _, resource := range statement.Resource {
				if resource == "*" && statement.Sid != "Trace" {
					t.Errorf("%s may do %v to everything", function, statement.Action)
				}
			}
			if statement.Sid == "UseUserPool" && !slices.Equal(statement.Resource, []string{"arn:aws:cognito-idp:" + region + ":123456789012:userpool/" + outputs["user_pool_id"]}) {
				t.Errorf("%s may use %v", function, statement.Resource)
			}
		}
		slices.Sort(own)
		if !slices.Equal(own, actions) {
			t.Errorf("%s may do %v, want %v", function, own, actions)
		}
		if days := retention(t, c, "/aws/lambda/"+function); days != 30 {
			t.Errorf("the log of %s is kept for %d days, want 30", function, days)
		}
		policy, err := lambdaapi.NewFromConfig(c.config()).GetPolicy(t.Context(), &lambdaapi.GetPolicyInput{FunctionName: &function})
		if err != nil || !strings.Contains(*policy.Policy, "apigateway.amazonaws.com") || !strings.Contains(*policy.Policy, "execute-api") {
			t.Errorf("API Gateway may not call %s, or everybody's may (%v)", function, err)
		}
	}
	if days := retention(t, c, outputs["access_log_group"]); days != 30 {
		t.Errorf("the access log is kept for %d days, want 30", days)
	}
}

type statement struct {
	Sid, Effect      string
	Action, Resource []string
}

// rolePolicy returns the only policy of a function's role.
func rolePolicy(t *testing.T, c *cloud, function string) []statement {
	t.Helper()
	role := function + "-" + region
	api := iam.NewFromConfig(c.config())
	attached, err := api.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	if err != nil || len(attached.AttachedPolicies) > 0 {
		t.Fatalf("%d policies are attached to the role %s, want none (%v)", len(attached.AttachedPolicies), role, err)
	}
	found, err := api.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &function})
	if err != nil {
		t.Fatal(err)
	}
	text, err := url.QueryUnescape(*found.PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	return decodeInto[struct{ Statement []statement }](t, []byte(text)).Statement
}

func retention(t *testing.T, c *cloud, group string) int32 {
	t.Helper()
	found, err := cloudwatchlogs.NewFromConfig(c.config()).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
	if err != nil || len(found.LogGroups) != 1 {
		t.Fatalf("%d log groups %s, want 1 (%v)", len(found.LogGroups), group, err)
	}
	return aws.ToInt32(found.LogGroups[0].RetentionInDays)
}

func checkPool(t *testing.T, c *cloud, outputs map[string]string) {
	api, id := idp.NewFromConfig(c.config()), outputs["user_pool_id"]
	found, err := api.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if !found.UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly {
		t.Error("anybody may make an account")
	}
	web := client(t, api, id, outputs["web_client_id"])
	if web.ClientSecret != nil || !slices.Contains(web.ExplicitAuthFlows, idptypes.ExplicitAuthFlowsTypeAllowUserSrpAuth) || len(web.ExplicitAuthFlows) != 2 {
		t.Errorf("the client for people has a secret, or other flows than SRP and refresh: %v", web.ExplicitAuthFlows)
	}
	if machineID := outputs["machine_client_id"]; machineID != "" {
		machine := client(t, api, id, machineID)
		if machine.ClientSecret == nil || *machine.ClientSecret != outputs["machine_client_secret"] || !slices.Equal(machine.AllowedOAuthScopes, []string{"api/users.read"}) {
			t.Errorf("the client for programs may ask for %v", machine.AllowedOAuthScopes)
		}
	}
	groups, err := api.ListGroups(t.Context(), &idp.ListGroupsInput{UserPoolId: &id})
	if err != nil || len(groups.Groups) != 2 {
		t.Errorf("%d groups, want 2 (%v)", len(groups.Groups), err)
	}
	server, err := api.DescribeResourceServer(t.Context(), &idp.DescribeResourceServerInput{UserPoolId: &id, Identifier: aws.String("api")})
	if err != nil || len(server.ResourceServer.Scopes) != 2 {
		t.Errorf("the resource server does not have two scopes (%v)", err)
	}
}

func client(t *testing.T, api *idp.Client, poolID, id string) *idptypes.UserPoolClientType {
	t.Helper()
	found, err := api.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &poolID, ClientId: &id})
	if err != nil {
		t.Fatal(err)
	}
	return found.UserPoolClient
}

// checkAlarms checks that each alarm uses a metric that is sent and notifies the topic, and that there is a dashboard.
// apiMetric is the API's metric.
func checkAlarms(t *testing.T, c *cloud, name, apiMetric string) {
	var metrics []string
	for _, alarm := range c.alarms(t, region) {
		metrics = append(metrics, alarm.Namespace+" "+alarm.Metric)
		if !slices.Equal(alarm.Actions, []string{topic}) {
			t.Errorf("%s reaches %v", alarm.Name, alarm.Actions)
		}
	}
	slices.Sort(metrics)
	want := []string{apiMetric, "AWS/Lambda Throttles", "AWS/Lambda Throttles", "CognitoAuthorizer Duration", "CognitoAuthorizer Faults", "CognitoAuthorizer KeyFetchFailures"}
	if !slices.Equal(metrics, want) {
		t.Errorf("alarms use the metrics %v, want %v", metrics, want)
	}
	if found := c.dashboards(t, region); !slices.Equal(found, []string{name + "-" + region}) {
		t.Errorf("the dashboards are %v", found)
	}
}

func checkTable(t *testing.T, c *cloud, name string) {
	api := dynamodb.NewFromConfig(c.config())
	found, err := api.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if keys := found.Table.KeySchema; len(keys) != 1 || *keys[0].AttributeName != "id" {
		t.Errorf("the key of the table is %v", keys)
	}
	ttl, err := api.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "expires_at" {
		t.Errorf("entries do not end at expires_at (%v)", err)
	}
}
