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

// answers are the challenges that can be answered at a command line:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
var answers = map[types.ChallengeNameType]func(*signIn, context.Context, step) (step, error){
	types.ChallengeNameTypePasswordVerifier:    (*signIn).proveThePassword,
	types.ChallengeNameTypeNewPasswordRequired: (*signIn).chooseNewPassword,
	types.ChallengeNameTypeSelectChallenge:     (*signIn).selectChallenge,
	types.ChallengeNameTypePassword:            (*signIn).sendPassword,
	types.ChallengeNameTypePasswordSrp:         (*signIn).beginProof,
	types.ChallengeNameTypeSmsMfa:              (*signIn).enterCode,
	types.ChallengeNameTypeSmsOtp:              (*signIn).enterCode,
	types.ChallengeNameTypeEmailOtp:            (*signIn).enterCode,
	types.ChallengeNameTypeSoftwareTokenMfa:    (*signIn).enterCode,
	types.ChallengeNameTypeSelectMfaType:       (*signIn).selectMFA,
	types.ChallengeNameTypeMfaSetup:            (*signIn).setUpMFA,
	types.ChallengeNameTypeCustomChallenge:     (*signIn).answerCustom,
}

// proveThePassword answers PASSWORD_VERIFIER. The name in the answer is the one that was signed.
func (s *signIn) proveThePassword(ctx context.Context, c step) (step, error) {
	if s.srp == nil {
		return step{}, errors.New("the server asks for a proof that was not begun: sign-in given up")
	}
	answer, err := s.srp.Answer(s.password, srp.ChallengeFrom(c.parameters), time.Now())
	if err != nil {
		return step{}, fmt.Errorf("the server's challenge is not what Cognito sends: %w", err)
	}
	s.srp, s.name = nil, answer.User
	return s.respond(ctx, c, answer.Responses())
}

// selectChallenge is the choice of --flow user-auth. What the choice needs goes along with it.
func (s *signIn) selectChallenge(ctx context.Context, c step) (step, error) {
	if s.flow != flowUserAuth {
		return step{}, unasked(c)
	}
	var offered []string
	for _, name := range c.available {
		if name != types.ChallengeNameTypeWebAuthn {
			offered = append(offered, string(name))
		}
	}
	if len(offered) == 0 {
		return step{}, unanswerable(types.ChallengeNameTypeWebAuthn)
	}
	choice, err := s.ask.choose(ctx, "Sign in by", offered)
	if err != nil {
		return step{}, err
	}
	s.chosen = types.ChallengeNameType(choice)
	responses := map[string]string{"ANSWER": choice}
	switch s.chosen {
	case types.ChallengeNameTypePassword:
		if err := s.askPassword(ctx); err != nil {
			return step{}, err
		}
		responses["PASSWORD"] = s.password
	case types.ChallengeNameTypePasswordSrp:
		if err := s.askPassword(ctx); err != nil {
			return step{}, err
		}
		if err := s.startSRP(responses); err != nil {
			return step{}, err
		}
	}
	return s.respond(ctx, c, responses)
}

// sendPassword sends the password itself, so it does that only where the person chose it. A server that
// asks for it in an SRP sign-in is after the password.
func (s *signIn) sendPassword(ctx context.Context, c step) (step, error) {
	if s.flow != flowUserAuth || s.chosen != types.ChallengeNameTypePassword {
		return step{}, unasked(c)
	}
	if err := s.askPassword(ctx); err != nil {
		return step{}, err
	}
	return s.respond(ctx, c, map[string]string{"PASSWORD": s.password})
}

func (s *signIn) beginProof(ctx context.Context, c step) (step, error) {
	if s.flow != flowUserAuth {
		return step{}, unasked(c)
	}
	if err := s.askPassword(ctx); err != nil {
		return step{}, err
	}
	responses := map[string]string{}
	if err := s.startSRP(responses); err != nil {
		return step{}, err
	}
	return s.respond(ctx, c, responses)
}

func unasked(c step) error {
	return fmt.Errorf("the server asks for %s, which does not belong to this flow: sign-in given up", c.challenge)
}

// chooseNewPassword ends a temporary password, and fills in what the pool requires of its users.
func (s *signIn) chooseNewPassword(ctx context.Context, c step) (step, error) {
	required, err := list(c.parameters, "requiredAttributes")
	if err != nil {
		return step{}, err
	}
	s.ask.say("The password is a temporary one. Choose your own.")
	attributes := map[string]string{}
	for _, name := range required {
		name = strings.TrimPrefix(name, "userAttributes.")
		if attributes["userAttributes."+name], err = s.ask.line(ctx, name); err != nil {
			return step{}, err
		}
	}
	return s.retry(func() (step, error) {
		password, err := s.newPassword(ctx)
		if err != nil {
			return step{}, err
		}
		responses := map[string]string{"NEW_PASSWORD": password}
		for name, value := range attributes {
			responses[name] = value
		}
		return s.respond(ctx, c, responses)
	})
}

// newPassword has a person type it twice; a line of standard input counts once.
func (s *signIn) newPassword(ctx context.Context) (string, error) {
	for {
		password, err := s.ask.secret(ctx, "New password")
		if err != nil || !s.ask.interactive() {
			return password, err
		}
		again, err := s.ask.secret(ctx, "New password, once more")
		if err != nil || again == password {
			return password, err
		}
		s.ask.say("The two are not the same.")
	}
}

// answerCustom answers the challenge of a pool's own Lambda functions with what the person enters.
func (s *signIn) answerCustom(ctx context.Context, c step) (step, error) {
	for name, value := range c.parameters {
		if name != "USERNAME" && name != "USER_ID_FOR_SRP" {
			s.ask.say("  %s: %s", name, value)
		}
	}
	answer, err := s.ask.secret(ctx, "Answer")
	if err != nil {
		return step{}, err
	}
	return s.respond(ctx, c, map[string]string{"ANSWER": answer})
}

// list reads a challenge parameter that is a JSON array of strings.
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
