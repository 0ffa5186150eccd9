package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const tenants = "../testdata/tenants.yaml"

func TestOneSentenceForEachRefusalOfARuleAboutClaims(t *testing.T) {
	const orders, reports = "GET /tenants/t-1/customers/ann/orders", "GET /tenants/t-1/reports"
	long := strings.Repeat("x", 129)
	many := make([]string, 0, 2*33)
	for i := range 33 {
		many = append(many, "--claim", fmt.Sprintf("custom:tenant_id=t-%d", i))
	}
	for name, tt := range map[string]struct {
		args []string
		want string // the end of the sentence
	}{
		"one's own item":           {[]string{"--claim", "custom:tenant_id=t-1", "--claim", "sub=ann", "--route", orders}, "where {tenant} equals claim custom:tenant_id and {customer} equals claim sub."},
		"by another alternative":   {[]string{"--groups", "admins", "--route", orders}, "has group admins."},
		"somebody else's item":     {[]string{"--claim", "custom:tenant_id=t-1", "--claim", "sub=ben", "--route", orders}, ": the call is for another {customer}."},
		"of another tenant":        {[]string{"--claim", "custom:tenant_id=t-2", "--claim", "sub=ann", "--route", orders}, ": the call is for another {tenant}."},
		"no such claim":            {[]string{"--claim", "sub=ann", "--route", orders}, ": the token has no claim custom:tenant_id."},
		"an empty claim":           {[]string{"--claim", "custom:tenant_id=", "--claim", "sub=ann", "--route", orders}, ": the token has no claim custom:tenant_id."},
		"a value with a slash":     {[]string{"--claim", "custom:tenant_id=t/1", "--claim", "sub=ann", "--route", orders}, ": claim custom:tenant_id does not consist of 1 to 128 of the characters A-Z a-z 0-9 - . _ ~, as a policy needs."},
		"a value that is too long": {[]string{"--claim", "custom:tenant_id=" + long, "--claim", "sub=ann", "--route", orders}, "as a policy needs."},
		"too many values":          {append(many, "--claim", "sub=ann", "--route", orders), ": claim custom:tenant_id has more than 32 values."},
		"another value":            {[]string{"--claim", "custom:tenant_id=t-1", "--claim", "sub=ann", "--claim", "custom:plan=free", "--route", "POST " + orders[4:]}, ": claim custom:plan is missing or has another value."},
		"an old sign-in":           {[]string{"--groups", "admins", "--signed-in", "16m", "--route", reports}, ": the sign-in was longer ago."},
		"no time of the sign-in":   {[]string{"--groups", "admins", "--route", reports}, ": the token has no auth_time."},
		"a fresh sign-in":          {[]string{"--groups", "admins", "--signed-in", "14m", "--route", reports}, "may call " + reports + " (GET /tenants/{tenant}/reports): has group admins and a sign-in at most 15m ago."},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "", append([]string{"explain", tenants}, tt.args...)...)
			if got.code != 0 || !strings.HasSuffix(got.stdout, tt.want+"\n") || strings.Count(got.stdout, "\n") != 1 {
				t.Errorf("%+v\nwant …%s", got, tt.want)
			}
			if who, _, _ := strings.Cut(got.stdout, " call "); strings.Contains(who, "ann") || strings.Contains(got.stdout, "t/1") || strings.Contains(got.stdout, long) {
				t.Errorf("the value of a claim is printed: %s", got.stdout)
			}
		})
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
