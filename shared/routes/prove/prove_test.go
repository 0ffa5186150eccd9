package prove_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

func table(t *testing.T, mode routes.Mode, all ...routes.Route) *routes.Table {
	t.Helper()
	made, err := routes.New(all, routes.Options{Mode: mode})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func get(template, group string) routes.Route {
	return routes.Route{Method: "GET", Template: template, Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{group}}}}}
}

func TestATableWithNothingToSayAboutIsProvedWithoutAWarning(t *testing.T) {
	report, err := prove.Check(table(t, routes.PerStage, get("/a", "g"), get("/b", "h"), get("/b/{x}", "h"), get("/c/{path+}", "i")), stagepolicy.Deployment{})
	if err != nil || len(report.Warnings) > 0 {
		t.Errorf("%v, %v", err, report.Warnings)
	}
	if report.Classes != 8 || !report.Complete || report.Calls < 100 {
		t.Errorf("%+v", report)
	}
}

func TestATableWithoutRoutesIsProved(t *testing.T) {
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		if report, err := prove.Check(table(t, mode), stagepolicy.Deployment{}); err != nil || report.Classes != 1 || report.Decided != 1 || !report.Complete {
			t.Errorf("mode %q: %+v, %v", mode, report, err)
		}
	}
}

func TestAnAmbiguousTableCannotBeProved(t *testing.T) {
	all := []routes.Route{get("/orders/{id}", "g"), get("/orders/{id}/{part}", "h"), get("/orders/{id}/{part}/notes", "i")}
	if _, err := prove.Check(table(t, routes.PerStage, all...), stagepolicy.Deployment{}); !errors.Is(err, stagepolicy.ErrConflict) {
		t.Errorf("got %v, want %v", err, stagepolicy.ErrConflict)
	}
	if _, err := prove.Check(table(t, routes.PerRoute, all...), stagepolicy.Deployment{}); err != nil {
		t.Errorf("per route: %v", err)
	}
}

func TestWarningsNameWhatAPolicyDependsOn(t *testing.T) {
	const silence, spelling = "a resource policy that allows the call overrides it", "otherwise an allowed call could reach it: "
	type warning struct{ forbidden, text string }
	for name, tt := range map[string]struct {
		all  []routes.Route
		want []warning
	}{
		"an allowed route below a forbidden parameter": {
			[]routes.Route{get("/orders/{id}", "g"), get("/orders/{id}/secrets", "h")},
			[]warning{
				{"GET /orders/{id}", silence},
				{"GET /orders/{id}", spelling},
				{"GET /orders/{id}/secrets", spelling + "GET /orders/{id}/secrets, by a caller with group g for GET /orders/~%2Fsecrets"},
			},
		},
		"a forbidden literal beside an allowed parameter": {
			[]routes.Route{get("/users/{id}", "g"), get("/users/me", "h")},
			[]warning{
				{"GET /users/me", spelling + "GET /users/me, by a caller with group g for GET /users/m%65"},
				{"GET /users/{id}", silence},
				{"GET /users/{id}", spelling + "GET /users/{id}, by a caller with group h for GET /users/m%65"},
			},
		},
		"a forbidden literal where everything else is let through": {
			[]routes.Route{get("/{path+}", "g"), get("/admin", "h")},
			[]warning{
				{"GET /admin", spelling},
				{"GET /{path+}", silence},
				{"GET /{path+}", spelling + "GET /{path+}, by a caller with group h for GET /admi%6E"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := prove.Check(table(t, routes.PerStage, tt.all...), stagepolicy.Deployment{})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !slices.ContainsFunc(report.Warnings, func(w prove.Warning) bool {
					return w.Forbidden.String() == want.forbidden &&
						strings.Contains(w.String(), want.text) && strings.Contains(w.String(), want.forbidden)
				}) {
					t.Errorf("%q is not among %q", want, report.Warnings)
				}
			}
			if len(report.Warnings) != len(tt.want) {
				t.Errorf("got %d warnings, want %d: %q", len(report.Warnings), len(tt.want), report.Warnings)
			}
		})
	}
}

func TestMoreClassesThanCanBeTriedAreAWarning(t *testing.T) {
	var all []routes.Route
	for i := range 12 {
		all = append(all, get(fmt.Sprintf("/r%d", i), fmt.Sprintf("g%d", i)))
	}
	report, err := prove.Check(table(t, routes.PerStage, all...), stagepolicy.Deployment{})
	if err != nil || report.Complete || report.Classes < 2048 || report.Decided != report.Classes || len(report.Warnings) != 1 {
		t.Errorf("%v, %+v", err, report)
	}
}

func TestDeepRoutesUnderTheRestOfAPathAreProved(t *testing.T) {
	var deep strings.Builder
	for i := range 15 {
		fmt.Fprintf(&deep, "/l%d/{p%d}", i, i)
	}
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		report, err := prove.Check(table(t, mode, get(deep.String(), "g"), get("/{path+}", "g"), get("/other", "h")), stagepolicy.Deployment{})
		if err != nil || report.Classes != 4 || report.Calls > 20_000 {
			t.Errorf("%v, %d classes, %d calls", err, report.Classes, report.Calls)
		}
	}
}

type onlyNumbers struct{}

func (onlyNumbers) Excludes(literal string) bool { return strings.Trim(literal, "0123456789") != "" }

func TestAValueThatEqualsALiteralIsAWarningUnlessItCannotBe(t *testing.T) {
	all := []routes.Route{get("/scores/{score}", "g"), get("/scores/{score}/comments", "h"), get("/scores/{score}/people/{person}", "g")}
	count := func() int {
		report, err := prove.Check(table(t, routes.PerStage, all...), stagepolicy.Deployment{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, w := range report.Warnings {
			if w.Code == "literal-value" {
				n++
				if !strings.HasSuffix(w.Example, "/people/comments for a caller with group g") {
					t.Errorf("got %q", w.Example)
				}
			}
		}
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	all[2].Values = map[string]routes.Values{"person": onlyNumbers{}}
	if n := count(); n != 0 {
		t.Errorf("%d warnings for numbers, want none", n)
	}
}

// A policy cannot deny GET /orders/7/x here: every Deny of it hits an allowed /orders/7/x/notes. The first two forms deny whatever
// else is outside, so only the later ones are worth a warning.
func TestPathsOutsideOfTheContractAreAWarningOfTheLaterForms(t *testing.T) {
	made := table(t, routes.PerStage, get("/orders/{id}", "g"), get("/orders/{id}/{part}/notes", "g"), get("/x", "h"))
	const example = "GET /orders/value-1/more for a caller with group g and group h" // the first
	for form := stagepolicy.Exact; form <= stagepolicy.Prefixed; form++ {
		report, err := prove.CheckForm(made, stagepolicy.Deployment{}, form)
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(report.Warnings, func(w prove.Warning) bool {
			return w.Code == "paths-outside" && (form > stagepolicy.Unbounded || w.Example == example)
		})
		if want := form >= stagepolicy.Unbounded; warned != want || (report.Others > 0) != want {
			t.Errorf("%v: %d calls outside, a warning: %v, want %v in %q", form, report.Others, warned, want, report.Warnings)
		}
	}
}
