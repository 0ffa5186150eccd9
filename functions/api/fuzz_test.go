package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// transport replaces the network while fuzzing; a server would be too slow.
type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

func newPoolWithTransport(f transport) userPool {
	return newUserPool(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
		HTTPClient:  f,
	}, testPoolID, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil }))
}

// FuzzInvoke checks that every event gets a response, that no handler panics, and that without an identity only the public
// operation and OPTIONS succeed.
func FuzzInvoke(f *testing.F) {
	for _, kind := range kinds {
		text, err := os.ReadFile("testdata/" + kind + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add([]byte(strings.ReplaceAll(string(text), "alice", "a%2Fb")))
		f.Add([]byte(strings.ReplaceAll(string(text), "/users/{username}", defaultRoute)))
		f.Add([]byte(strings.ReplaceAll(string(text), "authorizer", "other")))
		f.Add([]byte(strings.ReplaceAll(string(text), "/{username}", "/{username+}")))
	}
	f.Add([]byte(`{"resource":"/{}","httpMethod":"GET","pathParameters":{"":"health"}}`))
	f.Add([]byte(`{"resource":"/{proxy+}","httpMethod":"GET","pathParameters":{"proxy":"%68ealth"}}`))
	f.Add([]byte(`{"version":"2.0","routeKey":"$default","rawPath":"/health","requestContext":{"http":{"method":"GET"}}}`))
	pool := newPoolWithTransport(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network here") })
	f.Fuzz(func(t *testing.T, payload []byte) {
		var log bytes.Buffer
		out, err := newAPI(pool, revocations{}, origins{appOrigin}, slog.New(slog.NewJSONHandler(&log, nil))).Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		var res response
		if err := json.Unmarshal(out, &res); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(log.String(), `"msg":"panic"`) {
			t.Fatalf("panic: %s", log.String())
		}
		switch res.StatusCode {
		case http.StatusOK, http.StatusNoContent:
			if req, _ := readEvent(payload); len(req.context) == 0 && req.method != http.MethodOptions &&
				strings.Join(req.segments, "/") != "health" {
				t.Errorf("%d without an identity: %s", res.StatusCode, payload)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed,
			http.StatusInternalServerError, http.StatusServiceUnavailable:
		default:
			t.Errorf("status %d", res.StatusCode)
		}
		if origin, granted := res.Headers["Access-Control-Allow-Origin"]; granted && origin != appOrigin {
			t.Errorf("origin %q is allowed", origin)
		}
	})
}

// FuzzUsername checks that a name reaches the user pool exactly as the caller sent it, or not at all: a changed name could be
// another user's.
func FuzzUsername(f *testing.F) {
	for _, name := range []string{"alice", "a%41", "a+b", "é ü", "..", "a/b", "%2F", "{username}", "", "\xff", "a\x00b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var requested []string
		api := newTestAPI(t, newPoolWithTransport(func(r *http.Request) (*http.Response, error) {
			var c cognitoCall
			if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
				t.Error(err)
			}
			requested = append(requested, c.Username)
			return &http.Response{StatusCode: http.StatusBadRequest, Request: r,
				Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"__type":"UserNotFoundException"}`))}, nil
		}))
		for _, kind := range kinds {
			sent := name
			if kind == "rest" {
				sent = url.PathEscape(name)
			} else if !utf8.ValidString(name) {
				continue // JSON cannot represent it
			}
			requested = nil
			res := api.do(t, call{kind: kind, route: "/users/{username}", params: map[string]string{"username": sent}}.event(t))
			valid := name != "" && !strings.Contains(name, "/") && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxUsername
			switch {
			case valid && (len(requested) != 1 || requested[0] != name):
				t.Errorf("%s: %q became %q", kind, name, requested)
			case !valid && (len(requested) != 0 || res.StatusCode < 400 || res.StatusCode >= 500):
				t.Errorf("%s: %q: got %d, and the pool was called with %q", kind, name, res.StatusCode, requested)
			}
		}
	})
}
