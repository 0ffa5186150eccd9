package revocation

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const table = "revoked"

var person = Token{Issuer: "https://issuer.example/pool", Subject: "sub-1", ClientID: "web", Session: "session-1", IssuedAt: time.Unix(1000, 0), AuthTime: time.Unix(900, 0)}

// newTestTable returns a table whose responses come from a handler, which gets the number of the attempt.
func newTestTable(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, attempt int)) (*Table, *atomic.Int32) {
	t.Helper()
	asked := new(atomic.Int32) // an attempt that was given up may overlap with the next one
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, int(asked.Add(1)))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
	}
	return FromEnvironment(table, func(name string) string { return env[name] }), asked
}

type answer = func(http.ResponseWriter, *http.Request, int)

func status(code int, body string) answer {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// inTurn returns the responses in turn, and then repeats the last one.
func inTurn(answers ...answer) answer {
	return func(w http.ResponseWriter, r *http.Request, attempt int) {
		answers[min(attempt, len(answers))-1](w, r, attempt)
	}
}

// found returns the response with these items; unprocessed are IDs.
func found(items string, unprocessed ...string) answer {
	keys := make([]string, len(unprocessed))
	for i, id := range unprocessed {
		keys[i] = `{"id":{"S":"` + id + `"}}`
	}
	rest := ""
	if len(keys) > 0 {
		rest = `"` + table + `":{"Keys":[` + strings.Join(keys, ",") + `],"ConsistentRead":true}`
	}
	return status(200, `{"Responses":{"`+table+`":[`+items+`]},"UnprocessedKeys":{`+rest+`}}`)
}

func item(id string, notBefore int) string {
	if notBefore == 0 {
		return `{"id":{"S":"` + id + `"},"expires_at":{"N":"99"}}`
	}
	return fmt.Sprintf(`{"id":{"S":"%s"},"not_before":{"N":"%d"},"expires_at":{"N":"99"}}`, id, notBefore)
}

const session, user, client = "session#session-1", "user#https://issuer.example/pool#sub-1", "client#https://issuer.example/pool#web"

func TestOnlyAWellFormedResponseLeavesATokenUnrevoked(t *testing.T) {
	const throttling = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`
	all := []string{session, user, client}
	for name, tt := range map[string]struct {
		answer  answer
		revoked bool
		fails   bool
		asked   int
	}{
		"no entry":                                {found(``), false, false, 1},
		"no entry, and the capacity used":         {status(200, `{"ConsumedCapacity":[{"TableName":"revoked"}],"Responses":{"revoked":[]}}`), false, false, 1},
		"the session":                             {found(item(session, 0)), true, false, 1},
		"the user, after the token was issued":    {found(item(user, 1001)), true, false, 1},
		"the user, in the second of its issue":    {found(item(user, 1000)), true, false, 1}, // by auth_time
		"the user, between sign-in and issue":     {found(item(user, 901)), true, false, 1},
		"the user, in the second of the sign-in":  {found(item(user, 900)), false, false, 1},
		"the user, before the sign-in":            {found(item(user, 800)), false, false, 1},
		"the client, after the token was issued":  {found(item(client, 1001)), true, false, 1},
		"the client, before the sign-in":          {found(item(client, 800)), false, false, 1},
		"a user without not_before":               {found(item(user, 0)), true, false, 1},
		"the client, beside a user that is older": {found(item(user, 800) + "," + item(client, 1001)), true, false, 1},
		"not_before that is not a number":         {found(`{"id":{"S":"` + user + `"},"not_before":{"N":"soon"}}`), false, true, 1},
		"not_before that is a string":             {found(`{"id":{"S":"` + user + `"},"not_before":{"S":"1001"}}`), false, true, 1},
		"not_before of nothing":                   {found(`{"id":{"S":"` + user + `"},"not_before":{}}`), false, true, 1},
		"an entry of somebody else":               {found(item("user#x", 1001)), false, true, 1},
		"an entry twice":                          {found(item(user, 800) + "," + item(user, 1001)), false, true, 1},
		"an entry without id":                     {found(`{"not_before":{"N":"1001"}}`), false, true, 1},
		"another table":                           {status(200, `{"Responses":{"other":[]}}`), false, true, 1},
		"no table":                                {status(200, `{"Responses":{}}`), false, true, 1},
		"no responses":                            {status(200, `{}`), false, true, 1},
		"null for the entries":                    {status(200, `{"Responses":{"revoked":null}}`), false, true, 1},
		"responses twice":                         {status(200, `{"Responses":{"revoked":[`+item(session, 0)+`]},"Responses":{"revoked":[]}}`), false, true, 1},
		"nothing":                                 {status(200, ``), false, true, 1},
		"null":                                    {status(200, `null`), false, true, 1},
		"null and a bracket":                      {status(200, `null}`), false, true, 1},
		"a list":                                  {status(200, `[]`), false, true, 1},
		"half a response":                         {status(200, `{"Responses":{"revoked":[`), false, true, 1},
		"two responses":                           {status(200, `{"Responses":{"revoked":[]}}{}`), false, true, 1},
		"more than is read":                       {status(200, `{"x":"`+strings.Repeat("x", maxResponse)+`"}`), false, true, 1},
		"a page":                                  {status(200, `<html></html>`), false, true, 1},
		"an empty success":                        {status(204, ``), false, true, 1},
		"a redirect":                              {status(307, ``), false, true, 1},
		"no permission":                           {status(400, `{"__type":"com.amazon.coral.service#AccessDeniedException"}`), false, true, 1},
		"no such table":                           {status(400, `{"__type":"x#ResourceNotFoundException"}`), false, true, 1},
		"two failures and then an entry":          {inTurn(status(500, `{}`), status(500, `{}`), found(item(session, 0))), true, false, 3},
		"throttled once":                          {inTurn(status(400, throttling), found(``)), false, false, 2},
		"three failures":                          {status(503, ``), false, true, 3},
		"throttled each time":                     {status(400, throttling), false, true, 3},
		"a key unprocessed, then no entry":        {inTurn(found(``, client), found(``)), false, false, 2},
		"a key unprocessed, then an entry":        {inTurn(found(``, client), found(item(client, 1001))), true, false, 2},
		"an entry, then a key unprocessed":        {inTurn(found(item(session, 0), client), found(``)), true, false, 2},
		"a key unprocessed, then no error helps":  {inTurn(found(``, client), status(503, ``)), false, true, 3},
		"all keys unprocessed, and no table":      {inTurn(status(200, `{"Responses":{},"UnprocessedKeys":{"revoked":{"Keys":[{"id":{"S":"`+all[0]+`"}},{"id":{"S":"`+all[1]+`"}},{"id":{"S":"`+all[2]+`"}}]}}}`), found(``)), false, false, 2},
		"keys unprocessed each time":              {found(``, client), false, true, attempts},
		"a key of somebody else unprocessed":      {found(``, "user#x"), false, true, 1},
		"an entry both found and unprocessed":     {found(item(user, 800), user), false, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			table, asked := newTestTable(t, tt.answer)
			revoked, err := table.Revoked(t.Context(), person)
			if revoked != tt.revoked || (err != nil) != tt.fails {
				t.Errorf("got %v, %v; want %v, an error: %v", revoked, err, tt.revoked, tt.fails)
			}
			if got := int(asked.Load()); got != tt.asked {
				t.Errorf("asked %d times, want %d", got, tt.asked)
			}
		})
	}
}

func TestTheCallIsSignedForTheFunctionsRole(t *testing.T) {
	var header http.Header
	var body []byte
	table, _ := newTestTable(t, func(w http.ResponseWriter, r *http.Request, attempt int) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
		found(``)(w, r, attempt)
	})
	if _, err := table.Revoked(t.Context(), person); err != nil {
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
	if want := `{"RequestItems":{"revoked":{"Keys":[{"id":{"S":"` + session + `"}},{"id":{"S":"` + user + `"}},{"id":{"S":"` + client + `"}}],"ConsistentRead":true}}}`; string(body) != want {
		t.Errorf("asked %s\nwant  %s", body, want)
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
		if got := New(Config{Name: table, Region: region}).endpoint; got != want {
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
		found(``)(w, r, attempt)
	})
	t.Cleanup(func() { close(release) }) // runs before the server waits for its handlers
	for range 2 {
		if revoked, err := table.Revoked(t.Context(), person); revoked || err != nil {
			t.Fatalf("got %v, %v", revoked, err)
		}
	}
	used := 0
	connections.Range(func(any, any) bool { used++; return true })
	if asked.Load() != 3 || used != 2 {
		t.Errorf("asked %d times on %d connections, want 3 on 2", asked.Load(), used)
	}
}

func TestEachAttemptHasATimeoutOfItsOwn(t *testing.T) {
	if total := attempts*attemptTimeout + firstPause*3/2 + 2*firstPause*3/2; total >= 2*time.Second {
		t.Errorf("all attempts take up to %v, want less than two seconds", total)
	}
}
