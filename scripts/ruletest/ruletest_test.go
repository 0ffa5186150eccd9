package ruletest

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

const users = "../testdata/users.yaml"

// outcome is what a run of the command gave.
type outcome struct {
	code     int
	out, err string
}

func run(t *testing.T, rules string, flags ...string) outcome {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr strings.Builder
	app := cli.App{Name: "test", Grammar: &Command{}}
	code := app.Run(t.Context(), append([]string{users, file}, flags...), cli.Console{In: os.Stdin, Out: &out, Err: &stderr})
	return outcome{code, out.String(), stderr.String()}
}

const holds = `cases:
  - as: {groups: [admins], claims: {sub: u-1}}
    allowed: [GET /info, GET /me, GET /users/alice, "GET /users/{username}", GET /health]
    denied: [GET /users, "POST /users/{name}/sign-out"]
  - as: {groups: [admins], scopes: [api/users.write]}
    allowed: [POST /users/alice/sign-out]
  - as: {scopes: []}
    allowed: [GET /me]
    denied: [GET /users]
  - as: {anonymous: true}
    allowed: [get /health]
    unauthorized: [GET /me, GET /users]
`

func TestExpectationsThatHold(t *testing.T) {
	if o := run(t, holds, "--strict"); o.code != 0 || !strings.HasSuffix(o.out, "rules.yaml: 13 expectations hold, 0 do not\n") || o.err != "" {
		t.Errorf("%+v", o)
	}
}

func TestADifferenceIsNamedWithItsLine(t *testing.T) {
	for name, tt := range map[string]struct{ rules, says string }{
		"allowed and is not":      {"cases:\n  - as: {groups: [staff]}\n    allowed:\n      - GET /me\n      - GET /users\n", "rules.yaml:5  GET /users  a caller with group staff\n    - expected: allowed\n    + actual:   denied (needs scope api/users.read)\n"},
		"denied and is allowed":   {"cases:\n  - as: {groups: [admins]}\n    denied: [GET /users/alice]\n", "rules.yaml:3  GET /users/alice  a caller with group admins\n    - expected: denied\n    + actual:   allowed (has group admins)\n"},
		"401 and is public":       {"cases:\n  - as: {anonymous: true}\n    unauthorized: [GET /health]\n", "+ actual:   allowed (public)"},
		"403 and is 401":          {"cases:\n  - as: {anonymous: true}\n    denied: [GET /me]\n", "+ actual:   unauthorized (the route needs a token)"},
		"401 for a valid token":   {"cases:\n  - as: {groups: []}\n    unauthorized: [GET /users]\n", "+ actual:   denied"},
		"a route that is not one": {"cases:\n  - as: {groups: []}\n    denied: [GET /user]\n", "+ actual:   no such route"},
		"a method that is not":    {"cases:\n  - as: {groups: []}\n    denied: [DELETE /me]\n", "+ actual:   no such route"},
	} {
		t.Run(name, func(t *testing.T) {
			if o := run(t, tt.rules); o.code != 1 || !strings.Contains(o.out, tt.says) || !strings.Contains(o.out, "1 do not") {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestRulesAboutClaims(t *testing.T) {
	var out, stderr strings.Builder
	app := cli.App{Name: "test", Grammar: &Command{}}
	code := app.Run(t.Context(), []string{"../testdata/tenants.yaml", "../testdata/tenants-rules.yaml", "--strict"}, cli.Console{In: os.Stdin, Out: &out, Err: &stderr})
	if code != 0 || !strings.HasSuffix(out.String(), " 22 expectations hold, 0 do not\n") {
		t.Errorf("%d %s %s", code, out.String(), stderr.String())
	}
	for name, tt := range map[string]struct{ rules, says string }{
		"another's item": {`{claims: {"custom:tenant_id": t-1}}, allowed: [GET /tenants/t-2/catalogue]`, "actual:   denied (needs {tenant} equal to claim custom:tenant_id or group admins: the call is for another {tenant})"},
		"a template":     {`{claims: {"custom:tenant_id": t-1}}, allowed: ["GET /tenants/{tenant}/catalogue"]`, "actual:   depends on the item (where {tenant} equals claim custom:tenant_id: write the path of one item)"},
		"a wrong type":   {`{claims: {"custom:tenant_id": {a: t-1}}}, allowed: [GET /tenants/t-1/catalogue]`, "the token has no claim custom:tenant_id"},
		"no such age":    {`{groups: [admins], signed_in: yesterday}, allowed: [GET /tenants/t-1/catalogue]`, "signed_in is"},
		"groups twice":   {`{groups: [admins], claims: {"cognito:groups": [admins]}}, allowed: [GET /tenants/t-1/catalogue]`, "given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "rules.yaml")
			if err := os.WriteFile(file, []byte("cases:\n  - {as: "+tt.rules+"}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, stderr strings.Builder
			code := app.Run(t.Context(), []string{"../testdata/tenants.yaml", file}, cli.Console{In: os.Stdin, Out: &out, Err: &stderr})
			if code == 0 || !strings.Contains(out.String()+stderr.String(), tt.says) {
				t.Errorf("%d %s %s", code, out.String(), stderr.String())
			}
		})
	}
}

func TestStrictNamesRoutesWithoutACase(t *testing.T) {
	rules := "cases:\n  - as: {anonymous: true}\n    unauthorized: [GET /me, GET /info, GET /users, GET /users/a]\n"
	if o := run(t, rules); o.code != 0 {
		t.Errorf("%+v", o)
	}
	o := run(t, rules, "--strict")
	if o.code != 1 || !strings.Contains(o.out, "GET /health") || !strings.Contains(o.out, "POST /users/{username}/sign-out") || !strings.Contains(o.out, "4 expectations hold, 2 do not") {
		t.Errorf("%+v", o)
	}
}

func TestAFileThatIsWrongIsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ rules, says string }{
		"nothing":                {"", "no cases"},
		"an unknown key":         {"cases:\n  - as: {groups: []}\n    permitted: [GET /me]\n", "permitted"},
		"a key twice":            {"cases:\n  - as: {groups: []}\n    allowed: [GET /me]\n    allowed: [GET /info]\n", "allowed"},
		"nobody":                 {"cases:\n  - allowed: [GET /me]\n", "case 1: who calls?"},
		"anonymous with groups":  {"cases:\n  - as: {anonymous: true, groups: [a]}\n    allowed: [GET /me]\n", "not both"},
		"no expectation":         {"cases:\n  - as: {groups: [a]}\n", "case 1 expects nothing"},
		"a route without a path": {"cases:\n  - as: {groups: [a]}\n    allowed: [GET]\n", `"GET" is not a route`},
		"a route that is a list": {"cases:\n  - as: {groups: [a]}\n    allowed: [[GET /me]]\n", "line 3"},
		"no YAML":                {"cases: [", "rules.yaml: "},
	} {
		t.Run(name, func(t *testing.T) {
			if o := run(t, tt.rules); o.code != 2 || o.out != "" || !strings.Contains(o.err, tt.says) || strings.Count(o.err, "\n") != 1 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestResultsForPrograms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.xml")
	o := run(t, holds+"  - as: {groups: []}\n    allowed: [GET /users]\n", "--json", "--junit", file)
	var results struct {
		Passed, Failed int
		Results        []result
	}
	if err := json.Unmarshal([]byte(o.out), &results); err != nil || o.code != 1 || results.Passed != 13 || results.Failed != 1 || len(results.Results) != 14 {
		t.Errorf("%v %+v", err, o)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(data, &suites); err != nil || suites.Tests != 14 || suites.Failures != 1 {
		t.Fatalf("%v\n%s", err, data)
	}
	last := suites.Suite.Cases[13]
	if last.Failure == nil || last.Line != 14 || !strings.Contains(last.Failure.Message, "expected allowed, actual denied") || suites.Suite.Cases[0].Failure != nil {
		t.Errorf("%s", data)
	}
}
