package prove

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

func owner(claim string, parameters ...string) routes.AllOf {
	return routes.AllOf{Owners: map[string][]string{claim: parameters}}
}

// tenantRoutes are the routes of an API of tenants: own orders, a tenant's orders, administrators, and keys after a recent sign-in.
func tenantRoutes() []routes.Route {
	admins := routes.AllOf{Groups: []string{"admins"}}
	return []routes.Route{
		{Method: "GET", Template: "/me", Rule: routes.Rule{AnyOf: []routes.AllOf{{}}}},
		{Method: "GET", Template: "/users/me", Rule: routes.Rule{AnyOf: []routes.AllOf{{}}}},
		{Method: "GET", Template: "/users/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{owner("sub", "id"), admins}}},
		{Method: "GET", Template: "/users/{id}/orders/{order}", Rule: routes.Rule{AnyOf: []routes.AllOf{owner("sub", "id"), admins}}},
		{Method: "ANY", Template: "/t/{tenant}/{path+}", Rule: routes.Rule{AnyOf: []routes.AllOf{{
			Owners: map[string][]string{"tenant": {"tenant"}}, Claims: map[string][]string{"plan": {"gold"}}}}}},
		{Method: "POST", Template: "/keys", Rule: routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 900}}}},
		{Method: "DELETE", Template: "/users/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}, MaxAge: 600}}}},
	}
}

// setEnd makes the rights that end with the age of the sign-in end at another time, or never.
func setEnd(d *apigateway.PolicyDocument, at time.Time) {
	last := len(d.Statement) - 1 // the end of the token
	var changed []apigateway.Statement
	for i, s := range d.Statement {
		if s.Condition != nil && i < last {
			if at.IsZero() && s.Effect == apigateway.Deny {
				continue
			}
			s.Condition = nil
			if !at.IsZero() {
				operator := map[apigateway.Effect]string{apigateway.Allow: "DateLessThan", apigateway.Deny: "DateGreaterThanEquals"}[s.Effect]
				s.Condition = map[string]map[string]string{operator: {"aws:CurrentTime": at.Format(time.RFC3339)}}
			}
		}
		changed = append(changed, s)
	}
	d.Statement = changed
}

func TestATableWithOwnersIsProved(t *testing.T) {
	for _, mode := range []routes.Mode{routes.PerStage, routes.PerRoute} {
		table, err := routes.New(tenantRoutes(), routes.Options{Mode: mode, Connect: routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 60}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stagepolicy.New(table).Check(stagepolicy.Deployment{}); err != nil {
			t.Errorf("%q: %v", mode, err)
		}
		report, err := Check(table, stagepolicy.Deployment{})
		if err != nil || report.Decided != report.Classes || report.Owners < 20 {
			t.Errorf("%q: %+v, %v", mode, report, err)
		}
		t.Logf("%q: %d classes, %d decided, %d callers with other values", mode, report.Classes, report.Decided, report.Owners)
	}
}

// Each change would open another's item, keep an own one closed, or let a right last longer.
func TestTheProverNoticesBrokenOwners(t *testing.T) {
	table, err := routes.New(tenantRoutes(), routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	o := stagepolicy.Options{Expire: true, ExpiresAt: end}
	sub := distinct("sub")[0]
	replace := func(from, to string) func(*apigateway.PolicyDocument) {
		return func(d *apigateway.PolicyDocument) {
			for i := range d.Statement {
				for j, r := range d.Statement[i].Resource {
					if d.Statement[i].Effect == apigateway.Allow {
						d.Statement[i].Resource[j] = strings.Replace(r, from, to, 1)
					}
				}
			}
		}
	}
	for name, mutate := range map[string]func(*apigateway.PolicyDocument){
		"every user":            replace("/users/"+sub, "/users/*"),
		"users that begin so":   replace("/users/"+sub, "/users/"+sub+"*"),
		"users that end so":     replace("/users/"+sub, "/users/*"+sub),
		"any one character":     replace(sub[:1], "?"),
		"another's":             replace("/users/"+sub, "/users/another"),
		"upper case":            replace(sub, strings.ToUpper(sub)),
		"orders of everybody":   replace("/users/"+sub+"/orders", "/users/*/orders"),
		"every tenant":          replace("/t/"+distinct("tenant")[0], "/t/*"),
		"no end of the token":   func(d *apigateway.PolicyDocument) { d.Statement = d.Statement[:len(d.Statement)-1] },
		"no end of the sign-in": func(d *apigateway.PolicyDocument) { setEnd(d, time.Time{}) },
		"a later end":           func(d *apigateway.PolicyDocument) { setEnd(d, end.Add(-time.Second)) },
		"an earlier end": func(d *apigateway.PolicyDocument) {
			for i, s := range d.Statement {
				if s.Effect == apigateway.Allow && s.Condition != nil {
					d.Statement[i].Condition = map[string]map[string]string{"DateLessThan": {"aws:CurrentTime": noon.Format(time.RFC3339)}}
				}
			}
		},
	} {
		for _, other := range []valuesOf{distinct, func(string) []string { return []string{"own"} }} {
			changed := false
			_, err := check(table, func(q question) (answer, error) {
				policy, err := planner.ForStage(q.caller, q.arn, o)
				if err != nil {
					return answer{}, err
				}
				d := policy.Document()
				if !slices.Equal(q.caller.Claims["sub"], other("sub")) && name != "no end of the sign-in" {
					return marshal(d)
				}
				before, _ := marshal(d)
				mutate(&d)
				after, err := marshal(d)
				changed = changed || string(before.document) != string(after.document)
				return after, err
			})
			if changed && !errors.Is(err, ErrWrong) {
				t.Errorf("%s, and nobody noticed", name)
			}
			if !changed && other("sub")[0] == sub {
				t.Errorf("%s: nothing to change", name)
			}
		}
	}
}

func TestEveryRandomTableWithOwnersIsRefusedOrProvedRight(t *testing.T) {
	tables := 300
	if testing.Short() {
		tables = 30
	}
	proved, refused, owners := 0, 0, 0
	for i := range tables {
		r := rand.New(rand.NewPCG(9, uint64(i)))
		pick := func(from ...string) string { return from[r.IntN(len(from))] }
		var all []routes.Route
		for range 1 + r.IntN(5) {
			template, parameters := "", []string{}
			depth := 1 + r.IntN(3)
			for j := range depth {
				switch n := r.IntN(10); {
				case n < 5:
					template += "/" + pick("a", "b", "c")
				case n < 9 || j < depth-1:
					parameters = append(parameters, fmt.Sprintf("p%d", j))
					template += fmt.Sprintf("/{p%d}", j)
				default:
					template += "/{rest+}"
				}
			}
			var rule routes.Rule
			for range 1 + r.IntN(2) {
				var a routes.AllOf
				switch n := r.IntN(8); {
				case n < 4 && len(parameters) > 0:
					a = owner(pick("sub", "tenant"), parameters[r.IntN(len(parameters))])
					if r.IntN(4) == 0 {
						a.MaxAge = 600
					}
				case n < 5:
					a.MaxAge = []int64{600, 900}[r.IntN(2)]
				case n < 6:
					a.Claims = map[string][]string{"plan": {"x"}}
				default:
					a.Groups = []string{"g"}
				}
				rule.AnyOf = append(rule.AnyOf, a)
			}
			all = append(all, routes.Route{Method: pick("GET", "GET", "ANY"), Template: template, Rule: rule})
		}
		table, err := routes.New(all, routes.Options{})
		if err != nil {
			continue
		}
		_, conflict := stagepolicy.New(table).Check(stagepolicy.Deployment{})
		if conflict != nil && !errors.Is(conflict, stagepolicy.ErrConflict) && !errors.Is(conflict, stagepolicy.ErrTooLarge) {
			t.Fatalf("table %d: %v", i, conflict)
		}
		report, wrong := checkForm(table, stagepolicy.Deployment{}, stagepolicy.Form(i%5))
		data, _ := table.Encode()
		switch {
		case conflict != nil:
			refused++
		case wrong != nil:
			t.Errorf("table %d: %v\n%s", i, wrong, data)
		default:
			proved++
			owners += report.Owners
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d tables proved, %d refused, %d callers with other values", proved, refused, owners)
	if proved < tables/3 || owners < tables {
		t.Error("too few tables of one kind for the test to mean much")
	}
}
