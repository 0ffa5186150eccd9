package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

const tenants = "../testdata/tenants.yaml"

// owners has a literal beside a path parameter that its caller owns.
const owners = `openapi: 3.1.0
info: {title: Test, version: "1"}
components:
  securitySchemes:
    groups: {type: http, scheme: bearer}
    owner: {type: http, scheme: bearer, x-authorizer-owner: sub}
paths:
  /users/me: {get: {security: [groups: [staff]], responses: {}}}
  /users/{id}: {get: {security: [owner: [id]], responses: {}}}
`

// Each kind of refusal has its sentence, for a described caller and for a line of the authorizer's log.
func TestOneSentenceForEachRefusal(t *testing.T) {
	const orders, order, reports = "GET /tenants/t-1/customers/ann/orders", "POST /tenants/t-1/customers/ann/orders", "GET /tenants/t-1/reports"
	long := strings.Repeat("x", 129)
	values := func(n, length int) []string {
		all := []string{"sub=ann"}
		for i := range n {
			all = append(all, fmt.Sprintf("custom:tenant_id=t-%0*d", length-2, i))
		}
		return all
	}
	theirs := func(tenant string) []string { return []string{"custom:tenant_id=" + tenant, "sub=ann"} }
	type asked struct {
		table *routes.Table
		api   *contractjson.Contract
	}
	contracts := map[string]asked{}
	for _, path := range []string{tenants, write(t, owners)} {
		compiled, err := contract.Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		api, err := contractjson.Parse(compiled.Contract)
		if err != nil {
			t.Fatal(err)
		}
		contracts[compiled.Table.Routes()[0].Template] = asked{compiled.Table, api}
	}
	ofTenants, ofOwners := contracts["/plans"], contracts["/users/me"]
	explained := map[routes.Refusal]bool{}
	for name, tt := range map[string]struct {
		of      asked
		command Command
		want    string // the end of the sentence
		refusal routes.Refusal
	}{
		"one's own item":           {ofTenants, Command{Claims: theirs("t-1"), Route: orders}, "where {tenant} equals claim custom:tenant_id and {customer} equals claim sub", ""},
		"by another alternative":   {ofTenants, Command{Groups: []string{"admins"}, Route: orders}, "has group admins", ""},
		"a fresh sign-in":          {ofTenants, Command{Groups: []string{"admins"}, SignedIn: 14 * time.Minute, Route: reports}, "may call " + reports + " (GET /tenants/{tenant}/reports): has group admins and a sign-in at most 15m ago", ""},
		"no such route":            {ofTenants, Command{Groups: []string{"admins"}, Route: "GET /nowhere"}, "Nobody may call GET /nowhere: not in the contract", routes.RefusedContract},
		"another group":            {ofTenants, Command{Groups: []string{"staff"}, SignedIn: time.Minute, Route: reports}, "may not call " + reports + " (GET /tenants/{tenant}/reports): needs group admins and a sign-in at most 15m ago", routes.RefusedRights},
		"another value":            {ofTenants, Command{Claims: append(theirs("t-1"), "custom:plan=free"), Route: order}, ": claim custom:plan is missing or has another value", routes.RefusedClaim},
		"no value":                 {ofTenants, Command{Claims: theirs("t-1"), Route: order}, ": claim custom:plan is missing or has another value", routes.RefusedClaim},
		"no time of the sign-in":   {ofTenants, Command{Groups: []string{"admins"}, Route: reports}, ": the token has no auth_time", routes.RefusedNoSignIn},
		"an old sign-in":           {ofTenants, Command{Groups: []string{"admins"}, SignedIn: 16 * time.Minute, Route: reports}, ": the sign-in was longer ago", routes.RefusedSignIn},
		"no such claim":            {ofTenants, Command{Claims: []string{"sub=ann"}, Route: orders}, ": the token has no claim custom:tenant_id", routes.RefusedOwnerMissing},
		"an empty claim":           {ofTenants, Command{Claims: theirs(""), Route: orders}, ": the token has no claim custom:tenant_id", routes.RefusedOwnerMissing},
		"too many values":          {ofTenants, Command{Claims: values(33, 4), Route: orders}, ": claim custom:tenant_id has more than 32 values", routes.RefusedOwnerValues},
		"a value with a slash":     {ofTenants, Command{Claims: theirs("t/1"), Route: orders}, ": claim custom:tenant_id does not consist of 1 to 128 of the characters A-Z a-z 0-9 - . _ ~, as a policy needs", routes.RefusedOwnerValue},
		"a value that is too long": {ofTenants, Command{Claims: theirs(long), Route: orders}, "as a policy needs", routes.RefusedOwnerValue},
		"the value of a literal":   {ofOwners, Command{Claims: []string{"sub=me"}, Route: "GET /users/you"}, ": claim sub has the value of a literal that another path has in place of {id}", routes.RefusedOwnerLiteral},
		"somebody else's item":     {ofTenants, Command{Claims: []string{"custom:tenant_id=t-1", "sub=ben"}, Route: orders}, ": the call is for another {customer}", routes.RefusedOwner},
		"of another tenant":        {ofTenants, Command{Claims: theirs("t-2"), Route: orders}, ": the call is for another {tenant}", routes.RefusedOwner},
		"no room for one of the caller's items": {ofTenants, Command{Claims: values(32, 128), Route: "GET /tenants/t-" + strings.Repeat("0", 126) + "/catalogue"},
			": a policy has no room for the values of claim custom:tenant_id", routes.RefusedRoom},
		"no room for any of them": {ofTenants, Command{Claims: values(32, 128), Route: "GET /tenants/{tenant}/catalogue"},
			": a policy has no room for the values of claim custom:tenant_id", routes.RefusedRoom},
	} {
		t.Run(name, func(t *testing.T) {
			explained[tt.refusal] = true
			who, err := tt.command.caller(cli.Console{})
			if err != nil {
				t.Fatal(err)
			}
			a := &answer{api: tt.of.api, table: tt.of.table, who: who, stage: sample}
			if err := a.one(tt.command.Route); err != nil {
				t.Fatal(err)
			}
			got := a.rows[0]
			sentence := a.sentence(got)
			if !strings.HasSuffix(sentence, tt.want+".") || got.Refusal != tt.refusal || *got.Allowed != (tt.refusal == "") {
				t.Errorf("%s (%q)\nwant …%s (%q)", sentence, got.Refusal, tt.want, tt.refusal)
			}
			if who, _, _ := strings.Cut(sentence, " call "); strings.Contains(who, "ann") || strings.Contains(sentence, "t/1") || strings.Contains(sentence, long) {
				t.Errorf("the value of a claim is printed: %s", sentence)
			}
			if *got.Allowed || got.Route == "" {
				return
			}
			line, err := json.Marshal(map[string]string{"outcome": "deny", "reason": "forbidden", "route": got.Route, "rule": got.Reason, "client_id": aClient, "sub": aSub})
			if err != nil {
				t.Fatal(err)
			}
			logged, err := explainLine(tt.of.table, bytes.NewReader(line))
			if err != nil || !strings.HasSuffix(logged.Sentence, tt.want[max(0, strings.Index(tt.want, ":")):]+". The API answered 403.") {
				t.Errorf("the decision line: %v, %s", err, logged.Sentence)
			}
		})
	}
	for _, refusal := range routes.Refusals() {
		if !explained[refusal] {
			t.Errorf("%s is not explained", refusal)
		}
	}
}

// The whole table is corrected as well.
func TestTheTableNamesTheRoutesForWhichThePolicyHasNoRoom(t *testing.T) {
	args := []string{"explain", tenants, "--no-policy", "--claim", "sub=ann"}
	for i := range 32 {
		args = append(args, "--claim", fmt.Sprintf("custom:tenant_id=t-%0126d", i))
	}
	got := runWith(t, "", args...)
	for route, want := range map[string]string{"GET /plans": "yes", "GET /tenants/{tenant}/catalogue": "no room for the values of claim custom:tenant_id"} {
		found := false
		for line := range strings.Lines(got.stdout) {
			found = found || strings.HasPrefix(line, route+" ") && strings.Contains(line, want)
		}
		if !found {
			t.Errorf("%s: no %q in\n%s", route, want, got.stdout)
		}
	}
}

func TestClaimsOfAToken(t *testing.T) {
	token := func(ago time.Duration) string {
		return unsigned(fmt.Sprintf(`{"sub":"ann","custom:tenant_id":"t-1","cognito:groups":["admins"],"auth_time":%d,"email":"ann@example.com"}`, time.Now().Add(-ago).Unix()))
	}
	for route, want := range map[string]string{
		"GET /tenants/t-1/reports": "allow", "GET /tenants/t-9/reports": "allow", "POST /tenants/t-1/customers/ann/orders": "deny", "GET /tenants/t-2/customers/ben/orders": "allow",
	} {
		if got := runWith(t, token(time.Minute), "explain", tenants, "--token-stdin", "--route", route, "--expect", want); got.code != 0 || strings.Contains(got.stdout, "example.com") {
			t.Errorf("%s: %+v", route, got)
		}
	}
	if got := runWith(t, token(time.Hour), "explain", tenants, "--token-stdin", "--route", "GET /tenants/t-1/reports", "--expect", "deny"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}

func TestACallerIsDescribedOnce(t *testing.T) {
	for _, args := range [][]string{
		{"--claim", "sub"}, {"--groups", "a", "--claim", "cognito:groups=b"}, {"--signed-in", "1m", "--claim", "auth_time=1"}, {"--claim", "sub=a", "--token-stdin"}, {"--signed-in", "1m", "--log-line"},
	} {
		if got := runWith(t, "", append([]string{"explain", tenants}, args...)...); got.code != 2 || got.stdout != "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
