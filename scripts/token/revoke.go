package token

import (
	"context"
	"fmt"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type revokeCommand struct {
	User string `arg:"" optional:"" help:"Whose saved refresh token to revoke and delete. Without it, the token comes from standard input."`

	targetOptions
	secretOptions
}

// Help implements kong's HelpProvider.
func (*revokeCommand) Help() string {
	return `Cognito then refuses the refresh token and, in its own calls, the access tokens issued from it. An API that
verifies tokens offline accepts those until they expire.

  cognito-authorizer token revoke alice
  cognito-authorizer token revoke < refresh-token.txt`
}

// Run implements the command. A saved token is removed only after it was revoked.
func (r *revokeCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := r.requireClient(ctx, c)
	if err != nil {
		return err
	}
	sessions, token, err := r.loadToken(ctx, c, p)
	if err != nil {
		return err
	}
	api, err := r.newAPI(ctx, c, p)
	if err != nil {
		return err
	}
	input := &idp.RevokeTokenInput{ClientId: &p.ClientID, Token: &token}
	if s := api.secret.value(); s != "" {
		input.ClientSecret = &s
	}
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := api.sdk.RevokeToken(limited, input); err != nil {
		return err
	}
	c.Note("The refresh token is revoked. Access tokens issued from it stay valid until they expire, for APIs that verify tokens offline.")
	if r.User == "" {
		return nil
	}
	if err := sessions.forget(p, r.User); err != nil {
		return fmt.Errorf("the refresh token is revoked, but its file could not be removed: %w", err)
	}
	return nil
}

func (r *revokeCommand) loadToken(ctx context.Context, c cli.Console, p target) (sessionStore, string, error) {
	if r.User == "" {
		token, err := readToken(ctx, c, "refresh token")
		return sessionStore{}, token.Reveal(), err
	}
	sessions, err := openSessionStore()
	if err != nil {
		return sessionStore{}, "", err
	}
	old, err := sessions.load(p, r.User)
	return sessions, old.RefreshToken, err
}
