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

// transport stands in for the network while fuzzing; a server would be too slow.
type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

func poolThrough(f transport) userPool {
	return newUserPool(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
		HTTPClient:  f,
	}, testPoolID, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil }))
}

// Whatever an event says: there is an answer, no handler panics, and without an identity nothing but the
// public operation and OPTIONS is ever answered with success.
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
	pool := poolThrough(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network here") })
	f.Fuzz(func(t *testing.T, payload []byte) {
		var log bytes.Buffer
		out, err := newAPI(pool, origins{app}, slog.New(slog.NewJSONHandler(&log, nil))).Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		var res response
		if err := json.Unmarshal(out, &res); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(log.String(), `"msg":"panic"`) {
			t.Fatalf("a panic: %s", log.String())
		}
		switch res.StatusCode {
		case http.StatusOK, http.StatusNoContent:
			if req, _ := readEvent(payload); len(req.context) == 0 && req.method != http.MethodOptions &&
				strings.Join(req.segments, "/") != "health" {
				t.Errorf("%d for nobody: %s", res.StatusCode, payload)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed,
			http.StatusInternalServerError, http.StatusServiceUnavailable:
		default:
			t.Errorf("status %d", res.StatusCode)
		}
		if origin, granted := res.Headers["Access-Control-Allow-Origin"]; granted && origin != app {
			t.Errorf("origin %q may call", origin)
		}
	})
}

// A name reaches the user pool exactly as the caller wrote it, or not at all: read in another way it
// would be another user's.
func FuzzUsername(f *testing.F) {
	for _, name := range []string{"alice", "a%41", "a+b", "é ü", "..", "a/b", "%2F", "{username}", "", "\xff", "a\x00b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var asked []string
		subject := newSubject(t, poolThrough(func(r *http.Request) (*http.Response, error) {
			var c cognitoCall
			if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
				t.Error(err)
			}
			asked = append(asked, c.Username)
			return &http.Response{StatusCode: http.StatusBadRequest, Request: r,
				Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"__type":"UserNotFoundException"}`))}, nil
		}))
		for _, kind := range kinds {
			sent := name
			if kind == "rest" {
				sent = url.PathEscape(name)
			} else if !utf8.ValidString(name) {
				continue // API Gateway's JSON cannot say it
			}
			asked = nil
			res := subject.do(t, call{kind: kind, route: "/users/{username}", params: map[string]string{"username": sent}}.event(t))
			reaches := name != "" && !strings.Contains(name, "/") && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxUsername
			switch {
			case reaches && (len(asked) != 1 || asked[0] != name):
				t.Errorf("%s: %q became %q", kind, name, asked)
			case !reaches && (len(asked) != 0 || res.StatusCode < 400 || res.StatusCode >= 500):
				t.Errorf("%s: %q got %d, and the pool was asked for %q", kind, name, res.StatusCode, asked)
			}
		}
	})
}
