package token

import (
	"cmp"
	"context"
	"errors"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type refreshCommand struct {
	User       string `arg:"" optional:"" help:"Whose saved refresh token to use. Without it, the token comes from standard input."`
	TokenStdin bool   `help:"Take the refresh token from standard input although there is a user name."`
	Save       bool   `help:"Keep the refresh token that came from standard input, or the one that replaces it, for the user."`

	placeOptions
	secretOptions
	outputOptions
}

// Help implements kong's HelpProvider.
func (*refreshCommand) Help() string {
	return `A pool may replace the refresh token each time (rotation). The new one takes the place of the
saved one; of a token from standard input it is shown by --output json alone.

  cognito-authorizer token refresh alice
  cognito-authorizer token refresh --output json < refresh-token.txt`
}

// Run gets new tokens.
func (r *refreshCommand) Run(ctx context.Context, c cli.Console) error {
	if r.Save && r.User == "" {
		return errors.New("--save needs the user name: token refresh USER --token-stdin --save")
	}
	p, err := r.client(ctx, c)
	if err != nil {
		return err
	}
	if err := r.printable(p); err != nil {
		return err
	}
	keep, old, err := r.source(ctx, c, p)
	if err != nil {
		return err
	}
	pool, err := r.pool(ctx, c, p)
	if err != nil {
		return err
	}
	t, err := pool.refresh(ctx, cognito.NewToken(old.RefreshToken), cmp.Or(old.Username, r.User))
	if err != nil {
		return err
	}
	if err := r.keepNewest(c, keep, p, old, t); err != nil {
		return err
	}
	return r.print(c, t, p)
}

// source finds the refresh token to use.
func (r *refreshCommand) source(ctx context.Context, c cli.Console, p place) (store, saved, error) {
	if r.User == "" {
		token, err := readToken(ctx, c, "refresh token")
		return store{}, saved{RefreshToken: token.Reveal()}, err
	}
	keep, err := openStore()
	if err != nil {
		return store{}, saved{}, err
	}
	if !r.TokenStdin {
		old, err := keep.load(p, r.User)
		return keep, old, err
	}
	token, err := readToken(ctx, c, "refresh token")
	return keep, saved{User: r.User, RefreshToken: token.Reveal()}, err
}

// keepNewest puts a new refresh token in the place of the one that it replaces, which is dead by now.
func (r *refreshCommand) keepNewest(c cli.Console, keep store, p place, old saved, t tokens) error {
	rotated := t.refresh.Reveal() != ""
	fromFile := r.User != "" && !r.TokenStdin
	switch {
	case r.Save || fromFile && rotated:
		if !rotated {
			t.refresh = cognito.NewToken(old.RefreshToken)
		}
		return saveSession(c, keep, p, r.User, t)
	case rotated && r.Output != "json":
		c.Note("Cognito replaced the refresh token and the new one is not shown. Use --output json, or a user name with --token-stdin --save.")
	}
	return nil
}

// refresh gets new tokens by GetTokensFromRefreshToken, which works with rotation and without, and where a
// server does not know that call by REFRESH_TOKEN_AUTH. That needs the real user name if the client has a
// secret. A token that was refused is not tried again.
func (a *api) refresh(ctx context.Context, token cognito.Token, user string) (tokens, error) {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	input := &idp.GetTokensFromRefreshTokenInput{ClientId: &a.place.ClientID, RefreshToken: pointer(token.Reveal())}
	if secret := a.secret.value(); secret != "" {
		input.ClientSecret = &secret
	}
	out, err := a.sdk.GetTokensFromRefreshToken(limited, input)
	var refusal smithy.APIError
	switch {
	case err == nil && out.AuthenticationResult == nil:
		return tokens{}, errors.New("the server sent no tokens")
	case err == nil:
		return tokensFrom(out.AuthenticationResult)
	case !errors.As(err, &refusal) || !isUnknownCall(refusal.ErrorCode()):
		return tokens{}, err
	}
	if a.secret.value() != "" && user == "" {
		return tokens{}, errors.New("this server needs the user name with the client secret: token refresh USER --token-stdin")
	}
	parameters := map[string]string{"REFRESH_TOKEN": token.Reveal()}
	a.secret.addHash(parameters, user, a.place.ClientID)
	next, err := a.begin(ctx, types.AuthFlowTypeRefreshTokenAuth, parameters)
	switch {
	case err != nil:
		return tokens{}, err
	case next.result == nil:
		return tokens{}, unanswerable(next.challenge)
	}
	return tokensFrom(next.result)
}

// isUnknownCall recognises the ways in which servers say that they do not know an operation.
func isUnknownCall(code string) bool {
	return code == "UnknownOperationException" || code == "InvalidAction" || code == "UnsupportedOperationException" ||
		code == "InvalidParameterException"
}

func pointer(s string) *string { return &s }
