package prove

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// mutant is a way to break a policy a little. It says false when there is nothing there for it to break.
type mutant struct {
	name   string
	mutate func(*apigateway.PolicyDocument) bool
}

// dropEach returns a mutant for each resource of a policy: without it. Every one of them is needed.
func dropEach(d apigateway.PolicyDocument) []mutant {
	var all []mutant
	for i, s := range d.Statement {
		for j, r := range s.Resource {
			all = append(all, mutant{fmt.Sprintf("%s %s is missing", s.Effect, r), func(d *apigateway.PolicyDocument) bool {
				d.Statement[i].Resource = slices.Delete(slices.Clone(d.Statement[i].Resource), j, j+1)
				if len(d.Statement[i].Resource) == 0 {
					d.Statement = slices.Delete(slices.Clone(d.Statement), i, i+1)
				}
				return true
			}})
		}
	}
	return all
}

// replaceEach returns a mutant for each resource that a change makes another one of.
func replaceEach(d apigateway.PolicyDocument, name string, effect apigateway.Effect, change func(string) string) []mutant {
	var all []mutant
	for i, s := range d.Statement {
		for j, r := range s.Resource {
			changed := change(r)
			if s.Effect != effect || changed == r || len(s.Condition) > 0 {
				continue
			}
			all = append(all, mutant{fmt.Sprintf("%s %s is %s: %s", effect, r, name, changed), func(d *apigateway.PolicyDocument) bool {
				d.Statement[i].Resource = slices.Clone(d.Statement[i].Resource)
				d.Statement[i].Resource[j] = changed
				return true
			}})
		}
	}
	return all
}

func stageDocument(p *stagepolicy.Planner, c routes.Principal, a apigateway.MethodARN, o stagepolicy.Options) (apigateway.PolicyDocument, error) {
	policy, err := p.ForStage(c, a, o)
	return policy.Document(), err
}

func routeDocument(p *stagepolicy.Planner, c routes.Principal, a apigateway.MethodARN, method, template string, o stagepolicy.Options) (apigateway.PolicyDocument, error) {
	policy, err := p.ForRoute(c, a, method, template, o)
	return policy.Document(), err
}

// marshal returns a document as the answer of a policy that claims to be exact.
func marshal(d apigateway.PolicyDocument) (answer, error) {
	document, err := json.Marshal(d)
	return answer{document: document, exact: true}, err
}

func mutantsOf(d apigateway.PolicyDocument) []mutant {
	all := dropEach(d)
	path := func(change func(string) string) func(string) string {
		return func(r string) string {
			prefix := stage.Prefix() + "/"
			return prefix + change(strings.TrimPrefix(r, prefix))
		}
	}
	all = append(all, replaceEach(d, "longer", apigateway.Allow, path(func(p string) string {
		return strings.TrimSuffix(p, "*") + "*" // "**" would be the same as "*"
	}))...)
	all = append(all, replaceEach(d, "for every method", apigateway.Allow, path(func(p string) string {
		_, rest, _ := strings.Cut(p, "/")
		return "*/" + rest
	}))...)
	all = append(all, replaceEach(d, "for another method", apigateway.Allow, path(func(p string) string {
		return strings.Replace(p, "GET/", "POST/", 1)
	}))...)
	all = append(all, replaceEach(d, "for every account", apigateway.Allow, func(r string) string {
		return strings.Replace(r, ":111122223333:", ":*:", 1)
	})...)
	all = append(all, replaceEach(d, "in another case", apigateway.Allow, path(func(p string) string {
		if strings.Count(p, "/") == 0 || strings.HasSuffix(p, "/") {
			return p
		}
		method, rest, _ := strings.Cut(p, "/")
		return method + "/" + strings.ToUpper(rest)
	}))...)
	all = append(all, replaceEach(d, "shorter", apigateway.Deny, path(func(p string) string {
		return strings.TrimSuffix(p, "*")
	}))...)
	all = append(all,
		mutant{"everything is allowed", func(d *apigateway.PolicyDocument) bool {
			d.Statement = append(slices.Clone(d.Statement), apigateway.Statement{
				Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{stage.StageResource()}})
			return true
		}},
		mutant{"everything is denied", func(d *apigateway.PolicyDocument) bool {
			d.Statement = append(slices.Clone(d.Statement), apigateway.Statement{
				Effect: apigateway.Deny, Action: apigateway.InvokeAction, Resource: []string{stage.StageResource()}})
			return true
		}},
		mutant{"it is empty", func(d *apigateway.PolicyDocument) bool { *d = apigateway.PolicyDocument{}; return true }},
		mutant{"it ends later", func(d *apigateway.PolicyDocument) bool {
			last := len(d.Statement) - 1
			if len(d.Statement[last].Condition) == 0 {
				return false
			}
			d.Statement = slices.Clone(d.Statement)
			d.Statement[last] = apigateway.DenyAfter(stage, end.AddDate(0, 0, 1))
			return true
		}},
	)
	return all
}

func TestTheProverNoticesEverySmallBreak(t *testing.T) {
	group := routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}}}}
	scope := routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"s"}}}}
	anybody := routes.Rule{AnyOf: []routes.AllOf{{}}}
	for name, tt := range map[string]struct {
		all []routes.Route

		// spare are Denies without which no result for a route changes: another one happens to cover the same
		// calls, or they are a second lock on a path that has no route in any reading.
		spare string // a regular expression for METHOD/PATH, or empty
	}{
		"a small API": {all: []routes.Route{
			{Method: "GET", Template: "/health", Rule: routes.Rule{Public: true}},
			{Method: "GET", Template: "/me", Rule: anybody},
			{Method: "GET", Template: "/users", Rule: scope},
			{Method: "GET", Template: "/users/{name}", Rule: routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"s"}}, {Groups: []string{"g"}}}}},
			{Method: "POST", Template: "/users/{name}/sign-out", Rule: group},
		}, spare: `\*//.*`},
		"nested routes": {all: []routes.Route{
			{Method: "GET", Template: "/orders/{id}", Rule: anybody},
			{Method: "GET", Template: "/orders/{id}/items", Rule: anybody},
			{Method: "GET", Template: "/orders/{id}/secrets", Rule: group},
			{Method: "GET", Template: "/orders/latest", Rule: scope},
		}},
		"the rest of a path, and a root": {all: []routes.Route{
			{Method: "GET", Template: "/", Rule: scope},
			{Method: "ANY", Template: "/files/{path+}", Rule: anybody},
			{Method: "GET", Template: "/files/private", Rule: group},
			{Method: "GET", Template: "/files/private/{path+}", Rule: group},
		}, spare: `[A-Z]+/files/`},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := routes.New(tt.all, routes.Options{Connect: anybody})
			if err != nil {
				t.Fatal(err)
			}
			planner := stagepolicy.New(table)
			if _, err := Check(table, stagepolicy.Deployment{}); err != nil {
				t.Fatalf("unbroken: %v", err)
			}
			o := stagepolicy.Options{Expire: true, ExpiresAt: end}
			callers, _, _ := classes(table.Routes(), table.Connect(), maxClasses)
			spare := regexp.MustCompile("^Deny " + regexp.QuoteMeta(stage.Prefix()) + "/(" + tt.spare + ") is")
			count := 0
			for _, broken := range callers {
				whole, err := stageDocument(planner, broken, stage, o)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range mutantsOf(whole) {
					count++
					_, err := check(table, func(q question) (answer, error) {
						d, err := stageDocument(planner, q.caller, q.arn, o)
						if err != nil {
							return answer{}, err
						}
						if q.arn == stage && slices.Equal(q.caller.Groups, broken.Groups) && slices.Equal(q.caller.Scopes, broken.Scopes) {
							m.mutate(&d)
						}
						return marshal(d)
					})
					if err == nil && (tt.spare == "" || !spare.MatchString(m.name)) {
						t.Errorf("%s: %s, and nobody noticed", broken, m.name)
					}
				}
			}
			t.Logf("%d mutants", count)
		})
	}
}

func TestTheProverNoticesAWrongHandshake(t *testing.T) {
	table, err := routes.New([]routes.Route{get("/a", "g")}, routes.Options{Connect: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	member := routes.Principal{Groups: []string{"g"}}
	o := stagepolicy.Options{Expire: true, ExpiresAt: end}
	for name, breaking := range map[string]func(question) (apigateway.PolicyDocument, error){
		"a denial": func(q question) (apigateway.PolicyDocument, error) { return apigateway.DenyAll(q.arn), nil },
		"silence": func(q question) (apigateway.PolicyDocument, error) {
			return apigateway.NewPolicyDocument(apigateway.DenyAfter(q.arn, end)), nil
		},
		"for everyone": func(q question) (apigateway.PolicyDocument, error) { return stageDocument(planner, member, q.arn, o) },
		"no end": func(q question) (apigateway.PolicyDocument, error) {
			return stageDocument(planner, q.caller, q.arn, stagepolicy.Options{})
		},
	} {
		_, err := check(table, func(q question) (answer, error) {
			d, err := stageDocument(planner, q.caller, q.arn, o)
			if q.arn.IsConnect() {
				d, err = breaking(q)
			}
			if err != nil {
				return answer{}, err
			}
			return marshal(d)
		})
		if !errors.Is(err, ErrWrong) {
			t.Errorf("%s: got %v, want %v", name, err, ErrWrong)
		}
	}
}

func TestAPolicyMayBeAsLargeAsAResult(t *testing.T) {
	document, err := apigateway.NewPolicyDocument(apigateway.Statement{Effect: apigateway.Deny, Action: apigateway.InvokeAction, Resource: []string{base + "*"}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for size, valid := range map[int]bool{apigateway.MaxResultBytes: true, apigateway.MaxResultBytes + 1: false} {
		padded := fmt.Appendf(nil, "%-*s", size, document.AppendTo(nil))
		p := &shared{parsed: map[string]*apigateway.ParsedPolicy{}, ask: func(question) (answer, error) { return answer{document: padded}, nil }}
		if parsed, _ := p.policyFor(question{}); parsed == nil || (len(p.wrong) == 0) != valid {
			t.Errorf("%d bytes: %v, want valid: %v", size, p.wrong, valid)
		}
	}
}

// Whoever reads the errors of a build needs no more.
func TestTheProverStopsAfterTenErrors(t *testing.T) {
	var all []routes.Route
	for i := range 4 {
		all = append(all, get(fmt.Sprintf("/%d", i), fmt.Sprintf("g%d", i)))
	}
	table, err := routes.New(all, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	_, err = check(table, func(question) (answer, error) {
		asked++
		return answer{}, errors.New("broken")
	})
	if err == nil || strings.Count(err.Error(), "broken") != 10 || asked != 10 { // two of each class: for the stage, and for the handshake
		t.Errorf("%d policies were requested: %v", asked, err)
	}
}

func TestTheProverNoticesAWrongResultForOneRoute(t *testing.T) {
	anybody := routes.Rule{AnyOf: []routes.AllOf{{}}}
	group := routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}}}}
	table, err := routes.New([]routes.Route{
		{Method: "GET", Template: "/orders/{id}", Rule: anybody},
		{Method: "GET", Template: "/orders/{id}/{part}", Rule: group},
		{Method: "GET", Template: "/orders/{id}/{part}/notes", Rule: anybody},
	}, routes.Options{Mode: routes.PerRoute, Connect: group})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	if report, err := Check(table, stagepolicy.Deployment{}); err != nil || report.Classes != 2 || !report.Complete {
		t.Fatalf("unbroken: %+v, %v", report, err)
	}
	o := stagepolicy.Options{Expire: true, ExpiresAt: end}
	for name, breaking := range map[string]func(question) (apigateway.PolicyDocument, error){
		"the policy of another route": func(q question) (apigateway.PolicyDocument, error) {
			return routeDocument(planner, q.caller, q.arn, "GET", "/orders/{id}", o)
		},
		"a denial": func(q question) (apigateway.PolicyDocument, error) { return apigateway.DenyAll(q.arn), nil },
		"no end": func(q question) (apigateway.PolicyDocument, error) {
			return routeDocument(planner, q.caller, q.arn, q.method, q.of.Template, stagepolicy.Options{})
		},
		"the stage is let in to": func(q question) (apigateway.PolicyDocument, error) {
			return apigateway.NewPolicyDocument(apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{q.arn.StageResource()}},
				apigateway.DenyAfter(q.arn, end)), nil
		},
		"silence": func(q question) (apigateway.PolicyDocument, error) {
			return apigateway.NewPolicyDocument(apigateway.DenyAfter(q.arn, end)), nil
		},
		"an error": func(question) (apigateway.PolicyDocument, error) {
			return apigateway.PolicyDocument{}, errors.New("broken")
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(table, func(q question) (answer, error) {
				d, err := stageDocument(planner, q.caller, q.arn, o)
				if q.of != nil {
					d, err = breaking(q)
				}
				if err != nil {
					return answer{}, err
				}
				return marshal(d)
			})
			if err == nil {
				t.Error("nobody noticed")
			}
		})
	}
}

// A result for ANY is replayed for every method, whichever was called first.
func TestTheProverNoticesAWrongResultForAny(t *testing.T) {
	anybody := routes.Rule{AnyOf: []routes.AllOf{{}}}
	group := routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{"g"}}}}
	table, err := routes.New([]routes.Route{
		{Method: "ANY", Template: "/both", Rule: anybody},
		{Method: "GET", Template: "/both", Rule: group},
		{Method: "ANY", Template: "/open/{id}", Rule: anybody},
		{Method: "GET", Template: "/one", Rule: anybody},
	}, routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	planner := stagepolicy.New(table)
	if _, err := Check(table, stagepolicy.Deployment{}); err != nil {
		t.Fatalf("unbroken: %v", err)
	}
	o := stagepolicy.Options{Expire: true, ExpiresAt: end}
	for name, breaking := range map[string]func(question) (apigateway.PolicyDocument, error){
		"only the method that was called": func(q question) (apigateway.PolicyDocument, error) {
			method := cmp.Or(q.arn.Method, "GET")
			return routeDocument(planner, q.caller, q.arn, method, q.of.Template, o)
		},
		"only one method, whichever was called": func(q question) (apigateway.PolicyDocument, error) {
			return routeDocument(planner, q.caller, q.arn, "GET", q.of.Template, o)
		},
		"by the rule for ANY alone": func(q question) (apigateway.PolicyDocument, error) {
			return routeDocument(planner, q.caller, q.arn, "POST", q.of.Template, o)
		},
		"too many paths": func(q question) (apigateway.PolicyDocument, error) {
			d, err := routeDocument(planner, q.caller, q.arn, "ANY", q.of.Template, o)
			if d.Statement[0].Effect == apigateway.Allow {
				d.Statement = append(slices.Clone(d.Statement), apigateway.Statement{
					Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{q.arn.Prefix() + "/GET/*"}})
			}
			return d, err
		},
		"a denial": func(q question) (apigateway.PolicyDocument, error) { return apigateway.DenyAll(q.arn), nil },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(table, func(q question) (answer, error) {
				var d apigateway.PolicyDocument
				var err error
				switch {
				case q.of == nil:
					d, err = stageDocument(planner, q.caller, q.arn, o)
				case q.method == "ANY":
					d, err = breaking(q)
				default:
					d, err = routeDocument(planner, q.caller, q.arn, q.method, q.of.Template, o)
				}
				if err != nil {
					return answer{}, err
				}
				return marshal(d)
			})
			if !errors.Is(err, ErrWrong) {
				t.Errorf("nobody noticed: %v", err)
			}
		})
	}
}
