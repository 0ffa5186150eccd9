package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// challengeHandlers are the challenges that can be answered on a command line:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
var challengeHandlers = map[types.ChallengeNameType]func(*signIn, context.Context, authResponse) (authResponse, error){
	types.ChallengeNameTypePasswordVerifier:    (*signIn).answerPasswordVerifier,
	types.ChallengeNameTypeNewPasswordRequired: (*signIn).chooseNewPassword,
	types.ChallengeNameTypeSelectChallenge:     (*signIn).selectChallenge,
	types.ChallengeNameTypePassword:            (*signIn).answerPassword,
	types.ChallengeNameTypePasswordSrp:         (*signIn).answerPasswordSRP,
	types.ChallengeNameTypeSmsMfa:              (*signIn).enterCode,
	types.ChallengeNameTypeSmsOtp:              (*signIn).enterCode,
	types.ChallengeNameTypeEmailOtp:            (*signIn).enterCode,
	types.ChallengeNameTypeSoftwareTokenMfa:    (*signIn).enterCode,
	types.ChallengeNameTypeSelectMfaType:       (*signIn).selectMFA,
	types.ChallengeNameTypeMfaSetup:            (*signIn).setUpMFA,
	types.ChallengeNameTypeCustomChallenge:     (*signIn).answerCustom,
}

// answerPasswordVerifier answers PASSWORD_VERIFIER. The proof covers the user name, so later responses use the same one.
func (s *signIn) answerPasswordVerifier(ctx context.Context, c authResponse) (authResponse, error) {
	if s.srp == nil {
		return authResponse{}, errors.New("the server asked for an SRP proof, but none was started: sign-in stopped")
	}
	answer, err := s.srp.Answer(s.password, srp.ChallengeFrom(c.parameters), time.Now())
	if err != nil {
		return authResponse{}, fmt.Errorf("the server's challenge does not have Cognito's form: %w", err)
	}
	s.srp, s.cognitoName = nil, answer.User
	return s.respond(ctx, c, answer.Responses())
}

// selectChallenge lets the user choose a sign-in method with --flow user-auth, and sends what the method needs with the choice.
func (s *signIn) selectChallenge(ctx context.Context, c authResponse) (authResponse, error) {
	if s.flow != flowUserAuth {
		return authResponse{}, unexpectedChallenge(c)
	}
	var offered []string
	for _, name := range c.available {
		if name != types.ChallengeNameTypeWebAuthn {
			offered = append(offered, string(name))
		}
	}
	if len(offered) == 0 {
		return authResponse{}, unsupportedChallenge(types.ChallengeNameTypeWebAuthn)
	}
	choice, err := s.prompt.choose(ctx, "Sign in by", offered)
	if err != nil {
		return authResponse{}, err
	}
	s.chosen = types.ChallengeNameType(choice)
	responses := map[string]string{"ANSWER": choice}
	switch s.chosen {
	case types.ChallengeNameTypePassword:
		if err := s.askPassword(ctx); err != nil {
			return authResponse{}, err
		}
		responses["PASSWORD"] = s.password
	case types.ChallengeNameTypePasswordSrp:
		if err := s.askPassword(ctx); err != nil {
			return authResponse{}, err
		}
		if err := s.startSRP(responses); err != nil {
			return authResponse{}, err
		}
	}
	return s.respond(ctx, c, responses)
}

// answerPassword sends the password itself, so it requires that the user chose this method. A server that asks for it in an
// SRP sign-in may be trying to steal the password.
func (s *signIn) answerPassword(ctx context.Context, c authResponse) (authResponse, error) {
	if s.flow != flowUserAuth || s.chosen != types.ChallengeNameTypePassword {
		return authResponse{}, unexpectedChallenge(c)
	}
	if err := s.askPassword(ctx); err != nil {
		return authResponse{}, err
	}
	return s.respond(ctx, c, map[string]string{"PASSWORD": s.password})
}

func (s *signIn) answerPasswordSRP(ctx context.Context, c authResponse) (authResponse, error) {
	if s.flow != flowUserAuth {
		return authResponse{}, unexpectedChallenge(c)
	}
	if err := s.askPassword(ctx); err != nil {
		return authResponse{}, err
	}
	responses := map[string]string{}
	if err := s.startSRP(responses); err != nil {
		return authResponse{}, err
	}
	return s.respond(ctx, c, responses)
}

func unexpectedChallenge(c authResponse) error {
	return fmt.Errorf("the server sent %s, which is not part of this flow: sign-in stopped", c.challenge)
}

// chooseNewPassword replaces a temporary password and asks for the attributes that the pool requires.
func (s *signIn) chooseNewPassword(ctx context.Context, c authResponse) (authResponse, error) {
	required, err := list(c.parameters, "requiredAttributes")
	if err != nil {
		return authResponse{}, err
	}
	s.prompt.say("The password is a temporary one. Choose your own.")
	attributes := map[string]string{}
	for _, name := range required {
		name = strings.TrimPrefix(name, "userAttributes.")
		if attributes["userAttributes."+name], err = s.prompt.line(ctx, name); err != nil {
			return authResponse{}, err
		}
	}
	return s.retry(func() (authResponse, error) {
		password, err := s.newPassword(ctx)
		if err != nil {
			return authResponse{}, err
		}
		responses := map[string]string{"NEW_PASSWORD": password}
		for name, value := range attributes {
			responses[name] = value
		}
		return s.respond(ctx, c, responses)
	})
}

// newPassword asks for a password, on a terminal twice.
func (s *signIn) newPassword(ctx context.Context) (string, error) {
	for {
		password, err := s.prompt.secret(ctx, "New password")
		if err != nil || !s.prompt.interactive() {
			return password, err
		}
		again, err := s.prompt.secret(ctx, "New password, once more")
		if err != nil || again == password {
			return password, err
		}
		s.prompt.say("The passwords differ.")
	}
}

// answerCustom answers a challenge of the pool's Lambda triggers with what the user enters.
func (s *signIn) answerCustom(ctx context.Context, c authResponse) (authResponse, error) {
	for name, value := range c.parameters {
		if name != "USERNAME" && name != "USER_ID_FOR_SRP" {
			s.prompt.say("  %s: %s", name, value)
		}
	}
	response, err := s.prompt.secret(ctx, "Answer")
	if err != nil {
		return authResponse{}, err
	}
	return s.respond(ctx, c, map[string]string{"ANSWER": response})
}

// list decodes a challenge parameter that is a JSON array of strings.
func list(parameters map[string]string, name string) ([]string, error) {
	var values []string
	if text := parameters[name]; text != "" {
		if err := json.Unmarshal([]byte(text), &values); err != nil || len(values) > 50 {
			return nil, fmt.Errorf("the server's %s is not a list as Cognito sends it", name)
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}
