package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func TestSettingsAreAcceptedUpToTheirBounds(t *testing.T) {
	audiences := func(one string) map[string]string {
		quoted, _ := json.Marshal([]string{one})
		return byIssuer(`{"clients":["web"],"audiences":` + string(quoted) + `}`)
	}
	for name, tt := range map[string]struct {
		env   map[string]string
		valid bool
	}{
		"ten claims":                       {map[string]string{"CONTEXT_CLAIMS": "a,b,c,d,e,f,g,h,i,j"}, true},
		"a claim of 64 characters":         {map[string]string{"GROUPS_CLAIMS": strings.Repeat("x", 64)}, true},
		"an audience of 1024 bytes":        {audiences(strings.Repeat("a", 1024)), true},
		"an audience of 1025 bytes":        {audiences(strings.Repeat("a", 1025)), false},
		"the first visible character":      {audiences("!"), true},
		"the last visible character":       {audiences("~"), true},
		"a space at the beginning":         {audiences(" a"), false},
		"a control character at the start": {audiences("\x7fa"), false},
		"a nanosecond over the leeway":     {map[string]string{"LEEWAY": "60.000000001s"}, false},
		"a nanosecond below zero":          {map[string]string{"LEEWAY": "-1ns"}, false},
	} {
		if _, err := validConfig(environment(tt.env)); (err == nil) != tt.valid {
			t.Errorf("%s: got %v, want valid: %v", name, err, tt.valid)
		}
	}
}

// HTTP APIs cache a result by the identity sources, so the token must be one of them as a whole.
func TestTheTokenIsOneOfSeveralIdentitySources(t *testing.T) {
	const v1, v2 = `"identitySource": "Bearer a.b.c"`, `"identitySource": ["Bearer a.b.c"]`
	for name, tt := range map[string]struct {
		file, from, to string
		want           error
	}{
		"format 2.0, the second":           {"http-v2.json", v2, `"identitySource": ["x", "Bearer a.b.c"]`, nil},
		"format 2.0, joined with another":  {"http-v2.json", v2, `"identitySource": ["x,Bearer a.b.c"]`, errEvent},
		"format 2.0, a part of it":         {"http-v2.json", v2, `"identitySource": ["Bearer a.b"]`, errEvent},
		"format 2.0, without any":          {"http-v2.json", v2, `"identitySource": null`, nil},
		"format 1.0, joined with another":  {"http-v1.json", v1, `"identitySource": "x,Bearer a.b.c"`, nil},
		"format 1.0, a part of it":         {"http-v1.json", v1, `"identitySource": "x,Bearer a.b"`, errEvent},
		"format 1.0, without any":          {"http-v1.json", v1, `"identitySource": null`, nil},
		"format 1.0, the token alone":      {"http-v1.json", v1, v1, nil},
		"format 2.0, no header in the map": {"http-v2.json", `"authorization": "Bearer a.b.c"`, `"cookie": "a"`, nil}, // the result is 401
	} {
		event := string(fixture(t, tt.file, "a.b.c"))
		if !strings.Contains(event, tt.from) {
			t.Fatalf("%s: %s is not in %s", name, tt.from, tt.file)
		}
		if _, err := decodeEvent([]byte(strings.Replace(event, tt.from, tt.to, 1))); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestEachByteIsReadAsTheLibraryReadsIt(t *testing.T) {
	for b := range 256 {
		for _, around := range [][2]string{
			{"", ""}, {"", "null"}, {"null", ""}, {"tru", ""}, {"{}", ""}, {`""`, ""}, // between and behind values
			{`"`, `"`}, {`"long enough for a word `, `"`}, {`"\`, `"`}, {`"\u`, `0e9"`}, {`"\u00e`, `"`}, {`{"a":"`, `"}`}, {`{"`, `":1}`},
			{"1", ""}, {"1", "1"}, {"", "1"}, {"-", "1"}, {"1.", ""}, {"1.1", ""}, {"1e", ""}, {"1e", "1"}, {"1e1", ""},
			{"[1", "2]"}, {"[1", ""}, {`{"a"`, "1}"}, {`{"a":1`, `"b":2}`}, {`{"a":1`, ""},
		} {
			text := slices.Concat([]byte(around[0]), []byte{byte(b)}, []byte(around[1]))
			accepted, _ := library(text)
			r := eventScanner{data: text}
			r.skip()
			if got := r.end(); got != accepted {
				t.Errorf("%q: read %v, want %v", text, got, accepted)
			}
			if got, ok := members(text); ok && !slices.Equal(got, libraryMembers(text)) {
				t.Errorf("%q: got %q, want %q", text, got, libraryMembers(text))
			}
		}
	}
}

func TestNothingMayFollowAnEvent(t *testing.T) {
	event := fixture(t, "rest-token.json", "a.b.c")
	for _, behind := range []string{"\x00", "\x00\n", "x", ",", "}"} {
		if _, err := decodeEvent(append(bytes.Clone(event), behind...)); !errors.Is(err, errEvent) {
			t.Errorf("%q behind the event: got %v, want %v", behind, err, errEvent)
		}
	}
}

func TestDurationsAreLoggedInMillisecondsAndAgesInSeconds(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	start := time.Unix(1_795_360_000, 0)
	b.report.keyAge = func() (time.Duration, bool) { return 90 * time.Second, true }
	b.report.decided(t.Context(), decision{start: start, outcome: outcomeAllow, reason: reasonAllowed}, start.Add(1500*time.Microsecond))
	if got := b.lastLine(t)["ms"]; got != 1.5 {
		t.Errorf("the decision line has %v ms, want 1.5", got)
	}
	sums := emitted(t, b.log.String())
	if sums["Duration authorizer"] != 1.5 || sums["KeyAge authorizer"] != 90 {
		t.Errorf("got %v", sums)
	}
}

func TestAFetchOfKeysIsLogged(t *testing.T) {
	for name, tt := range map[string]struct {
		event jwks.FetchEvent
		want  map[string]any
	}{
		"a set": {jwks.FetchEvent{Keys: 2, Duration: 2500 * time.Microsecond},
			map[string]any{"msg": "keys fetched", "level": "INFO", "issuer": issuerA, "keys": 2.0, "ms": 2.5, "error": nil, "refused": nil}},
		"none": {jwks.FetchEvent{Err: errors.New("status 503"), Duration: 500 * time.Microsecond},
			map[string]any{"msg": "keys not fetched", "level": "WARN", "issuer": issuerA, "keys": 0.0, "ms": 0.5, "error": "status 503"}},
		"one that cannot be used": {jwks.FetchEvent{Keys: 1, Refused: []error{errors.New("1024 bits")}},
			map[string]any{"msg": "keys fetched", "keys": 1.0, "ms": 0.0, "refused": "1024 bits"}},
	} {
		b := newHarness(t, tableOfRoutes, nil)
		b.fetched(issuerA, tt.event)
		text, _, _ := strings.Cut(b.log.String(), "\n")
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%s: %v in %s", name, err, text)
		}
		for field, want := range tt.want {
			if line[field] != want {
				t.Errorf("%s: %s is %v, want %v", name, field, line[field], want)
			}
		}
	}
}

func TestNamesAreJoinedBySingleSpaces(t *testing.T) {
	known := names{"a": true, "b": true, "c": true}
	for want, list := range map[string][]string{
		"": nil, "a": {"a"}, "a b": {"a", "b"}, "c a b": {"x", "c", "y", "a", "b", "z"}, "b": {"x", "b", "y"},
	} {
		if got := known.among(list); got != want {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}

func TestADecisionLineHasNoFieldWithoutAValue(t *testing.T) {
	b := newHarness(t, tableOfRoutes, map[string]string{"CONTEXT_CLAIMS": "plan", "GROUPS_CLAIMS": "cognito:groups,roles"})
	if _, err := b.ask(t, callEvent("GET/me", "Bearer "+b.pool.AccessToken(t).Reveal())); err != nil {
		t.Fatal(err)
	}
	line := b.lastLine(t)
	for _, field := range []string{"context_left_out", "groups_left_out", "rule", "groups", "error", "unverified_sub"} {
		if value, found := line[field]; found {
			t.Errorf("%s is %v", field, value)
		}
	}
	if line["sub"] != cognitotest.Subject || line["outcome"] != string(outcomeAllow) {
		t.Errorf("got %v", line)
	}
}

// In addition to its value, a claim needs its name, four quotes, a colon and a comma. A quote or a backslash takes two bytes.
func TestContextClaimsMayFillTheirLimitToTheLastByte(t *testing.T) {
	b := newHarness(t, tableOfRoutes, map[string]string{"CONTEXT_CLAIMS": "a,b,c,d"})
	full := strings.Repeat("x", maxContextValue)
	last := maxContextBytes - 3*(1+maxContextValue+6) - (1 + 6) // bytes that are left to the value of d
	for name, tt := range map[string]struct {
		value string
		fits  bool
	}{
		"the last byte":             {strings.Repeat("x", last), true},
		"one byte more":             {strings.Repeat("x", last+1), false},
		"a quote":                   {`"` + strings.Repeat("x", last-2), true},
		"a quote too many":          {`"` + strings.Repeat("x", last-1), false},
		"two backslashes":           {`\\` + strings.Repeat("x", last-4), true},
		"a backslash too many":      {`\\` + strings.Repeat("x", last-3), false},
		"characters of two bytes":   {strings.Repeat("é", last/2), true},
		"one of them too many":      {strings.Repeat("é", last/2+1), false},
		"what takes no room at all": {"", false},
	} {
		token := b.pool.AccessToken(t, cognitotest.Claim("a", full), cognitotest.Claim("b", full), cognitotest.Claim("c", full), cognitotest.Claim("d", tt.value))
		claims, err := b.verifier.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		for room, fits := range map[int]bool{apigateway.MaxResultBytes: tt.fits, maxContextBytes: tt.fits, maxContextBytes - 7: false} {
			passed, leftOut := b.contextClaims(claims, room)
			if got := len(leftOut) == 0; got != fits || len(passed) != 4-len(leftOut) {
				t.Errorf("%s in %d bytes: %q were left out, want d to fit: %v", name, room, leftOut, fits)
			}
		}
	}
}

func TestAResponseMayBeAsLargeAsAPIGatewayAccepts(t *testing.T) {
	of := func(client int) ([]byte, error) {
		return respond(restRequest, false, authorization{}, identity.Identity{Subject: "s", ClientID: strings.Repeat("c", client)})
	}
	small, err := of(1)
	if err != nil {
		t.Fatal(err)
	}
	room := apigateway.MaxResultBytes - len(small) + 1
	if body, err := of(room); err != nil || len(body) != apigateway.MaxResultBytes {
		t.Errorf("the largest response: %d bytes, %v", len(body), err)
	}
	if body, err := of(room + 1); !errors.Is(err, errResponse) || body != nil {
		t.Errorf("one byte more: %d bytes, %v, want %v", len(body), err, errResponse)
	}
}

// Go ignores GOMAXPROCS unless it is a positive number.
func TestAnInvalidGOMAXPROCSDoesNotDisableTheLimit(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for set, want := range map[string]int{"0": 1, "-1": 1, "1": 3} {
		runtime.GOMAXPROCS(3)
		limitGOMAXPROCS(func(name string) string {
			return map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024", "GOMAXPROCS": set}[name]
		})
		if got := runtime.GOMAXPROCS(0); got != want {
			t.Errorf("GOMAXPROCS=%s: %d processors, want %d", set, got, want)
		}
	}
}

// A policy without room for the caller's values denies their items, and the log must not claim otherwise.
func TestTheLogAgreesWithAPolicyThatHasNoRoomForTheCallersValues(t *testing.T) {
	b := newHarness(t, ownerTable, nil)
	var tenants []string
	for i := range 32 {
		tenants = append(tenants, fmt.Sprintf("%0128d", i))
	}
	token := b.pool.AccessToken(t, cognitotest.Claim("custom:tenant", tenants), cognitotest.Claim("plan", "gold"))
	for call, want := range map[string]struct {
		outcome outcome
		rule    string
	}{
		"GET/t/" + tenants[7] + "/orders/1": {outcomeDeny, "no room for the values of claim custom:tenant"},
		"GET/t/another/orders/1":            {outcomeDeny, "the call is for another {tenant}"},
		"GET/me":                            {outcomeAllow, ""},
		"GET/users/" + subject:              {outcomeAllow, ""},
	} {
		got, err := b.ask(t, callEvent(call, "Bearer "+token.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		line := b.lastLine(t)
		rule, _ := line["rule"].(string)
		if line["outcome"] != string(want.outcome) || !strings.Contains(rule, want.rule) || strings.Contains(rule, "room") != strings.Contains(want.rule, "room") {
			t.Errorf("%s: logged %v, %q; want %s, %q", call, line["outcome"], rule, want.outcome, want.rule)
		}
		if allowed := permits(t, got, call, time.Now()); allowed != (want.outcome == outcomeAllow) {
			t.Errorf("%s: the policy allows it: %v", call, allowed)
		}
	}
}
