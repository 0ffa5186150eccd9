package stagepolicy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// The caller has scope r, and the other routes are for others.
func TestACompactedPolicyHasThePatternsThatRoutesShare(t *testing.T) {
	long := strings.Repeat("l", 100)
	for name, tt := range map[string]struct {
		table []string
		allow string
		deny  string // beside noEmptySegment and otherMethods
	}{
		"the patterns that begin alike are shorter": {
			[]string{"GET /a/list r", "GET /a/item r", "GET /b/list r", "GET /b/item r", "GET /c w"},
			"GET/a/* GET/b/*", "GET/c*"},
		"the patterns that end alike are shorter": {
			[]string{"GET /list/a r", "GET /list/b r", "GET /item/a r", "GET /item/b r", "GET /c w"},
			"GET/*/a GET/*/b", "GET/c*"},
		"of two as long as each other, the one that sorts first": {
			[]string{"GET /a/x r", "GET /a/y r", "GET /b/x r", "GET /b/y r", "GET /c w"},
			"GET/*/x GET/*/y", "GET/c*"},
		"all methods of a path": {
			[]string{"GET /a r", "POST /a r", "GET /b w", "POST /b w"},
			"*/a", "*/b"},
		"all methods of a path but one": {
			[]string{"GET /a r", "POST /a r", "PUT /a w", "GET /b w", "POST /b w"},
			"GET/a POST/a", "*/b"},
		"all methods of the root would reach every path with a slash at its end": {
			[]string{"GET / r", "POST / r", "GET /a w", "POST /a w"},
			"GET/ POST/", "*/a"},
		"all methods of what begins alike": {
			[]string{"GET /a/x r", "GET /a/y r", "POST /a/x r", "POST /a/y r", "GET /b w", "POST /b w"},
			"*/a/*", "*/b"},
		"all methods of what ends alike": {
			[]string{"GET /a/x r", "GET /b/x r", "POST /a/x r", "POST /b/x r", "GET /a/y w", "GET /b/y w"},
			"*/*/x", "GET/*/y"},
		"one method of what begins alike": {
			[]string{"GET /a/x r", "GET /a/y r", "POST /a/x w", "GET /b/x w", "GET /b/y w"},
			"GET/a/*", "GET/b*"},
		"everything": {
			[]string{"GET / r", "POST / r", "GET /a r", "POST /a/b r"},
			"*", ""},
		"a branch in which a longer pattern would reach a forbidden route": {
			[]string{"GET /a/x r", "GET /a/y r", "GET /{p}/z/x w", "GET /{p}/z/y w"},
			"GET/a/x GET/a/y", "GET/*/z/*"},
		"a pattern that is not needed beside the others": {
			// GET/a/* and GET/*/e are the best at first. In the end longer ones cover all that the two do but GET /a/e, for which one of the two stays.
			[]string{"GET /a/e r", "GET /a/" + long + " r", "GET /" + long + "/e r", "GET /" + long + "/h r", "GET /c/" + long + " r", "GET /c/z w", "GET /z/h w"},
			"GET/*/" + long + " GET/a/* GET/" + long + "/*", "GET/*/z GET/z*"},
	} {
		t.Run(name, func(t *testing.T) {
			policy, err := newTable(t, tt.table...).ForStage(callerWith("r"), stage(t, methodARN), stagepolicy.Options{First: stagepolicy.Compacted})
			if err != nil || policy.Form() != stagepolicy.Compacted {
				t.Fatalf("%v, %v", policy.Form(), err)
			}
			allow, deny := resources(t, policy.Document())
			deny = slices.DeleteFunc(deny, func(p string) bool {
				return slices.Contains(noEmptySegment, p) || slices.Contains(otherMethods, p)
			})
			if got := strings.Join(allow, " "); got != tt.allow {
				t.Errorf("allows %s, want %s", got, tt.allow)
			}
			if got := strings.Join(deny, " "); got != tt.deny {
				t.Errorf("denies %s, want %s", got, tt.deny)
			}
		})
	}
}
