package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestListUsersPaginates(t *testing.T) {
	for _, kind := range kinds {
		server := newCognitoServer(t, "alice", "bob", "carol", "dave", "eve")
		api := newTestAPI(t, server.pool())
		var names []string
		query := map[string]string{"limit": "2"}
		for range 3 {
			res := api.do(t, call{kind: kind, route: "/users", query: query}.event(t))
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
			t.Errorf("%s: the last page has a next value", kind)
		}
		for _, c := range server.received() {
			if len(c.AttributesToGet) != 1 || c.AttributesToGet[0] != "sub" || c.Limit != 2 {
				t.Errorf("%s: the user pool was called with %+v", kind, c)
			}
		}
	}
}

func TestAnEmptyPoolReturnsAnEmptyList(t *testing.T) {
	res := newTestAPI(t, newCognitoServer(t).pool()).do(t, call{route: "/users"}.event(t))
	if res.Body != `{"users":[]}` {
		t.Errorf("got %s", res.Body)
	}
}

func TestListUsersParameters(t *testing.T) {
	const wrongLimit, wrongNext = "limit must be a whole number from 1 to 60", "next must be the next value of the previous page"
	server := newCognitoServer(t, "alice")
	for name, tt := range map[string]struct {
		query  string
		detail string
		limit  int // Limit in the call to the user pool; 0: no call
	}{
		"no limit":                        {"", "", 20},
		"the smallest limit":              {"limit=1", "", 1},
		"the largest limit":               {"limit=60", "", 60},
		"limit 0":                         {"limit=0", wrongLimit, 0},
		"limit 61":                        {"limit=61", wrongLimit, 0},
		"a limit above 8 bits":            {"limit=257", wrongLimit, 0},
		"a negative limit":                {"limit=-1", wrongLimit, 0},
		"a limit that is not a number":    {"limit=ten", wrongLimit, 0},
		"an empty limit":                  {"limit=", wrongLimit, 0},
		"limit with a sign":               {"limit=%2B5", wrongLimit, 0},
		"two limits":                      {"limit=5&limit=6", wrongLimit, 0},
		"a next unknown to the pool":      {"next=junk", wrongNext, 20},
		"an empty next":                   {"next=", wrongNext, 0},
		"two nexts":                       {"next=a&next=b", wrongNext, 0},
		"an unknown parameter is ignored": {"filter=x", "", 20},
		"an invalid escape":               {"limit=%zz", "malformed query string", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server.resetCalls()
			event := call{kind: "http-2.0", route: "/users"}.event(t)
			event["rawQueryString"] = tt.query
			res := newTestAPI(t, server.pool()).do(t, event)
			if tt.detail == "" && res.StatusCode != http.StatusOK {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
			if tt.detail != "" && (res.StatusCode != http.StatusBadRequest || res.detail(t) != tt.detail) {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
			limit := 0
			if calls := server.received(); len(calls) > 0 {
				limit = calls[0].Limit
			}
			if limit != tt.limit {
				t.Errorf("the user pool was called with limit %d", limit)
			}
		})
	}
}

func TestRepeatedQueryParametersAreRefusedInFormat1(t *testing.T) {
	event := call{route: "/users"}.event(t)
	event["queryStringParameters"] = map[string]string{"limit": "6"}
	event["multiValueQueryStringParameters"] = map[string][]string{"limit": {"5", "6"}}
	if res := newTestAPI(t, newCognitoServer(t).pool()).do(t, event); res.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestUsernameValidation(t *testing.T) {
	long := strings.Repeat("é", maxUsername)
	server := newCognitoServer(t, long)
	for name, tt := range map[string]struct {
		username string
		status   int
		calls    int
	}{
		"the longest name":            {long, 200, 1},
		"one character longer":        {long + "é", 400, 0},
		"an unknown user":             {"bob", 404, 1},
		"a name that Cognito rejects": {"two words", 400, 1},
		"a zero byte":                 {"a\x00b", 400, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, operation := range []call{
				{kind: "http-2.0", route: "/users/{username}"},
				{kind: "http-2.0", route: "/users/{username}/sign-out", method: "POST"},
			} {
				server.resetCalls()
				operation.params = map[string]string{"username": tt.username}
				res := newTestAPI(t, server.pool()).do(t, operation.event(t))
				want := tt.status
				if want == http.StatusOK && operation.method == "POST" {
					want = http.StatusNoContent
				}
				if res.StatusCode != want || len(server.received()) != tt.calls {
					t.Errorf("%s: got %d after %d calls: %s", operation.route, res.StatusCode, len(server.received()), res.Body)
				}
				if res.StatusCode >= 400 && strings.Contains(res.detail(t), tt.username) {
					t.Error("the response repeats the username")
				}
			}
		})
	}
}

// Every operation that calls the user pool maps its failures to the same responses.
func TestUserPoolFailures(t *testing.T) {
	const busy, unreachable, internal = "the user pool is busy: try again",
		"the user pool is unavailable: try again", "internal error"
	throttled := awsError("TooManyRequestsException", "Rate exceeded")
	for name, tt := range map[string]struct {
		faults []fault
		status int // 0: as without the faults
		detail string
		calls  int
	}{
		"throttled twice, then not":   {[]fault{throttled, throttled}, 0, "", 3},
		"always throttled":            {[]fault{throttled, throttled, throttled, throttled, throttled}, 503, busy, maxAttempts},
		"LimitExceededException":      {repeated(awsError("LimitExceededException", "x")), 503, busy, maxAttempts},
		"ThrottlingException":         {repeated(awsError("ThrottlingException", "x")), 503, busy, maxAttempts},
		"one 500":                     {[]fault{rawResponse(500, `{"__type":"InternalErrorException"}`)}, 0, "", 2},
		"always 500":                  {repeated(rawResponse(500, `{"__type":"InternalErrorException"}`)), 503, unreachable, maxAttempts},
		"a 502 from a proxy":          {repeated(rawResponse(502, `<html>Bad gateway</html>`)), 503, unreachable, maxAttempts},
		"one connection reset":        {[]fault{resetConnection}, 0, "", 2},
		"always reset":                {repeated(resetConnection), 503, unreachable, maxAttempts},
		"truncated JSON":              {repeated(rawResponse(200, `{"Users":[{`)), 503, unreachable, -1},
		"an unexpected response":      {repeated(rawResponse(200, `{"Users":7,"Username":7}`)), 503, unreachable, -1},
		"unexpected users":            {repeated(rawResponse(200, `{"Users":["`+privateEmail+`"],"UserAttributes":["`+privateEmail+`"]}`)), 503, unreachable, -1},
		"an unexpected user, no date": {repeated(rawResponse(200, `{"Users":[{"Username":"alice"}],"Username":"alice"}`)), 503, unreachable, 1},
		"an unexpected user, no name": {repeated(rawResponse(200, `{"Users":[{"UserCreateDate":1}],"UserCreateDate":1}`)), 503, unreachable, 1},
		"access denied":               {[]fault{awsError("AccessDeniedException", "User: arn:aws:sts::1:assumed-role/api is not authorized")}, 500, internal, 1},
		"access denied, older code":   {[]fault{awsError("NotAuthorizedException", "x")}, 500, internal, 1},
		"unknown pool":                {[]fault{awsError("ResourceNotFoundException", "User pool does not exist.")}, 500, internal, 1},
		"expired AWS credentials":     {[]fault{awsError("ExpiredTokenException", "x")}, 500, internal, 1},
		"an unknown error":            {[]fault{awsError("SomethingNewException", privateEmail)}, 500, internal, 1},
	} {
		for _, operation := range []call{
			{route: "/users"},
			{route: "/users/{username}", params: map[string]string{"username": "alice"}},
			{route: "/users/{username}/sign-out", params: map[string]string{"username": "alice"}, method: "POST"},
		} {
			t.Run(name+" "+operation.route, func(t *testing.T) {
				if operation.method == "POST" && strings.Contains(name, "unexpected") {
					t.Skip("the response to a sign-out has no members")
				}
				server := newCognitoServer(t, "alice")
				server.fail(tt.faults...)
				res := newTestAPI(t, server.pool()).do(t, operation.event(t))
				if tt.status == 0 && res.StatusCode >= 300 || tt.status != 0 && (res.StatusCode != tt.status || res.detail(t) != tt.detail) {
					t.Errorf("got %d %s", res.StatusCode, res.Body)
				}
				if tt.calls >= 0 && len(server.received()) != tt.calls {
					t.Errorf("the user pool was called %d times", len(server.received()))
				}
			})
		}
	}
}

// If the call contains no input of the caller, a rejected parameter is an internal error.
func TestARejectedParameterThatTheCallerDidNotSendIsAnInternalError(t *testing.T) {
	server := newCognitoServer(t)
	server.fail(awsError("InvalidParameterException", "x"))
	if res := newTestAPI(t, server.pool()).do(t, call{route: "/users"}.event(t)); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
}

func repeated(f fault) []fault { return []fault{f, f, f, f, f, f} }

func TestAnUnreachablePoolReturns503(t *testing.T) {
	server := newCognitoServer(t)
	pool := server.pool()
	server.Close()
	res := newTestAPI(t, pool).do(t, call{route: "/users"}.event(t))
	if res.StatusCode != http.StatusServiceUnavailable || res.Headers["Retry-After"] != "2" {
		t.Errorf("got %d %v", res.StatusCode, res.Headers)
	}
}

// A response must be sent before Lambda ends the invocation, even if the pool hangs.
func TestTheResponseIsSentBeforeTheDeadline(t *testing.T) {
	for name, tt := range map[string]struct {
		fault fault
		delay time.Duration
	}{
		"a pool that hangs":                    {hang, 0},
		"a delay beyond the time that is left": {awsError("TooManyRequestsException", "x"), time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newCognitoServer(t, "alice")
			server.fail(repeated(tt.fault)...)
			pool := server.poolWith(time.Hour, func(int, error) (time.Duration, error) { return tt.delay, nil })
			ctx, cancel := context.WithTimeout(t.Context(), responseMargin+2*time.Second)
			defer cancel()
			res := newTestAPI(t, pool).doContext(ctx, t, call{route: "/users"}.event(t))
			if res.StatusCode != http.StatusServiceUnavailable || res.Headers["Retry-After"] == "" {
				t.Errorf("got %d %v", res.StatusCode, res.Headers)
			}
			if ctx.Err() != nil {
				t.Error("the response came after the deadline")
			}
			if len(server.received()) != 1 {
				t.Errorf("the user pool was called %d times", len(server.received()))
			}
		})
	}
}

func TestThePoolIsNotCalledCloseToTheDeadline(t *testing.T) {
	server := newCognitoServer(t, "alice")
	ctx, cancel := context.WithTimeout(t.Context(), responseMargin/2)
	defer cancel()
	res := newTestAPI(t, server.pool()).doContext(ctx, t, call{route: "/users"}.event(t))
	if res.StatusCode != http.StatusServiceUnavailable || len(server.received()) != 0 {
		t.Errorf("got %d after %d calls", res.StatusCode, len(server.received()))
	}
}

// A connection that died while Lambda had the function frozen returns nothing, not even an error.
func TestAHangingAttemptIsRetried(t *testing.T) {
	server := newCognitoServer(t, "alice")
	server.fail(hang)
	pool := server.poolWith(250*time.Millisecond, func(int, error) (time.Duration, error) { return 0, nil })
	if res := newTestAPI(t, pool).do(t, call{route: "/users"}.event(t)); res.StatusCode != http.StatusOK {
		t.Errorf("got %d %s", res.StatusCode, res.Body)
	}
}

func TestTheRetryDelayIsBounded(t *testing.T) {
	for attempt := range 100 {
		if d, err := retryDelay(attempt, nil); err != nil || d < 0 || d >= 800*time.Millisecond {
			t.Errorf("attempt %d: %v, %v", attempt, d, err)
		}
	}
}
