package explain

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// openapi has one route of every kind, and nothing to warn of.
const openapi = `openapi: 3.1.0
info: {title: Test, version: "1"}
security: [scopes: []]
components:
  securitySchemes:
    scopes: {type: openIdConnect, openIdConnectUrl: "https://example.com"}
    groups: {type: http, scheme: bearer}
paths:
  /health: {get: {security: [], responses: {}}}
  /me: {get: {responses: {}}}
  /users: {get: {security: [scopes: [api/users.read]], responses: {}}}
  /users/{name}: {get: {security: [scopes: [api/users.read], groups: [admins]], responses: {}}}
`

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is what a run left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

func runWith(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	in, err := os.Create(filepath.Join(t.TempDir(), "stdin"))
	if err == nil {
		_, err = in.WriteString(stdin)
	}
	if err == nil {
		_, err = in.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var stdout, stderr bytes.Buffer
	var commands struct {
		Routes  RoutesCommand `cmd:""`
		Explain Command       `cmd:""`
	}
	app := cli.App{Name: "cognito-authorizer", Grammar: &commands}
	code := app.Run(t.Context(), args, cli.Console{In: in, Out: &stdout, Err: &stderr})
	return outcome{code, stdout.String(), stderr.String()}
}

// unsigned returns an unsigned token with these claims.
func unsigned(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + part([]byte(claims)) + ".c2lnbmF0dXJl"
}

func TestTheTableOfTheContract(t *testing.T) {
	got := runWith(t, "", "routes", write(t, openapi))
	const want = `ROUTE               WHO MAY CALL IT
GET /health         public
GET /me             any signed-in caller
GET /users          scope api/users.read
GET /users/{name}   scope api/users.read or group admins
$connect            any signed-in caller
`
	if got.code != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v\nwant\n%s", got, want)
	}
}

func TestTheTableForACaller(t *testing.T) {
	got := runWith(t, "", "explain", write(t, openapi), "--groups", "admins,others", "--no-policy")
	const want = `A caller with group admins and group others

ROUTE               ALLOWED   WHY
GET /health         yes       public
GET /me             yes       open to any signed-in caller
GET /users          no        needs scope api/users.read
GET /users/{name}   yes       has group admins
$connect            yes       open to any signed-in caller
`
	if got.code != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("%+v\nwant\n%s", got, want)
	}
}

func TestOneSentenceForOneRoute(t *testing.T) {
	path := write(t, openapi)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"allowed": {[]string{"--groups", "admins", "--route", "GET /users/{name}"},
			"A caller with group admins may call GET /users/{name}: has group admins.\n"},
		"denied": {[]string{"--groups", "admins", "--route", "GET /users"},
			"A caller with group admins may not call GET /users: needs scope api/users.read.\n"},
		"a real path": {[]string{"--groups", "admins", "--route", "get /users/alice"},
			"A caller with group admins may call GET /users/alice (GET /users/{name}): has group admins.\n"},
		"a template with another name": {[]string{"--scopes", "x", "--route", "GET /users/{id}"},
			"A caller with scope x may not call GET /users/{id} (GET /users/{name}): needs scope api/users.read or group admins.\n"},
		"somebody with neither": {[]string{"--scopes=", "--route", "GET /me"},
			"A caller without scopes and groups may call GET /me: open to any signed-in caller.\n"},
		"a comma in the name of a group": {[]string{"--groups", `a\,b`, "--route", "GET /health"},
			"A caller with group a,b may call GET /health: public.\n"},
		"no caller":      {[]string{"--route", "GET /users/alice"}, "Who may call GET /users/alice (GET /users/{name}): scope api/users.read or group admins.\n"},
		"not a route":    {[]string{"--groups", "admins", "--route", "DELETE /users"}, "Nobody may call DELETE /users: not in the contract.\n"},
		"the handshake":  {[]string{"--groups", "x", "--route", "$connect"}, "A caller with group x may call $connect: open to any signed-in caller.\n"},
		"a slash behind": {[]string{"--route", "GET /users/"}, "Nobody may call GET /users/: not in the contract.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "", slices.Concat([]string{"explain", path}, tt.args)...)
			if got.code != 0 || got.stdout != tt.want || got.stderr != "" {
				t.Errorf("%+v\nwant %s", got, tt.want)
			}
		})
	}
}

func TestThePolicyIsPrintedForTheStageAsked(t *testing.T) {
	const arn = "arn:aws-cn:execute-api:cn-north-1:444455556666:zyx987/$default/GET/whatever"
	got := runWith(t, "", "explain", write(t, openapi), "--scopes", "api/users.read", "--arn", arn, "--json")
	var whole struct {
		Caller struct{ Scopes, Groups []string }
		Routes []struct {
			Route   string
			Allowed bool
		}
		Policy apigateway.PolicyDocument
	}
	if err := json.Unmarshal([]byte(got.stdout), &whole); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(whole.Caller.Scopes) != 1 || len(whole.Routes) != 5 || !whole.Routes[2].Allowed {
		t.Errorf("%+v", whole)
	}
	const want = "arn:aws-cn:execute-api:cn-north-1:444455556666:zyx987/$default/GET/health"
	if len(whole.Policy.Statement) != 2 || whole.Policy.Statement[0].Resource[0] != want {
		t.Errorf("%+v", whole.Policy)
	}
	got = runWith(t, "", "explain", write(t, openapi), "--scopes", "api/users.read", "--stage", "v1", "--region", "cn-north-1")
	if got.code != 0 || !strings.Contains(got.stdout, `"arn:aws-cn:execute-api:cn-north-1:111122223333:abcdef1234/v1/GET/health"`) {
		t.Errorf("--stage and --region: %+v", got)
	}
	if got = runWith(t, "", "explain", write(t, openapi), "--scopes=", "--stage", "v1", "--arn", arn); got.code != 2 {
		t.Errorf("two stages: %+v", got)
	}
}

func TestATokenIsDecodedAndNeverPrinted(t *testing.T) {
	end := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	token := unsigned(`{"sub":"3f1c1a52","email":"alice@example.com","scope":"openid api/users.read","cognito:groups":["admins"],"exp":1795348800}`)
	for name, stdin := range map[string]string{"bare": token, "with a newline": token + "\n", "with its scheme": "Bearer " + token} {
		for _, format := range [][]string{nil, {"--json"}, {"--route", "GET /users"}} {
			got := runWith(t, stdin, slices.Concat([]string{"explain", write(t, openapi), "--token-stdin"}, format)...)
			if got.code != 0 || !strings.Contains(got.stderr, "not verified") {
				t.Errorf("%s: %+v", name, got)
			}
			if len(format) == 0 && (!strings.Contains(got.stdout, "scope openid and scope api/users.read and group admins") ||
				!strings.Contains(got.stdout, end.Format(time.RFC3339))) {
				t.Errorf("%s: scopes, groups or end are missing: %s", name, got.stdout)
			}
			for _, secret := range append(strings.Split(token, "."), "alice", "3f1c1a52") {
				if strings.Contains(got.stdout+got.stderr, secret) {
					t.Errorf("%s: %q is printed", name, secret)
				}
			}
		}
	}
}

func TestAnythingButATokenIsRefusedWithoutRepeatingIt(t *testing.T) {
	path := write(t, openapi)
	for name, stdin := range map[string]string{
		"nothing":              "",
		"one part":             "secret",
		"five parts":           "secret.secret.secret.secret.secret",
		"padding":              "secret.c2VjcmV0.c2VjcmV0=.x",
		"no base64url":         "secret.se+cret.secret",
		"no JSON":              "secret.c2VjcmV0.secret",
		"scope twice":          unsigned(`{"scope":"secret","scope":"api/users.read"}`),
		"groups that are text": unsigned(`{"cognito:groups":"secret"}`),
		"an end that is text":  unsigned(`{"exp":"secret"}`),
		"too long":             strings.Repeat("secret", 4000),
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, stdin, "explain", path, "--token-stdin")
			if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "holds no token") {
				t.Errorf("%+v", got)
			}
			if strings.Contains(got.stderr, "secret") || strings.Contains(got.stderr, "c2VjcmV0") {
				t.Errorf("it is repeated: %s", got.stderr)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	path := write(t, openapi)
	for name, tt := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"help":                       {[]string{"--help"}, 0, ""},
		"a refused contract":         {[]string{"explain", write(t, strings.Replace(openapi, "[scopes: []]", "[nobody: []]", 1))}, 1, "openapi.yaml:3:"},
		"a contract that is missing": {[]string{"explain", filepath.Join(t.TempDir(), "none.yaml")}, 2, "none.yaml"},
		"a flag that is not known":   {[]string{"explain", path, "--group", "x"}, 2, "unknown flag --group"},
		"an argument too many":       {[]string{"explain", path, "GET /users"}, 2, "one argument too many"},
		"a route without a method":   {[]string{"explain", path, "--route", "/users"}, 2, "want METHOD /path"},
		"a route without a slash":    {[]string{"explain", path, "--route", "GET users"}, 2, "want METHOD /path"},
		"two callers":                {[]string{"explain", path, "--token-stdin", "--groups", "x"}, 2, "two callers"},
		"an invalid ARN":             {[]string{"explain", path, "--arn", "arn:aws:s3:::bucket"}, 2, "--arn: not the method ARN"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "", tt.args...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("%+v\nwant code %d and %q", got, tt.code, tt.stderr)
			}
			if tt.code != 0 && (got.stdout != "" || strings.Count(got.stderr, "\n") != 1) {
				t.Errorf("want one line on stderr and nothing else: %+v", got)
			}
		})
	}
}

func TestExpectDecidesTheExitCode(t *testing.T) {
	path := write(t, openapi)
	for _, tt := range []struct {
		expect, route string
		args          []string
		code          int
	}{
		{"allow", "GET /users/alice", []string{"--groups", "admins"}, 0},
		{"deny", "GET /users/alice", []string{"--groups", "admins"}, 1},
		{"deny", "GET /users", []string{"--groups", "admins"}, 0},
		{"allow", "GET /users", []string{"--groups", "admins"}, 1},
		{"deny", "GET /nowhere", []string{"--groups", "admins"}, 0},
		{"allow", "GET /users", nil, 2}, // no caller
		{"allow", "", []string{"--groups", "admins"}, 2},
		{"maybe", "GET /users", []string{"--groups", "admins"}, 2},
	} {
		args := append([]string{"explain", path, "--expect", tt.expect}, tt.args...)
		if tt.route != "" {
			args = append(args, "--route", tt.route)
		}
		if got := runWith(t, "", args...); got.code != tt.code {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestWarningsComeOnStderr(t *testing.T) {
	path := write(t, openapi+"  /users/{name}/notes: {get: {security: [groups: [staff]], responses: {}}}\n")
	got := runWith(t, "", "explain", path)
	if got.code != 0 || !strings.Contains(got.stderr, "warning: "+path+":12:19: GET /users/{name}: denied to some callers only implicitly") {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.stdout, "warning") {
		t.Errorf("a warning on stdout: %s", got.stdout)
	}
}

func TestAContractForRoutesHasNoPolicyForTheStage(t *testing.T) {
	path := write(t, openapi+"x-authorizer-caching: route\n")
	got := runWith(t, "", "explain", path, "--groups", "admins")
	if got.code != 0 || !strings.Contains(got.stdout, "cached by route") || strings.Contains(got.stdout, "Statement") {
		t.Errorf("%+v", got)
	}
}

func TestARouteForAnyMethodIsShownByItsOwnRuleAndAskedForAsAWhole(t *testing.T) {
	contract := write(t, openapi+`  /both:
    x-amazon-apigateway-any-method: {security: [scopes: []]}
    get: {security: [groups: [admins]], responses: {}}
`)
	table := runWith(t, "", "explain", contract, "--groups", "staff").stdout
	for _, row := range [][]string{{"ANY /both", "yes", "open to any signed-in caller"}, {"GET /both", "no", "needs group admins"}} {
		found := false
		for line := range strings.Lines(table) {
			found = found || strings.Join(strings.Fields(line), " ") == strings.Join(row, " ")
		}
		if !found {
			t.Errorf("%q is not in\n%s", row, table)
		}
	}
	for route, want := range map[string]string{
		"POST /both": "A caller with group staff may call POST /both (ANY /both): open to any signed-in caller.\n",
		"ANY /both":  "A caller with group staff may not call ANY /both (GET /both): needs group admins.\n",
	} {
		if got := runWith(t, "", "explain", contract, "--groups", "staff", "--route", route).stdout; got != want {
			t.Errorf("%s: got %q, want %q", route, got, want)
		}
	}
}

// The routes of the table are not all: where the authorizer is not asked, no token decides.
func TestARouteOfIAMIsNamedAsOne(t *testing.T) {
	contract := write(t, strings.Replace(openapi, "  securitySchemes:\n", "  securitySchemes:\n    iam: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}\n", 1)+
		"  /files/{path+}: {get: {security: [], responses: {}}}\n  /files/keys: {get: {security: [iam: []], responses: {}}}\n")
	if table := runWith(t, "", "routes", contract); !strings.Contains(table.stdout, "GET /files/keys") || !strings.Contains(table.stdout, "callers with an IAM signature") {
		t.Errorf("%+v", table)
	}
	got := runWith(t, "", "explain", contract, "--groups", "admins", "--route", "GET /files/keys", "--expect", "allow")
	if got.code != 1 || !strings.Contains(got.stdout, "A caller with group admins may not call GET /files/keys: API Gateway authorizes the route by IAM.") {
		t.Errorf("%+v", got)
	}
	if got := runWith(t, "", "explain", contract, "--groups", "admins", "--route", "GET /files/other", "--expect", "allow"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}
