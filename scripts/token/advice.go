package token

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"
)

// adviceRow is what to do about an error of Cognito. The first row that matches applies.
type adviceRow struct {
	code    string // of the exception
	message string // words in Cognito's message; empty: any
	advice  string
}

const (
	signInAgain = "sign in again with token login"
	adviceHash  = "the client secret is wrong for this app client, or the user name is an alias of another name: check both"
)

// adviceTable covers the errors of the calls that this tool makes:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html and each call's page.
var adviceTable = []adviceRow{
	{"NotAuthorizedException", "Incorrect username or password", "the user name or the password is wrong: try again, and mind that Cognito makes you wait after several wrong ones"},
	{"NotAuthorizedException", "attempts exceeded", "too many wrong passwords: wait a quarter of an hour, then try again"},
	{"NotAuthorizedException", "User is disabled", "this user is disabled: ask an administrator of the pool to enable it"},
	{"NotAuthorizedException", "Temporary password has expired", "the temporary password is too old: ask an administrator of the pool for a new invitation"},
	{"NotAuthorizedException", "SECRET_HASH was not received", "this app client has a secret: give it with --ask-client-secret, --client-secret-file or COGNITO_CLIENT_SECRET"},
	{"NotAuthorizedException", "not configured with secret", "this app client has no secret: omit --ask-client-secret and --client-secret-file, and unset COGNITO_CLIENT_SECRET"},
	{"NotAuthorizedException", "SecretHash does not match", adviceHash},
	{"NotAuthorizedException", "Unable to verify secret hash", adviceHash},
	{"NotAuthorizedException", "verify the secret", "the client secret is wrong, or missing for a client that has one: give it with --ask-client-secret, --client-secret-file or COGNITO_CLIENT_SECRET"},
	{"NotAuthorizedException", "Refresh Token", "the refresh token is no longer valid: " + signInAgain},
	{"NotAuthorizedException", "Invalid session", "the sign-in took too long or was answered twice: start again"},
	{"NotAuthorizedException", "Access Token does not have required scopes", "the access token lacks the scope aws.cognito.signin.user.admin, as those of programs do: use one from token login"},
	{"NotAuthorizedException", "Access Token", "the access token has expired or is not of this pool: " + signInAgain},
	{"NotAuthorizedException", "already provided", "an attribute that has a value cannot be set while choosing a new password: start again"},
	{"NotAuthorizedException", "", "Cognito refused: check user name, password and app client, and that this machine's clock is right"},
	{"UserNotFoundException", "", "there is no such user in this pool: check the name and the pool"},
	{"UserNotConfirmedException", "", "this user has not confirmed the sign-up: enter the code from the e-mail or text message on the sign-in page, or ask an administrator"},
	{"PasswordResetRequiredException", "", "the password must be reset first: use “forgot password” on the sign-in page, or ask an administrator"},
	{"InvalidPasswordException", "", "the pool's rules do not allow this password: choose another"},
	{"PasswordHistoryPolicyViolationException", "", "this password was used before: choose one that is new"},
	{"CodeMismatchException", "", "the code is wrong: enter the newest one"},
	{"EnableSoftwareTokenMFAException", "", "the code is wrong: enter the one that the app shows now, and check the clock of the phone"},
	{"SoftwareTokenMFANotFoundException", "", "no authenticator app is set up for this user: start again, or ask an administrator to reset the second factor"},
	{"MFAMethodNotFoundException", "", "Cognito knows no way to send this user a code: ask an administrator to add a telephone number or e-mail address"},
	{"CodeDeliveryFailureException", "", "Cognito could not send the code: check the e-mail address or telephone number of the user"},
	{"ExpiredCodeException", "", "the code is too old or was used: start again and enter the new one"},
	{"TooManyRequestsException", "", "Cognito received too many requests: wait a moment, then try again"},
	{"TooManyFailedAttemptsException", "", "too many wrong attempts: wait a quarter of an hour, then try again"},
	{"LimitExceededException", "", "a limit of the user pool is reached: wait, or ask an administrator to raise the quota"},
	{"InvalidParameterException", "not enabled", "the app client does not allow this flow: choose another with --flow, or have it added to the client's ExplicitAuthFlows"},
	{"InvalidParameterException", "", "Cognito rejected one of the values: check user name, attributes and client"},
	{"ResourceNotFoundException", "", "there is no such app client or pool in this region: check --client-id, --user-pool-id and --region"},
	{"ForbiddenException", "", "the firewall (AWS WAF) in front of the pool refused the request: try from another network, or ask an administrator"},
	{"RefreshTokenReuseException", "", "this refresh token was replaced by a newer one: use that, or " + signInAgain},
	{"UnsupportedTokenTypeException", "", "only a refresh token can be revoked, and this is not one"},
	{"UnsupportedOperationException", "", "the app client does not allow this: turn on token revocation for it"},
	{"UnauthorizedException", "", "the token was issued to another app client: give that one with --client-id"},
	{"UserLambdaValidationException", "", "a Lambda trigger of the pool refused the sign-in: ask whoever runs the pool"},
	{"UnexpectedLambdaException", "", "a Lambda trigger of the pool failed: ask whoever runs the pool"},
	{"InvalidLambdaResponseException", "", "a Lambda trigger of the pool failed: ask whoever runs the pool"},
	{"InvalidUserPoolConfigurationException", "", "the user pool is not set up completely: ask whoever runs it"},
	{"InternalErrorException", "", "Cognito reported an internal error: try again later"},
	{"AccessDeniedException", "", "your AWS credentials do not allow this: they need cognito-idp:AdminInitiateAuth and cognito-idp:AdminRespondToAuthChallenge"},
	{"UnrecognizedClientException", "", "your AWS credentials are not valid: sign in to AWS again"},
	{"ExpiredTokenException", "", "your AWS credentials have expired: sign in to AWS again"},
	{"UnknownOperationException", "", "the server does not know this call: check AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"},
}

// adviceError carries advice and unwraps to its cause.
type adviceError struct {
	text  string
	cause error
}

func (e *adviceError) Error() string { return e.text }
func (e *adviceError) Unwrap() error { return e.cause }

// Advice replaces an error of a call to Cognito with one sentence of advice and the error's name. Cognito's text may repeat
// the input, so only the violated password rule is kept. Other errors are returned unchanged.
func Advice(err error) error {
	var known *adviceError
	if err == nil || errors.As(err, &known) {
		return err
	}
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return &adviceError{refusalAdvice(refusal), err}
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	return &adviceError{unreachable(operation), err}
}

func refusalAdvice(refusal smithy.APIError) string {
	code := refusal.ErrorCode()
	for _, row := range adviceTable {
		if row.code == code && strings.Contains(refusal.ErrorMessage(), row.message) {
			if rule := brokenRule(refusal); rule != "" {
				return fmt.Sprintf("%s (%s: %s)", row.advice, code, rule)
			}
			return fmt.Sprintf("%s (%s)", row.advice, code)
		}
	}
	if len(code) > 80 {
		code = code[:80]
	}
	return fmt.Sprintf("the server refused: %s", code)
}

// brokenRule returns the password rule that Cognito names in an InvalidPasswordException, or an empty string.
func brokenRule(refusal smithy.APIError) string {
	if refusal.ErrorCode() != "InvalidPasswordException" {
		return ""
	}
	for _, rule := range []string{
		"Password not long enough", "Password must have uppercase characters", "Password must have lowercase characters",
		"Password must have numeric characters", "Password must have symbol characters",
	} {
		if strings.Contains(refusal.ErrorMessage(), rule) {
			return rule
		}
	}
	return ""
}

// unreachable explains a call without a response.
func unreachable(operation *smithy.OperationError) string {
	var lookup *net.DNSError
	var network net.Error
	where := cmp.Or(endpoint(), "Cognito")
	switch {
	case errors.As(operation, &lookup):
		return fmt.Sprintf("there is no host %s: check --region and the network", lookup.Name)
	case errors.As(operation, &network) && network.Timeout(), errors.Is(operation, context.DeadlineExceeded):
		return where + " did not answer in time: check the network and try again"
	case strings.Contains(operation.Error(), "credentials"):
		return "there are no AWS credentials for this call: sign in to AWS first (aws sts get-caller-identity shows whether you are)"
	}
	return "cannot reach " + where + ": check the network, the region and AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
}
