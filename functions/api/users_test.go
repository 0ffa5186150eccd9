package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestUsersArePaged(t *testing.T) {
	for _, kind := range kinds {
		server := newCognitoServer(t, "alice", "bob", "carol", "dave", "eve")
		subject := newSubject(t, server.pool())
		var names []string
		query := map[string]string{"limit": "2"}
		for range 3 {
			res := subject.do(t, call{kind: kind, route: "/users", query: query}.event(t))
			var page userPage
			if err := json.Unmarshal([]byte(res.Body), &page); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s: got %d %s", kind, res.StatusCode, res.Body)
			}
			for _, u := range page.Users {
				names = append(names, u.Username)
			}
			query["next"] = page.Next
		}
		if got := strings.Join(names, " "); got != "alice bob carol dave eve" {
			t.Errorf("%s: got %s", kind, got)
		}
		if query["next"] != "" {
			t.Errorf("%s: the last page names a next one", kind)
		}
		for _, c := range server.asked() {
			if len(c.AttributesToGet) != 1 || c.AttributesToGet[0] != "sub" || c.Limit != 2 {
				t.Errorf("%s: asked for %+v", kind, c)
			}
		}
	}
}

func TestNoUsersAreAnEmptyList(t *testing.T) {
	res := newSubject(t, newCognitoServer(t).pool()).do(t, call{route: "/users"}.event(t))
	if res.Body != `{"users":[]}` {
		t.Errorf("got %s", res.Body)
	}
}

func TestParametersOfUsers(t *testing.T) {
	const wrongLimit, wrongNext = "limit must be a whole number from 1 to 60", "next must be the next of the page before"
	server := newCognitoServer(t, "alice")
	for name, tt := range map[string]struct {
		query  string
		detail string
		limit  int // what the user pool was asked for
	}{
		"no limit":                        {"", "", 20},
		"the smallest limit":              {"limit=1", "", 1},
		"the largest limit":               {"limit=60", "", 60},
		"limit 0":                         {"limit=0", wrongLimit, 0},
		"limit 61":                        {"limit=61", wrongLimit, 0},
		"limit that would wrap round":     {"limit=257", wrongLimit, 0},
		"limit of another number":         {"limit=-1", wrongLimit, 0},
		"limit that is no number":         {"limit=ten", wrongLimit, 0},
		"an empty limit":                  {"limit=", wrongLimit, 0},
		"limit with a sign":               {"limit=%2B5", wrongLimit, 0},
		"two limits":                      {"limit=5&limit=6", wrongLimit, 0},
		"a next that the pool never gave": {"next=junk", wrongNext, 20},
		"an empty next":                   {"next=", wrongNext, 0},
		"two nexts":                       {"next=a&next=b", wrongNext, 0},
		"what nobody knows is ignored":    {"filter=x", "", 20},
		"a broken escape":                 {"limit=%zz", "the query string is not well formed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server.forget()
			event := call{kind: "http-2.0", route: "/users"}.event(t)
			event["rawQueryString"] = tt.query
			res := newSubject(t, server.pool()).do(t, event)
			if tt.detail == "" && res.StatusCode != http.StatusOK {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
			if tt.detail != "" && (res.StatusCode != http.StatusBadRequest || res.detail(t) != tt.detail) {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
			limit := 0
			if calls := server.asked(); len(calls) > 0 {
				limit = calls[0].Limit
			}
			if limit != tt.limit {
				t.Errorf("the user pool was asked for %d users", limit)
			}
		})
	}
}

func TestRepeatedParametersOfFormat1AreSeen(t *testing.T) {
	event := call{route: "/users"}.event(t)
	event["queryStringParameters"] = map[string]string{"limit": "6"}
	event["multiValueQueryStringParameters"] = map[string][]string{"limit": {"5", "6"}}
	if res := newSubject(t, newCognitoServer(t).pool()).do(t, event); res.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestNamesOfUsers(t *testing.T) {
	long := strings.Repeat("é", maxUsername)
	server := newCognitoServer(t, long)
	for name, tt := range map[string]struct {
		username string
		status   int
		calls    int
	}{
		"as long as a name can be":     {long, 200, 1},
		"one letter longer":            {long + "é", 400, 0},
		"nobody":                       {"bob", 404, 1},
		"not a name in Cognito's eyes": {"two words", 400, 1},
		"a zero byte":                  {"a\x00b", 400, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, operation := range []call{
				{kind: "http-2.0", route: "/users/{username}"},
				{kind: "http-2.0", route: "/users/{username}/sign-out", method: "POST"},
			} {
				server.forget()
				operation.params = map[string]string{"username": tt.username}
				res := newSubject(t, server.pool()).do(t, operation.event(t))
				want := tt.status
				if want == http.StatusOK && operation.method == "POST" {
					want = http.StatusNoContent
				}
				if res.StatusCode != want || len(server.asked()) != tt.calls {
					t.Errorf("%s: got %d after %d calls: %s", operation.route, res.StatusCode, len(server.asked()), res.Body)
				}
				if res.StatusCode >= 400 && strings.Contains(res.detail(t), tt.username) {
					t.Error("the answer repeats what was sent")
				}
			}
		})
	}
}

// Every operation that asks the user pool answers each way of failing alike.
func TestFailuresOfThePool(t *testing.T) {
	const busy, unreachable, ours = "the user pool is busy; try again",
		"the user pool is unavailable; try again", "internal error"
	throttled := says("TooManyRequestsException", "Rate exceeded")
	for name, tt := range map[string]struct {
		faults []fault
		status int // 0: as without the faults
		detail string
		calls  int
	}{
		"throttled twice, then not":           {[]fault{throttled, throttled}, 0, "", 3},
		"throttled all the time":              {[]fault{throttled, throttled, throttled, throttled, throttled}, 503, busy, maxAttempts},
		"a quota used up":                     {repeated(says("LimitExceededException", "x")), 503, busy, maxAttempts},
		"another throttling":                  {repeated(says("ThrottlingException", "x")), 503, busy, maxAttempts},
		"one 500":                             {[]fault{status(500, `{"__type":"InternalErrorException"}`)}, 0, "", 2},
		"nothing but 500":                     {repeated(status(500, `{"__type":"InternalErrorException"}`)), 503, unreachable, maxAttempts},
		"a 502 of a proxy":                    {repeated(status(502, `<html>Bad gateway</html>`)), 503, unreachable, maxAttempts},
		"one connection reset":                {[]fault{reset}, 0, "", 2},
		"nothing but resets":                  {repeated(reset), 503, unreachable, maxAttempts},
		"JSON that breaks off":                {repeated(status(200, `{"Users":[{`)), 503, unreachable, -1},
		"an answer of another form":           {repeated(status(200, `{"Users":7,"Username":7}`)), 503, unreachable, -1},
		"people of another form":              {repeated(status(200, `{"Users":["`+personal+`"],"UserAttributes":["`+personal+`"]}`)), 503, unreachable, -1},
		"a user of another form without date": {repeated(status(200, `{"Users":[{"Username":"alice"}],"Username":"alice"}`)), 503, unreachable, 1},
		"a user of another form without name": {repeated(status(200, `{"Users":[{"UserCreateDate":1}],"UserCreateDate":1}`)), 503, unreachable, 1},
		"this function may not":               {[]fault{says("AccessDeniedException", "User: arn:aws:sts::1:assumed-role/api is not authorized")}, 500, ours, 1},
		"this function may not, old style":    {[]fault{says("NotAuthorizedException", "x")}, 500, ours, 1},
		"there is no such pool":               {[]fault{says("ResourceNotFoundException", "User pool does not exist.")}, 500, ours, 1},
		"a token of AWS's that has expired":   {[]fault{says("ExpiredTokenException", "x")}, 500, ours, 1},
		"an error that nobody knows":          {[]fault{says("SomethingNewException", personal)}, 500, ours, 1},
	} {
		for _, operation := range []call{
			{route: "/users"},
			{route: "/users/{username}", params: map[string]string{"username": "alice"}},
			{route: "/users/{username}/sign-out", params: map[string]string{"username": "alice"}, method: "POST"},
		} {
			t.Run(name+" "+operation.route, func(t *testing.T) {
				if operation.method == "POST" && strings.Contains(name, "of another form") {
					t.Skip("the answer to a sign-out is empty: nothing in it can have another form")
				}
				server := newCognitoServer(t, "alice")
				server.fail(tt.faults...)
				res := newSubject(t, server.pool()).do(t, operation.event(t))
				if tt.status == 0 && res.StatusCode >= 300 || tt.status != 0 && (res.StatusCode != tt.status || res.detail(t) != tt.detail) {
					t.Errorf("got %d %s", res.StatusCode, res.Body)
				}
				if tt.calls >= 0 && len(server.asked()) != tt.calls {
					t.Errorf("the user pool was asked %d times", len(server.asked()))
				}
			})
		}
	}
}

// With nothing of the caller's in the call, a refused parameter is one of ours.
func TestARefusedParameterThatTheCallerDidNotSendIsAFault(t *testing.T) {
	server := newCognitoServer(t)
	server.fail(says("InvalidParameterException", "x"))
	if res := newSubject(t, server.pool()).do(t, call{route: "/users"}.event(t)); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
}

func repeated(f fault) []fault { return []fault{f, f, f, f, f, f} }

func TestAPoolThatIsNotThere(t *testing.T) {
	server := newCognitoServer(t)
	pool := server.pool()
	server.Close()
	res := newSubject(t, pool).do(t, call{route: "/users"}.event(t))
	if res.StatusCode != http.StatusServiceUnavailable || res.Headers["Retry-After"] != "2" {
		t.Errorf("got %d %v", res.StatusCode, res.Headers)
	}
}

// An answer has to leave before Lambda ends the invocation, whatever the pool is doing.
func TestAnAnswerIsSentBeforeTheDeadline(t *testing.T) {
	for name, tt := range map[string]struct {
		fault fault
		delay time.Duration
	}{
		"a pool that hangs":                       {hang, 0},
		"a wait that is longer than what is left": {says("TooManyRequestsException", "x"), time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newCognitoServer(t, "alice")
			server.fail(repeated(tt.fault)...)
			pool := server.poolWith(time.Hour, func(int, error) (time.Duration, error) { return tt.delay, nil })
			ctx, cancel := context.WithTimeout(t.Context(), answerMargin+500*time.Millisecond)
			defer cancel()
			res := newSubject(t, pool).doContext(ctx, t, call{route: "/users"}.event(t))
			if res.StatusCode != http.StatusServiceUnavailable || res.Headers["Retry-After"] == "" {
				t.Errorf("got %d %v", res.StatusCode, res.Headers)
			}
			if ctx.Err() != nil {
				t.Error("too late")
			}
			if len(server.asked()) != 1 {
				t.Errorf("the user pool was asked %d times", len(server.asked()))
			}
		})
	}
}

func TestADeadlineThatIsTooNearAsksThePoolNothing(t *testing.T) {
	server := newCognitoServer(t, "alice")
	ctx, cancel := context.WithTimeout(t.Context(), answerMargin/2)
	defer cancel()
	res := newSubject(t, server.pool()).doContext(ctx, t, call{route: "/users"}.event(t))
	if res.StatusCode != http.StatusServiceUnavailable || len(server.asked()) != 0 {
		t.Errorf("got %d after %d calls", res.StatusCode, len(server.asked()))
	}
}

// A connection may have died while Lambda had the function frozen: nothing comes back on it, not even an error.
func TestAnAttemptThatHangsIsMadeAgain(t *testing.T) {
	server := newCognitoServer(t, "alice")
	server.fail(hang)
	pool := server.poolWith(250*time.Millisecond, func(int, error) (time.Duration, error) { return 0, nil })
	if res := newSubject(t, pool).do(t, call{route: "/users"}.event(t)); res.StatusCode != http.StatusOK {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
}

func TestTheDelayBetweenAttemptsStaysShort(t *testing.T) {
	for attempt := range 100 {
		if d, err := retryDelay(attempt, nil); err != nil || d < 0 || d >= 800*time.Millisecond {
			t.Errorf("attempt %d: %v, %v", attempt, d, err)
		}
	}
}
