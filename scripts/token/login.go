package token

import (
	"context"
	"errors"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type loginCommand struct {
	User          string `arg:"" help:"User name, or e-mail address or telephone number where the pool takes that."`
	Flow          string `enum:"srp,password,admin,user-auth" default:"srp" help:"How to sign in, one of ${enum}. With srp, the default, the password is proved without being sent."`
	PasswordStdin bool   `help:"Take the password from the first line of standard input, and further answers from the lines after it."`
	Save          bool   `help:"Keep the refresh token, in a file that only you can read."`
	Verify        bool   `help:"Also check the tokens, and show on standard error who signed in and what the token says."`

	placeOptions
	secretOptions
	outputOptions
}

// Help implements kong's HelpProvider.
func (*loginCommand) Help() string {
	return `Cognito's questions (a new password, codes, a second factor) are asked on the terminal.
With --flow admin the call is signed with your AWS credentials.

  cognito-authorizer token login alice
  cognito-authorizer token login alice --output header
  cognito-authorizer token login alice --output curl --url https://api.example.com/info | sh
  eval "$(cognito-authorizer token login alice --output env)"
  cognito-authorizer token login alice --output postman > cognito.postman_environment.json
  pass show alice | cognito-authorizer token login alice --password-stdin --save`
}

// Run signs in. Nothing is stored without --save, and nothing is printed unless all of it succeeds.
func (l *loginCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := l.client(ctx, c)
	if err != nil {
		return err
	}
	if err := l.printable(p); err != nil {
		return err
	}
	var keep store
	if l.Save {
		if keep, err = openStore(); err != nil {
			return err
		}
	}
	ask := newAsker(c)
	defer ask.Close()
	if l.PasswordStdin {
		if err := ask.takeAnswersFrom(c.In); err != nil {
			return err
		}
	}
	secret, err := l.read(ctx, ask)
	if err != nil {
		return err
	}
	pool, err := newAPI(ctx, p, secret, l.Flow == flowAdmin)
	if err != nil {
		return err
	}
	t, err := (&signIn{api: pool, ask: ask, flow: l.Flow, typed: l.User}).run(ctx)
	if err != nil {
		return err
	}
	if l.Verify {
		if err := introduce(ctx, c, p, t); err != nil {
			return err
		}
	}
	if l.Save {
		if err := saveSession(c, keep, p, l.User, t); err != nil {
			return err
		}
	}
	return l.print(c, t, p)
}

// saveSession keeps the refresh token of a sign-in.
func saveSession(c cli.Console, keep store, p place, user string, t tokens) error {
	if t.refresh.Reveal() == "" {
		return errors.New("the server gave no refresh token that could be saved")
	}
	entry := saved{PoolID: p.PoolID, ClientID: p.ClientID, User: user, Username: usernameIn(t.access),
		RefreshToken: t.refresh.Reveal(), SavedAt: time.Now().UTC().Truncate(time.Second)}
	if err := keep.save(p, entry); err != nil {
		return err
	}
	c.Note("The refresh token is saved in %s.", keep.path(p, user))
	return nil
}
