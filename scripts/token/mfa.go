package token

import (
	"context"
	"errors"
	"net/url"
	"slices"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// maxTries is how often a person may enter a code or a new password. Cognito allows few as well.
const maxTries = 3

// retry lets a person try again after a slip, as long as Cognito keeps the challenge open.
func (s *signIn) retry(try func() (step, error)) (step, error) {
	for tries := 1; ; tries++ {
		next, err := try()
		if err == nil || tries == maxTries || !s.ask.interactive() || !isSlip(err) {
			return next, err
		}
		s.ask.say("%v", Advice(err))
	}
}

// isSlip reports whether the same challenge can be answered again.
func isSlip(err error) bool {
	var code *types.CodeMismatchException
	var app *types.EnableSoftwareTokenMFAException
	var password *types.InvalidPasswordException
	return errors.As(err, &code) || errors.As(err, &app) || errors.As(err, &password)
}

// enterCode answers the challenges for a code; the answer is named after the challenge.
func (s *signIn) enterCode(ctx context.Context, c step) (step, error) {
	question := "Code of your authenticator app"
	if c.challenge != types.ChallengeNameTypeSoftwareTokenMfa {
		question = "Code"
		if to := c.parameters["CODE_DELIVERY_DESTINATION"]; to != "" {
			question += " sent to " + to
		}
	}
	return s.retry(func() (step, error) {
		code, err := s.ask.line(ctx, question)
		if err != nil {
			return step{}, err
		}
		return s.respond(ctx, c, map[string]string{string(c.challenge) + "_CODE": code})
	})
}

// selectMFA chooses between second factors. Cognito lists EMAIL_OTP and wants to hear EMAIL_MFA.
func (s *signIn) selectMFA(ctx context.Context, c step) (step, error) {
	factors, err := list(c.parameters, "MFAS_CAN_CHOOSE")
	if err != nil {
		return step{}, err
	}
	if len(factors) == 0 {
		return step{}, errors.New("the server offers a choice of second factors and names none")
	}
	choice, err := s.ask.choose(ctx, "Second factor", factors)
	if err != nil {
		return step{}, err
	}
	if choice == string(types.ChallengeNameTypeEmailOtp) {
		choice = "EMAIL_MFA"
	}
	return s.respond(ctx, c, map[string]string{"ANSWER": choice})
}

// setUpMFA sets up an authenticator app (RFC 6238), which the pool demands of its users.
func (s *signIn) setUpMFA(ctx context.Context, c step) (step, error) {
	factors, err := list(c.parameters, "MFAS_CAN_SETUP")
	if err != nil {
		return step{}, err
	}
	if !slices.Contains(factors, string(types.ChallengeNameTypeSoftwareTokenMfa)) {
		return step{}, errors.New("the pool demands a second factor that is not an authenticator app: set it up on the managed login page of the pool")
	}
	associated, err := s.api.associate(ctx, c.session)
	if err != nil {
		return step{}, err
	}
	s.ask.say("The pool demands a second factor. Add this to your authenticator app; nobody else may see it:")
	s.ask.say("  %s", otpauth(s.api.place.PoolID, s.typed, *associated.SecretCode))
	session := associated.Session
	return s.retry(func() (step, error) {
		code, err := s.ask.line(ctx, "Code that the app shows")
		if err != nil {
			return step{}, err
		}
		verified, err := s.api.verifyApp(ctx, session, code)
		if err != nil {
			return step{}, err
		}
		return s.respond(ctx, step{challenge: c.challenge, session: verified.Session}, map[string]string{})
	})
}

func (a *api) associate(ctx context.Context, session *string) (*idp.AssociateSoftwareTokenOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.sdk.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: session})
	if err == nil && out.SecretCode == nil {
		return nil, errors.New("the server set up an authenticator app and sent no secret for it")
	}
	return out, err
}

func (a *api) verifyApp(ctx context.Context, session *string, code string) (*idp.VerifySoftwareTokenOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.sdk.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{Session: session, UserCode: &code})
	if err == nil && out.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		return nil, &types.EnableSoftwareTokenMFAException{}
	}
	return out, err
}

// otpauth is the line that authenticator apps read:
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func otpauth(poolID, user, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + poolID + ":" + user,
		RawQuery: url.Values{"secret": {secret}, "issuer": {poolID}}.Encode()}
	return u.String()
}
