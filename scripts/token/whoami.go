package token

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type whoamiCommand struct {
	targetOptions
}

// Help implements kong's HelpProvider.
func (*whoamiCommand) Help() string {
	return `The access token comes from standard input. It must be a user's token with the scope
aws.cognito.signin.user.admin that has neither expired nor been revoked.

  cognito-authorizer token login alice | cognito-authorizer token whoami`
}

// attributeAliases are the attributes that are printed under another name than Cognito's.
var attributeAliases = map[string]string{"given_name": "first_name", "family_name": "last_name"}

// Run implements the command.
func (w *whoamiCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := w.resolve(ctx, c, func(p target) bool { return p.PoolID != "" || w.Region != "" })
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
	api, err := newAPI(ctx, p, clientSecret{}, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	user, err := api.sdk.GetUser(ctx, &idp.GetUserInput{AccessToken: pointer(token.Reveal())})
	if err != nil {
		return err
	}
	document, err := json.Marshal(describe(user))
	if err != nil {
		return err
	}
	return writeJSON(c.Out, document)
}

// userInfo is the output of whoami. All attributes are strings, as in Cognito, even email_verified.
type userInfo struct {
	Username     string            `json:"username"`
	Attributes   map[string]string `json:"attributes"`
	PreferredMFA string            `json:"preferred_mfa,omitempty"`
	MFA          []string          `json:"mfa,omitempty"`
}

func describe(user *idp.GetUserOutput) userInfo {
	p := userInfo{Username: aws.ToString(user.Username), Attributes: map[string]string{},
		PreferredMFA: aws.ToString(user.PreferredMfaSetting), MFA: user.UserMFASettingList}
	for _, attribute := range user.UserAttributes {
		name := aws.ToString(attribute.Name)
		if other, found := attributeAliases[name]; found {
			name = other
		}
		p.Attributes[name] = aws.ToString(attribute.Value)
	}
	return p
}
