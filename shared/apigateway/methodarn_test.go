package apigateway_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

func TestParseMethodARN(t *testing.T) {
	const prefix = "arn:aws:execute-api:eu-west-1:111122223333:abc123/"
	with := func(change func(*apigateway.MethodARN)) apigateway.MethodARN {
		a := apigateway.MethodARN{Partition: "aws", Region: "eu-west-1", Account: "111122223333", API: "abc123", Stage: "prod", Method: "GET"}
		change(&a)
		return a
	}
	for name, tt := range map[string]struct {
		text string
		want apigateway.MethodARN
	}{
		"a call to a REST API":   {prefix + "prod/GET/pets/7", with(func(a *apigateway.MethodARN) { a.Path = "pets/7" })},
		"the root":               {prefix + "prod/GET/", with(func(*apigateway.MethodARN) {})},
		"the root without slash": {prefix + "prod/GET", with(func(*apigateway.MethodARN) {})},
		"a path with colons, wildcards and escapes": {prefix + "prod/GET/a:b/*/?/%2F/$connect",
			with(func(a *apigateway.MethodARN) { a.Path = "a:b/*/?/%2F/$connect" })},
		"a path that begins with a slash": {prefix + "prod/GET//x", with(func(a *apigateway.MethodARN) { a.Path = "/x" })},
		"a path like another ARN": {prefix + "prod/GET/arn:aws:execute-api:*:*:abc123/prod/GET/x",
			with(func(a *apigateway.MethodARN) { a.Path = "arn:aws:execute-api:*:*:abc123/prod/GET/x" })},
		"a path that is not UTF-8":     {prefix + "prod/GET/\xff\x00", with(func(a *apigateway.MethodARN) { a.Path = "\xff\x00" })},
		"a method in lower case":       {prefix + "prod/get/x", with(func(a *apigateway.MethodARN) { a.Path = "x" })},
		"the stage of an HTTP API":     {prefix + "$default/GET/private", with(func(a *apigateway.MethodARN) { a.Stage, a.Path = "$default", "private" })},
		"a test from the console":      {prefix + "test-invoke-stage/GET/", with(func(a *apigateway.MethodARN) { a.Stage = "test-invoke-stage" })},
		"a test of the authorizer":     {prefix + "ESTestInvoke-stage/GET/", with(func(a *apigateway.MethodARN) { a.Stage = "ESTestInvoke-stage" })},
		"the handshake of a WebSocket": {prefix + "prod/$connect", with(func(a *apigateway.MethodARN) { a.Method, a.Path = "", "$connect" })},
		"a REST path named like it":    {prefix + "prod/GET/$connect", with(func(a *apigateway.MethodARN) { a.Path = "$connect" })},
		"China":                        {"arn:aws-cn:execute-api:cn-north-1:111122223333:abc123/prod/GET/", with(func(a *apigateway.MethodARN) { a.Partition, a.Region = "aws-cn", "cn-north-1" })},
		"GovCloud":                     {"arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:abc123/prod/GET/", with(func(a *apigateway.MethodARN) { a.Partition, a.Region = "aws-us-gov", "us-gov-west-1" })},
		"the European Sovereign Cloud": {"arn:aws-eusc:execute-api:eusc-de-east-1:111122223333:abc123/prod/GET/", with(func(a *apigateway.MethodARN) { a.Partition, a.Region = "aws-eusc", "eusc-de-east-1" })},
		"an isolated partition":        {"arn:aws-iso-b:execute-api:us-isob-east-1:111122223333:abc123/prod/GET/", with(func(a *apigateway.MethodARN) { a.Partition, a.Region = "aws-iso-b", "us-isob-east-1" })},
		"the longest that is read":     {prefix + "prod/GET/" + strings.Repeat("x", 16<<10-len(prefix+"prod/GET/")), with(func(a *apigateway.MethodARN) { a.Path = strings.Repeat("x", 16<<10-len(prefix+"prod/GET/")) })},
		"a long path of an HTTP API":   {prefix + "$default/GET/" + strings.Repeat("x", 5000), with(func(a *apigateway.MethodARN) { a.Stage, a.Path = "$default", strings.Repeat("x", 5000) })},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apigateway.ParseMethodARN(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			if got.IsConnect() != strings.HasSuffix(tt.text, "prod/$connect") {
				t.Errorf("IsConnect() = %v", got.IsConnect())
			}
		})
	}
}

func TestAnInvalidMethodARNIsRefused(t *testing.T) {
	const rest = "execute-api:eu-west-1:111122223333:abc123/prod/GET/x"
	for name, text := range map[string]string{
		"nothing":                      "",
		"words":                        "GET /users",
		"another service":              "arn:aws:lambda:eu-west-1:111122223333:function:x/prod/GET/x",
		"no partition":                 "arn::" + rest,
		"a foreign partition":          "arn:azure:" + rest,
		"a wildcard for a partition":   "arn:aws*:" + rest,
		"a wildcard for a region":      "arn:aws:execute-api:*:111122223333:abc123/prod/GET/x",
		"no region":                    "arn:aws:execute-api::111122223333:abc123/prod/GET/x",
		"a wildcard for an account":    "arn:aws:execute-api:eu-west-1:*:abc123/prod/GET/x",
		"a short account":              "arn:aws:execute-api:eu-west-1:11112222333:abc123/prod/GET/x",
		"a wildcard for an API":        "arn:aws:execute-api:eu-west-1:111122223333:*/prod/GET/x",
		"no API":                       "arn:aws:execute-api:eu-west-1:111122223333:/prod/GET/x",
		"a wildcard for a stage":       "arn:aws:execute-api:eu-west-1:111122223333:abc123/*/GET/x",
		"a question mark for a stage":  "arn:aws:execute-api:eu-west-1:111122223333:abc123/pro?/GET/x",
		"a variable for a stage":       "arn:aws:execute-api:eu-west-1:111122223333:abc123/${aws:x}/GET/x",
		"another dollar stage":         "arn:aws:execute-api:eu-west-1:111122223333:abc123/$other/GET/x",
		"no stage":                     "arn:aws:execute-api:eu-west-1:111122223333:abc123//GET/x",
		"no method":                    "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod",
		"an empty method":              "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod//x",
		"a wildcard for a method":      "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*/x",
		"another route of a WebSocket": "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/$disconnect",
		"a line break in the region":   "arn:aws:execute-api:eu-west-1\n:111122223333:abc123/prod/GET/x",
		"a quote in the stage":         `arn:aws:execute-api:eu-west-1:111122223333:abc123/pr"od/GET/x`,
		"letters that fold to ASCII":   "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/\u017fET/x",
		"one byte more than is read":   "arn:aws:" + rest + strings.Repeat("x", 16<<10+1-len("arn:aws:"+rest)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apigateway.ParseMethodARN(text)
			if !errors.Is(err, apigateway.ErrMethodARN) {
				t.Errorf("got %v, want %v", err, apigateway.ErrMethodARN)
			}
			if got != (apigateway.MethodARN{}) {
				t.Errorf("an ARN beside the error: %+v", got)
			}
		})
	}
}

func TestAResourceHoldsNothingOfTheCall(t *testing.T) {
	a, err := apigateway.ParseMethodARN("arn:aws-cn:execute-api:cn-north-1:111122223333:abc123/$default/POST/*/secret?")
	if err != nil {
		t.Fatal(err)
	}
	const prefix = "arn:aws-cn:execute-api:cn-north-1:111122223333:abc123/$default/"
	for want, got := range map[string]string{
		prefix + "GET/users/*": a.Resource("GET", "/users/*"),
		prefix + "PUT/users":   a.Resource("PUT", "users"),
		prefix + "GET/":        a.Resource("GET", "/"),
		prefix + "$connect":    a.Resource("", "$connect"),
		prefix + "*":           a.StageResource(),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzParseARN(f *testing.F) {
	for _, seed := range []string{
		"arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/users/7",
		"arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:abc123/$default/GET/",
		"arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/$connect",
		"arn:aws:execute-api:*:*:abc123/prod/GET/*", "arn:aws:execute-api:eu-west-1:111122223333:a/*/GET/:*:*", "arn:::::/", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := apigateway.ParseMethodARN(text)
		if err != nil {
			if a != (apigateway.MethodARN{}) || !errors.Is(err, apigateway.ErrMethodARN) {
				t.Fatalf("%+v beside %v", a, err)
			}
			return
		}
		if strings.ContainsAny(a.Prefix(), "*?\"\\{} \n") {
			t.Errorf("the prefix %q could widen or break a policy", a.Prefix())
		}
		if strings.Count(a.Prefix(), "$") > strings.Count(a.Stage, "$default") {
			t.Errorf("the prefix %q holds a variable", a.Prefix())
		}
		// What was read stands in the text, in this order.
		if !strings.HasPrefix(text, a.Prefix()+"/") || !strings.HasSuffix(text, a.Path) {
			t.Errorf("%q was read as %+v", text, a)
		}
		again, err := apigateway.ParseMethodARN(a.Resource(a.Method, "") + a.Path)
		if !a.IsConnect() && (err != nil || again != a) {
			t.Errorf("%q: read again it is %+v, %v", text, again, err)
		}
	})
}
