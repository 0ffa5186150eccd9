package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const testPoolID = "eu-west-1_AbCdEfGhI"

// cognitoServer is a fake user pool that serves the part of Cognito's JSON protocol that the API uses, over real HTTP. It is
// called by the real SDK and reports malformed requests.
type cognitoServer struct {
	*httptest.Server
	t testing.TB

	mu     sync.Mutex
	users  []string
	calls  []cognitoCall
	faults []fault // for the next calls, one each
}

type cognitoCall struct {
	Operation       string
	UserPoolID      string `json:"UserPoolId"`
	Username        string
	PaginationToken string
	Limit           int
	AttributesToGet []string
}

// fault responds to one call instead of the fake.
type fault func(http.ResponseWriter, *http.Request)

// privateEmail is the e-mail address of every user of the fake. The API must neither return nor log it.
const privateEmail = "someone@private.example"

func newCognitoServer(t testing.TB, users ...string) *cognitoServer {
	s := &cognitoServer{t: t, users: users}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *cognitoServer) fail(faults ...fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// received returns the calls so far.
func (s *cognitoServer) received() []cognitoCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *cognitoServer) resetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// pool returns the real client, pointed at the fake. It does not wait between attempts.
func (s *cognitoServer) pool() userPool {
	return s.poolWith(attemptTimeout, func(int, error) (time.Duration, error) { return 0, nil })
}

func (s *cognitoServer) poolWith(timeout time.Duration, delay retry.BackoffDelayerFunc) userPool {
	return newUserPool(aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(s.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
		HTTPClient:   awshttp.NewBuildableClient().WithTimeout(timeout),
	}, testPoolID, delay)
}

func (s *cognitoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call cognitoCall
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		s.t.Errorf("the request is not JSON: %v", err)
	}
	var found bool
	if call.Operation, found = strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AWSCognitoIdentityProviderService."); !found {
		s.t.Errorf("X-Amz-Target is %q", r.Header.Get("X-Amz-Target"))
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") {
		s.t.Error("the request is not signed")
	}
	if got := r.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
		s.t.Errorf("Content-Type is %q", got)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	var injected fault
	if len(s.faults) > 0 {
		injected, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	if injected != nil {
		injected(w, r)
		return
	}
	s.respond(w, call)
}

func (s *cognitoServer) respond(w http.ResponseWriter, call cognitoCall) {
	if call.UserPoolID != testPoolID {
		awsError("ResourceNotFoundException", "User pool "+call.UserPoolID+" does not exist.")(w, nil)
		return
	}
	switch known := slices.Contains(s.users, call.Username); {
	case call.Operation == "ListUsers":
		s.list(w, call)
	case call.Username == "" || len(call.Username) > 4*maxUsername || strings.ContainsAny(call.Username, " \n\x00"):
		awsError("InvalidParameterException", "1 validation error detected: Value '"+call.Username+"' at 'username' failed")(w, nil)
	case !known:
		awsError("UserNotFoundException", "User does not exist: "+call.Username)(w, nil)
	case call.Operation == "AdminGetUser":
		send(w, http.StatusOK, s.describe(call.Username, "UserAttributes", []string{"sub", "email"}))
	case call.Operation == "AdminUserGlobalSignOut":
		send(w, http.StatusOK, map[string]any{})
	default:
		s.t.Errorf("unexpected operation %s", call.Operation)
	}
}

func (s *cognitoServer) list(w http.ResponseWriter, call cognitoCall) {
	from := 0
	if call.PaginationToken != "" {
		var err error
		if from, err = strconv.Atoi(strings.TrimPrefix(call.PaginationToken, "page+/=")); err != nil || from >= len(s.users) {
			awsError("InvalidParameterException", "Invalid pagination token "+call.PaginationToken)(w, nil)
			return
		}
	}
	if call.Limit < 1 || call.Limit > 60 {
		awsError("InvalidParameterException", "1 validation error detected: Value at 'limit' failed")(w, nil)
		return
	}
	to := min(from+call.Limit, len(s.users))
	list := []any{}
	for _, name := range s.users[from:to] {
		list = append(list, s.describe(name, "Attributes", call.AttributesToGet))
	}
	out := map[string]any{"Users": list}
	if to < len(s.users) {
		out["PaginationToken"] = "page+/=" + strconv.Itoa(to)
	}
	send(w, http.StatusOK, out)
}

func (s *cognitoServer) describe(name, attributes string, wanted []string) map[string]any {
	all := []map[string]string{{"Name": "sub", "Value": "sub-of-" + name}, {"Name": "email", "Value": privateEmail}}
	if wanted != nil {
		all = slices.DeleteFunc(all, func(a map[string]string) bool { return !slices.Contains(wanted, a["Name"]) })
	}
	return map[string]any{"Username": name, "UserStatus": "CONFIRMED", "Enabled": true,
		"UserCreateDate": 1793523600.123, attributes: all}
}

// awsError returns an error response of Cognito's JSON protocol.
func awsError(code, message string) fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusBadRequest, map[string]string{"__type": code, "message": message})
	}
}

// rawResponse returns a response that need not be valid JSON.
func rawResponse(code int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// hang does not respond until the caller gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// resetConnection closes the connection with a TCP reset.
func resetConnection(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func send(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}
