package revoke

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// issuerOptions name the issuer of a person or an app client.
type issuerOptions struct {
	UserPoolID string `name:"user-pool-id" env:"USER_POOL_ID" placeholder:"ID" help:"The user pool, such as eu-west-1_AbCdEf123. Its issuer is derived from it."`
	Issuer     string `env:"ISSUER" placeholder:"URL" help:"The exact iss of the tokens, where the pool's ID does not give it."`
}

func (o issuerOptions) issuer() (string, error) {
	if o.Issuer != "" {
		return o.Issuer, nil
	}
	region, _, ok := strings.Cut(o.UserPoolID, "_")
	if !ok {
		return "", cli.Usagef("give --user-pool-id, such as eu-west-1_AbCdEf123, or --issuer")
	}
	return "https://cognito-idp." + region + "." + dnsSuffix(region) + "/" + o.UserPoolID, nil
}

type sessionCommand struct {
	ID         string `arg:"" optional:"" help:"The session: origin_jti of its tokens, sessionId in the backend."`
	TokenStdin bool   `help:"Read a token from standard input and revoke its session. The token is not verified."`
	options
}

// Help implements kong's HelpProvider.
func (*sessionCommand) Help() string {
	return `  cognito-authorizer revoke session 6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10 --table app-revocations
  cognito-authorizer revoke session --token-stdin --table app-revocations < leaked-token.txt`
}

// Run revokes a session.
func (s *sessionCommand) Run(ctx context.Context, c cli.Console) error {
	loaded, caches, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	id := s.ID
	switch {
	case s.TokenStdin == (id != ""):
		return cli.Usagef("give either the session or --token-stdin")
	case s.TokenStdin:
		if id, err = sessionOf(c.In); err != nil {
			return err
		}
	}
	return s.revoke(ctx, c, loaded, caches, revocation.Session(id, time.Now(), true), nil)
}

var errToken = errors.New("standard input is not a token that names its session (origin_jti)")

// sessionOf returns the session of the token in a file. Nothing about the token is verified, and errors do not quote it.
func sessionOf(in *os.File) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(in, cognito.MaxTokenBytes+2))
	if err != nil {
		return "", err
	}
	segments := strings.Split(strings.TrimSpace(string(raw)), ".")
	if len(segments) != 3 {
		return "", errToken
	}
	payload, err := base64.RawURLEncoding.DecodeString(segments[1])
	if err != nil {
		return "", errToken
	}
	var claims struct {
		Session string `json:"origin_jti"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Session == "" {
		return "", errToken
	}
	return claims.Session, nil
}

type userCommand struct {
	Username string `arg:"" optional:"" help:"The person's user name. Needs --user-pool-id; the person is also signed out of Cognito."`
	Sub      string `placeholder:"SUB" help:"In place of the user name: the sub of the tokens. Only the entry is written."`
	issuerOptions
	options
}

// Help implements kong's HelpProvider.
func (*userCommand) Help() string {
	return `  cognito-authorizer revoke user alice --table app-revocations --user-pool-id eu-west-1_AbCdEf123
  cognito-authorizer revoke user --sub 3f1c… --issuer https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123 --table app-revocations`
}

// Run revokes a person's tokens.
func (u *userCommand) Run(ctx context.Context, c cli.Console) error {
	loaded, caches, err := u.prepare(ctx)
	if err != nil {
		return err
	}
	issuer, err := u.issuer()
	if err != nil {
		return err
	}
	switch {
	case (u.Username == "") == (u.Sub == ""):
		return cli.Usagef("give either the user name or --sub")
	case u.Sub != "":
		return u.revoke(ctx, c, loaded, caches, revocation.User(issuer, u.Sub, time.Now(), true), nil)
	case u.UserPoolID == "":
		return cli.Usagef("give --user-pool-id, so that the user can be found, or --sub")
	}
	pool := idp.NewFromConfig(loaded)
	found, err := pool.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &u.UserPoolID, Username: &u.Username})
	if err != nil {
		return fmt.Errorf("the user cannot be looked up in %s: %w", u.UserPoolID, err)
	}
	sub := ""
	for _, attribute := range found.UserAttributes {
		if aws.ToString(attribute.Name) == "sub" {
			sub = aws.ToString(attribute.Value)
		}
	}
	if sub == "" {
		return fmt.Errorf("the user has no sub in %s", u.UserPoolID)
	}
	signOut := func(ctx context.Context) error {
		_, err := pool.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: &u.UserPoolID, Username: &u.Username})
		return err
	}
	// The refresh tokens end with the sign-out. Where that fails, new tokens of an old sign-in could still be issued, so the
	// entry stays for as long as one of those can live.
	return u.revoke(ctx, c, loaded, caches, revocation.User(issuer, sub, time.Now(), true), signOut)
}

// clientID matches what Cognito accepts as the ID of an app client.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
var clientID = regexp.MustCompile(`^[\w+]{1,128}$`)

type clientCommand struct {
	ClientID string `arg:"" help:"The app client."`
	issuerOptions
	options
}

// Help implements kong's HelpProvider.
func (*clientCommand) Help() string {
	return `  cognito-authorizer revoke client 4p9exampleclientid7abcd1234 --table app-revocations --user-pool-id eu-west-1_AbCdEf123

The client can get new tokens, and these are accepted. To lock it out, delete its secret or the client first.`
}

// Run revokes an app client's tokens.
func (cl *clientCommand) Run(ctx context.Context, c cli.Console) error {
	loaded, caches, err := cl.prepare(ctx)
	if err != nil {
		return err
	}
	issuer, err := cl.issuer()
	if err != nil {
		return err
	}
	if !clientID.MatchString(cl.ClientID) { // such as an unset variable: an entry about no client would look like a success
		return cli.Usagef("%q is not the ID of an app client", cl.ClientID)
	}
	return cl.revoke(ctx, c, loaded, caches, revocation.Client(issuer, cl.ClientID, time.Now()), nil)
}
