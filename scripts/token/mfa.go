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

// retry lets the user correct an answer, as long as Cognito keeps the challenge open.
func (s *signIn) retry(try func() (authResponse, error)) (authResponse, error) {
	for tries := 1; ; tries++ {
		next, err := try()
		if err == nil || tries == maxTries || !s.prompt.interactive() || !isRetryable(err) {
			return next, err
		}
		s.prompt.say("%v", Advice(err))
	}
}

// isRetryable reports whether the same challenge can be answered again.
func isRetryable(err error) bool {
	var code *types.CodeMismatchException
	var app *types.EnableSoftwareTokenMFAException
	var password *types.InvalidPasswordException
	return errors.As(err, &code) || errors.As(err, &app) || errors.As(err, &password)
}

// enterCode answers the challenges for a code. The parameter has the name of the challenge.
func (s *signIn) enterCode(ctx context.Context, c authResponse) (authResponse, error) {
	question := "Code of your authenticator app"
	if c.challenge != types.ChallengeNameTypeSoftwareTokenMfa {
		question = "Code"
		if to := c.parameters["CODE_DELIVERY_DESTINATION"]; to != "" {
			question += " sent to " + to
		}
	}
	return s.retry(func() (authResponse, error) {
		code, err := s.prompt.line(ctx, question)
		if err != nil {
			return authResponse{}, err
		}
		return s.respond(ctx, c, map[string]string{string(c.challenge) + "_CODE": code})
	})
}

// selectMFA lets the user choose a second factor. Cognito offers EMAIL_OTP but expects EMAIL_MFA as the choice.
func (s *signIn) selectMFA(ctx context.Context, c authResponse) (authResponse, error) {
	factors, err := list(c.parameters, "MFAS_CAN_CHOOSE")
	if err != nil {
		return authResponse{}, err
	}
	if len(factors) == 0 {
		return authResponse{}, errors.New("the server asked to choose a second factor, but offered none")
	}
	choice, err := s.prompt.choose(ctx, "Second factor", factors)
	if err != nil {
		return authResponse{}, err
	}
	if choice == string(types.ChallengeNameTypeEmailOtp) {
		choice = "EMAIL_MFA"
	}
	return s.respond(ctx, c, map[string]string{"ANSWER": choice})
}

// setUpMFA sets up an authenticator app (RFC 6238) for a pool that requires one.
func (s *signIn) setUpMFA(ctx context.Context, c authResponse) (authResponse, error) {
	factors, err := list(c.parameters, "MFAS_CAN_SETUP")
	if err != nil {
		return authResponse{}, err
	}
	if !slices.Contains(factors, string(types.ChallengeNameTypeSoftwareTokenMfa)) {
		return authResponse{}, errors.New("the pool requires a second factor other than an authenticator app: set it up on the managed login page of the pool")
	}
	associated, err := s.api.associate(ctx, c.session)
	if err != nil {
		return authResponse{}, err
	}
	s.prompt.say("The pool requires a second factor. Add this to your authenticator app and keep it secret:")
	s.prompt.say("  %s", otpauth(s.api.target.PoolID, s.typedName, *associated.SecretCode))
	session := associated.Session
	return s.retry(func() (authResponse, error) {
		code, err := s.prompt.line(ctx, "Code that the app shows")
		if err != nil {
			return authResponse{}, err
		}
		verified, err := s.api.verifyApp(ctx, session, code)
		if err != nil {
			return authResponse{}, err
		}
		return s.respond(ctx, authResponse{challenge: c.challenge, session: verified.Session}, map[string]string{})
	})
}

func (a *api) associate(ctx context.Context, session *string) (*idp.AssociateSoftwareTokenOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.sdk.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: session})
	if err == nil && out.SecretCode == nil {
		return nil, errors.New("the server sent no secret for the authenticator app")
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

// otpauth returns the URI that authenticator apps read:
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func otpauth(poolID, user, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + poolID + ":" + user,
		RawQuery: url.Values{"secret": {secret}, "issuer": {poolID}}.Encode()}
	return u.String()
}
