package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// emitted returns the sum of each metric, as CloudWatch would extract it.
func emitted(t *testing.T, log string) map[string]float64 {
	t.Helper()
	sums := map[string]float64{}
	for line := range strings.Lines(log) {
		var r map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r["_aws"] == nil {
			continue
		}
		var head struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		}
		if err := json.Unmarshal(r["_aws"], &head); err != nil {
			t.Fatal(err)
		}
		if head.Timestamp == 0 || len(head.CloudWatchMetrics) == 0 {
			t.Fatalf("no time or no metrics: %s", line)
		}
		for _, d := range head.CloudWatchMetrics {
			if d.Namespace != "CognitoAuthorizer" || len(d.Dimensions) != 1 {
				t.Errorf("namespace %q, dimensions %v", d.Namespace, d.Dimensions)
			}
			where := make([]string, len(d.Dimensions[0]))
			for i, name := range d.Dimensions[0] {
				if err := json.Unmarshal(r[name], &where[i]); err != nil || where[i] == "" {
					t.Errorf("the dimension %s has no value in %s", name, line)
				}
			}
			for _, m := range d.Metrics {
				var value float64
				if err := json.Unmarshal(r[m.Name], &value); err != nil {
					t.Errorf("%s has no value in %s", m.Name, line)
				}
				sums[m.Name+" "+strings.Join(where, " ")] += value
			}
		}
	}
	return sums
}

func TestEveryDecisionAndEveryFetchIsCounted(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	valid, expired := b.pool.AccessToken(t), b.pool.AccessToken(t, cognitotest.ExpiresIn(-1e9))
	for _, token := range []string{valid.Reveal(), valid.Reveal(), expired.Reveal()} {
		_, _ = b.Invoke(t.Context(), fixture(t, "rest-token.json", token))
	}
	_, _ = b.Invoke(t.Context(), []byte(`{}`))
	got := emitted(t, b.log.String())
	want := map[string]float64{
		"Decisions authorizer allow allowed":        2,
		"Decisions authorizer unauthorized expired": 1,
		"Decisions authorizer error event":          1,
		"Faults authorizer":                         1,
		"ColdStarts authorizer":                     1,
		"KeyFetches authorizer ok":                  1,
		"KeyFetchFailures authorizer":               0,
	}
	for name, value := range want {
		if sum, found := got[name]; !found || sum != value {
			t.Errorf("%s is %v, want %v", name, sum, value)
		}
	}
	for _, name := range []string{"Duration authorizer", "KeyAge authorizer"} {
		if _, found := got[name]; !found {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestAFailedFetchIsCounted(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	b.pool.Fail(cognitotest.Status(500, 0))
	_, _ = b.Invoke(t.Context(), fixture(t, "rest-token.json", b.pool.AccessToken(t).Reveal()))
	got := emitted(t, b.log.String())
	for _, name := range []string{"KeyFetches authorizer failed", "KeyFetchFailures authorizer", "Decisions authorizer error keys_unavailable"} {
		if got[name] != 1 {
			t.Errorf("%s is %v, want 1", name, got[name])
		}
	}
}

// reasons lists every reason that a decision can have.
func reasons() []string {
	all := []string{reasonAllowed, reasonForbidden, reasonNoContract}
	for _, own := range ownReasons {
		all = append(all, own.reason)
	}
	for _, reason := range cognito.Reasons() {
		if reason != "token_missing" { // reported by this package, before the verifier is called
			all = append(all, reason)
		}
	}
	return all
}

// The reasons are a public interface: dashboards and on-call engineers depend on them.
func TestTheReasonsAreAClosedListThatIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	all := reasons()
	if len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("a reason occurs twice: %v", all)
	}
	for _, reason := range all {
		if strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("%q is not one lower-case word", reason)
		}
		if !bytes.Contains(page, []byte("| `"+reason+"` |")) {
			t.Errorf("docs/architecture.md does not explain %s", reason)
		}
	}
}
