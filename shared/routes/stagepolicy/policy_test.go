package stagepolicy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

const methodARN = "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/whatever/*/was/called"

func stage(t testing.TB, arn string) apigateway.MethodARN {
	t.Helper()
	a, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// resources returns what a document allows and denies, without the stage.
func resources(t testing.TB, d apigateway.PolicyDocument) (allow, deny []string) {
	t.Helper()
	for _, s := range d.Statement {
		if s.Action != apigateway.InvokeAction || len(s.Condition) > 0 {
			t.Errorf("statement %+v", s)
		}
		for _, r := range s.Resource {
			pattern, ok := strings.CutPrefix(r, "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/")
			if !ok {
				t.Errorf("resource %s is not of the stage", r)
			}
			if s.Effect == apigateway.Allow {
				allow = append(allow, pattern)
			} else {
				deny = append(deny, pattern)
			}
		}
	}
	return allow, deny
}

// otherMethods are denied whole to a caller who may only GET.
var otherMethods = []string{"DELETE/*", "HEAD/*", "OPTIONS/*", "PATCH/*", "POST/*", "PUT/*"}

// noEmptySegment is denied wherever a "*" is allowed.
var noEmptySegment = []string{"*/*/", "*//*"}

func TestThePolicyFollowsTheTable(t *testing.T) {
	for name, tt := range map[string]struct {
		table  []string
		rights string
		allow  []string
		deny   []string // beside otherMethods
	}{
		"routes without parameters": {[]string{"GET /health public", "GET /me any", "GET /users r"}, "",
			[]string{"GET/health", "GET/me"}, []string{"GET/users"}},
		"the root": {[]string{"GET / any", "GET /users r"}, "",
			[]string{"GET/"}, []string{"GET/users"}},
		"the root is forbidden": {[]string{"GET / r", "GET /{id} any"}, "",
			[]string{"GET/*"}, slices.Concat(noEmptySegment, []string{"GET/", "GET/*/*"})},
		"a parameter is one segment": {[]string{"GET /orders/{id} any"}, "",
			[]string{"GET/orders/*"}, slices.Concat(noEmptySegment, []string{"GET/orders/*/*"})},
		"a forbidden route below a parameter": {[]string{"GET /orders/{id} any", "GET /orders/{id}/secrets g"}, "",
			[]string{"GET/orders/*"}, slices.Concat(noEmptySegment, []string{"GET/orders/*/*"})},
		"a forbidden route beside an allowed one below a parameter": {
			[]string{"GET /orders/{id} any", "GET /orders/{id}/secrets g", "GET /orders/{id}/items any"}, "",
			[]string{"GET/orders/*"}, slices.Concat(noEmptySegment, []string{"GET/orders/*/*/*", "GET/orders/*/secrets"})},
		"a forbidden literal beside a parameter": {[]string{"GET /users/{id} any", "GET /users/me g"}, "",
			[]string{"GET/users/*"}, slices.Concat(noEmptySegment, []string{"GET/users/*/*", "GET/users/me"})},
		"a forbidden parameter beside a literal": {[]string{"GET /users/{id} g", "GET /users/me any"}, "",
			[]string{"GET/users/me"}, nil},
		"a branch in which nothing is allowed": {[]string{"GET /me any", "GET /admin g", "GET /admin/x g", "GET /admin/{y}/z g"}, "",
			[]string{"GET/me"}, []string{"GET/admin", "GET/admin/*"}},
		"the rest of a path": {[]string{"GET /files/{path+} any", "GET /users r"}, "",
			[]string{"GET/files/*"}, []string{"GET/files/", "GET/users"}},
		"a forbidden route below the rest of a path": {[]string{"GET /{path+} any", "GET /admin g", "GET /admin/{path+} g"}, "",
			[]string{"GET/*"}, []string{"GET/", "GET/admin", "GET/admin/*"}},
		"a forbidden route is not reached by a slash at its end where the rest of a path is allowed": {
			[]string{"GET /files/{path+} any", "GET /files/a g", "GET /users/{id} any", "GET /users g"}, "",
			[]string{"GET/files/*", "GET/users/*"}, []string{"GET/files/", "GET/files/a", "GET/files/a/", "GET/users", "GET/users/", "GET/users/*/*"}},
		"an empty parameter at the end is the route above, where the rest of a path is allowed": {
			[]string{"GET /files/{path+} any", "GET /users any", "GET /users/{id} any", "GET /users/{id}/x any"}, "",
			[]string{"GET/files/*", "GET/users", "GET/users/*"}, []string{"GET/files/", "GET/users//x", "GET/users/*/*/*"}},
		"the rest of a path behind a forbidden parameter": {[]string{"GET /a/{path+} any", "GET /a/{x} g"}, "",
			[]string{"GET/a/*/*"}, []string{"GET/a//*", "GET/a/*/"}},
		"a forbidden route that is denied as far as an Allow reaches": {
			[]string{"GET /a/{y} any", "GET /{x}/b/c g", "GET /{x}/{y}/b/c any"}, "",
			[]string{"GET/*/*/b/c", "GET/a/*"}, slices.Concat(noEmptySegment,
				[]string{"GET/*/*/*/b/c", "GET/a/*/*/*/*", "GET/a/b/c"})},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, tt.table...)
			if _, err := table.Check(stagepolicy.Deployment{}); err != nil {
				t.Fatal(err)
			}
			d, err := table.document(callerWith(tt.rights), stage(t, methodARN), stagepolicy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			allow, deny := resources(t, d)
			if !slices.Equal(allow, tt.allow) {
				t.Errorf("allows %q, want %q", allow, tt.allow)
			}
			deny = slices.DeleteFunc(deny, func(p string) bool { return slices.Contains(otherMethods, p) })
			if !slices.Equal(deny, slices.Sorted(slices.Values(tt.deny))) {
				t.Errorf("denies %q, want %q", deny, tt.deny)
			}
		})
	}
}

func TestANYIsWrittenOutMethodByMethod(t *testing.T) {
	// "*/me" would be shorter, and would let GET /users/me in as well.
	table := newTable(t, "ANY /me any", "GET /me g", "GET /users/{id} g")
	d, err := table.document(routes.Principal{}, stage(t, methodARN), stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	allow, deny := resources(t, d)
	if want := []string{"DELETE/me", "HEAD/me", "OPTIONS/me", "PATCH/me", "POST/me", "PUT/me"}; !slices.Equal(allow, want) {
		t.Errorf("allows %q", allow)
	}
	if want := []string{"GET/*"}; !slices.Equal(deny, want) {
		t.Errorf("denies %q", deny)
	}
}

func TestACallerWithNoRouteIsDeniedTheStage(t *testing.T) {
	table := newTable(t, "GET /users r", "POST /users g")
	got, err := table.document(callerWith("w"), stage(t, methodARN), stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if want := apigateway.DenyAll(stage(t, methodARN)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestTheTimeOfTheEndStandsInADenyAndNowhereElse(t *testing.T) {
	table := newTable(t, "GET /users r", "GET /me any")
	end := time.Date(2026, 11, 22, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	d, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{Expire: true, ExpiresAt: end})
	if err != nil {
		t.Fatal(err)
	}
	last := d.Statement[len(d.Statement)-1]
	want := map[string]map[string]string{"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-22T12:00:00Z"}}
	if last.Effect != apigateway.Deny || !reflect.DeepEqual(last.Condition, want) ||
		!slices.Equal(last.Resource, []string{stage(t, methodARN).StageResource()}) {
		t.Errorf("the last statement is %+v", last)
	}
	for _, s := range d.Statement[:len(d.Statement)-1] {
		if s.Condition != nil {
			t.Errorf("a condition on %+v", s)
		}
	}
	if _, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{Expire: true}); !errors.Is(err, stagepolicy.ErrNoExpiry) {
		t.Errorf("without an end: %v", err)
	}
}

func TestEqualRightsGiveEqualBytesWhoeverAsksAndHowever(t *testing.T) {
	table := newTable(t, "GET /users r", "GET /users/{id} r", "GET /me any", "POST /users w")
	var first []byte
	for i, ask := range []struct {
		caller routes.Principal
		arn    string
	}{
		{callerWith("r"), methodARN},
		{routes.Principal{Scopes: []string{"r", "r"}}, "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/users"},
		{routes.Principal{Scopes: []string{"x", "r", "openid"}, Groups: []string{"w", "other"}}, "arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/POST/"},
	} {
		d, err := table.document(ask.caller, stage(t, ask.arn), stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1795360000, 0)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		}
		if string(got) != string(first) {
			t.Errorf("caller %d got\n%s\nand caller 0\n%s", i, got, first)
		}
	}
}

func TestAScopeIsNotAGroupOfTheSameName(t *testing.T) {
	table := newTable(t, "GET /users r", "GET /me any")
	if d := table.Decide(routes.Principal{Groups: []string{"r"}}, "GET", "/users"); d.Allowed {
		t.Error("the group r opened what the scope r opens")
	}
	d, err := table.document(routes.Principal{Groups: []string{"r"}}, stage(t, methodARN), stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if allow, _ := resources(t, d); !slices.Equal(allow, []string{"GET/me"}) {
		t.Errorf("allows %q", allow)
	}
}

func TestStagesOfEveryKindGetTheirOwnResources(t *testing.T) {
	table := newTable(t, "GET /users/{id} any")
	for _, prefix := range []string{
		"arn:aws:execute-api:eu-west-1:111122223333:abc123/$default",
		"arn:aws-cn:execute-api:cn-north-1:111122223333:abc123/test-invoke-stage",
		"arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:abc123/v1_x-y",
		"arn:aws-eusc:execute-api:eusc-de-east-1:111122223333:abc123/prod",
	} {
		d, err := table.document(routes.Principal{}, stage(t, prefix+"/GET/"), stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Statement {
			for _, r := range s.Resource {
				if !strings.HasPrefix(r, prefix+"/") {
					t.Errorf("%s is not below %s", r, prefix)
				}
			}
		}
	}
}

func TestAPolicyThatDoesNotFitIsAnErrorAndNeverCut(t *testing.T) {
	table := func(n int) planned {
		var lines []string
		for i := range n {
			// The other half is for others, so no pattern can stand for several of the routes.
			lines = append(lines, fmt.Sprintf("GET /resource-%03d r", i), fmt.Sprintf("GET /resource-%03d/x w", i))
		}
		return newTable(t, lines...)
	}
	largest := 0
	for n := 1; ; n++ {
		d, err := table(n).document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1, 0)})
		if err != nil {
			if !errors.Is(err, stagepolicy.ErrTooLarge) || len(d.Statement) > 0 {
				t.Errorf("%d routes: %+v, %v", n, d, err)
			}
			break
		}
		if allow, _ := resources(t, apigateway.NewPolicyDocument(d.Statement[:2]...)); len(allow) != n {
			t.Fatalf("%d routes, %d of them allowed", n, len(allow))
		}
		largest = d.Size()
	}
	if largest > apigateway.MaxResultBytes-1024 || largest < apigateway.MaxResultBytes-1024-100 {
		t.Errorf("the largest policy has %d bytes", largest)
	}
	long := newTable(t, "GET /"+strings.Repeat("x", apigateway.MaxResourceBytes)+" any")
	if d, err := long.document(routes.Principal{}, stage(t, methodARN), stagepolicy.Options{}); !errors.Is(err, stagepolicy.ErrTooLarge) || len(d.Statement) > 0 {
		t.Errorf("a long resource: %+v, %v", d, err)
	}
}

func TestWhereTheBoundsOfParametersDoNotFitTheyAreLeftOutTogether(t *testing.T) {
	var lines []string
	for i := range 55 {
		lines = append(lines, fmt.Sprintf("GET /resource-%03d/{id} r", i))
	}
	table := newTable(t, lines...)
	d, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	allow, deny := resources(t, d)
	if len(allow) != 55 || slices.ContainsFunc(deny, func(p string) bool { return strings.HasPrefix(p, "GET/") }) {
		t.Errorf("allows %q and denies %q", allow, deny)
	}
	warnings, err := table.Check(stagepolicy.Deployment{})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Message, "no room") {
		t.Errorf("warnings %v, %v", warnings, err)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	table := newTable(t, "GET /users r", "GET /users/{id} g", "POST /users w", "GET /me any")
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			rights := []string{"", "r", "w", "g", "r w", "r g", "w g", "r w g"}[i%8]
			d, err := table.document(callerWith(rights), stage(t, methodARN), stagepolicy.Options{})
			if err != nil || len(d.Statement) == 0 {
				t.Errorf("%+v, %v", d, err)
			}
			if r, ok := table.Match("GET", "/users/7"); !ok || r.Template != "/users/{id}" {
				t.Errorf("matched %v", r)
			}
		})
	}
	wait.Wait()
}

func TestAWideTableFitsForCallersWhoMayCallLittleOfIt(t *testing.T) {
	var lines []string
	for i := range 990 {
		lines = append(lines, fmt.Sprintf("GET /resource-%03d/{id} g", i))
	}
	for i := range 10 {
		lines = append(lines, fmt.Sprintf("GET /reports-%d/{id} r", i))
	}
	table := newTable(t, lines...)
	d, err := table.document(callerWith("r"), stage(t, methodARN), stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Statement[0].Resource) != 10 || d.Size() > apigateway.MaxResultBytes {
		t.Errorf("%d routes are allowed in %d bytes", len(d.Statement[0].Resource), d.Size())
	}
	policy, err := table.ForStage(callerWith("g"), stage(t, methodARN), stagepolicy.Options{})
	if err != nil || policy.Form() != stagepolicy.Prefixed {
		t.Fatalf("of 990 routes: %v, %v", policy.Form(), err)
	}
	prefix := stage(t, methodARN).Prefix()
	for path, want := range map[string]bool{"/GET/resource-000/7": true, "/GET/resource-989/7": true, "/GET/reports-0/7": false, "/POST/resource-000/7": false} {
		if got := policy.Document().Allows(prefix + path); got != want {
			t.Errorf("%s: allowed %t, want %t", path, got, want)
		}
	}
}

// What was written for one stage is kept, so nothing of it may occur in a policy for another stage, or with another end.
func TestNothingOfOnePolicyRemainsInTheNext(t *testing.T) {
	prod, dev := stage(t, methodARN), stage(t, strings.Replace(methodARN, "/prod/", "/dev/", 1))
	soon, late := stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1795360000, 0)}, stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(1795370000, 0)}
	asked := newTable(t, "GET /a r", "GET /b w", "GET /c/{x} g")
	for _, q := range []struct {
		stage   apigateway.MethodARN
		rights  string
		options stagepolicy.Options
	}{
		{prod, "r", soon}, {prod, "r", late}, {dev, "r", late}, {prod, "r", stagepolicy.Options{}}, {prod, "r", soon},
		{prod, "g", soon}, {dev, "g", soon}, {dev, "", soon}, {dev, "r", soon}, {prod, "r", late},
	} {
		got, err := asked.document(callerWith(q.rights), q.stage, q.options)
		if err != nil {
			t.Fatal(err)
		}
		want, err := newTable(t, "GET /a r", "GET /b w", "GET /c/{x} g").document(callerWith(q.rights), q.stage, q.options)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: got %+v, want %+v, %v", q, got, want, err)
		}
		text, err := asked.ForStage(callerWith(q.rights), q.stage, q.options)
		if whole, _ := json.Marshal(want); err != nil || text.Encoded().String() != string(whole) {
			t.Errorf("%+v: got %s, %v, want %s", q, text.Encoded(), err, whole)
		}
	}
	for _, end := range []time.Time{{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		o := stagepolicy.Options{Expire: true, ExpiresAt: end}
		if text, err := asked.ForStage(callerWith("r"), prod, o); !errors.Is(err, stagepolicy.ErrNoExpiry) || text.Encoded() != (apigateway.EncodedPolicy{}) {
			t.Errorf("%v: got %s, %v, want %v", end, text.Encoded(), err, stagepolicy.ErrNoExpiry)
		}
		if _, err := asked.document(callerWith("r"), prod, o); !errors.Is(err, stagepolicy.ErrNoExpiry) {
			t.Errorf("%v: got %v, want %v", end, err, stagepolicy.ErrNoExpiry)
		}
	}
}

func TestAPolicyMayExpireInEveryYearOfFourDigits(t *testing.T) {
	table := newTable(t, "GET /a r")
	for text, want := range map[string]error{
		"-0001-12-31T23:59:59Z": stagepolicy.ErrNoExpiry, "0000-01-01T00:00:00Z": nil, "9999-12-31T23:59:59Z": nil, "10000-01-01T00:00:00Z": stagepolicy.ErrNoExpiry,
	} {
		var year, month, day, hour, minute, second int
		if _, err := fmt.Sscanf(text, "%d-%d-%dT%d:%d:%dZ", &year, &month, &day, &hour, &minute, &second); err != nil {
			t.Fatal(err)
		}
		end := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
		policy, err := table.ForStage(callerWith("r"), stage(t, methodARN), stagepolicy.Options{Expire: true, ExpiresAt: end})
		if !errors.Is(err, want) || strings.Contains(policy.Encoded().String(), `"`+text+`"`) != (want == nil) {
			t.Errorf("%s: %s, %v, want %v", text, policy.Encoded(), err, want)
		}
	}
}

// Allows reads a document as the evaluation of its JSON does.
func TestADocumentAllowsWhatItsEvaluationAllows(t *testing.T) {
	table, err := newPlanned(parseRoutes(t, "GET /files/a g", "GET /files/{path+} any", "GET /me any", "GET /users/{id} r"), routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	arn := stage(t, methodARN)
	allowed := 0
	for _, rights := range []string{"", "g", "r", "g r"} {
		d, err := table.document(callerWith(rights), arn, stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(2_000_000_000, 0)})
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"files/a", "files/a/", "files/b/", "files/b", "files//b", "files/", "me", "me/", "users/7", "users/7/", "users/", "x", ""} {
			resource := arn.Prefix() + "/GET/" + path
			decision, err := apigateway.EvaluatePolicy(encoded.AppendTo(nil), apigateway.InvokeAction, resource, time.Unix(1_000_000_000, 0))
			if err != nil || d.Allows(resource) != (decision == apigateway.Allowed) {
				t.Errorf("rights %q, %q: %v, but the evaluation says %v, %v", rights, path, d.Allows(resource), decision, err)
			}
			if d.Allows(resource) {
				allowed++
			}
		}
	}
	if allowed == 0 {
		t.Error("nothing was allowed, so nothing was compared")
	}
}
