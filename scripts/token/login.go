package token

import (
	"context"
	"errors"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type loginCommand struct {
	User          string `arg:"" help:"User name, or e-mail address or telephone number if the pool accepts that."`
	Flow          string `enum:"srp,password,admin,user-auth" default:"srp" help:"How to sign in, one of ${enum}. With srp, the default, the password itself is not sent."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input, and further answers from the following lines."`
	Save          bool   `help:"Save the refresh token in a file that only you can read."`
	Verify        bool   `help:"Also verify the tokens, and print the user and the claims to standard error."`

	targetOptions
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

// Run implements the command. Nothing is stored without --save, and nothing is printed unless everything succeeds.
func (l *loginCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := l.requireClient(ctx, c)
	if err != nil {
		return err
	}
	if err := l.validateOutput(p); err != nil {
		return err
	}
	var sessions sessionStore
	if l.Save {
		if sessions, err = openSessionStore(); err != nil {
			return err
		}
	}
	prompt := newPrompter(c)
	defer prompt.Close()
	if l.PasswordStdin {
		if err := prompt.takeAnswersFrom(c.In); err != nil {
			return err
		}
	}
	secret, err := l.read(ctx, prompt)
	if err != nil {
		return err
	}
	api, err := newAPI(ctx, p, secret, l.Flow == flowAdmin)
	if err != nil {
		return err
	}
	t, err := (&signIn{api: api, prompt: prompt, flow: l.Flow, typedName: l.User}).run(ctx)
	if err != nil {
		return err
	}
	if l.Verify {
		if err := printIdentity(ctx, c, p, t); err != nil {
			return err
		}
	}
	if l.Save {
		if err := saveSession(c, sessions, p, l.User, t); err != nil {
			return err
		}
	}
	return l.print(c, t, p)
}

// saveSession stores the refresh token of a sign-in.
func saveSession(c cli.Console, sessions sessionStore, p target, user string, t tokens) error {
	if t.refresh.Reveal() == "" {
		return errors.New("the server sent no refresh token, so none can be saved")
	}
	entry := savedSession{PoolID: p.PoolID, ClientID: p.ClientID, User: user, Username: usernameIn(t.access),
		RefreshToken: t.refresh.Reveal(), SavedAt: time.Now().UTC().Truncate(time.Second)}
	if err := sessions.save(p, entry); err != nil {
		return err
	}
	c.Note("The refresh token is saved in %s.", sessions.path(p, user))
	return nil
}
