package fakecognito_test

import (
	"crypto/rand"
	"slices"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

func TestChoiceBasedSignIn(t *testing.T) {
	w := startWithPhone(t)
	client := func(t *testing.T) *srp.Client {
		c, err := srp.NewClient(w.PoolID(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	prove := func(t *testing.T, c *srp.Client, parameters map[string]string) []string {
		answer, err := c.Answer(alicesPassword, srp.ChallengeFrom(parameters), w.time())
		if err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for k, v := range answer.Responses() {
			pairs = append(pairs, k, v)
		}
		return pairs
	}
	choose := func(t *testing.T) *idp.InitiateAuthOutput {
		out, err := w.initiate("USER_AUTH", "USERNAME", "alice")
		if err != nil || out.ChallengeName != "SELECT_CHALLENGE" {
			t.Fatalf("got %+v, %v", out, err)
		}
		want := []types.ChallengeNameType{"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP"}
		if !slices.Equal(out.AvailableChallenges, want) {
			t.Fatalf("got choices %v, want %v", out.AvailableChallenges, want)
		}
		return out
	}

	t.Run("a preferred password in the first call", func(t *testing.T) {
		out, err := w.initiate("USER_AUTH", "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", alicesPassword)
		w.tokens(result(out), err)
	})
	t.Run("a wrong preferred password", func(t *testing.T) {
		_, err := w.initiate("USER_AUTH", "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", "Wrong-Horse-1")
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	})
	t.Run("a preferred password that is asked for", func(t *testing.T) {
		out, err := w.initiate("USER_AUTH", "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD")
		if err != nil || out.ChallengeName != "PASSWORD" {
			t.Fatalf("got %+v, %v", out, err)
		}
		end, err := w.respond("PASSWORD", out.Session, "PASSWORD", alicesPassword)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens(end.AuthenticationResult, nil)
	})
	t.Run("a preferred SRP proof", func(t *testing.T) {
		c := client(t)
		out, err := w.initiate("USER_AUTH", "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", c.A())
		if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" {
			t.Fatalf("got %+v, %v", out, err)
		}
		end, err := w.respond("PASSWORD_VERIFIER", out.Session, prove(t, c, out.ChallengeParameters)...)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens(end.AuthenticationResult, nil)
	})
	t.Run("choosing the password", func(t *testing.T) {
		out, err := w.respond("SELECT_CHALLENGE", choose(t).Session, "ANSWER", "PASSWORD", "PASSWORD", alicesPassword)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens(out.AuthenticationResult, nil)
	})
	t.Run("choosing SRP", func(t *testing.T) {
		c := client(t)
		out, err := w.respond("SELECT_CHALLENGE", choose(t).Session, "ANSWER", "PASSWORD_SRP", "SRP_A", c.A())
		if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" {
			t.Fatalf("got %+v, %v", out, err)
		}
		end, err := w.respond("PASSWORD_VERIFIER", out.Session, prove(t, c, out.ChallengeParameters)...)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens(end.AuthenticationResult, nil)
	})
	for _, choice := range []types.ChallengeNameType{"EMAIL_OTP", "SMS_OTP"} {
		t.Run("choosing "+string(choice), func(t *testing.T) {
			out, err := w.respond("SELECT_CHALLENGE", choose(t).Session, "ANSWER", string(choice))
			if err != nil || out.ChallengeName != choice {
				t.Fatalf("got %+v, %v", out, err)
			}
			code := w.lastMessage(string(choice)).Code
			if len(code) != 8 {
				t.Errorf("a code of %d digits as the only factor, want 8", len(code))
			}
			_, err = w.respond(choice, out.Session, string(choice)+"_CODE", flip(code))
			wantError(t, err, "CodeMismatchException", "")
			end, err := w.respond(choice, out.Session, string(choice)+"_CODE", code)
			if err != nil {
				t.Fatal(err)
			}
			w.tokens(end.AuthenticationResult, nil)
		})
	}
	t.Run("a choice that was not offered", func(t *testing.T) {
		_, err := w.respond("SELECT_CHALLENGE", choose(t).Session, "ANSWER", "WEB_AUTHN")
		wantError(t, err, "InvalidParameterException", "")
	})
	t.Run("a wrong password closes the challenge", func(t *testing.T) {
		session := choose(t).Session
		_, err := w.respond("SELECT_CHALLENGE", session, "ANSWER", "PASSWORD", "PASSWORD", "Wrong-Horse-1")
		wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
		_, err = w.respond("SELECT_CHALLENGE", session, "ANSWER", "PASSWORD", "PASSWORD", alicesPassword)
		wantError(t, err, "NotAuthorizedException", "")
	})
}

func TestCodesAloneAreNotForThoseWithASecondFactor(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.setUpApp(t)
	out, err := w.initiate("USER_AUTH", "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	if err != nil || out.ChallengeName != "SELECT_CHALLENGE" {
		t.Fatalf("got %+v, %v", out, err)
	}
	if want := []types.ChallengeNameType{"PASSWORD", "PASSWORD_SRP"}; !slices.Equal(out.AvailableChallenges, want) {
		t.Errorf("got choices %v, want %v", out.AvailableChallenges, want)
	}
}

func TestUnknownNameChoosesAsAUserWithAPasswordWould(t *testing.T) {
	w := start(t, fakecognito.Options{})
	out, err := w.initiate("USER_AUTH", "USERNAME", "nobody")
	if err != nil || out.ChallengeName != "SELECT_CHALLENGE" {
		t.Fatalf("got %+v, %v", out, err)
	}
	_, err = w.respond("SELECT_CHALLENGE", out.Session, "USERNAME", "nobody", "ANSWER", "PASSWORD", "PASSWORD", alicesPassword)
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

func TestAdministratorsSignIn(t *testing.T) {
	w := start(t, fakecognito.Options{})
	hash := secretHash("alice", w.SecretClientID(), w.SecretClientSecret())
	in := func() *idp.AdminInitiateAuthInput {
		return &idp.AdminInitiateAuthInput{
			UserPoolId: aws.String(w.PoolID()), ClientId: aws.String(w.SecretClientID()), AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": alicesPassword, "SECRET_HASH": hash},
		}
	}
	for _, test := range []struct {
		name   string
		change func(*idp.AdminInitiateAuthInput)
		kind   string
	}{
		{"with everything right", func(*idp.AdminInitiateAuthInput) {}, ""},
		{"by the flow's old name", func(in *idp.AdminInitiateAuthInput) { in.AuthFlow = "ADMIN_NO_SRP_AUTH" }, ""},
		{"with a wrong password", func(in *idp.AdminInitiateAuthInput) { in.AuthParameters["PASSWORD"] = "Wrong-Horse-1" }, "NotAuthorizedException"},
		{"in another pool", func(in *idp.AdminInitiateAuthInput) { in.UserPoolId = aws.String("eu-west-1_AAAAAAAAA") }, "ResourceNotFoundException"},
		{"through a client that may not", func(in *idp.AdminInitiateAuthInput) { in.ClientId = aws.String(w.WebClientID()) }, "InvalidParameterException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			input := in()
			test.change(input)
			out, err := w.api.AdminInitiateAuth(t.Context(), input)
			wantError(t, err, test.kind, "")
			if err == nil {
				w.tokens(out.AuthenticationResult, nil)
			}
		})
	}
	t.Run("AdminRespondToAuthChallenge", func(t *testing.T) {
		w.add(fakecognito.User{Username: "bob", Password: "Temporary-1", Status: fakecognito.UserForceChangePassword})
		input := in()
		bob := secretHash("bob", w.SecretClientID(), w.SecretClientSecret())
		input.AuthParameters = map[string]string{"USERNAME": "bob", "PASSWORD": "Temporary-1", "SECRET_HASH": bob}
		out, err := w.api.AdminInitiateAuth(t.Context(), input)
		if err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" {
			t.Fatalf("got %+v, %v", out, err)
		}
		answer := &idp.AdminRespondToAuthChallengeInput{
			UserPoolId: input.UserPoolId, ClientId: input.ClientId, ChallengeName: out.ChallengeName, Session: out.Session,
			ChallengeResponses: map[string]string{"USERNAME": "bob", "NEW_PASSWORD": newPassword},
		}
		_, err = w.api.AdminRespondToAuthChallenge(t.Context(), answer)
		wantError(t, err, "NotAuthorizedException", "") // no SECRET_HASH
		answer.ChallengeResponses["SECRET_HASH"] = bob
		end, err := w.api.AdminRespondToAuthChallenge(t.Context(), answer)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens(end.AuthenticationResult, nil)
	})
}
