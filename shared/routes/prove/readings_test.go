package prove

import (
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// otherReadings returns a path with its escapes decoded, and with its slashes folded.
func otherReadings(t *testing.T, path string) []string {
	t.Helper()
	plain, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	return []string{plain, regexp.MustCompile(`/+`).ReplaceAllString(path, "/")}
}

// spelledPaths returns every path of up to so many characters, each of which is written plainly or as an escape.
func spelledPaths(longest int) []string {
	paths, from := []string{"/"}, 0
	for range longest {
		end := len(paths)
		for ; from < end; from++ {
			for _, text := range []string{"a", "b", "/", "%61", "%2F"} {
				paths = append(paths, paths[from]+text)
			}
		}
	}
	return paths
}

// The search warns of a route if and only if, among all short paths, one is allowed by a policy in one reading and routed to
// the forbidden route in the other.
func TestAnotherReadingIsFoundIfAndOnlyIfThereIsOne(t *testing.T) {
	paths := spelledPaths(4)
	others := make([][]string, len(paths))
	for i, path := range paths {
		others[i] = otherReadings(t, path)
	}
	r := rand.New(rand.NewPCG(6, 1))
	warned, silent, moves := 0, 0, 0
	for range 100 {
		table, err := routes.New(smallTable(r), routes.Options{})
		if err != nil {
			continue
		}
		caller := routes.Principal{Groups: []string{"g"}}
		policy, err := stagepolicy.New(table).ForStage(caller, stage, stagepolicy.Options{First: stagepolicy.Form(r.IntN(5))})
		if err != nil {
			continue
		}
		document := policy.Encoded().AppendTo(nil)
		automaton, err := newPolicyAutomaton(document, noon)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := apigateway.ParsePolicy(document)
		if err != nil {
			t.Fatal(err)
		}
		var g gateway
		for i, route := range table.Routes() {
			g = append(g, newRoute(i, route))
		}
		k := &class{prover: &prover{shared: &shared{warned: map[warning]bool{}}, gateway: g, routings: newRoutings(g)}, caller: caller, may: make([]bool, len(g))}
		for i, route := range g {
			k.may[i] = permits(route.Rule, caller)
		}
		if !k.decideReadings(automaton) {
			t.Fatalf("%s was not decided", document)
		}
		allowed := func(path string) bool {
			return parsed.Evaluate(apigateway.InvokeAction, base+"GET"+path, noon) == apigateway.Allowed
		}
		serve := func(path string) *route {
			if strings.HasSuffix(path, "//") {
				return nil // see decide
			}
			return g.serve("GET", path)
		}
		misread := func(sent string, others []string) []*route {
			var found []*route
			for _, other := range others {
				if served := serve(other); served != nil && !k.may[served.index] && allowed(sent) {
					found = append(found, served)
				}
				if served := serve(sent); served != nil && !k.may[served.index] && allowed(other) {
					found = append(found, served)
				}
			}
			return found
		}
		short := map[*route]string{}
		for i, path := range paths {
			for _, route := range misread(path, others[i]) {
				if short[route] == "" {
					short[route] = path
				}
			}
		}
		for route, path := range short {
			if !k.warned[warning{"spelling", route}] {
				t.Errorf("GET %s could be %s, and no warning says so: %s\n%v", path, route, document, table.Routes())
			}
		}
		for _, w := range k.report.Warnings {
			_, example, _ := strings.Cut(w.Example, " for GET ")
			found := false
			for _, route := range misread(example, otherReadings(t, example)) {
				found = found || route.Template == w.Forbidden.Template
			}
			if !found {
				t.Errorf("%s: GET %s can't be %s\n%v", document, example, w.Forbidden, table.Routes())
			}
		}
		moves += k.readingMoves
		before := len(k.report.Warnings)
		k.policy = parsed
		for _, c := range g.calls() {
			if parsed.Evaluate(apigateway.InvokeAction, c.name, noon) == apigateway.Allowed {
				k.readings(c)
			}
		}
		for _, w := range k.report.Warnings[before:] {
			t.Errorf("a sample call shows what the search has not found: %s", w)
		}
		if before > 0 {
			warned++
		} else {
			silent++
		}
	}
	t.Logf("%d tables with a warning, %d without, %d moves", warned, silent, moves)
	if warned < 20 || silent < 20 || moves < 1000 {
		t.Errorf("%d tables with a warning and %d without, so this shows little", warned, silent)
	}
}

// Each policy allows one spelling alone, which only one of the readings makes a call to the forbidden GET /x.
func TestEachReadingIsSearched(t *testing.T) {
	for _, allowed := range []string{"/%78", "/x%2F", "/x%2f", "//x", "///x"} {
		g := gateway{newRoute(0, get("/x", "h"))}
		k := &class{prover: &prover{shared: &shared{warned: map[warning]bool{}}, gateway: g, routings: newRoutings(g)}, may: make([]bool, 1)}
		answer, err := marshal(apigateway.NewPolicyDocument(apigateway.Statement{Effect: apigateway.Allow, Action: apigateway.InvokeAction, Resource: []string{base + "GET" + allowed}}))
		if err != nil {
			t.Fatal(err)
		}
		policy, err := newPolicyAutomaton(answer.document, noon)
		if err != nil {
			t.Fatal(err)
		}
		if !k.decideReadings(policy) || len(k.report.Warnings) != 1 || !strings.HasSuffix(k.report.Warnings[0].Example, " for GET "+allowed) {
			t.Errorf("GET %s: got %v", allowed, k.report.Warnings)
		}
	}
}

// Where the search for other readings has given up, sample calls still show the likely ones.
func TestSampleCallsShowOtherReadingsToo(t *testing.T) {
	table, err := routes.New([]routes.Route{get("/users/{id}", "g"), get("/users/me", "h")}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := newProver(table, policiesOf(table, stagepolicy.Deployment{}, stagepolicy.Exact))
	p.readingMoves = maxReadingMoves
	callers, always, _ := classes(table.Routes(), table.Connect(), maxClasses)
	p.checkCallers(table, callers, always)
	if p.readingMoves != maxReadingMoves {
		t.Errorf("%d moves were made beyond the bound", p.readingMoves-maxReadingMoves)
	}
	examples := map[string]string{}
	for _, w := range p.report.Warnings {
		if w.Code == "spelling" {
			examples[w.Forbidden.String()] = w.Example
		}
	}
	for forbidden, example := range map[string]string{
		"GET /users/me":   "GET /users/me, by a caller with group g for GET /users/%6De",
		"GET /users/{id}": "GET /users/{id}, by a caller with group h for GET /users/me",
	} {
		if examples[forbidden] != example {
			t.Errorf("%s: got %q, want %q", forbidden, examples[forbidden], example)
		}
	}
}
