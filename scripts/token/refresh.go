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
	TokenStdin bool   `help:"Read the refresh token from standard input even if a user name is given."`
	Save       bool   `help:"Save the refresh token from standard input, or the one that replaces it, for the user."`

	targetOptions
	secretOptions
	outputOptions
}

// Help implements kong's HelpProvider.
func (*refreshCommand) Help() string {
	return `A pool may replace the refresh token each time (rotation). The new one then replaces the saved
one. For a token from standard input, only --output json shows the new one.

  cognito-authorizer token refresh alice
  cognito-authorizer token refresh --output json < refresh-token.txt`
}

// Run implements the command.
func (r *refreshCommand) Run(ctx context.Context, c cli.Console) error {
	if r.Save && r.User == "" {
		return errors.New("--save needs the user name: token refresh USER --token-stdin --save")
	}
	p, err := r.requireClient(ctx, c)
	if err != nil {
		return err
	}
	if err := r.validateOutput(p); err != nil {
		return err
	}
	sessions, old, err := r.loadToken(ctx, c, p)
	if err != nil {
		return err
	}
	api, err := r.newAPI(ctx, c, p)
	if err != nil {
		return err
	}
	t, err := api.refresh(ctx, cognito.NewToken(old.RefreshToken), cmp.Or(old.Username, r.User))
	if err != nil {
		return err
	}
	if err := r.saveRotated(c, sessions, p, old, t); err != nil {
		return err
	}
	return r.print(c, t, p)
}

// loadToken returns the refresh token to use, from a saved session or standard input.
func (r *refreshCommand) loadToken(ctx context.Context, c cli.Console, p target) (sessionStore, savedSession, error) {
	if r.User == "" {
		token, err := readToken(ctx, c, "refresh token")
		return sessionStore{}, savedSession{RefreshToken: token.Reveal()}, err
	}
	sessions, err := openSessionStore()
	if err != nil {
		return sessionStore{}, savedSession{}, err
	}
	if !r.TokenStdin {
		old, err := sessions.load(p, r.User)
		return sessions, old, err
	}
	token, err := readToken(ctx, c, "refresh token")
	return sessions, savedSession{User: r.User, RefreshToken: token.Reveal()}, err
}

// saveRotated saves a new refresh token in place of the old one, which is no longer valid.
func (r *refreshCommand) saveRotated(c cli.Console, sessions sessionStore, p target, old savedSession, t tokens) error {
	rotated := t.refresh.Reveal() != ""
	fromFile := r.User != "" && !r.TokenStdin
	switch {
	case r.Save || fromFile && rotated:
		if !rotated {
			t.refresh = cognito.NewToken(old.RefreshToken)
		}
		return saveSession(c, sessions, p, r.User, t)
	case rotated && r.Output != "json":
		c.Note("Cognito replaced the refresh token and the new one is not shown. Use --output json, or a user name with --token-stdin --save.")
	}
	return nil
}

// refresh calls GetTokensFromRefreshToken, which works with and without rotation. If the server does not know that call, it
// uses REFRESH_TOKEN_AUTH, which needs Cognito's user name if the client has a secret. A refused token is not tried again.
func (a *api) refresh(ctx context.Context, token cognito.Token, user string) (tokens, error) {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	input := &idp.GetTokensFromRefreshTokenInput{ClientId: &a.target.ClientID, RefreshToken: pointer(token.Reveal())}
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
	a.secret.addHash(parameters, user, a.target.ClientID)
	next, err := a.begin(ctx, types.AuthFlowTypeRefreshTokenAuth, parameters)
	switch {
	case err != nil:
		return tokens{}, err
	case next.result == nil:
		return tokens{}, unsupportedChallenge(next.challenge)
	}
	return tokensFrom(next.result)
}

// isUnknownCall reports whether an error code means that the server does not know the operation. Servers differ in it.
func isUnknownCall(code string) bool {
	return code == "UnknownOperationException" || code == "InvalidAction" || code == "UnsupportedOperationException" ||
		code == "InvalidParameterException"
}

func pointer(s string) *string { return &s }
