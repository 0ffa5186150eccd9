package token

import (
	"context"
	"fmt"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type revokeCommand struct {
	User string `arg:"" optional:"" help:"Whose saved refresh token to revoke and to forget. Without it, the token comes from standard input."`

	placeOptions
	secretOptions
}

// Help implements kong's HelpProvider.
func (*revokeCommand) Help() string {
	return `Cognito then refuses the refresh token and, in its own calls, the access tokens issued from it. An API that
checks tokens by itself takes those until they end.

  cognito-authorizer token revoke alice
  cognito-authorizer token revoke < refresh-token.txt`
}

// Run revokes a refresh token. What was saved is removed once it is worthless.
func (r *revokeCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := r.client(ctx, c)
	if err != nil {
		return err
	}
	keep, token, err := r.token(ctx, c, p)
	if err != nil {
		return err
	}
	pool, err := r.pool(ctx, c, p)
	if err != nil {
		return err
	}
	input := &idp.RevokeTokenInput{ClientId: &p.ClientID, Token: &token}
	if s := pool.secret.value(); s != "" {
		input.ClientSecret = &s
	}
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := pool.sdk.RevokeToken(limited, input); err != nil {
		return err
	}
	c.Note("The refresh token is revoked. Access tokens issued from it stay valid until they expire, wherever Cognito is not asked.")
	if r.User == "" {
		return nil
	}
	if err := keep.forget(p, r.User); err != nil {
		return fmt.Errorf("the saved sign-in is worthless but could not be removed: %w", err)
	}
	return nil
}

func (r *revokeCommand) token(ctx context.Context, c cli.Console, p place) (store, string, error) {
	if r.User == "" {
		token, err := readToken(ctx, c, "refresh token")
		return store{}, token.Reveal(), err
	}
	keep, err := openStore()
	if err != nil {
		return store{}, "", err
	}
	old, err := keep.load(p, r.User)
	return keep, old.RefreshToken, err
}
