package applytest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

const password = "Correct-Horse-Battery-1"

// pool is a user pool of the cloud and one of its clients.
type pool struct {
	api          *idp.Client
	id, clientID string
}

// newForeignPool creates a pool outside of the configuration.
func newForeignPool(t *testing.T, c *cloud) pool {
	t.Helper()
	api := idp.NewFromConfig(c.config())
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("foreign")})
	if err != nil {
		t.Fatal(err)
	}
	p := pool{api: api, id: *made.UserPool.Id}
	p.clientID = p.newClient(t)
	return p
}

// remove deletes the pool. It may be called after the test, whose context is cancelled by then.
func (p pool) remove(t *testing.T) {
	t.Helper()
	if _, err := p.api.DeleteUserPool(context.WithoutCancel(t.Context()), &idp.DeleteUserPoolInput{UserPoolId: &p.id}); err != nil {
		t.Fatal(err)
	}
}

func (p pool) newClient(t *testing.T) string {
	t.Helper()
	made, err := p.api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &p.id, ClientName: aws.String("foreign")})
	if err != nil {
		t.Fatal(err)
	}
	return *made.UserPoolClient.ClientId
}

// add creates a user with a password in these groups.
func (p pool) add(t *testing.T, name string, groups ...string) {
	t.Helper()
	if _, err := p.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &p.id, Username: &name, MessageAction: types.MessageActionTypeSuppress,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &p.id, Username: &name, Password: aws.String(password), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	for _, group := range groups {
		if _, err := p.api.AdminAddUserToGroup(t.Context(), &idp.AdminAddUserToGroupInput{
			UserPoolId: &p.id, Username: &name, GroupName: &group,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

type tokens struct{ access, id cognito.Token }

// signIn returns a user's tokens. It sends the password, because moto does not verify SRP.
func (p pool) signIn(t *testing.T, name, clientID string) tokens {
	t.Helper()
	response, err := p.api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tokens{
		access: cognito.NewToken(*response.AuthenticationResult.AccessToken),
		id:     cognito.NewToken(*response.AuthenticationResult.IdToken),
	}
}
