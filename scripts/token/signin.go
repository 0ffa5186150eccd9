package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// maxChallenges ends a sign-in that goes in circles. The longest honest one has five.
const maxChallenges = 12

// The values of --flow.
const (
	flowSRP      = "srp"       // the password is proved and does not leave this machine
	flowPassword = "password"  // the password is sent, inside TLS
	flowAdmin    = "admin"     // the same, by a call that needs AWS credentials
	flowUserAuth = "user-auth" // Cognito offers a choice of ways
)

// signIn is one sign-in of one person.
type signIn struct {
	api   *api
	ask   *asker
	flow  string
	typed string // the user name as it was typed

	name     string // the user name as Cognito has it: what answers are signed and hashed with
	password string
	srp      *srp.Client // while a proof of the password is open
	chosen   types.ChallengeNameType
}

// run begins the sign-in and answers challenges until there are tokens.
func (s *signIn) run(ctx context.Context) (tokens, error) {
	s.name = s.typed
	next, err := s.begin(ctx)
	for range maxChallenges {
		if err != nil {
			return tokens{}, err
		}
		if next.result != nil {
			return tokensFrom(next.result)
		}
		next, err = s.answer(ctx, next)
	}
	if err == nil {
		err = errors.New("the server keeps asking and never answers: sign-in given up")
	}
	return tokens{}, err
}

// begin asks for the password before the first call, because a challenge must be answered in time.
func (s *signIn) begin(ctx context.Context) (step, error) {
	parameters := map[string]string{"USERNAME": s.typed}
	if s.flow == flowUserAuth && s.ask.lines == nil {
		return s.api.initiate(ctx, types.AuthFlowTypeUserAuth, parameters)
	}
	if err := s.askPassword(ctx); err != nil {
		return step{}, err
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
		return step{}, err
	}
	if s.flow == flowUserAuth { // the password was piped in, so the choice is made
		parameters["PREFERRED_CHALLENGE"] = string(types.ChallengeNameTypePasswordSrp)
		return s.api.initiate(ctx, types.AuthFlowTypeUserAuth, parameters)
	}
	return s.api.initiate(ctx, types.AuthFlowTypeUserSrpAuth, parameters)
}

func (s *signIn) askPassword(ctx context.Context) (err error) {
	if s.password == "" {
		s.password, err = s.ask.secret(ctx, "Password")
	}
	return err
}

// startSRP puts a fresh SRP_A among the parameters.
func (s *signIn) startSRP(parameters map[string]string) (err error) {
	if s.srp, err = srp.NewClient(s.api.place.PoolID, rand.Reader); err != nil {
		return err
	}
	parameters["SRP_A"] = s.srp.A()
	return nil
}

// answer answers one challenge.
func (s *signIn) answer(ctx context.Context, c step) (step, error) {
	for _, key := range []string{"USER_ID_FOR_SRP", "USERNAME"} {
		if name := c.parameters[key]; name != "" {
			s.name = name
			break
		}
	}
	answer, known := answers[c.challenge]
	if !known {
		return step{}, unanswerable(c.challenge)
	}
	return answer(s, ctx, c)
}

// respond sends an answer under the user's name.
func (s *signIn) respond(ctx context.Context, c step, answers map[string]string) (step, error) {
	answers["USERNAME"] = s.name
	return s.api.respond(ctx, c.challenge, c.session, answers)
}

// unanswerable says what to do about a challenge that a command line cannot answer.
func unanswerable(challenge types.ChallengeNameType) error {
	switch challenge {
	case types.ChallengeNameTypeWebAuthn:
		return errors.New("a passkey (WEB_AUTHN) needs a browser: choose another way with --flow srp")
	case types.ChallengeNameTypeDeviceSrpAuth, types.ChallengeNameTypeDevicePasswordVerifier:
		return fmt.Errorf("the server asks for a remembered device (%s) and this tool remembers none: forget the device, then sign in again", challenge)
	case "":
		return errors.New("the server sent neither tokens nor a challenge")
	}
	return fmt.Errorf("the server asks for %s, which this tool cannot answer: use the managed login page of the pool", challenge)
}
