package fakecognito_test

import (
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestSignInWithPassword(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "unconfirmed", Status: fakecognito.UserUnconfirmed})
	w.add(fakecognito.User{Username: "pending", Password: alicesPassword, Status: fakecognito.UserUnconfirmed})
	w.add(fakecognito.User{Username: "reset", Status: fakecognito.UserResetRequired})
	const wrong = "Incorrect username or password."
	for _, test := range []struct {
		name     string
		username string
		password string
		kind     string
		message  string
	}{
		{"the user name and its password", "alice", alicesPassword, "", ""},
		{"the username in another case", "Alice", alicesPassword, "", ""},
		{"a verified e-mail address instead of the user name", "alice@example.com", alicesPassword, "", ""},
		{"a wrong password", "alice", "Correct-Horse-2", "NotAuthorizedException", wrong},
		{"an unknown user, reported like a wrong password", "nobody", alicesPassword, "NotAuthorizedException", wrong},
		{"no password", "alice", "", "InvalidParameterException", "Missing required parameter PASSWORD"},
		{"no name", "", alicesPassword, "InvalidParameterException", "Missing required parameter USERNAME"},
		{"a user who never confirmed", "pending", alicesPassword, "UserNotConfirmedException", "User is not confirmed."},
		{"a user who never confirmed and has no password", "unconfirmed", alicesPassword, "NotAuthorizedException", wrong},
		{"a user whose password was reset", "reset", alicesPassword, "PasswordResetRequiredException", "Password reset required for the user"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := w.passwordAuth(test.username, test.password)
			wantError(t, err, test.kind, test.message)
			if err == nil {
				r := w.tokens(out.AuthenticationResult, nil)
				if r.IdToken == nil || r.RefreshToken == nil || r.ExpiresIn != 3600 || aws.ToString(r.TokenType) != "Bearer" {
					t.Errorf("got ID token %t, refresh token %t, ExpiresIn %d, TokenType %v",
						r.IdToken != nil, r.RefreshToken != nil, r.ExpiresIn, aws.ToString(r.TokenType))
				}
			}
		})
	}
}

func TestClientsAndFlows(t *testing.T) {
	w := start(t, fakecognito.Options{})
	good := secretHash("alice", w.SecretClientID(), w.SecretClientSecret())
	for _, test := range []struct {
		name   string
		client string
		flow   types.AuthFlowType
		hash   string
		kind   string
	}{
		{"the web client needs no secret hash", w.WebClientID(), "USER_PASSWORD_AUTH", "", ""},
		{"the web client with a secret hash", w.WebClientID(), "USER_PASSWORD_AUTH", good, "NotAuthorizedException"},
		{"the secret client with its secret hash", w.SecretClientID(), "USER_PASSWORD_AUTH", good, ""},
		{"the secret client without", w.SecretClientID(), "USER_PASSWORD_AUTH", "", "NotAuthorizedException"},
		{"the hash of another user", w.SecretClientID(), "USER_PASSWORD_AUTH", secretHash("bob", w.SecretClientID(), w.SecretClientSecret()), "NotAuthorizedException"},
		{"the hash with a wrong secret", w.SecretClientID(), "USER_PASSWORD_AUTH", secretHash("alice", w.SecretClientID(), "wrong"), "NotAuthorizedException"},
		{"the machine client signs nobody in", w.MachineClientID(), "USER_PASSWORD_AUTH", "", "InvalidParameterException"},
		{"a client of another pool", "1234567890abcdefghijklmnop", "USER_PASSWORD_AUTH", "", "ResourceNotFoundException"},
		{"an administrator's flow by the public call", w.SecretClientID(), "ADMIN_USER_PASSWORD_AUTH", good, "InvalidParameterException"},
		{"custom authentication without its triggers", w.WebClientID(), "CUSTOM_AUTH", "", "InvalidParameterException"},
		{"a flow that does not exist", w.WebClientID(), "MAGIC", "", "InvalidParameterException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parameters := map[string]string{"USERNAME": "alice", "PASSWORD": alicesPassword}
			if test.hash != "" {
				parameters["SECRET_HASH"] = test.hash
			}
			_, err := w.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
				ClientId: aws.String(test.client), AuthFlow: test.flow, AuthParameters: parameters,
			})
			wantError(t, err, test.kind, "")
		})
	}
}

func TestWrongPasswordsLockTheUserOut(t *testing.T) {
	w := start(t, fakecognito.Options{})
	guess := func(password, want string) {
		t.Helper()
		_, err := w.passwordAuth("alice", password)
		kind := ""
		if want != "" {
			kind = "NotAuthorizedException"
		}
		wantError(t, err, kind, want)
	}
	const wrong, exceeded = "Incorrect username or password.", "Password attempts exceeded"
	for range 5 {
		guess("Wrong-Horse-1", wrong)
	}
	guess(alicesPassword, exceeded)
	w.pass(time.Second)
	guess("Wrong-Horse-1", wrong)
	w.pass(time.Second)
	guess(alicesPassword, exceeded)
	w.pass(time.Second)
	guess(alicesPassword, "")
	guess("Wrong-Horse-1", wrong) // the count was reset
	guess(alicesPassword, "")
}

func TestNewPasswordRequired(t *testing.T) {
	w := start(t, fakecognito.Options{RequiredAttributes: []string{"email", "given_name"}})
	w.add(fakecognito.User{
		Username: "bob", Password: "Temporary-1", Status: fakecognito.UserForceChangePassword,
		Attributes: map[string]string{"email": "bob@example.com"},
	})
	challenge, err := w.passwordAuth("bob", "Temporary-1")
	if err != nil {
		t.Fatal(err)
	}
	if challenge.ChallengeName != "NEW_PASSWORD_REQUIRED" || challenge.AuthenticationResult != nil {
		t.Fatalf("got challenge %q", challenge.ChallengeName)
	}
	if got, want := challenge.ChallengeParameters["requiredAttributes"], `["userAttributes.given_name"]`; got != want {
		t.Errorf("requiredAttributes = %s, want %s", got, want)
	}
	if got, want := challenge.ChallengeParameters["userAttributes"], `{"email":"bob@example.com","email_verified":"false"}`; got != want {
		t.Errorf("userAttributes = %s, want %s", got, want)
	}
	// The rows are consecutive: a rejected answer leaves the challenge open.
	for _, step := range []struct {
		name    string
		session *string
		pairs   []string
		kind    string
	}{
		{"no session", nil, []string{"NEW_PASSWORD", newPassword}, "InvalidParameterException"},
		{"an unknown session", aws.String("a-session-that-nobody-gave"), []string{"NEW_PASSWORD", newPassword}, "NotAuthorizedException"},
		{"another user's name", challenge.Session, []string{"USERNAME", "alice", "NEW_PASSWORD", newPassword}, "NotAuthorizedException"},
		{"no password", challenge.Session, nil, "InvalidParameterException"},
		{"a required attribute missing", challenge.Session, []string{"NEW_PASSWORD", newPassword}, "InvalidParameterException"},
		{"an attribute that has a value", challenge.Session, []string{"NEW_PASSWORD", newPassword, "userAttributes.given_name", "Bob", "userAttributes.email", "x@example.com"}, "NotAuthorizedException"},
		{"a weak password", challenge.Session, []string{"NEW_PASSWORD", "weak", "userAttributes.given_name", "Bob"}, "InvalidPasswordException"},
		{"all that is asked for", challenge.Session, []string{"NEW_PASSWORD", newPassword, "userAttributes.given_name", "Bob"}, ""},
		{"the same answer again", challenge.Session, []string{"NEW_PASSWORD", newPassword, "userAttributes.given_name", "Bob"}, "NotAuthorizedException"},
	} {
		t.Run(step.name, func(t *testing.T) {
			pairs := append([]string{"USERNAME", "bob"}, step.pairs...)
			out, err := w.respond("NEW_PASSWORD_REQUIRED", step.session, pairs...)
			wantError(t, err, step.kind, "")
			if err == nil {
				w.tokens(out.AuthenticationResult, nil)
			}
		})
	}
	t.Run("only the new password is valid", func(t *testing.T) {
		w.signIn("bob", newPassword)
		_, err := w.passwordAuth("bob", "Temporary-1")
		wantError(t, err, "NotAuthorizedException", "")
	})
}

func TestTemporaryPasswordAndChallengeExpire(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "bob", Password: "Temporary-1", Status: fakecognito.UserForceChangePassword})
	challenge, err := w.passwordAuth("bob", "Temporary-1")
	if err != nil {
		t.Fatal(err)
	}
	w.pass(3 * time.Minute)
	_, err = w.respond("NEW_PASSWORD_REQUIRED", challenge.Session, "USERNAME", "bob", "NEW_PASSWORD", newPassword)
	wantError(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
	w.pass(7 * 24 * time.Hour)
	_, err = w.passwordAuth("bob", "Temporary-1")
	wantError(t, err, "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
}
