package token

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// lines returns standard input with one line for each question.
func lines(answers ...string) string { return strings.Join(answers, "\n") + "\n" }

// withCode runs a sign-in whose last answer is the code that is sent meanwhile.
func (w *world) withCode(first string, args ...string) result {
	w.t.Helper()
	return w.converse(func(write func(string), _ func(string) string) {
		write(first)
		write(w.awaitCode() + "\n")
	}, args...)
}

func TestATemporaryPasswordIsChangedAndMissingAttributesAreFilledIn(t *testing.T) {
	for _, flow := range []string{"srp", "password", "user-auth", "admin"} {
		t.Run(flow, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{RequiredAttributes: []string{"family_name", "given_name"}})
			w.useSecretClient() // which has to be proved with each answer
			w.env["COGNITO_CLIENT_SECRET"] = w.SecretClientSecret()
			w.env["AWS_ACCESS_KEY_ID"], w.env["AWS_SECRET_ACCESS_KEY"] = "test", "test"
			w.add(fakecognito.User{Username: "tess", Password: password, Status: fakecognito.UserForceChangePassword,
				Attributes: map[string]string{"given_name": "Tess"}})
			out := w.run(lines(password, "Tester", newPassword), "login", "tess", "--password-stdin", "--flow", flow).ok()
			w.isTokenOf(out, "tess", "access")
			if who := w.run(out, "whoami").ok(); !strings.Contains(who, `"last_name": "Tester"`) || !strings.Contains(who, `"first_name": "Tess"`) {
				t.Errorf("whoami: %s", who)
			}
			w.run(password, "login", "tess", "--password-stdin").refused("the user name or the password is wrong")
			w.run(newPassword, "login", "tess", "--password-stdin").ok()
		})
	}
}

func TestANewPasswordThatIsRefusedChangesNothing(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "tess", Password: password, Status: fakecognito.UserForceChangePassword})
	w.run(lines(password, "short"), "login", "tess", "--password-stdin").
		refused("the pool's rules do not allow this password: choose another (InvalidPasswordException: Password not long enough)")
	w.run(lines(password), "login", "tess", "--password-stdin").refused("there is no terminal to ask on for: New password")
	w.run(lines(password, newPassword), "login", "tess", "--password-stdin").ok()
}

func TestCodesByEMailAndTextMessage(t *testing.T) {
	for name, in := range map[string]*idp.AdminSetUserMFAPreferenceInput{
		"e-mail":       {EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true}},
		"text message": {SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			in.UserPoolId, in.Username = aws.String(w.PoolID()), aws.String(alice)
			if _, err := w.admin().AdminSetUserMFAPreference(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			args := []string{"login", alice, "--password-stdin"}
			w.isTokenOf(w.withCode(lines(password), args...).ok(), alice, "access")
			w.run(lines(password, "000000000"), args...).refused("the code is wrong: enter the newest one (CodeMismatchException)")
		})
	}
}

func TestAChoiceOfSecondFactors(t *testing.T) {
	for choice, medium := range map[string]string{"EMAIL_OTP": "EMAIL", "SMS_MFA": "SMS"} {
		t.Run(choice, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			_, err := w.admin().AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
				UserPoolId: aws.String(w.PoolID()), Username: aws.String(alice),
				EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true}, SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			server, seen := recorder(t, w.URL())
			w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
			args := []string{"login", alice, "--password-stdin"}
			out := w.withCode(lines(password, choice), args...).ok()
			if claims := claimsOf(t, out); claims["username"] != alice {
				t.Errorf("a token of %v", claims["username"])
			}
			// Cognito lists EMAIL_OTP, and wants EMAIL_MFA for an answer.
			answer := map[string]string{"EMAIL_OTP": "EMAIL_MFA", "SMS_MFA": "SMS_MFA"}[choice]
			if calls := seen(); len(calls) != 4 || !strings.Contains(calls[2].body, `"ANSWER":"`+answer+`"`) {
				t.Errorf("%d calls, none with %s", len(calls), answer)
			}
			if got := w.last().Medium; got != medium {
				t.Errorf("sent by %s", got)
			}
			w.run(lines(password, "PIGEON"), args...).refused("the answer is not one of the choices: EMAIL_OTP, SMS_MFA")
		})
	}
}

func TestAnAuthenticatorAppIsSetUpAndThenUsed(t *testing.T) {
	var ahead atomic.Int64 // of the pool's clock: a code works once, so the second needs another time
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w := newWorld(t, fakecognito.Options{MFA: fakecognito.MFARequired, Now: now})
	var secret string
	args := []string{"login", alice, "--password-stdin"}
	// The line appears on standard error, where a terminal would be.
	r := w.converse(func(write func(string), heard func(string) string) {
		write(password + "\n")
		heard("otpauth:")
		uri, err := url.Parse("otpauth:" + heard("\n"))
		if err != nil {
			t.Fatal(err)
		}
		secret = uri.Query().Get("secret")
		if uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Path != "/"+w.PoolID()+":"+alice || uri.Query().Get("issuer") != w.PoolID() {
			t.Errorf("%s://%s%s", uri.Scheme, uri.Host, uri.Path)
		}
		write(totp(t, secret, now()) + "\n")
	}, args...)
	w.isTokenOf(r.ok(), alice, "access")

	w.run(lines(password, "000000"), args...).refused("the code is wrong")
	ahead.Add(int64(time.Minute))
	out := w.run(lines(password, totp(t, secret, now())), args...).ok()
	if claims := claimsOf(t, out); claims["username"] != alice { // verify has this machine's time
		t.Errorf("a token of %v", claims["username"])
	}
}

func TestAWrongFirstCodeDoesNotSetUpTheApp(t *testing.T) {
	w := newWorld(t, fakecognito.Options{MFA: fakecognito.MFARequired})
	w.run(lines(password, "000000"), "login", alice, "--password-stdin").refused("enter the one that the app shows now")
}

func totp(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := fakecognito.TOTP(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}
