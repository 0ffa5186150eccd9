package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func TestContextClaimsArePassedOnWithinBounds(t *testing.T) {
	const setting = "custom:tenant_id, plan,level,beta"
	long := strings.Repeat("é", 128) // 256 bytes
	for name, tt := range map[string]struct {
		claims  map[string]any
		want    map[string]any
		leftOut string
	}{
		"scalars": {map[string]any{"custom:tenant_id": "t-1", "plan": "pro plus", "level": 7, "beta": true},
			map[string]any{"custom:tenant_id": "t-1", "plan": "pro plus", "level": "7", "beta": "true"}, ""},
		"none":                      {nil, nil, ""},
		"not configured":            {map[string]any{"email": "alice@example.com", "tenant_id": "t-2"}, nil, ""},
		"a list":                    {map[string]any{"plan": []string{"pro"}, "level": 1}, map[string]any{"level": "1"}, "[plan]"},
		"an object":                 {map[string]any{"plan": map[string]any{"a": "b"}}, nil, "[plan]"},
		"null":                      {map[string]any{"plan": nil}, nil, "[plan]"},
		"a fraction":                {map[string]any{"level": 1.5}, nil, "[level]"},
		"empty":                     {map[string]any{"plan": ""}, nil, "[plan]"},
		"a line feed":               {map[string]any{"plan": "pro\nadmin"}, nil, "[plan]"},
		"a control character":       {map[string]any{"plan": "\x1b[2J"}, nil, "[plan]"},
		"a bidirectional control":   {map[string]any{"plan": "\u202eorp"}, nil, "[plan]"},
		"256 bytes":                 {map[string]any{"plan": long}, map[string]any{"plan": long}, ""},
		"257 bytes":                 {map[string]any{"plan": long + "x"}, nil, "[plan]"},
		"a quote and a backslash":   {map[string]any{"plan": `a"b\c`}, map[string]any{"plan": `a"b\c`}, ""},
		"more than there is room":   {map[string]any{"custom:tenant_id": long, "plan": long, "level": long, "beta": long}, map[string]any{"custom:tenant_id": long, "plan": long, "level": long}, "[beta]"},
		"quotes that take the room": {map[string]any{"custom:tenant_id": long, "plan": strings.Repeat(`"`, 256), "level": long, "beta": "x"}, map[string]any{"custom:tenant_id": long, "plan": strings.Repeat(`"`, 256), "beta": "x"}, "[level]"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, map[string]string{"CONTEXT_CLAIMS": setting, "TOKEN_USE": "access,id"})
			var options []cognitotest.TokenOption
			for name, value := range tt.claims {
				options = append(options, cognitotest.Claim(name, value))
			}
			plain, err := b.ask(t, callEvent("GET/me", "Bearer "+b.pool.IDToken(t, cognitotest.Without("email")).Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.ask(t, callEvent("GET/me", "Bearer "+b.pool.IDToken(t, options...).Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			want := maps.Clone(plain.Context)
			maps.Copy(want, tt.want)
			delete(want, "expiresAt")
			delete(got.Context, "expiresAt")
			if !maps.Equal(got.Context, want) {
				t.Errorf("got %v, want %v", got.Context, want)
			}
			leftOut := ""
			if names := b.lastLine(t)["context_left_out"]; names != nil {
				leftOut = fmt.Sprint(names)
			}
			if leftOut != tt.leftOut {
				t.Errorf("logged as left out: %s, want %s", leftOut, tt.leftOut)
			}
			for name, value := range tt.claims {
				if s, ok := value.(string); ok && len(s) > 3 && strings.Contains(b.log.String(), s) {
					t.Errorf("the value of %s was logged", name)
				}
			}
		})
	}
}

// A policy may take nearly all of the 8 KB of a result.
func TestContextClaimsNeverMakeAResultTooLarge(t *testing.T) {
	var list []string
	for i := range 85 {
		list = append(list, fmt.Sprintf(`"GET /route-%02d"`, i))
	}
	b := newHarness(t, `{"version":1,"rules":[{"anyOf":[{}],"routes":["GET /me",`+strings.Join(list, ",")+`]}]}`,
		map[string]string{"CONTEXT_CLAIMS": "one,two,three,four"})
	groups := cognitotest.Groups(strings.Repeat("g", 100), strings.Repeat("h", 100))
	invoke := func(options ...cognitotest.TokenOption) []byte {
		t.Helper()
		options = append(options, groups)
		result, err := b.Invoke(t.Context(), callEvent("GET/me", "Bearer "+b.pool.AccessToken(t, options...).Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	room := apigateway.MaxResultBytes - len(invoke())
	if room < 300 || room > 520 {
		t.Fatalf("the rest of the result leaves %d bytes", room)
	}
	long := strings.Repeat("x", 256)
	result := string(invoke(cognitotest.Claim("one", long), cognitotest.Claim("two", "2"), cognitotest.Claim("three", long), cognitotest.Claim("four", "4")))
	for claim, passed := range map[string]bool{`"one":"` + long: true, `"two":"2"`: true, `"three":`: false, `"four":"4"`: true} {
		if strings.Contains(result, claim) != passed {
			t.Errorf("%s: want %v in %d bytes", claim, passed, len(result))
		}
	}
	if got := fmt.Sprint(b.lastLine(t)["context_left_out"]); got != "[three]" {
		t.Errorf("logged as left out: %s", got)
	}
	rest := strings.Repeat("y", room-len(long)-len(`,"one":"","two":""`)) // to the last byte
	if result := invoke(cognitotest.Claim("one", long), cognitotest.Claim("two", rest)); len(result) != apigateway.MaxResultBytes {
		t.Errorf("%d of %d bytes are used", len(result), apigateway.MaxResultBytes)
	}
	if result := string(invoke(cognitotest.Claim("one", long), cognitotest.Claim("two", rest+"y"))); strings.Contains(result, `"two":`) {
		t.Error("a claim of one byte too many is passed on")
	}
}

func TestGroupsOfOtherClaimsOpenRoutesAndUnusableNamesAreLogged(t *testing.T) {
	for name, tt := range map[string]struct {
		setting string
		value   any
		allowed bool
		leftOut string // in the log
	}{
		"the text form of a SAML attribute": {"custom:groups", "[staff, admins]", true, "<nil>"},
		"a list":                            {"cognito:groups,custom:groups", []string{"admins"}, true, "<nil>"},
		"not configured":                    {"", []string{"admins"}, false, "<nil>"},
		"unusable names beside a usable":    {"custom:groups", "[Site Owners, admins, all of us]", true, "map[custom:groups:2]"},
		"unusable names alone":              {"custom:groups", []string{"ad\u200bmins"}, false, "map[custom:groups:1]"},
		"the wrong type":                    {"custom:groups", map[string]any{"admins": true}, false, "map[custom:groups:1]"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, map[string]string{"GROUPS_CLAIMS": tt.setting})
			_, err := b.ask(t, tokenEvent("Bearer "+b.pool.AccessToken(t, cognitotest.Claim("custom:groups", tt.value)).Reveal()))
			line := b.lastLine(t)
			if err != nil || (line["outcome"] == "allow") != tt.allowed {
				t.Errorf("got %v, %v", err, line["outcome"])
			}
			if got := fmt.Sprint(line["groups_left_out"]); got != tt.leftOut {
				t.Errorf("logged as left out: %s, want %s", got, tt.leftOut)
			}
			for _, secret := range []string{"Owners", "of us", "ad\u200b"} {
				if strings.Contains(b.log.String(), secret) {
					t.Error("the name of a group was logged")
				}
			}
		})
	}
}

func TestTheContextHasTheScopesThatTheContractGrants(t *testing.T) {
	granting := strings.Replace(tableOfRoutes, `"version":1,`, `"version":1,"grants":{"groups":{"admins":["api/users.read"]}},`, 1)
	b := newHarness(t, granting, nil)
	got, err := b.ask(t, callEvent("GET/users", "Bearer "+b.pool.AccessToken(t, cognitotest.Groups("admins")).Reveal()))
	if want := "aws.cognito.signin.user.admin api/users.read"; err != nil || got.Context["scopes"] != want || b.lastLine(t)["outcome"] != "allow" {
		t.Errorf("got %v, %v; want %s", got.Context["scopes"], err, want)
	}
}
