package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// maxChallenges stops a sign-in that does not end. The longest valid one has five challenges.
const maxChallenges = 12

// The values of --flow.
const (
	flowSRP      = "srp"       // a proof of the password is sent, never the password
	flowPassword = "password"  // the password is sent, inside TLS
	flowAdmin    = "admin"     // likewise, with a call that needs AWS credentials
	flowUserAuth = "user-auth" // Cognito offers a choice of methods
)

// signIn is one sign-in of one user.
type signIn struct {
	api       *api
	prompt    *prompter
	flow      string
	typedName string // the user name as typed

	cognitoName string // Cognito's user name, which responses are signed and hashed with
	password    string
	srp         *srp.Client // nil unless a proof of the password was started
	chosen      types.ChallengeNameType
}

// run begins the sign-in and answers challenges until there are tokens.
func (s *signIn) run(ctx context.Context) (tokens, error) {
	s.cognitoName = s.typedName
	next, err := s.begin(ctx)
	for range maxChallenges {
		if err != nil {
			return tokens{}, err
		}
		if next.result != nil {
			return tokensFrom(next.result)
		}
		next, err = s.handle(ctx, next)
	}
	if err == nil {
		err = fmt.Errorf("the server sent more than %d challenges: sign-in stopped", maxChallenges)
	}
	return tokens{}, err
}

// begin asks for the password before the first call, because a challenge must be answered within a time limit.
func (s *signIn) begin(ctx context.Context) (authResponse, error) {
	parameters := map[string]string{"USERNAME": s.typedName}
	if s.flow == flowUserAuth && s.prompt.lines == nil {
		return s.api.initiate(ctx, types.AuthFlowTypeUserAuth, parameters)
	}
	if err := s.askPassword(ctx); err != nil {
		return authResponse{}, err
	}
	switch s.flow {
	case flowPassword:
		parameters["PASSWORD"] = s.password
		return s.api.initiate(ctx, types.AuthFlowTypeUserPasswordAuth, parameters)
	case flowAdmin:
		parameters["PASSWORD"] = s.password
		return s.api.initiate(ctx, types.AuthFlowTypeAdminUserPasswordAuth, parameters)
	}
	if err := s.startSRP(parameters); err != nil {
		return authResponse{}, err
	}
	if s.flow == flowUserAuth { // a piped password leaves only this choice
		parameters["PREFERRED_CHALLENGE"] = string(types.ChallengeNameTypePasswordSrp)
		return s.api.initiate(ctx, types.AuthFlowTypeUserAuth, parameters)
	}
	return s.api.initiate(ctx, types.AuthFlowTypeUserSrpAuth, parameters)
}

func (s *signIn) askPassword(ctx context.Context) (err error) {
	if s.password == "" {
		s.password, err = s.prompt.secret(ctx, "Password")
	}
	return err
}

// startSRP adds a new SRP_A to the parameters.
func (s *signIn) startSRP(parameters map[string]string) (err error) {
	if s.srp, err = srp.NewClient(s.api.target.PoolID, rand.Reader); err != nil {
		return err
	}
	parameters["SRP_A"] = s.srp.A()
	return nil
}

func (s *signIn) handle(ctx context.Context, c authResponse) (authResponse, error) {
	for _, key := range []string{"USER_ID_FOR_SRP", "USERNAME"} {
		if name := c.parameters[key]; name != "" {
			s.cognitoName = name
			break
		}
	}
	handle, known := challengeHandlers[c.challenge]
	if !known {
		return authResponse{}, unsupportedChallenge(c.challenge)
	}
	return handle(s, ctx, c)
}

// respond answers a challenge with Cognito's user name.
func (s *signIn) respond(ctx context.Context, c authResponse, responses map[string]string) (authResponse, error) {
	responses["USERNAME"] = s.cognitoName
	return s.api.respond(ctx, c.challenge, c.session, responses)
}

// unsupportedChallenge explains what to do about a challenge that this tool cannot answer.
func unsupportedChallenge(challenge types.ChallengeNameType) error {
	switch challenge {
	case types.ChallengeNameTypeWebAuthn:
		return errors.New("a passkey (WEB_AUTHN) needs a browser: sign in with --flow srp")
	case types.ChallengeNameTypeDeviceSrpAuth, types.ChallengeNameTypeDevicePasswordVerifier:
		return fmt.Errorf("the server requires a remembered device (%s), which this tool does not have: remove the device, then sign in again", challenge)
	case "":
		return errors.New("the server sent neither tokens nor a challenge")
	}
	return fmt.Errorf("the server sent %s, which this tool cannot answer: use the managed login page of the pool", challenge)
}
