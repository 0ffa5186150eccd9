package fakecognito_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

const (
	alicesPassword = "Correct-Horse-1"
	newPassword    = "Battery-Staple-2"
)

// world is a fake with a clock, an outbox and the user Alice: confirmed, with a verified e-mail address and no groups.
type world struct {
	*fakecognito.Server
	t      *testing.T
	api    *idp.Client // with AWS credentials
	public *idp.Client // without

	lock sync.Mutex
	now  time.Time
	mail []fakecognito.Message
}

func start(t *testing.T, o fakecognito.Options) *world {
	t.Helper()
	return startWithAttributes(t, o, nil)
}

// startWithPhone is like start, but Alice also has a verified telephone number.
func startWithPhone(t *testing.T) *world {
	t.Helper()
	return startWithAttributes(t, fakecognito.Options{}, map[string]string{"phone_number": "+441632960123", "phone_number_verified": "true"})
}

func startWithAttributes(t *testing.T, o fakecognito.Options, attributes map[string]string) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	o.Now = func() time.Time {
		w.lock.Lock()
		defer w.lock.Unlock()
		return w.now
	}
	o.Outbox = func(m fakecognito.Message) {
		w.lock.Lock()
		defer w.lock.Unlock()
		w.mail = append(w.mail, m)
	}
	server, err := fakecognito.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	w.Server = server
	w.public = w.client(nil)
	w.api = w.client(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "any", ""))
	w.add(fakecognito.User{Username: "alice", Password: alicesPassword, Email: "alice@example.com", Attributes: attributes})
	return w
}

func (w *world) client(provider aws.CredentialsProvider) *idp.Client {
	return idp.New(idp.Options{
		Region:       w.Region(),
		BaseEndpoint: aws.String(w.URL()),
		Credentials:  provider,
		Retryer:      aws.NopRetryer{},
	})
}

func (w *world) add(u fakecognito.User) (sub string) {
	w.t.Helper()
	sub, err := w.AddUser(u)
	if err != nil {
		w.t.Fatal(err)
	}
	return sub
}

func (w *world) pass(d time.Duration) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) time() time.Time {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.now
}

// lastMessage returns the last message, which must be about the given challenge.
func (w *world) lastMessage(about string) fakecognito.Message {
	w.t.Helper()
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.mail) == 0 || w.mail[len(w.mail)-1].About != about {
		w.t.Fatalf("the last of %d messages is not for %s", len(w.mail), about)
	}
	return w.mail[len(w.mail)-1]
}

// signIn signs in with a password through the web client and fails the test unless it gets tokens.
func (w *world) signIn(username, password string) types.AuthenticationResultType {
	w.t.Helper()
	out, err := w.passwordAuth(username, password)
	return *w.tokens(result(out), err)
}

func (w *world) passwordAuth(username, password string) (*idp.InitiateAuthOutput, error) {
	return w.initiate("USER_PASSWORD_AUTH", "USERNAME", username, "PASSWORD", password)
}

// initiate calls InitiateAuth for the web client. pairs are names and values of parameters.
func (w *world) initiate(flow types.AuthFlowType, pairs ...string) (*idp.InitiateAuthOutput, error) {
	return w.public.InitiateAuth(w.t.Context(), &idp.InitiateAuthInput{
		ClientId: aws.String(w.WebClientID()), AuthFlow: flow, AuthParameters: mapOf(pairs),
	})
}

// respond calls RespondToAuthChallenge for the web client and Alice. pairs are names and values of responses.
func (w *world) respond(challenge types.ChallengeNameType, session *string, pairs ...string) (*idp.RespondToAuthChallengeOutput, error) {
	responses := mapOf(pairs)
	if responses["USERNAME"] == "" {
		responses["USERNAME"] = "alice"
	}
	return w.public.RespondToAuthChallenge(w.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: aws.String(w.WebClientID()), ChallengeName: challenge, Session: session, ChallengeResponses: responses,
	})
}

func (w *world) tokens(r *types.AuthenticationResultType, err error) *types.AuthenticationResultType {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	if r == nil || r.AccessToken == nil {
		w.t.Fatal("want tokens, got a challenge")
	}
	return r
}

func result(out *idp.InitiateAuthOutput) *types.AuthenticationResultType {
	if out == nil {
		return nil
	}
	return out.AuthenticationResult
}

func mapOf(pairs []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// secretHash returns SECRET_HASH, implemented independently from Cognito's documentation.
func secretHash(username, clientID, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(username + clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// wantError checks the type of an API error and, if given, its message. An empty kind means no error.
func wantError(t *testing.T, err error, kind, message string) {
	t.Helper()
	if kind == "" {
		if err != nil {
			t.Fatalf("got %v, want no error", err)
		}
		return
	}
	var got smithy.APIError
	if !errors.As(err, &got) {
		t.Fatalf("got error %v, want %s", err, kind)
	}
	if got.ErrorCode() != kind || (message != "" && got.ErrorMessage() != message) {
		t.Fatalf("got %s: %q, want %s: %q", got.ErrorCode(), got.ErrorMessage(), kind, message)
	}
}

// parts decodes the header and the claims of a token without verifying it.
func parts(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	pieces := strings.Split(token, ".")
	if len(pieces) != 3 {
		t.Fatalf("token with %d parts", len(pieces))
	}
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(pieces[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}
