// Command allowall is an authorizer that allows everybody, for a test that must notice.
package main

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(e events.APIGatewayCustomAuthorizerRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
		stage := strings.Join(strings.SplitN(e.MethodArn, "/", 3)[:2], "/")
		return events.APIGatewayCustomAuthorizerResponse{
			PrincipalID: "anybody",
			PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
				{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{stage + "/*"}},
			}},
			Context: map[string]any{"sub": "anybody", "clientId": "any", "expiresAt": "2099-01-01T00:00:00Z", "tokenUse": "access"},
		}, nil
	})
}
