package prove

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// allPaths returns every path of up to so many characters after the first slash.
func allPaths(alphabet string, longest int) []string {
	paths := []string{"/"}
	for from := 0; from < len(paths); from++ {
		if len(paths[from]) > longest {
			break
		}
		for _, c := range alphabet {
			paths = append(paths, paths[from]+string(c))
		}
	}
	return paths
}

func TestAPatternMatchesTheSameInAnAutomatonAndInTheEvaluator(t *testing.T) {
	paths := allPaths("ab/", 6)
	r := rand.New(rand.NewPCG(3, 1))
	matched := 0
	for range 200 {
		d := apigateway.NewPolicyDocument()
		for range 3 {
			pattern := ""
			for range 1 + r.IntN(6) {
				pattern += string("ab/**?"[r.IntN(6)])
			}
			effect := []apigateway.Effect{apigateway.Allow, apigateway.Allow, apigateway.Deny}[r.IntN(3)]
			d.Statement = append(d.Statement, apigateway.Statement{Effect: effect, Action: apigateway.InvokeAction, Resource: []string{base + "GET/" + pattern}})
		}
		encoded, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := apigateway.ParsePolicy(encoded.AppendTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		policy, err := newPolicyAutomaton(encoded.AppendTo(nil), noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			want := parsed.Evaluate(apigateway.InvokeAction, base+"GET"+path, noon)
			if got := verdict(policy, policy.after(policy.start(), base+"GET"+path)); got != want {
				t.Fatalf("%s, GET %s: the automaton says %s, the evaluator %s", encoded, path, got, want)
			}
			if want == apigateway.Allowed {
				matched++
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d paths were allowed", matched)
	}
}

// Where a policy denies every path with an empty segment, the search may stop at paths that no route fits.
func TestTwoDeniesCoverEveryPathWithAnEmptySegment(t *testing.T) {
	statement := func(effect apigateway.Effect, patterns ...string) apigateway.Statement {
		s := apigateway.Statement{Effect: effect, Action: apigateway.InvokeAction}
		for _, p := range patterns {
			s.Resource = append(s.Resource, base+p)
		}
		return s
	}
	for name, tt := range map[string]struct {
		statements []apigateway.Statement
		want       bool
	}{
		"both":                {[]apigateway.Statement{statement(apigateway.Allow, "GET/a"), statement(apigateway.Deny, "*/*/", "*//*", "GET/b")}, true},
		"in two statements":   {[]apigateway.Statement{statement(apigateway.Deny, "*/*/"), statement(apigateway.Deny, "*//*")}, true},
		"none at the end":     {[]apigateway.Statement{statement(apigateway.Deny, "*//*", "GET/*/")}, false},
		"none inside":         {[]apigateway.Statement{statement(apigateway.Deny, "*/*/", "GET//*")}, false},
		"an Allow inside":     {[]apigateway.Statement{statement(apigateway.Deny, "*/*/"), statement(apigateway.Allow, "*//*")}, false},
		"an Allow at the end": {[]apigateway.Statement{statement(apigateway.Allow, "*/*/"), statement(apigateway.Deny, "*//*")}, false},
		"others":              {[]apigateway.Statement{statement(apigateway.Deny, "GET/a", "GET/b")}, false},
	} {
		answer, err := marshal(apigateway.NewPolicyDocument(tt.statements...))
		if err != nil {
			t.Fatal(err)
		}
		policy, err := newPolicyAutomaton(answer.document, noon)
		if err != nil {
			t.Fatal(err)
		}
		if policy.emptyDenied != tt.want {
			t.Errorf("%s: %v, want %v", name, policy.emptyDenied, tt.want)
		}
	}
}

// smallTable returns routes over a small alphabet.
func smallTable(r *rand.Rand) []routes.Route {
	var all []routes.Route
	for range 1 + r.IntN(5) {
		template := ""
		for i := range r.IntN(4) {
			template += "/" + []string{"a", "b", "ab", fmt.Sprintf("{p%d}", i), fmt.Sprintf("{p%d}", i)}[r.IntN(5)]
		}
		if template == "" || r.IntN(4) == 0 {
			template += []string{"/", "/{rest+}"}[r.IntN(2)]
			if len(template) > 1 && strings.HasSuffix(template, "/") {
				template = strings.TrimSuffix(template, "/")
			}
		}
		all = append(all, get(template, []string{"g", "h"}[r.IntN(2)]))
	}
	return all
}

func get(template, group string) routes.Route {
	return routes.Route{Method: "GET", Template: template, Rule: routes.Rule{AnyOf: []routes.AllOf{{Groups: []string{group}}}}}
}

func TestAPathIsRoutedTheSameByTheAutomaton(t *testing.T) {
	paths := allPaths("ab/", 7)
	r := rand.New(rand.NewPCG(4, 1))
	for range 100 {
		var g gateway
		for i, route := range smallTable(r) {
			g = append(g, newRoute(i, route))
		}
		routing := newRoutings(g)[0]
		for _, path := range paths {
			if strings.HasSuffix(path, "/") && path != "/" {
				continue // the product reads the slash at the end
			}
			at := routing.served(routing.after(routing.start(), path[1:]))
			want := g.serve("GET", path)
			if (at < 0) != (want == nil) || at >= 0 && routing.routes[at].Template != want.Template {
				t.Fatalf("%v, GET %s: the automaton has %d, the gateway %v", g, path, at, want)
			}
		}
	}
}

// The product finds a difference if there is one among all short paths, and what it finds is one. The policies are those of
// another table, and those of the same table with one character more or less.
func TestADifferenceIsFoundIfAndOnlyIfThereIsOne(t *testing.T) {
	paths := allPaths("abc/", 6)
	r := rand.New(rand.NewPCG(5, 1))
	different, same := 0, 0
	for range 600 {
		all := smallTable(r)
		table, err := routes.New(all, routes.Options{})
		if err != nil {
			continue
		}
		caller := routes.Principal{Groups: []string{"g"}}
		policy, err := stagepolicy.New(table).ForStage(caller, stage, stagepolicy.Options{First: stagepolicy.Form(r.IntN(5))})
		if err != nil {
			continue
		}
		d := policy.Document()
		if s := r.IntN(len(d.Statement)); r.IntN(4) > 0 {
			resources := append([]string(nil), d.Statement[s].Resource...)
			i := r.IntN(len(resources))
			switch r.IntN(3) {
			case 0:
				resources[i] += "*"
			case 1:
				resources[i] = resources[i][:len(resources[i])-1]
			default:
				resources[i] = resources[r.IntN(len(resources))]
			}
			d.Statement[s].Resource = resources
		}
		encoded, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var g gateway
		for i, route := range table.Routes() {
			g = append(g, newRoute(i, route))
		}
		k := &class{prover: &prover{shared: &shared{}, gateway: g, routings: newRoutings(g)}, caller: caller, may: make([]bool, len(g))}
		for i, route := range g {
			k.may[i] = permits(route.Rule, caller)
			k.greedy = k.greedy || k.may[i] && route.parts[len(route.parts)-1].kind == rest
		}
		automaton, err := newPolicyAutomaton(encoded.AppendTo(nil), noon)
		if err != nil {
			t.Fatal(err)
		}
		if !k.decide(automaton) {
			t.Fatalf("%s was not decided", encoded)
		}
		parsed, err := apigateway.ParsePolicy(encoded.AppendTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		wrong := func(path string) bool {
			if strings.HasSuffix(path, "//") && path != "//" {
				return false // see product
			}
			served := g.serve("GET", path)
			exact := path == "/" || !strings.HasSuffix(path, "/") && !strings.Contains(path, "//")
			allowed := parsed.Evaluate(apigateway.InvokeAction, base+"GET"+path, noon) == apigateway.Allowed
			may := served != nil && k.may[served.index]
			return allowed && served != nil && !may || exact && may && !allowed || allowed && !exact && !k.greedy
		}
		example := ""
		for _, path := range paths {
			if wrong(path) {
				example = path
				break
			}
		}
		if example != "" && len(k.wrong) == 0 {
			t.Errorf("GET %s is wrong, and was not found: %s\n%v", example, encoded, table.Routes())
		}
		if len(k.wrong) == 0 {
			same++
			continue
		}
		different++
		if !errors.Is(k.wrong[0], ErrWrong) {
			t.Errorf("got %v, want %v", k.wrong[0], ErrWrong)
		}
		_, rest, _ := strings.Cut(k.wrong[0].Error(), "GET /")
		found := "/" + strings.TrimSuffix(strings.Fields(rest + " ")[0], ",")
		if strings.HasPrefix(rest, ",") || strings.HasPrefix(rest, " ") {
			found = "/"
		}
		if !wrong(found) {
			t.Errorf("%v: GET %s is right", k.wrong[0], found)
		}
		if example != "" && len(found) > len(example) {
			t.Errorf("found GET %s, and GET %s is shorter", found, example)
		}
	}
	t.Logf("%d different, %d the same", different, same)
	if different < 50 || same < 50 {
		t.Errorf("%d different and %d the same, so this shows little", different, same)
	}
}

// A REST API ignores a slash at the end of a path, so the path belongs to the route without it.
func TestASlashAtTheEndOfAForbiddenRouteIsLookedAt(t *testing.T) {
	for name, tt := range map[string]struct {
		all  []routes.Route // for group g, or another
		deny []string
		want string // in the error; empty: nothing is wrong
	}{
		"of the root": {
			[]routes.Route{get("/{path+}", "g"), get("/", "h")}, []string{"GET/"}, "GET //, though GET / is forbidden"},
		"of the root, denied": {
			[]routes.Route{get("/{path+}", "g"), get("/", "h")}, []string{"GET/", "GET//"}, ""},
		"of another route": {
			[]routes.Route{get("/x", "h"), {Method: "POST", Template: "/{path+}", Rule: get("/", "g").Rule}}, []string{"GET/x"}, "GET /x/, though GET /x is forbidden"},
		"of another route, denied": {
			[]routes.Route{get("/x", "h"), {Method: "POST", Template: "/{path+}", Rule: get("/", "g").Rule}}, []string{"GET/x", "GET/x/"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			caller := routes.Principal{Groups: []string{"g"}}
			var g gateway
			for i, route := range tt.all {
				g = append(g, newRoute(i, route))
			}
			k := &class{prover: &prover{shared: &shared{}, gateway: g, routings: newRoutings(g)}, caller: caller, may: make([]bool, len(g)), greedy: true}
			for i, route := range g {
				k.may[i] = permits(route.Rule, caller)
			}
			d := apigateway.NewPolicyDocument(apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{base + "*"}})
			for _, pattern := range tt.deny {
				d.Statement = append(d.Statement, apigateway.Statement{Effect: apigateway.Deny, Action: apigateway.InvokeAction, Resource: []string{base + pattern}})
			}
			answer, err := marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			policy, err := newPolicyAutomaton(answer.document, noon)
			if err != nil {
				t.Fatal(err)
			}
			if !k.decide(policy) {
				t.Fatal("it was not decided")
			}
			if err := errors.Join(k.wrong...); (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestABoundOnMovesIsSpentByAsMany(t *testing.T) {
	p := &shared{moves: 5}
	if p.spent(6) || !p.spent(5) {
		t.Errorf("5 moves: of 6 %v, of 5 %v", p.spent(6), p.spent(5))
	}
}
