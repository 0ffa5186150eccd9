package token

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type whoamiCommand struct {
	placeOptions
}

// Help implements kong's HelpProvider.
func (*whoamiCommand) Help() string {
	return `The access token comes from standard input. Cognito answers for a token of a person, with the scope
aws.cognito.signin.user.admin, that has neither ended nor been revoked.

  cognito-authorizer token login alice | cognito-authorizer token whoami`
}

// renamed are the attributes that go by another name here than in Cognito.
var renamed = map[string]string{"given_name": "first_name", "family_name": "last_name"}

// Run asks Cognito.
func (w *whoamiCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := w.resolve(ctx, c, func(p place) bool { return p.PoolID != "" || w.Region != "" })
	if err != nil {
		return err
	}
	if p.Region == "" {
		return missing("region", "--region or --user-pool-id", "COGNITO_USER_POOL_ID")
	}
	token, err := readToken(ctx, c, "access token")
	if err != nil {
		return err
	}
	pool, err := newAPI(ctx, p, clientSecret{}, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	user, err := pool.sdk.GetUser(ctx, &idp.GetUserInput{AccessToken: pointer(token.Reveal())})
	if err != nil {
		return err
	}
	document, err := json.Marshal(describe(user))
	if err != nil {
		return err
	}
	return writeJSON(c.Out, document)
}

// person is what whoami prints. Attributes are texts, as in Cognito, email_verified too.
type person struct {
	Username     string            `json:"username"`
	Attributes   map[string]string `json:"attributes"`
	PreferredMFA string            `json:"preferred_mfa,omitempty"`
	MFA          []string          `json:"mfa,omitempty"`
}

func describe(user *idp.GetUserOutput) person {
	p := person{Username: aws.ToString(user.Username), Attributes: map[string]string{},
		PreferredMFA: aws.ToString(user.PreferredMfaSetting), MFA: user.UserMFASettingList}
	for _, attribute := range user.UserAttributes {
		name := aws.ToString(attribute.Name)
		if other, found := renamed[name]; found {
			name = other
		}
		p.Attributes[name] = aws.ToString(attribute.Value)
	}
	return p
}
