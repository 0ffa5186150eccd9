package prove

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// gatewayOf returns the gateway of routes such as "GET /users/{id}".
func gatewayOf(list ...string) gateway {
	var g gateway
	for i, line := range list {
		method, template, _ := strings.Cut(line, " ")
		g = append(g, newRoute(i, routes.Route{Method: method, Template: template}))
	}
	return g
}

// sampleCalls lists the calls of a gateway, each with the forbidden route that it could be a spelling of.
func sampleCalls(g gateway) []string {
	var all []string
	for _, c := range g.calls() {
		text := c.method + " " + c.path
		if c.of != nil {
			text += " for " + c.of.String()
		}
		all = append(all, text)
	}
	return all
}

func TestTheSampleCallsOfARoute(t *testing.T) {
	want := []string{
		"GET /a/value-1", "GET /a/a", // the parameter with a text of its own, and with each literal
		"GET /a/value-1/", "GET /a/value-1/more", "GET /a/value-1/more/yet", "GET /a/value-1/more/yet/still", "GET /a", "GET /../a/value-1", "GET /GET/a/value-1",
		"GET //a/value-1 for GET /a/{x}", "GET /ax/value-1", "GET /xa/value-1", "GET /A/value-1", "GET /%61/value-1 for GET /a/{x}",
		"GET /a//value-1 for GET /a/{x}", "GET /a%2Fvalue-1 for GET /a/{x}", "GET /a%2fvalue-1 for GET /a/{x}",
		"GET /a/", "GET /a/more/value-1", "GET /a/more/yet/value-1",
	}
	for _, text := range hostile {
		want = append(want, "GET /a/"+text)
	}
	for _, other := range []string{"DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"} {
		want = append(want, other+" /a/value-1")
	}
	if got := sampleCalls(gatewayOf("GET /a/{x}")); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}

	want = []string{"GET /", "GET //", "GET //more", "GET //more/yet", "GET //more/yet/still", "GET /../", "GET /GET/",
		"DELETE /", "HEAD /", "OPTIONS /", "PATCH /", "POST /", "PUT /"}
	if got := sampleCalls(gatewayOf("GET /")); !slices.Equal(got, want) {
		t.Errorf("the root: got  %q\nwant %q", got, want)
	}
}

func TestTheRestOfAPathIsTriedWithASegmentMoreThanTheDeepestRoute(t *testing.T) {
	calls := sampleCalls(gatewayOf("GET /{path+}", "GET /a/b"))
	for call, want := range map[string]bool{
		"GET /value-0": true, "GET /value-0/value-1": true, "GET /value-0/value-1/value-2": true, "GET /value-0/value-1/value-2/value-3": false,
		"GET /a/b/b": true, "GET /a/value-1/b": true,
		"GET //value-0":          true, // no spelling of another route: the rest of a path may hold empty segments
		"GET //a/b":              false,
		"GET /%61/b":             false,
		"GET /value-0/%2":        false,
		"GET //a/b for GET /a/b": true, "GET /%61/b for GET /a/b": true,
	} {
		if slices.Contains(calls, call) != want {
			t.Errorf("%s: want %v", call, want)
		}
	}
}

func TestAllCombinationsAreTriedUpTo256(t *testing.T) {
	for literals, all := range map[int]bool{15: true, 16: false} { // and a text of its own
		list := []string{"GET /l0/{x}/{y}"}
		for i := range literals {
			list = append(list, fmt.Sprintf("GET /l%d", i))
		}
		if got := slices.Contains(sampleCalls(gatewayOf(list...)), "GET /l0/l1/l2"); got != all {
			t.Errorf("%d literals: %v, want %v", literals, got, all)
		}
	}
}

// So that a build takes seconds, a parameter gets only literals of its own place, and two at a time, where all combinations of all
// literals would be too many.
func TestManyCombinationsAreTriedInPartOnly(t *testing.T) {
	var list []string
	for i := range 11 {
		for j := range 11 {
			list = append(list, fmt.Sprintf("GET /l%d/l%d/{x}/{y}", i, j))
		}
	}
	few, many := sampleCalls(gatewayOf(list[0], list[1])), sampleCalls(gatewayOf(append(list, "GET /l1/l2/here", "GET /l1/l2/{x}/there/{z}")...))
	for call, want := range map[string][2]bool{
		"GET /l0/l0/l0/l0":                 {true, false},
		"GET /l0/l0/here/value-3":          {false, true},
		"GET /l0/l0/value-2/there":         {false, true},
		"GET /l0/l0/here/there":            {false, true},
		"GET /l0/l0/there/value-3":         {false, false},
		"GET /l0/l0/value-2/value-3/there": {false, false},
	} {
		if slices.Contains(few, call) != want[0] || slices.Contains(many, call) != want[1] {
			t.Errorf("%s: want %v with two routes and %v with %d", call, want[0], want[1], len(list)+2)
		}
	}
}
