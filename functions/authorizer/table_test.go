package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// newTestTable is a table whose answers come from a handler, which is told the number of the attempt.
func newTestTable(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, attempt int)) (*table, *int) {
	t.Helper()
	asked := new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		answer(w, r, *asked)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
	}
	return newTable("ended", func(name string) string { return env[name] }), asked
}

func TestOnlyAnAnswerOfDynamoDBsSaysThatASessionGoesOn(t *testing.T) {
	status := func(code int, body string) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	failing := func(times int, code int, body string) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, r *http.Request, attempt int) {
			if attempt <= times {
				status(code, body)(w, r, attempt)
				return
			}
			status(200, `{"Item":{"session_id":{"S":"x"}}}`)(w, r, attempt)
		}
	}
	const throttling = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		found  bool
		fails  bool
		asked  int
	}{
		"no item":                        {status(200, `{}`), false, false, 1},
		"no item, and the cost":          {status(200, `{"ConsumedCapacity":{"TableName":"ended","CapacityUnits":1}}`), false, false, 1},
		"an item":                        {status(200, `{"Item":{"session_id":{"S":"x"}}}`), true, false, 1},
		"nothing":                        {status(200, ``), false, true, 1},
		"null":                           {status(200, `null`), false, true, 1},
		"null and a bracket":             {status(200, `null}`), false, true, 1},
		"null and members":               {status(200, `null,"x":1}`), false, true, 1},
		"a list":                         {status(200, `[]`), false, true, 1},
		"half an answer":                 {status(200, `{"Item":{"sess`), false, true, 1},
		"two answers":                    {status(200, `{}{}`), false, true, 1},
		"more than is read":              {status(200, `{"x":"`+strings.Repeat("x", maxTableAnswer)+`"}`), false, true, 1},
		"a page":                         {status(200, `<html></html>`), false, true, 1},
		"an empty success":               {status(204, ``), false, true, 1},
		"a redirect":                     {status(307, ``), false, true, 1},
		"no permission":                  {status(400, `{"__type":"com.amazon.coral.service#AccessDeniedException"}`), false, true, 1},
		"no such table":                  {status(400, `{"__type":"x#ResourceNotFoundException"}`), false, true, 1},
		"two failures and then an item":  {failing(2, 500, `{}`), true, false, 3},
		"throttled once":                 {failing(1, 400, throttling), true, false, 2},
		"three failures":                 {failing(3, 503, ``), false, true, 3},
		"throttled for as long as asked": {failing(9, 400, throttling), false, true, 3},
	} {
		t.Run(name, func(t *testing.T) {
			table, asked := newTestTable(t, tt.answer)
			found, err := table.has(t.Context(), "x")
			if found != tt.found || (err != nil) != tt.fails {
				t.Errorf("got %v, %v; want %v, an error: %v", found, err, tt.found, tt.fails)
			}
			if *asked != tt.asked {
				t.Errorf("asked %d times, want %d", *asked, tt.asked)
			}
		})
	}
}

func TestTheCallIsSignedForTheFunctionsRole(t *testing.T) {
	var header http.Header
	table, _ := newTestTable(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		header = r.Header
		_, _ = w.Write([]byte(`{}`))
	})
	if _, err := table.has(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	authorization := header.Get("Authorization")
	for _, part := range []string{
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", "/eu-west-1/dynamodb/aws4_request", "x-amz-security-token", "x-amz-target", "Signature=",
	} {
		if !strings.Contains(authorization, part) {
			t.Errorf("%q is not in the Authorization header", part)
		}
	}
	if header.Get("X-Amz-Security-Token") != "session" || header.Get("X-Amz-Date") == "" {
		t.Error("the session token or the time is missing")
	}
}

func TestATableIsInTheRegionsOwnPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":      "https://dynamodb.eu-west-1.amazonaws.com",
		"us-gov-west-1":  "https://dynamodb.us-gov-west-1.amazonaws.com",
		"cn-north-1":     "https://dynamodb.cn-north-1.amazonaws.com.cn",
		"us-iso-east-1":  "https://dynamodb.us-iso-east-1.c2s.ic.gov",
		"us-isob-east-1": "https://dynamodb.us-isob-east-1.sc2s.sgov.gov",
		"eusc-de-east-1": "https://dynamodb.eusc-de-east-1.amazonaws.eu",
	} {
		if got := newTable("ended", func(name string) string { return map[string]string{"AWS_REGION": region}[name] }).endpoint; got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

// A kept connection that has gone silent costs one attempt: the next one uses a new connection.
func TestASilentConnectionCostsOneAttempt(t *testing.T) {
	release := make(chan struct{})
	var connections sync.Map
	table, asked := newTestTable(t, func(w http.ResponseWriter, r *http.Request, attempt int) {
		connections.Store(r.RemoteAddr, true)
		if attempt == 2 { // the first attempt of the second look-up, on the kept connection
			_, _ = io.Copy(io.Discard, r.Body) // so that the end of the connection is noticed
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return
		}
		_, _ = w.Write([]byte(`{}`))
	})
	t.Cleanup(func() { close(release) }) // runs before the server waits for its handlers
	for range 2 {
		if found, err := table.has(t.Context(), "x"); found || err != nil {
			t.Fatalf("got %v, %v", found, err)
		}
	}
	used := 0
	connections.Range(func(any, any) bool { used++; return true })
	if *asked != 3 || used != 2 {
		t.Errorf("asked %d times on %d connections, want 3 on 2", *asked, used)
	}
}

func TestEachAttemptHasATimeoutOfItsOwn(t *testing.T) {
	if total := attempts*attemptTimeout + firstPause*3/2 + 2*firstPause*3/2; total >= lookUpTimeout {
		t.Errorf("all attempts take %v, longer than the %v that a look-up has", total, lookUpTimeout)
	}
}
