package applytest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// The example of a WebSocket API in front of a function that is there already. Connecting is tested in scripts/local: moto
// serves no WebSockets.
func TestAWebSocketAPI(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	removeFunction := createFunction(t, c, "live")
	tf := newConfiguration(t, c, "terraform/examples/websocket", zips, map[string]any{
		"function_name": "live", "issuer": "https://cognito-idp." + region + ".amazonaws.com/" + region + "_AbCdEf123", "client_ids": []string{"4p9exampleclientid7abcd1234"},
	})
	outputs := tf.deploy(t)
	t.Run("what is there", func(t *testing.T) { checkWebSocketAPI(t, c, outputs) })
	tf.expectNoChanges(t)
	tf.run(t, "destroy", "-auto-approve", "-refresh=false")
	removeFunction()
	tf.expectNothing(t, c)
}

// createFunction creates a function outside of the configuration, with the zip of the sample API, and returns what removes it.
func createFunction(t *testing.T, c *cloud, name string) (remove func()) {
	t.Helper()
	zip, err := os.ReadFile(filepath.Join(zips, "api.zip"))
	if err != nil {
		t.Fatal(err)
	}
	roles, functions := iam.NewFromConfig(c.config()), lambdaapi.NewFromConfig(c.config())
	role, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[]}`)})
	if err == nil {
		_, err = functions.CreateFunction(t.Context(), &lambdaapi.CreateFunctionInput{
			FunctionName: &name, Role: role.Role.Arn, Code: &lambdatypes.FunctionCode{ZipFile: zip},
			Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		ctx := context.WithoutCancel(t.Context())
		_, err := functions.DeleteFunction(ctx, &lambdaapi.DeleteFunctionInput{FunctionName: &name})
		if err == nil {
			_, err = roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &name})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkWebSocketAPI checks that the authorizer guards $connect, and that the function answers each route and may close
// connections.
func checkWebSocketAPI(t *testing.T, c *cloud, outputs map[string]string) {
	api := apigatewayv2.NewFromConfig(c.config())
	found, err := api.GetApis(t.Context(), &apigatewayv2.GetApisInput{})
	if err != nil || len(found.Items) != 1 || found.Items[0].ProtocolType != types.ProtocolTypeWebsocket {
		t.Fatalf("the APIs are %+v, want one of WebSockets (%v)", found, err)
	}
	id := found.Items[0].ApiId
	if !strings.Contains(outputs["url"], *id) || !strings.HasPrefix(outputs["url"], "wss://") {
		t.Errorf("the URL %s is not that of %s", outputs["url"], *id)
	}
	integrations, err := api.GetIntegrations(t.Context(), &apigatewayv2.GetIntegrationsInput{ApiId: id})
	if err != nil || len(integrations.Items) != 1 || !strings.Contains(aws.ToString(integrations.Items[0].IntegrationUri), ":function:live/") {
		t.Fatalf("the integrations are %+v, want one with the function (%v)", integrations, err)
	}
	target := "integrations/" + *integrations.Items[0].IntegrationId
	routes, err := api.GetRoutes(t.Context(), &apigatewayv2.GetRoutesInput{ApiId: id})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, route := range routes.Items {
		keys = append(keys, *route.RouteKey)
		if aws.ToString(route.Target) != target {
			t.Errorf("%s is answered by %s", *route.RouteKey, aws.ToString(route.Target))
		}
		if *route.RouteKey != "$connect" {
			if route.AuthorizationType == types.AuthorizationTypeCustom {
				t.Errorf("%s has an authorizer: API Gateway would refuse it", *route.RouteKey)
			}
			continue
		}
		if route.AuthorizationType != types.AuthorizationTypeCustom {
			t.Fatalf("$connect is not guarded: %s", route.AuthorizationType)
		}
		authorizer, err := api.GetAuthorizer(t.Context(), &apigatewayv2.GetAuthorizerInput{ApiId: id, AuthorizerId: route.AuthorizerId})
		if err != nil || authorizer.AuthorizerType != types.AuthorizerTypeRequest || len(authorizer.IdentitySource) != 1 ||
			!strings.Contains(aws.ToString(authorizer.AuthorizerUri), ":function:orders-live-authorizer/") {
			t.Errorf("the authorizer is %+v (%v)", authorizer, err)
		}
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"$connect", "$default", "$disconnect"}) {
		t.Errorf("the routes are %v", keys)
	}
	stage, err := api.GetStage(t.Context(), &apigatewayv2.GetStageInput{ApiId: id, StageName: aws.String("prod")})
	if err != nil || stage.AccessLogSettings == nil || aws.ToBool(stage.DefaultRouteSettings.DataTraceEnabled) {
		t.Errorf("the stage has no access log, or logs messages (%v)", err)
	}
	for function, route := range map[string]string{"orders-live-authorizer": "/authorizers/", "live": "/prod/*"} {
		policy, err := lambdaapi.NewFromConfig(c.config()).GetPolicy(t.Context(), &lambdaapi.GetPolicyInput{FunctionName: &function})
		if err != nil || !strings.Contains(*policy.Policy, *id+route) {
			t.Errorf("API Gateway may not call %s, or everybody's may (%v)", function, err)
		}
	}
	close, err := iam.NewFromConfig(c.config()).GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: aws.String("live"), PolicyName: aws.String("orders-live-close-connections")})
	if err != nil || !strings.Contains(*close.PolicyDocument, *id) {
		t.Errorf("the function may not close connections of this API (%v)", err)
	}
	var alarms []string
	for _, alarm := range c.alarms(t, region) {
		if len(alarm.Metrics) == 0 {
			continue
		}
		alarms = append(alarms, alarm.Name)
		for _, metric := range alarm.Metrics {
			if metric.Expression == "" && !slices.Contains(metric.Dimensions, dimension{"ApiId", *id}) {
				t.Errorf("%s reads %s of %v", alarm.Name, metric.Metric, metric.Dimensions)
			}
		}
	}
	if !slices.Equal(alarms, []string{"orders-live-websocket-server-errors"}) {
		t.Errorf("the alarms on an expression are %v", alarms)
	}
}
