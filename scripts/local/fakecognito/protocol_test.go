package fakecognito_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

const (
	target = "AWSCognitoIdentityProviderService."
	sigV4  = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date, Signature="
)

// raw sends a request that need not be valid.
func (w *world) raw(t *testing.T, method, path string, header map[string]string, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, page: string(text)}
}

func TestProtocolErrors(t *testing.T) {
	w := start(t, fakecognito.Options{})
	client := `"ClientId":"` + w.WebClientID() + `"`
	for _, test := range []struct {
		name      string
		operation string
		signature string
		body      string
		status    int
		kind      string
	}{
		{"no operation", "", "", `{}`, 400, "UnknownOperationException"},
		{"an operation without the service's name", "GetUser", "", `{}`, 400, "UnknownOperationException"},
		{"an unsupported operation", target + "CreateUserPool", "", `{}`, 400, "UnknownOperationException"},
		{"an operation in another case", target + "getuser", "", `{}`, 400, "UnknownOperationException"},
		{"no body", target + "GetUser", "", ``, 400, "SerializationException"},
		{"a truncated body", target + "GetUser", "", `{"AccessToken":"`, 400, "SerializationException"},
		{"two bodies", target + "GetUser", "", `{}{}`, 400, "SerializationException"},
		{"an array", target + "GetUser", "", `[]`, 400, "SerializationException"},
		{"a number instead of a string", target + "GetUser", "", `{"AccessToken":1}`, 400, "SerializationException"},
		{"an array instead of an object", target + "InitiateAuth", "", `{` + client + `,"AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":[]}`, 400, "SerializationException"},
		{"a duplicate member", target + "GetUser", "", `{"AccessToken":"a","AccessToken":"b"}`, 400, "SerializationException"},
		{"member names are case-sensitive", target + "GetUser", "", `{"accesstoken":"a"}`, 400, "InvalidParameterException"},
		{"an unknown member is ignored", target + "GetUser", "", `{"Colour":"blue","AccessToken":"a"}`, 400, "NotAuthorizedException"},
		{"null", target + "GetUser", "", `null`, 400, "InvalidParameterException"},
		{"deep nesting", target + "GetUser", "", strings.Repeat(`{"a":[`, 9000), 400, "SerializationException"},
		{"a body that is too large", target + "GetUser", "", `{"AccessToken":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "RequestEntityTooLargeException"},
		{"no signature", target + "ListUsers", "", `{}`, 400, "MissingAuthenticationTokenException"},
		{"a bearer token instead of a signature", target + "ListUsers", "Bearer abc", `{}`, 400, "IncompleteSignatureException"},
		{"a signature for another service", target + "ListUsers", strings.Replace(sigV4, "cognito-idp", "s3", 1) + strings.Repeat("0", 64), `{}`, 400, "IncompleteSignatureException"},
		{"a short signature", target + "ListUsers", sigV4 + "00", `{}`, 400, "IncompleteSignatureException"},
		{"a well-formed signature", target + "ListUsers", sigV4 + strings.Repeat("0", 64), `{}`, 400, "InvalidParameterException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := map[string]string{"Content-Type": "application/x-amz-json-1.1"}
			if test.operation != "" {
				header["X-Amz-Target"] = test.operation
			}
			if test.signature != "" {
				header["Authorization"] = test.signature
			}
			response := w.raw(t, http.MethodPost, "/", header, test.body)
			var failure struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(response.page), &failure); err != nil {
				t.Fatal(err)
			}
			if response.status != test.status || failure.Type != test.kind || failure.Message == "" {
				t.Errorf("status %d, type %s, message %q; want %d, %s", response.status, failure.Type, failure.Message, test.status, test.kind)
			}
			if got := response.header.Get("x-amzn-ErrorType"); got != test.kind+":" {
				t.Errorf("x-amzn-ErrorType %q", got)
			}
			if response.header.Get("Content-Type") != "application/x-amz-json-1.1" || response.header.Get("x-amzn-RequestId") == "" {
				t.Errorf("Content-Type %q, x-amzn-RequestId %q", response.header.Get("Content-Type"), response.header.Get("x-amzn-RequestId"))
			}
		})
	}
}

func TestCORS(t *testing.T) {
	w := start(t, fakecognito.Options{})
	for _, path := range []string{"/", "/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/" + w.PoolID() + "/.well-known/jwks.json"} {
		t.Run("preflight of "+path, func(t *testing.T) {
			response := w.raw(t, http.MethodOptions, path, map[string]string{
				"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-amz-target",
			}, "")
			if response.status != http.StatusOK || response.header.Get("Access-Control-Allow-Origin") != "*" ||
				!strings.Contains(response.header.Get("Access-Control-Allow-Headers"), "X-Amz-Target") {
				t.Errorf("status %d, header %v", response.status, response.header)
			}
			if response.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed")
			}
		})
	}
	t.Run("an error can be read by a script", func(t *testing.T) {
		response := w.raw(t, http.MethodPost, "/", map[string]string{"Origin": "https://app.example.com", "X-Amz-Target": target + "GetUser"}, "{}")
		if response.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(response.header.Get("Access-Control-Expose-Headers"), "x-amzn-ErrorType") {
			t.Errorf("header %v", response.header)
		}
	})
	t.Run("the sign-in page cannot be read by a script of another origin", func(t *testing.T) {
		response := w.raw(t, http.MethodGet, "/login", map[string]string{"Origin": "https://app.example.com"}, "")
		if response.header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("Access-Control-Allow-Origin is set")
		}
	})
	t.Run("the wrong method", func(t *testing.T) {
		response := w.raw(t, http.MethodGet, "/", nil, "")
		if response.status != http.StatusMethodNotAllowed || !strings.Contains(response.header.Get("Allow"), "POST") {
			t.Errorf("status %d, Allow %q", response.status, response.header.Get("Allow"))
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	w := start(t, fakecognito.Options{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			out, err := w.passwordAuth("alice", alicesPassword)
			if err != nil || out.AuthenticationResult == nil {
				t.Errorf("sign-in: %v", err)
				return
			}
			if _, err := w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: out.AuthenticationResult.AccessToken}); err != nil {
				t.Errorf("GetUser: %v", err)
			}
			if _, err := w.Mint(fakecognito.MintOptions{Username: "alice"}); err != nil {
				t.Errorf("Mint: %v", err)
			}
			if err := w.Rotate(); err != nil {
				t.Errorf("Rotate: %v", err)
			}
			if _, err := w.api.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID())}); err != nil {
				t.Errorf("ListUsers: %v", err)
			}
		})
	}
	all.Wait()
}

func TestAnOutboxMayCallThePool(t *testing.T) {
	var server *fakecognito.Server
	var err error
	server, err = fakecognito.Start(fakecognito.Options{Outbox: func(fakecognito.Message) {
		if _, err := server.Mint(fakecognito.MintOptions{}); err != nil {
			t.Error(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	api := idp.New(idp.Options{Region: server.Region(), BaseEndpoint: aws.String(server.URL()), Retryer: aws.NopRetryer{}})
	if _, err := server.AddUser(fakecognito.User{Username: "alice", Password: alicesPassword, Email: "alice@example.com"}); err != nil {
		t.Fatal(err)
	}
	_, err = api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: aws.String(server.WebClientID()), AuthFlow: "USER_AUTH",
		AuthParameters: map[string]string{"USERNAME": "alice", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
	})
	if err != nil {
		t.Fatal(err)
	}
}
