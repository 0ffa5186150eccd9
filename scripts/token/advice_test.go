package token

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

func refusal(code, message string) error {
	return &smithy.OperationError{ServiceID: "Cognito", OperationName: "InitiateAuth", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

// The messages are Cognito's own, as far as they are publicly known.
func TestEachErrorOfCognitoBecomesOneSentence(t *testing.T) {
	for _, tt := range []struct{ code, message, says string }{
		{"NotAuthorizedException", "Incorrect username or password.", "the user name or the password is wrong"},
		{"NotAuthorizedException", "Password attempts exceeded", "wait a quarter of an hour"},
		{"NotAuthorizedException", "User is disabled.", "ask an administrator of the pool to enable it"},
		{"NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.", "for a new invitation"},
		{"NotAuthorizedException", "Client abc is configured with secret but SECRET_HASH was not received", "this app client has a secret: give it"},
		{"NotAuthorizedException", "Client abc is configured for secret but secret was not received", "Cognito refused: check"},
		{"NotAuthorizedException", "Client abc is not configured with secret but SECRET_HASH was received", "this app client has no secret"},
		{"NotAuthorizedException", "SecretHash does not match for the client: abc", "the client secret is wrong"},
		{"NotAuthorizedException", "Unable to verify secret hash for client abc", "the client secret is wrong"},
		{"NotAuthorizedException", "Invalid Refresh Token", "the refresh token is no longer valid"},
		{"NotAuthorizedException", "Refresh Token has been revoked", "sign in again with token login"},
		{"NotAuthorizedException", "Refresh Token has expired", "sign in again with token login"},
		{"NotAuthorizedException", "Invalid session for the user, session is expired.", "start again"},
		{"NotAuthorizedException", "Access Token has expired", "the access token has expired"},
		{"NotAuthorizedException", "Access Token does not have required scopes", "aws.cognito.signin.user.admin"},
		{"NotAuthorizedException", "something new", "that this machine's clock is right"},
		{"UserNotFoundException", "User does not exist.", "there is no such user in this pool"},
		{"UserNotConfirmedException", "User is not confirmed.", "has not confirmed the sign-up"},
		{"PasswordResetRequiredException", "", "the password must be reset first"},
		{"InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters", "Password must have symbol characters)"},
		{"InvalidPasswordException", "1 validation error detected: Value at 'password' is hunter2", "choose another (InvalidPasswordException)"},
		{"PasswordHistoryPolicyViolationException", "", "choose one that is new"},
		{"CodeMismatchException", "", "enter the newest one"},
		{"ExpiredCodeException", "", "start again and enter the new one"},
		{"TooManyRequestsException", "Rate exceeded", "wait a moment"},
		{"LimitExceededException", "", "raise the quota"},
		{"InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client", "choose another with --flow"},
		{"InvalidParameterException", "Auth flow not enabled for this client", "choose another with --flow"},
		{"InvalidParameterException", "Missing required parameter USERNAME", "rejected one of the values"},
		{"ResourceNotFoundException", "User pool client abc does not exist.", "check --client-id, --user-pool-id and --region"},
		{"ForbiddenException", "Request not allowed due to WAF block.", "the firewall (AWS WAF)"},
		{"RefreshTokenReuseException", "", "was replaced by a newer one"},
		{"UnknownOperationException", "", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"},
		{"AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized", "cognito-idp:AdminInitiateAuth"},
		{"UnheardOfException", "hunter2", "the server refused: UnheardOfException"},
	} {
		t.Run(tt.code+" "+tt.message, func(t *testing.T) {
			cause := refusal(tt.code, tt.message)
			err := Advice(cause)
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), tt.code) {
				t.Errorf("it says %q", err)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "arn:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("it says too much: %q", err)
			}
			if !errors.Is(err, cause) || Advice(err).Error() != err.Error() {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestCallsWithoutAResponseAreExplained(t *testing.T) {
	inEmptyFolder(t)
	operation := func(err error) error { return &smithy.OperationError{OperationName: "InitiateAuth", Err: err} }
	for name, tt := range map[string]struct {
		err  error
		says string
	}{
		"no such host":   {operation(&net.DNSError{Name: "cognito-idp.xx-west-1.amazonaws.com", IsNotFound: true}), "there is no host cognito-idp.xx-west-1.amazonaws.com: check --region"},
		"too late":       {operation(context.DeadlineExceeded), "Cognito did not answer in time"},
		"refused":        {operation(errors.New("connection refused")), "cannot reach Cognito"},
		"no credentials": {operation(errors.New("failed to refresh cached credentials, no EC2 IMDS role found")), "there are no AWS credentials for this call"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Advice(tt.err); !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %q", err)
			}
		})
	}
	if ours := errors.New("ours"); !errors.Is(Advice(ours), ours) || Advice(ours).Error() != "ours" || Advice(nil) != nil {
		t.Error("an error of this tool is changed")
	}
}

// A row would never be used if an earlier row matched all of its errors.
func TestNoRowIsHiddenByAnother(t *testing.T) {
	for i, row := range adviceTable {
		for _, earlier := range adviceTable[:i] {
			if earlier.code == row.code && strings.Contains(row.message, earlier.message) {
				t.Errorf("%s %q is never reached, because of %q", row.code, row.message, earlier.message)
			}
		}
		if row.advice == "" || strings.HasSuffix(row.advice, ".") {
			t.Errorf("%s: %q", row.code, row.advice)
		}
	}
}

func TestThePublishedSecretHash(t *testing.T) {
	parameters := map[string]string{}
	newClientSecret("9example87654321").addHash(parameters, "11111111-2222-3333-4444-555555555555", "1example23456789")
	if got := parameters["SECRET_HASH"]; got != "q/J3zOAXu2/DPsoPgh29UogANtgb66xkNMWGJ7aQJdw=" {
		t.Errorf("got %q", got)
	}
	parameters = map[string]string{}
	clientSecret{}.addHash(parameters, "a", "b")
	if len(parameters) != 0 {
		t.Error("a hash without a secret")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	for _, secret := range []any{newClientSecret("hunter2"), savedSession{RefreshToken: "hunter2"}, &api{secret: newClientSecret("hunter2")},
		tokens{access: cognitoToken("hunter2"), refresh: cognitoToken("hunter2")}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, secret); strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
				t.Errorf("%T with %s: %s", secret, verb, text)
			}
		}
	}
}
