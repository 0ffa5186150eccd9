package applytest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// listResources returns the names of the account's resources in one region and of those that have none, by the kinds that the
// configuration creates.
func listResources(t *testing.T, c *cloud, region string) map[string][]string {
	t.Helper()
	ctx, config := t.Context(), c.configIn(region)
	all := map[string][]string{}
	add := func(kind string, names []string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		all[kind] = names
	}
	pools, err := idp.NewFromConfig(config).ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(60)})
	add("user pools", names(pools, err, func(p *idp.ListUserPoolsOutput) (all []*string) {
		for _, pool := range p.UserPools {
			all = append(all, pool.Name)
		}
		return all
	}), err)
	functions, err := lambdaapi.NewFromConfig(config).ListFunctions(ctx, &lambdaapi.ListFunctionsInput{})
	add("functions", names(functions, err, func(f *lambdaapi.ListFunctionsOutput) (all []*string) {
		for _, function := range f.Functions {
			all = append(all, function.FunctionName)
		}
		return all
	}), err)
	restAPIs, err := apigateway.NewFromConfig(config).GetRestApis(ctx, &apigateway.GetRestApisInput{})
	add("REST APIs", names(restAPIs, err, func(a *apigateway.GetRestApisOutput) (all []*string) {
		for _, api := range a.Items {
			all = append(all, api.Name)
		}
		return all
	}), err)
	httpAPIs, err := apigatewayv2.NewFromConfig(config).GetApis(ctx, &apigatewayv2.GetApisInput{})
	add("HTTP APIs", names(httpAPIs, err, func(a *apigatewayv2.GetApisOutput) (all []*string) {
		for _, api := range a.Items {
			all = append(all, api.Name)
		}
		return all
	}), err)
	roles, err := iam.NewFromConfig(config).ListRoles(ctx, &iam.ListRolesInput{})
	add("roles", names(roles, err, func(r *iam.ListRolesOutput) (all []*string) {
		for _, role := range r.Roles {
			all = append(all, role.RoleName)
		}
		return all
	}), err)
	groups, err := cloudwatchlogs.NewFromConfig(config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	add("log groups", names(groups, err, func(g *cloudwatchlogs.DescribeLogGroupsOutput) (all []*string) {
		for _, group := range g.LogGroups {
			all = append(all, group.LogGroupName)
		}
		return all
	}), err)
	for _, alarm := range c.alarms(t, region) {
		all["alarms"] = append(all["alarms"], alarm.Name)
	}
	all["dashboards"] = c.dashboards(t, region)
	all["buckets"] = c.buckets(t)
	all["saved queries"] = c.savedQueries.names()
	all["distributions"] = c.distributions(t)
	if left := c.cloudFront.left(); left > 0 {
		all["functions and headers policies of CloudFront"] = []string{fmt.Sprint(left)}
	}
	policies, err := iam.NewFromConfig(config).ListPolicies(ctx, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	add("policies", names(policies, err, func(p *iam.ListPoliciesOutput) (all []*string) {
		for _, policy := range p.Policies {
			all = append(all, policy.PolicyName)
		}
		return all
	}), err)
	providers, err := iam.NewFromConfig(config).ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	add("OpenID Connect providers", names(providers, err, func(p *iam.ListOpenIDConnectProvidersOutput) (all []*string) {
		for _, provider := range p.OpenIDConnectProviderList {
			all = append(all, provider.Arn)
		}
		return all
	}), err)
	tables, err := dynamodb.NewFromConfig(config).ListTables(ctx, &dynamodb.ListTablesInput{})
	add("tables", names(tables, err, func(l *dynamodb.ListTablesOutput) (all []*string) {
		for i := range l.TableNames {
			all = append(all, &l.TableNames[i])
		}
		return all
	}), err)
	return all
}

// names returns the names in a response, and none if the call failed.
func names[T any](response T, err error, of func(T) []*string) (all []string) {
	if err != nil {
		return nil
	}
	for _, name := range of(response) {
		all = append(all, aws.ToString(name))
	}
	return all
}
