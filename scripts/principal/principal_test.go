package principal

import (
	"maps"
	"slices"
	"testing"
	"time"
)

var now = time.Unix(1795360000, 0)

func TestClaimsOfACommandLine(t *testing.T) {
	for name, tt := range map[string]struct {
		flags []string
		want  map[string][]string
	}{
		"text":                          {[]string{"custom:tenant_id=t-1"}, map[string][]string{"custom:tenant_id": {"t-1"}}},
		"an equals sign in it":          {[]string{"a=b=c"}, map[string][]string{"a": {"b=c"}}},
		"a number, a boolean":           {[]string{"a=7", "b=true"}, map[string][]string{"a": {"7"}, "b": {"true"}}},
		"several times":                 {[]string{"a=x", "a=y", "a=z"}, map[string][]string{"a": {"x", "y", "z"}}},
		"a list":                        {[]string{`a=["x", 7, true]`}, map[string][]string{"a": {"x", "7", "true"}}},
		"a list and one more":           {[]string{`a=["x"]`, "a=y"}, map[string][]string{"a": {"x", "y"}}},
		"an empty list":                 {[]string{"a=[]"}, map[string][]string{}},
		"a list with an unusable value": {[]string{`a=["x", null]`}, map[string][]string{}},
		"text of a list":                {[]string{"a=[x, y]"}, map[string][]string{"a": {"[x, y]"}}},
		"empty text":                    {[]string{"a="}, map[string][]string{"a": {""}}},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := ParseClaims(tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Describe(nil, nil, claims, now)
			if err != nil || !maps.EqualFunc(p.Claims, tt.want, slices.Equal) {
				t.Errorf("got %v, %v; want %v", p.Claims, err, tt.want)
			}
		})
	}
	for _, flag := range []string{"a", "=b", ""} {
		if _, err := ParseClaims([]string{flag}); err == nil {
			t.Errorf("%q is accepted", flag)
		}
	}
}

func TestValuesOfClaimsAreReadAsTheAuthorizerReadsThem(t *testing.T) {
	for name, tt := range map[string]struct {
		value any
		want  []string
	}{
		"a string": {"x", []string{"x"}}, "a whole number of YAML": {uint64(7), []string{"7"}}, "a whole number of JSON": {7.0, []string{"7"}}, "a boolean": {false, []string{"false"}},
		"null": {nil, nil}, "a fraction": {1.5, nil}, "a large number": {1e30, nil}, "an object": {map[string]any{}, nil}, "a list with null": {[]any{"x", nil}, nil}, "a list in a list": {[]any{[]any{"x"}}, nil},
	} {
		if got := Values(tt.value); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestRightsAndClaimsDescribeOneCaller(t *testing.T) {
	p, err := Describe([]string{"a", "b"}, nil, map[string]any{"cognito:groups": []any{"admins"}, "client_id": "web", "aud": "x", "auth_time": 1795359000}, now)
	if err != nil || !slices.Equal(p.Groups, []string{"admins"}) || p.Claims["scope"][0] != "a b" || p.Client != "web" || p.AuthTime.Unix() != 1795359000 || p.Now != now {
		t.Errorf("got %+v, %v", p, err)
	}
	if only := Only(p, []string{"client_id", "sub"}); len(only.Claims) != 1 || only.Client != "web" {
		t.Errorf("got %+v", only)
	}
	for name, claims := range map[string]map[string]any{"groups twice": {"cognito:groups": "x"}, "an invalid time": {"auth_time": "yesterday"}, "two times": {"auth_time": []any{1, 2}}} {
		if _, err := Describe(nil, []string{"admins"}, claims, now); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
