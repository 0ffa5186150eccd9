package apigateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

const (
	action = "execute-api:Invoke"
	stage  = "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func allow(resource string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":%q}`, resource)
}

func deny(resource string) string { return strings.Replace(allow(resource), "Allow", "Deny", 1) }

func TestEvaluate(t *testing.T) {
	for name, tt := range map[string]struct {
		policy string
		path   string // after the stage
		want   apigateway.Decision
	}{
		"a resource written out":                              {document(allow(stage + "GET/me")), "GET/me", apigateway.Allowed},
		"another method":                                      {document(allow(stage + "GET/me")), "POST/me", apigateway.ImplicitDeny},
		"another case":                                        {document(allow(stage + "GET/me")), "GET/Me", apigateway.ImplicitDeny},
		"a longer path":                                       {document(allow(stage + "GET/me")), "GET/me/", apigateway.ImplicitDeny},
		"a star matches slashes":                              {document(allow(stage + "GET/users/*")), "GET/users/7/secrets", apigateway.Allowed},
		"a star matches an empty string":                      {document(allow(stage + "GET/users/*")), "GET/users/", apigateway.Allowed},
		"a star inside":                                       {document(allow(stage + "GET/*/items")), "GET/orders/7/items", apigateway.Allowed},
		"a star inside that does not fit":                     {document(allow(stage + "GET/*/items")), "GET/orders/7/item", apigateway.ImplicitDeny},
		"a star must be tried again":                          {document(allow(stage + "GET/*ab")), "GET/aab", apigateway.Allowed},
		"a question mark matches a slash":                     {document(allow(stage + "GET/a?c")), "GET/a/c", apigateway.Allowed},
		"a question mark matches one character, not one byte": {document(allow(stage + "GET/a?c")), "GET/aéc", apigateway.Allowed},
		"a question mark matches no empty string":             {document(allow(stage + "GET/ac?")), "GET/ac", apigateway.ImplicitDeny},
		"a star in the call is an ordinary character":         {document(allow(stage + "GET/users/7")), "GET/users/*", apigateway.ImplicitDeny},
		"a star before the stage matches a path":              {document(allow("arn:aws:execute-api:*:*:abc123/prod/GET/x")), "GET/y/:abc123/prod/GET/x", apigateway.Allowed},
		"everything":                                          {document(allow("*")), "GET/me", apigateway.Allowed},
		"another stage":                                       {document(allow("arn:aws:execute-api:eu-west-1:111122223333:abc123/test/*")), "GET/me", apigateway.ImplicitDeny},
		"a Deny beside an Allow":                              {document(allow(stage+"*"), deny(stage+"GET/admin/*")), "GET/admin/x", apigateway.ExplicitDeny},
		"a Deny before an Allow":                              {document(deny(stage+"GET/admin/*"), allow(stage+"*")), "GET/admin/x", apigateway.ExplicitDeny},
		"a Deny elsewhere":                                    {document(deny(stage+"GET/admin/*"), allow(stage+"*")), "GET/me", apigateway.Allowed},
		"a Deny alone allows nothing":                         {document(deny(stage + "GET/admin/*")), "GET/me", apigateway.ImplicitDeny},
		"one statement that is not in a list":                 {`{"Version":"2012-10-17","Statement":` + allow(stage+"*") + `}`, "GET/me", apigateway.Allowed},
		"lists": {document(`{"Sid":"x","Effect":"Allow","Action":["a:B","execute-api:Invoke"],"Resource":["x","` + stage + `GET/me"]}`),
			"GET/me", apigateway.Allowed},
		"an action in another case":          {document(strings.Replace(allow("*"), action, "EXECUTE-API:invoke", 1)), "GET/me", apigateway.Allowed},
		"a wildcard in the action":           {document(strings.Replace(allow("*"), action, "execute-api:*", 1)), "GET/me", apigateway.Allowed},
		"another action":                     {document(strings.Replace(allow("*"), action, "execute-api:InvalidateCache", 1)), "GET/me", apigateway.ImplicitDeny},
		"a condition that holds":             {document(condition("Allow", "DateGreaterThanEquals", "aws:CurrentTime", `"2026-11-22T12:00:00Z"`)), "GET/me", apigateway.Allowed},
		"a condition that does not hold yet": {document(allow("*"), condition("Deny", "DateGreaterThanEquals", "aws:CurrentTime", `"2026-11-22T12:00:01Z"`)), "GET/me", apigateway.Allowed},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apigateway.EvaluatePolicy([]byte(tt.policy), action, stage+tt.path, noon)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func condition(effect, operator, key, value string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":"execute-api:Invoke","Resource":"*","Condition":{%q:{%q:%s}}}`, effect, operator, key, value)
}

func TestConditionsOnTheTime(t *testing.T) {
	const before, at, after = `"2026-11-22T11:59:59Z"`, `"2026-11-22T12:00:00Z"`, `"2026-11-22T13:00:01+01:00"`
	for name, tt := range map[string]struct {
		operator, key, value string
		holds                bool
	}{
		"earlier, less":                            {"DateLessThan", "aws:CurrentTime", before, false},
		"equal, less":                              {"DateLessThan", "aws:CurrentTime", at, false},
		"later, less":                              {"DateLessThan", "aws:CurrentTime", after, true},
		"equal, less or equal":                     {"DateLessThanEquals", "aws:CurrentTime", at, true},
		"earlier, greater":                         {"DateGreaterThan", "aws:CurrentTime", before, true},
		"equal, greater":                           {"DateGreaterThan", "aws:CurrentTime", at, false},
		"equal, greater or equal":                  {"DateGreaterThanEquals", "aws:CurrentTime", at, true},
		"later, greater or equal":                  {"DateGreaterThanEquals", "aws:CurrentTime", after, false},
		"equal":                                    {"DateEquals", "aws:CurrentTime", at, true},
		"not equal":                                {"DateNotEquals", "aws:CurrentTime", at, false},
		"not equal to any of two":                  {"DateNotEquals", "aws:CurrentTime", "[" + before + "," + at + "]", false},
		"any of two":                               {"DateEquals", "aws:CurrentTime", "[" + before + "," + at + "]", true},
		"a date as seconds":                        {"DateEquals", "aws:CurrentTime", `"1795348800"`, true},
		"seconds as a number":                      {"NumericLessThan", "aws:EpochTime", `"1795348801"`, true},
		"seconds as a date":                        {"DateGreaterThanEquals", "aws:EpochTime", at, true},
		"a key in another case":                    {"DateEquals", "AWS:currenttime", at, true},
		"a key that is absent":                     {"DateGreaterThan", "aws:MultiFactorAuthAge", before, false},
		"a key that is absent, if it exists":       {"DateGreaterThanIfExists", "aws:MultiFactorAuthAge", before, true},
		"a key that is there, if it exists":        {"DateGreaterThanIfExists", "aws:CurrentTime", after, false},
		"a key that is absent, not":                {"DateNotEquals", "aws:MultiFactorAuthAge", at, true},
		"the date is not a number":                 {"NumericEquals", "aws:CurrentTime", `"1795348800"`, false},
		"the number of seconds in a date operator": {"DateLessThanEquals", "aws:EpochTime", `"1795348800"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := document(condition("Allow", tt.operator, tt.key, tt.value))
			got, err := apigateway.EvaluatePolicy([]byte(d), action, stage+"GET/me", noon)
			if err != nil {
				t.Fatal(err)
			}
			if (got == apigateway.Allowed) != tt.holds {
				t.Errorf("holds: %v, want %v", got == apigateway.Allowed, tt.holds)
			}
		})
	}
}

func TestAllConditionsOfAStatementMustHold(t *testing.T) {
	d := document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*","Condition":{
		"DateGreaterThan":{"aws:CurrentTime":"2026-11-22T11:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-11-22T13:00:00Z"}}}`)
	for at, want := range map[time.Time]apigateway.Decision{
		noon:                     apigateway.Allowed,
		noon.Add(-2 * time.Hour): apigateway.ImplicitDeny,
		noon.Add(2 * time.Hour):  apigateway.ImplicitDeny,
	} {
		if got, err := apigateway.EvaluatePolicy([]byte(d), action, "x", at); err != nil || got != want {
			t.Errorf("at %s: %q and %v, want %q", at, got, err, want)
		}
	}
}

func TestAPolicyThatCannotBeEvaluatedIsAnErrorAndADenial(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                     ``,
		"no JSON":                     `Allow`,
		"null":                        `null`,
		"a list":                      `[]`,
		"no version":                  `{"Statement":[` + allow("*") + `]}`,
		"an older version":            strings.Replace(document(allow("*")), "2012-10-17", "2008-10-17", 1),
		"no statement":                `{"Version":"2012-10-17"}`,
		"an empty list of statements": document(),
		"a statement that is null":    document(`null`),
		"no effect":                   document(`{"Action":"execute-api:Invoke","Resource":"*"}`),
		"an effect in another case":   document(strings.Replace(allow("*"), "Allow", "allow", 1)),
		"no action":                   document(`{"Effect":"Allow","Resource":"*"}`),
		"no resource":                 document(`{"Effect":"Allow","Action":"execute-api:Invoke"}`),
		"an empty list of resources":  document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":[]}`),
		"a resource that is null":     document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":null}`),
		"a resource that is a number": document(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":7}`),
		"NotResource":                 document(`{"Effect":"Deny","Action":"execute-api:Invoke","NotResource":"x"}`),
		"NotAction":                   document(`{"Effect":"Allow","NotAction":"x","Resource":"*"}`),
		"a principal":                 document(strings.Replace(allow("*"), "{", `{"Principal":"*",`, 1)),
		"an effect twice":             document(strings.Replace(allow("*"), "{", `{"Effect":"Deny",`, 1)),
		"a policy variable":           document(allow("arn:${aws:username}")),
		"an unknown operator":         document(condition("Deny", "DateGreaterThanOrEqual", "aws:CurrentTime", `"2026-11-22T12:00:00Z"`)),
		"an operator for strings":     document(condition("Deny", "StringEquals", "aws:CurrentTime", `"x"`)),
		"an invalid date":             document(condition("Deny", "DateEquals", "aws:CurrentTime", `"noon"`)),
		"a number that is a date":     document(condition("Deny", "NumericEquals", "aws:EpochTime", `"2026-11-22T12:00:00Z"`)),
		"a condition without a value": document(condition("Deny", "DateEquals", "aws:CurrentTime", `[]`)),
		"two documents":               document(allow("*")) + document(allow("*")),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apigateway.EvaluatePolicy([]byte(text), action, stage+"GET/me", noon)
			if !errors.Is(err, apigateway.ErrPolicy) {
				t.Errorf("got %v, want %v", err, apigateway.ErrPolicy)
			}
			if got != apigateway.ImplicitDeny {
				t.Errorf("decision %q with an error", got)
			}
		})
	}
}

func TestTheZeroDecisionIsADenial(t *testing.T) {
	var d apigateway.Decision
	if d == apigateway.Allowed || d.String() != "implicit deny" {
		t.Errorf("the zero value is %q", d)
	}
	if got := new(apigateway.ParsedPolicy).Evaluate(action, "x", noon); got != apigateway.ImplicitDeny {
		t.Errorf("the zero ParsedPolicy returns %q", got)
	}
}

func TestWildcardMatchingIsNotExponential(t *testing.T) {
	// A backtracking matcher would not finish in time.
	d := document(allow(strings.Repeat("*a", 200) + "b"))
	if got, err := apigateway.EvaluatePolicy([]byte(d), action, strings.Repeat("a", 1600), noon); err != nil || got != apigateway.ImplicitDeny {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzWildcards compares wildcard matching with equivalent regular expressions.
func FuzzWildcards(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*b", "a/b"}, {"*", ""}, {"?", "é"}, {"a**", "a"}, {"*?", "x"}, {"", ""}, {"*a*b*", "xaxbx"}, {"a", "a\n"}, {"?*c", "abcabc"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if pattern == "" || strings.Contains(pattern, "${") || len(pattern) > 100 || len(text) > 100 ||
			strings.ToValidUTF8(pattern, "") != pattern || strings.ToValidUTF8(text, "") != text {
			t.Skip("not what a policy may hold, or slow as an expression")
		}
		quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`^(?s:` + quoted + `)$`).MatchString(text)
		resource, err := json.Marshal(pattern)
		if err != nil {
			t.Fatal(err)
		}
		d := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":%s}}`, resource)
		got, err := apigateway.EvaluatePolicy([]byte(d), action, text, noon)
		if err != nil || (got == apigateway.Allowed) != want {
			t.Errorf("%q on %q: %q, %v, want a match: %v", pattern, text, got, err, want)
		}
	})
}
