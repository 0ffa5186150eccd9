package fakecognito_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// exchange starts a sign-in with SRP and returns the answer to its challenge, without sending it.
func (w *world) exchange(t *testing.T, username, password string) map[string]string {
	t.Helper()
	client, err := srp.NewClient(w.PoolID(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.initiate("USER_SRP_AUTH", "USERNAME", username, "SRP_A", client.A())
	if err != nil {
		t.Fatal(err)
	}
	if out.ChallengeName != "PASSWORD_VERIFIER" || out.Session != nil {
		t.Fatalf("got challenge %q, session %t; want PASSWORD_VERIFIER without a session", out.ChallengeName, out.Session != nil)
	}
	answer, err := client.Answer(password, srp.ChallengeFrom(out.ChallengeParameters), w.time())
	if err != nil {
		t.Fatal(err)
	}
	return answer.Responses()
}

func (w *world) prove(responses map[string]string) (*idp.RespondToAuthChallengeOutput, error) {
	return w.public.RespondToAuthChallenge(w.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: aws.String(w.WebClientID()), ChallengeName: "PASSWORD_VERIFIER", ChallengeResponses: responses,
	})
}

func TestSignInWithSRP(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "bob", Password: alicesPassword, Status: fakecognito.UserForceChangePassword})
	const (
		wrong   = "Incorrect username or password."
		session = "Invalid session for the user."
	)
	for _, test := range []struct {
		name     string
		username string
		password string
		change   func(answer map[string]string)
		message  string // of the NotAuthorizedException; if empty, tokens are expected
	}{
		{name: "the right password", username: "alice", password: alicesPassword},
		{name: "the right password for an e-mail address", username: "alice@example.com", password: alicesPassword},
		{name: "the answer names the e-mail address that was typed", username: "alice@example.com", password: alicesPassword,
			change: func(a map[string]string) { a["USERNAME"] = "alice@example.com" }},
		{name: "a wrong password", username: "alice", password: "Correct-Horse-2", message: wrong},
		{name: "a name that does not exist", username: "nobody", password: alicesPassword, message: wrong},
		{name: "a forged signature", username: "alice", password: alicesPassword, message: wrong,
			change: func(a map[string]string) { a["PASSWORD_CLAIM_SIGNATURE"] = strings.Repeat("A", 43) + "=" }},
		{name: "a signature that is not base64", username: "alice", password: alicesPassword, message: wrong,
			change: func(a map[string]string) { a["PASSWORD_CLAIM_SIGNATURE"] = "%%%" }},
		{name: "another time than the signed one", username: "alice", password: alicesPassword, message: wrong,
			change: func(a map[string]string) { a["TIMESTAMP"] = srp.Timestamp(w.time().Add(time.Second)) }},
		{name: "a secret block that nobody gave", username: "alice", password: alicesPassword, message: session,
			change: func(a map[string]string) {
				a["PASSWORD_CLAIM_SECRET_BLOCK"] = "A" + a["PASSWORD_CLAIM_SECRET_BLOCK"][1:] + "AAAA"
			}},
		{name: "another user's name", username: "alice", password: alicesPassword, message: session,
			change: func(a map[string]string) { a["USERNAME"] = "bob" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.pass(15 * time.Minute) // ends every lockout
			answer := w.exchange(t, test.username, test.password)
			if test.change != nil {
				test.change(answer)
			}
			out, err := w.prove(answer)
			if test.message != "" {
				wantError(t, err, "NotAuthorizedException", test.message)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w.tokens(out.AuthenticationResult, nil)
		})
	}
	for _, missing := range []string{"PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP", "USERNAME"} {
		t.Run("no "+missing, func(t *testing.T) {
			answer := w.exchange(t, "alice", alicesPassword)
			delete(answer, missing)
			_, err := w.prove(answer)
			wantError(t, err, "InvalidParameterException", "Missing required parameter "+missing)
		})
	}
	w.pass(15 * time.Minute)
	t.Run("an answer is accepted once", func(t *testing.T) {
		answer := w.exchange(t, "alice", alicesPassword)
		if _, err := w.prove(answer); err != nil {
			t.Fatal(err)
		}
		_, err := w.prove(answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	})
	t.Run("a wrong answer closes the challenge", func(t *testing.T) {
		answer := w.exchange(t, "alice", alicesPassword)
		good := answer["PASSWORD_CLAIM_SIGNATURE"]
		answer["PASSWORD_CLAIM_SIGNATURE"] = strings.Repeat("A", 43) + "="
		_, err := w.prove(answer)
		wantError(t, err, "NotAuthorizedException", wrong)
		answer["PASSWORD_CLAIM_SIGNATURE"] = good
		_, err = w.prove(answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	})
	t.Run("a temporary password leads to NEW_PASSWORD_REQUIRED", func(t *testing.T) {
		out, err := w.prove(w.exchange(t, "bob", alicesPassword))
		if err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" || out.AuthenticationResult != nil {
			t.Fatalf("got %+v, %v", out, err)
		}
	})
	t.Run("a late answer is rejected", func(t *testing.T) {
		answer := w.exchange(t, "alice", alicesPassword)
		w.pass(3 * time.Minute)
		_, err := w.prove(answer)
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
	})
}

func TestHostileSRPValues(t *testing.T) {
	w := start(t, fakecognito.Options{})
	for name, a := range map[string]string{
		"zero":                  "0",
		"not hexadecimal":       "xyz",
		"a negative number":     "-1",
		"longer than the group": strings.Repeat("f", 4096),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.initiate("USER_SRP_AUTH", "USERNAME", "alice", "SRP_A", a)
			wantError(t, err, "InvalidParameterException", "")
		})
	}
}

func TestUnknownNamesLookLikeKnownOnesToSRP(t *testing.T) {
	w := start(t, fakecognito.Options{})
	challenge := func(name string) map[string]string {
		out, err := w.initiate("USER_SRP_AUTH", "USERNAME", name, "SRP_A", "5")
		if err != nil {
			t.Fatal(err)
		}
		return out.ChallengeParameters
	}
	known, unknown, again := challenge("alice"), challenge("nobody"), challenge("nobody")
	if unknown["SALT"] != again["SALT"] {
		t.Error("the salt of an unknown user changes between calls, which shows that the user does not exist")
	}
	for key := range known {
		if unknown[key] == "" {
			t.Errorf("the challenge of an unknown user has no %s", key)
		}
	}
}

func TestAMalformedTimestampIsNoAttemptAtAPassword(t *testing.T) {
	w := start(t, fakecognito.Options{})
	answer := w.exchange(t, "alice", alicesPassword)
	valid := answer["TIMESTAMP"]
	for range 10 { // that many wrong passwords would lock the user out
		answer["TIMESTAMP"] = w.time().Format(time.RFC3339)
		_, err := w.prove(answer)
		wantError(t, err, "InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	answer["TIMESTAMP"] = valid
	out, err := w.prove(answer)
	if err != nil {
		t.Fatal(err)
	}
	w.tokens(out.AuthenticationResult, nil)
}
