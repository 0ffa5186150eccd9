package fakecognito_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// enable enables second factors of Alice with AWS credentials.
func (w *world) enable(t *testing.T, in idp.AdminSetUserMFAPreferenceInput) error {
	t.Helper()
	in.UserPoolId, in.Username = aws.String(w.PoolID()), aws.String("alice")
	_, err := w.api.AdminSetUserMFAPreference(t.Context(), &in)
	return err
}

// setUpApp sets up an authenticator app for Alice and returns its secret.
func (w *world) setUpApp(t *testing.T) (secret string) {
	t.Helper()
	access := w.signIn("alice", alicesPassword).AccessToken
	associated, err := w.public.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: access})
	if err != nil {
		t.Fatal(err)
	}
	secret = aws.ToString(associated.SecretCode)
	verified, err := w.public.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: access, UserCode: aws.String(w.totp(t, secret))})
	if err != nil || verified.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		t.Fatalf("VerifySoftwareToken: %v, %v", verified, err)
	}
	if err := w.enable(t, idp.AdminSetUserMFAPreferenceInput{SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true}}); err != nil {
		t.Fatal(err)
	}
	w.pass(30 * time.Second) // the current code has been used
	return secret
}

func (w *world) totp(t *testing.T, secret string) string {
	t.Helper()
	code, err := fakecognito.TOTP(secret, w.time())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAuthenticatorApp(t *testing.T) {
	w := start(t, fakecognito.Options{})
	secret := w.setUpApp(t)
	code := func(away time.Duration) string {
		c, err := fakecognito.TOTP(secret, w.time().Add(away))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, test := range []struct {
		name string
		code string
		kind string
	}{
		{"a wrong code", flip(code(0)), "CodeMismatchException"},
		{"no code", "", "InvalidParameterException"},
		{"the code of two minutes ago", code(-2 * time.Minute), "CodeMismatchException"},
		{"the code of in two minutes", code(2 * time.Minute), "CodeMismatchException"},
		{"the code of this moment", code(0), ""},
		{"the same code again", code(0), "ExpiredCodeException"},
		{"the code of half a minute ago, older than one that was used", code(-30 * time.Second), "ExpiredCodeException"},
		{"the code of in half a minute, by a clock that is ahead", code(30 * time.Second), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			challenge, err := w.passwordAuth("alice", alicesPassword)
			if err != nil || challenge.ChallengeName != "SOFTWARE_TOKEN_MFA" {
				t.Fatalf("got %+v, %v", challenge, err)
			}
			out, err := w.respond("SOFTWARE_TOKEN_MFA", challenge.Session, "SOFTWARE_TOKEN_MFA_CODE", test.code)
			wantError(t, err, test.kind, "")
			if err == nil {
				w.tokens(out.AuthenticationResult, nil)
			}
		})
	}
	t.Run("GetUser shows the second factors", func(t *testing.T) {
		w.pass(time.Minute)
		challenge, err := w.passwordAuth("alice", alicesPassword)
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.respond("SOFTWARE_TOKEN_MFA", challenge.Session, "SOFTWARE_TOKEN_MFA_CODE", code(0))
		if err != nil {
			t.Fatal(err)
		}
		user, err := w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: out.AuthenticationResult.AccessToken})
		if err != nil || len(user.UserMFASettingList) != 1 || user.UserMFASettingList[0] != "SOFTWARE_TOKEN_MFA" {
			t.Fatalf("got %+v, %v", user, err)
		}
	})
}

// flip returns a different code of the same form.
func flip(code string) string {
	if strings.HasPrefix(code, "0") {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func TestThreeWrongCodesEndTheChallenge(t *testing.T) {
	w := start(t, fakecognito.Options{})
	secret := w.setUpApp(t)
	challenge, err := w.passwordAuth("alice", alicesPassword)
	if err != nil {
		t.Fatal(err)
	}
	right := w.totp(t, secret)
	for range 3 {
		_, err = w.respond("SOFTWARE_TOKEN_MFA", challenge.Session, "SOFTWARE_TOKEN_MFA_CODE", flip(right))
		wantError(t, err, "CodeMismatchException", "")
	}
	_, err = w.respond("SOFTWARE_TOKEN_MFA", challenge.Session, "SOFTWARE_TOKEN_MFA_CODE", right)
	wantError(t, err, "NotAuthorizedException", "")
}

func TestSentCodes(t *testing.T) {
	w := startWithPhone(t)
	for _, test := range []struct {
		name      string
		settings  idp.AdminSetUserMFAPreferenceInput
		challenge types.ChallengeNameType
		medium    string
		to        string
		masked    string
	}{
		{
			"a text message",
			idp.AdminSetUserMFAPreferenceInput{
				SMSMfaSettings:   &types.SMSMfaSettingsType{Enabled: true},
				EmailMfaSettings: &types.EmailMfaSettingsType{},
			},
			"SMS_MFA", "SMS", "+441632960123", "+********0123",
		},
		{
			"an e-mail",
			idp.AdminSetUserMFAPreferenceInput{
				SMSMfaSettings:   &types.SMSMfaSettingsType{},
				EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true},
			},
			"EMAIL_OTP", "EMAIL", "alice@example.com", "a***@e***",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := w.enable(t, test.settings); err != nil {
				t.Fatal(err)
			}
			challenge, err := w.passwordAuth("alice", alicesPassword)
			if err != nil || challenge.ChallengeName != test.challenge {
				t.Fatalf("got %+v, %v", challenge, err)
			}
			if got := challenge.ChallengeParameters["CODE_DELIVERY_DESTINATION"]; got != test.masked {
				t.Errorf("destination %q, want %q", got, test.masked)
			}
			message := w.lastMessage(string(test.challenge))
			if message.Medium != test.medium || message.To != test.to || len(message.Code) != 6 {
				t.Errorf("sent by %s to %s, %d digits", message.Medium, message.To, len(message.Code))
			}
			key := string(test.challenge) + "_CODE"
			_, err = w.respond(test.challenge, challenge.Session, key, flip(message.Code))
			wantError(t, err, "CodeMismatchException", "Invalid code or auth state for the user.")
			out, err := w.respond(test.challenge, challenge.Session, key, message.Code)
			if err != nil {
				t.Fatal(err)
			}
			w.tokens(out.AuthenticationResult, nil)
			_, err = w.respond(test.challenge, challenge.Session, key, message.Code)
			wantError(t, err, "NotAuthorizedException", "")
		})
	}
}

func TestSelectMFAType(t *testing.T) {
	w := startWithPhone(t)
	secret := w.setUpApp(t)
	err := w.enable(t, idp.AdminSetUserMFAPreferenceInput{
		SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true}, EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		answer string
		next   types.ChallengeNameType
		kind   string
	}{
		{"SMS_MFA", "SMS_MFA", ""},
		{"EMAIL_MFA", "EMAIL_OTP", ""},
		{"SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA", ""},
		{"WEB_AUTHN", "", "InvalidParameterException"},
	} {
		t.Run(test.answer, func(t *testing.T) {
			challenge, err := w.passwordAuth("alice", alicesPassword)
			if err != nil || challenge.ChallengeName != "SELECT_MFA_TYPE" {
				t.Fatalf("got %+v, %v", challenge, err)
			}
			if got, want := challenge.ChallengeParameters["MFAS_CAN_CHOOSE"], `["SOFTWARE_TOKEN_MFA","SMS_MFA","EMAIL_OTP"]`; got != want {
				t.Errorf("MFAS_CAN_CHOOSE = %s, want %s", got, want)
			}
			next, err := w.respond("SELECT_MFA_TYPE", challenge.Session, "ANSWER", test.answer)
			wantError(t, err, test.kind, "")
			if err != nil {
				return
			}
			if next.ChallengeName != test.next {
				t.Fatalf("got challenge %q, want %q", next.ChallengeName, test.next)
			}
			code := w.totp(t, secret)
			if test.next != "SOFTWARE_TOKEN_MFA" {
				code = w.lastMessage(string(test.next)).Code
			}
			out, err := w.respond(test.next, next.Session, string(test.next)+"_CODE", code)
			if err != nil {
				t.Fatal(err)
			}
			w.tokens(out.AuthenticationResult, nil)
		})
	}
}

func TestMFASetup(t *testing.T) {
	w := start(t, fakecognito.Options{MFA: fakecognito.MFARequired})
	challenge, err := w.passwordAuth("alice", alicesPassword)
	if err != nil || challenge.ChallengeName != "MFA_SETUP" {
		t.Fatalf("got %+v, %v", challenge, err)
	}
	verify := func(session *string, code string) (*idp.VerifySoftwareTokenOutput, error) {
		return w.public.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: session, UserCode: aws.String(code)})
	}
	_, err = w.respond("MFA_SETUP", challenge.Session)
	wantError(t, err, "InvalidParameterException", "")
	_, err = verify(challenge.Session, "123456")
	wantError(t, err, "SoftwareTokenMFANotFoundException", "")

	associated, err := w.public.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: challenge.Session})
	if err != nil {
		t.Fatal(err)
	}
	secret := aws.ToString(associated.SecretCode)
	_, err = verify(associated.Session, flip(w.totp(t, secret)))
	wantError(t, err, "EnableSoftwareTokenMFAException", "Code mismatch")
	_, err = w.respond("MFA_SETUP", associated.Session)
	wantError(t, err, "InvalidParameterException", "")
	verified, err := verify(associated.Session, w.totp(t, secret))
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.respond("MFA_SETUP", verified.Session)
	if err != nil {
		t.Fatal(err)
	}
	w.tokens(out.AuthenticationResult, nil)

	next, err := w.passwordAuth("alice", alicesPassword)
	if err != nil || next.ChallengeName != "SOFTWARE_TOKEN_MFA" {
		t.Fatalf("got %+v, %v; want the app to be asked for", next, err)
	}
	_, err = w.respond("SOFTWARE_TOKEN_MFA", next.Session, "SOFTWARE_TOKEN_MFA_CODE", w.totp(t, secret))
	wantError(t, err, "ExpiredCodeException", "") // the code was used to set the app up
}

func TestFactorsThatCannotBeEnabled(t *testing.T) {
	w := start(t, fakecognito.Options{})
	for name, settings := range map[string]idp.AdminSetUserMFAPreferenceInput{
		"text messages without a telephone number": {SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true}},
		"an app that was never set up":             {SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true}},
		"a preference for what is off":             {EmailMfaSettings: &types.EmailMfaSettingsType{PreferredMfa: true}},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, w.enable(t, settings), "InvalidParameterException", "") })
	}
}

// The SHA-1 vectors of RFC 6238, appendix B: the last six of the eight digits.
func TestTOTPVectors(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		got, err := fakecognito.TOTP(secret, time.Unix(at, 0))
		if err != nil || got != want {
			t.Errorf("at %d: got %s, %v; want %s", at, got, err, want)
		}
	}
	if _, err := fakecognito.TOTP("not base32!", time.Unix(59, 0)); err == nil {
		t.Error("a secret that is not base32 was accepted")
	}
}
