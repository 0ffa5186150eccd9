package routes_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// owned is a rule by which a claim must equal path parameters.
func owned(claim string, parameters ...string) routes.Rule {
	return routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{claim: parameters}}}}
}

func tableOf(t testing.TB, o routes.Options, all ...routes.Route) *routes.Table {
	t.Helper()
	table, err := routes.New(all, o)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestARuleMayAskForAsMuchAsItsBoundsAndNotMore(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	claim := func(name string, values ...string) routes.AllOf {
		return routes.AllOf{Claims: map[string][]string{name: values}}
	}
	const year = 366 * 24 * 60 * 60
	for name, tt := range map[string]struct {
		a    routes.AllOf
		want error
	}{
		"a sign-in a second ago":         {routes.AllOf{MaxAge: 1}, nil},
		"a sign-in a year ago":           {routes.AllOf{MaxAge: year}, nil},
		"a second more":                  {routes.AllOf{MaxAge: year + 1}, routes.ErrRule},
		"a claim's name of 256 bytes":    {claim(long(256)), nil},
		"a claim's name of 257 bytes":    {claim(long(257)), routes.ErrName},
		"a value of 256 bytes":           {claim("plan", long(256)), nil},
		"a value of 257 bytes":           {claim("plan", long(257)), routes.ErrName},
		"a value with a space":           {claim("plan", "a b"), nil},
		"a group as a claim":             {claim("cognito:groups", long(128)), nil},
		"a group of 129 bytes as one":    {claim("cognito:groups", long(129)), routes.ErrName},
		"another claim of that length":   {claim("custom:groups", long(129)), nil},
		"a group of 128 characters":      {routes.AllOf{Groups: []string{long(128)}}, nil},
		"a value that is not UTF-8":      {claim("plan", "a\xff"), routes.ErrName},
		"a value with a line break":      {claim("plan", "a\nb"), routes.ErrName},
		"an owner's claim of 257 bytes":  {routes.AllOf{Owners: map[string][]string{long(257): {"id"}}}, routes.ErrName},
		"the first segment is a claim's": {routes.AllOf{Owners: map[string][]string{"sub": {"id"}}}, nil},
	} {
		r := routes.Route{Method: "GET", Template: "/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{tt.a}}}
		if err := r.Check(); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: Check: got %v, want %v", name, err, tt.want)
		}
		if _, err := routes.New([]routes.Route{r}, routes.Options{}); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: New: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestAPathMayHave32Segments(t *testing.T) {
	path := strings.Repeat("/a", 31) + "/{last+}"
	table := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: path, Rule: public})
	if r, found := table.Match("GET", strings.Repeat("/a", 31)+"/b/c"); !found || r.Template != path {
		t.Errorf("matched %v", r)
	}
}

func TestPathParametersOfOneTableMayEqual32Claims(t *testing.T) {
	var all []routes.Route
	for i := range 33 {
		all = append(all, routes.Route{Method: "GET", Template: fmt.Sprintf("/r%d/{id}", i), Rule: owned(fmt.Sprintf("claim-%d", i), "id")})
	}
	table := tableOf(t, routes.Options{}, all[:32]...)
	if n := len(table.ClaimNames()); n != 32 {
		t.Errorf("%d claims, want 32", n)
	}
	if _, err := routes.New(all, routes.Options{}); !errors.Is(err, routes.ErrRule) {
		t.Errorf("33 claims: got %v, want %v", err, routes.ErrRule)
	}
}

func TestNamesThatAreGrantedScopesAreChecked(t *testing.T) {
	all := []routes.Route{{Method: "GET", Template: "/a", Rule: scopeR}}
	for name, tt := range map[string]struct {
		grants routes.Grants
		want   error
	}{
		"a group of 128 characters":    {routes.Grants{Groups: map[string][]string{strings.Repeat("g", 128): {"r"}}}, nil},
		"a group of 129 characters":    {routes.Grants{Groups: map[string][]string{strings.Repeat("g", 129): {"r"}}}, routes.ErrName},
		"a client":                     {routes.Grants{Clients: map[string][]string{"client": {"r"}}}, nil},
		"a client with a space":        {routes.Grants{Clients: map[string][]string{"a client": {"r"}}}, routes.ErrName},
		"a client that gets nothing":   {routes.Grants{Clients: map[string][]string{"client": {}}}, routes.ErrRule},
		"a scope that no token has":    {routes.Grants{Groups: map[string][]string{"g": {`a"b`}}}, routes.ErrName},
		"a group and a client at once": {routes.Grants{Groups: map[string][]string{"g": {"r"}}, Clients: map[string][]string{"c": {"r"}}}, nil},
	} {
		table, err := routes.New(all, routes.Options{Grants: tt.grants})
		if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
			continue
		}
		if err == nil && (!reflect.DeepEqual(table.Grants(), tt.grants) || table.Grants().IsZero()) {
			t.Errorf("%s: got %v", name, table.Grants())
		}
	}
	if !(routes.Grants{}).IsZero() {
		t.Error("no grants are something")
	}
}

// API Gateway keeps one result for all methods of ANY, so they must have the same limits.
func TestADecisionForAnyHasTheLimitsOfEachMethod(t *testing.T) {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	recent := routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 900}}}
	c := routes.Principal{Claims: map[string][]string{"sub": {"u"}, "tenant": {"t"}}, AuthTime: noon, Now: noon}
	until, own := routes.Limit{Until: noon.Add(15 * time.Minute)}, routes.Limit{Own: map[string][]string{"id": {"u"}}}
	for name, tt := range map[string]struct {
		anyRule, put routes.Rule
		limits       []routes.Limit // none: denied
	}{
		"one time":            {recent, recent, []routes.Limit{until}},
		"one owner":           {owned("sub", "id"), owned("sub", "id"), []routes.Limit{own}},
		"another claim":       {owned("sub", "id"), owned("tenant", "id"), nil},
		"a time and an owner": {recent, owned("sub", "id"), nil},
		"another time":        {recent, routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 901}}}, nil},
		"no limit for PUT":    {recent, signedIn, nil},
		"a limit for PUT":     {signedIn, owned("sub", "id"), nil},
		"two limits for PUT":  {recent, routes.Rule{AnyOf: []routes.AllOf{recent.AnyOf[0], owned("sub", "id").AnyOf[0]}}, nil},
	} {
		table := tableOf(t, routes.Options{}, routes.Route{Method: "ANY", Template: "/a/{id}", Rule: tt.anyRule}, routes.Route{Method: "PUT", Template: "/a/{id}", Rule: tt.put})
		d := table.Decide(c, "ANY", "/a/{id}")
		if d.Allowed != (tt.limits != nil) || tt.limits != nil && (!reflect.DeepEqual(d.Limits, tt.limits) || d.Route != "ANY /a/{id}") {
			t.Errorf("%s: got %+v, want limits %+v", name, d, tt.limits)
		}
		if tt.limits == nil && (d.Refusal != routes.RefusedOwner || d.Limits != nil) {
			t.Errorf("%s: got %+v, want %s", name, d, routes.RefusedOwner)
		}
	}
}

func TestTwoClaimsMustBothEqualTheirParameter(t *testing.T) {
	rule := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"a": {"id"}, "b": {"id"}}}}}
	table := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: "/x/{id}", Rule: rule})
	for name, tt := range map[string]struct {
		a, b []string
		want []string // the values that the parameter may have
	}{
		"the same value":  {[]string{"v"}, []string{"v"}, []string{"v"}},
		"one in common":   {[]string{"u", "v"}, []string{"v", "w"}, []string{"v"}},
		"none in common":  {[]string{"u"}, []string{"v"}, nil},
		"one is missing":  {[]string{"u"}, nil, nil},
		"several in both": {[]string{"w", "u", "v"}, []string{"v", "u"}, []string{"u", "v"}},
	} {
		d := table.Decide(routes.Principal{Claims: map[string][]string{"a": tt.a, "b": tt.b}}, "GET", "/x/{id}")
		if d.Allowed != (tt.want != nil) {
			t.Errorf("%s: got %+v", name, d)
		}
		if d.Allowed && !slices.Equal(d.Limits[0].Own["id"], tt.want) {
			t.Errorf("%s: %q may be called, want %q", name, d.Limits[0].Own["id"], tt.want)
		}
	}
}

func TestAnAlternativeNeedsItsClaimsBesideItsOwners(t *testing.T) {
	rule := routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}, Claims: map[string][]string{"plan": {"gold"}}}}}
	table := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: "/x/{id}", Rule: rule})
	for want, claims := range map[string]map[string][]string{
		"allowed":       {"sub": {"u"}, "plan": {"gold"}},
		"claim":         {"sub": {"u"}, "plan": {"free"}},
		"owner":         {"sub": {"v"}, "plan": {"gold"}},
		"owner_missing": {"plan": {"gold"}},
	} {
		if got := decided(table.DecideCall(routes.Principal{Claims: claims}, "GET", "/x/u")); got != want {
			t.Errorf("%v: %s, want %s", claims, got, want)
		}
	}
}

// API Gateway names the route, and the path may still be another one.
func TestAPathThatLacksTheOwnersSegmentIsNobodysItem(t *testing.T) {
	r := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: "/users/{id}/orders/{order}", Rule: owned("sub", "order")}).Routes()[0]
	c := routes.Principal{Claims: map[string][]string{"sub": {"u"}}}
	for path, want := range map[string]string{
		"/users/7/orders/u": "allowed", "/users/7/orders/v": "owner", "/users/7/orders": "owner", "/users/7/orders/": "owner", "/": "owner", "": "owner", "/users/u/orders/u/x": "allowed",
	} {
		if got := decided(r.DecideCall(c, path)); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestTheReasonOfADecisionInWords(t *testing.T) {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	who := routes.Principal{Groups: []string{"g"}, Claims: map[string][]string{"sub": {"u"}, "plan": {"gold"}}, AuthTime: noon.Add(-time.Hour), Now: noon}
	claim := func(name string, values ...string) routes.AllOf {
		return routes.AllOf{Claims: map[string][]string{name: values}}
	}
	sub := map[string][]string{"sub": {"id"}}
	for want, anyOf := range map[string][]routes.AllOf{
		"open to any signed-in caller":                                              {{}},
		"has group g":                                                               {{Groups: []string{"g"}}},
		"where {id} equals claim sub":                                               {{Owners: sub}},
		"has group g, where {id} equals claim sub":                                  {{Groups: []string{"g"}, Owners: sub}},
		"has claim plan=gold":                                                       {claim("plan", "gold")},
		"has a sign-in at most 2h ago, or where {id} equals claim sub":              {{MaxAge: 7200}, {Owners: sub}},
		"needs claim a or claim b: claim a is missing or has another value":         {claim("b"), claim("a")},
		"needs claim tier=1 or scope s: claim tier is missing or has another value": {{Scopes: []string{"s"}}, claim("tier", "1")},
		"needs a sign-in at most 15m ago: the sign-in was longer ago":               {{MaxAge: 900}},
		"needs {id} equal to claim tenant: the token has no claim tenant":           {{Owners: map[string][]string{"tenant": {"id"}}}},
	} {
		table := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: "/x/{id}", Rule: routes.Rule{AnyOf: anyOf}})
		if got := table.Decide(who, "GET", "/x/{id}").Reason; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRulesAboutClaimsInWords(t *testing.T) {
	for want, a := range map[string]routes.AllOf{
		"claim plan=gold":                      {Claims: map[string][]string{"plan": {"gold"}}},
		`claim plan="a b" and claim plan=c`:    {Claims: map[string][]string{"plan": {"a b", "c"}}},
		"claim vip":                            {Claims: map[string][]string{"vip": {}}},
		"claim a and claim b=1":                {Claims: map[string][]string{"b": {"1"}, "a": nil}},
		"{id} equal to claim sub":              {Owners: map[string][]string{"sub": {"id"}}},
		"scope s and a sign-in at most 1m ago": {Scopes: []string{"s"}, MaxAge: 60},
	} {
		if got := a.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for seconds, want := range map[int64]string{1: "1s", 60: "1m", 90: "1m30s", 900: "15m", 3600: "1h", 3601: "1h0m1s", 5400: "1h30m", 36000: "10h", 86400: "24h"} {
		if got := routes.Age(seconds); got != want {
			t.Errorf("%d seconds: got %q, want %q", seconds, got, want)
		}
	}
	for want, c := range map[string]routes.Principal{
		"a caller without scopes and groups":            {Client: "c"},
		"a caller with scope s and group g":             {Scopes: []string{"s"}, Groups: []string{"g"}},
		"a caller with claim plan and claim sub":        {Claims: map[string][]string{"sub": {"personal"}, "plan": {"gold"}}},
		"a caller with scope s and scope t and group g": {Scopes: []string{"s", "t"}, Groups: []string{"g"}},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheLeastCallerHasNothingThatTheAlternativeDoesNotList(t *testing.T) {
	for _, tt := range []struct {
		a    routes.AllOf
		want routes.Principal
	}{
		{routes.AllOf{}, routes.Principal{}},
		{routes.AllOf{Scopes: []string{"s"}, Groups: []string{"g"}}, routes.Principal{Scopes: []string{"s"}, Groups: []string{"g"}}},
		{routes.AllOf{MaxAge: 60}, routes.Principal{AuthTime: time.Unix(1, 0), Now: time.Unix(1, 0)}},
		{routes.AllOf{Claims: map[string][]string{"plan": {"gold"}, "vip": {}}, Owners: map[string][]string{"sub": {"id"}, "tenant": {"t"}}},
			routes.Principal{Claims: map[string][]string{"plan": {"gold"}, "vip": {routes.AnyValue}, "sub": {routes.AnyValue}, "tenant": {routes.AnyValue}}}},
		{routes.AllOf{Claims: map[string][]string{"plan": {"gold"}}, Owners: map[string][]string{"sub": {"id"}}},
			routes.Principal{Claims: map[string][]string{"plan": {"gold"}, "sub": {routes.AnyValue}}}},
	} {
		if got := tt.a.Least(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.a, got, tt.want)
		}
	}
}

func TestAnAlternativeWithTheSameAgeAndMoreIsLeftOut(t *testing.T) {
	recent := func(age int64, groups ...string) routes.AllOf { return routes.AllOf{MaxAge: age, Groups: groups} }
	for _, tt := range []struct {
		a, b routes.AllOf
		left int
	}{
		{recent(60), recent(60, "g"), 1}, {recent(60), recent(59, "g"), 1}, {recent(60), recent(61, "g"), 2}, {recent(60), recent(0, "g"), 2}, {recent(0), recent(60, "g"), 1},
	} {
		table := tableOf(t, routes.Options{}, routes.Route{Method: "GET", Template: "/", Rule: routes.Rule{AnyOf: []routes.AllOf{tt.a, tt.b}}})
		if got := len(table.Routes()[0].Rule.AnyOf); got != tt.left {
			t.Errorf("%s beside %s: %d alternatives are left, want %d", tt.a, tt.b, got, tt.left)
		}
	}
}

func TestWhatATableLacksIsNotWritten(t *testing.T) {
	data, err := tableOf(t, routes.Options{}, parseRoutes(t, "GET /a r")...).Encode()
	if want := `{"version":1,"rules":[{"anyOf":[{"scopes":["r"]}],"routes":["GET /a"]}]}` + "\n"; err != nil || string(data) != want {
		t.Errorf("got %s, %v, want %s", data, err, want)
	}
	for _, age := range []string{"1", "2"} {
		text := `{"version":1,"rules":[{"anyOf":[{"max_age":` + age + `}],"routes":["GET /a"]}]}`
		if _, err := routes.Parse([]byte(text)); err != nil {
			t.Errorf("a sign-in %s seconds ago: %v", age, err)
		}
	}
}

// Package stagepolicy keeps what it knows of nodes and endpoints in lists by their numbers.
func TestTheNodesAndEndpointsOfATreeAreNumbered(t *testing.T) {
	tree := newTable(t, "GET / any", "ANY /users/{id} any", "GET /users/me any", "GET /users/{id} r", "POST /files/{path+} any").Tree()
	seen := map[int]bool{}
	var walk func(n *routes.Node)
	walk = func(n *routes.Node) {
		if n.ID < 0 || n.ID >= tree.Nodes || seen[n.ID] {
			t.Errorf("node %d of %d", n.ID, tree.Nodes)
		}
		seen[n.ID] = true
		if !slices.IsSorted(n.Names) || len(n.Names) != len(n.Literals) {
			t.Errorf("names %q of %d literals", n.Names, len(n.Literals))
		}
		for _, name := range n.Names {
			walk(n.Literals[name])
		}
		if n.Param != nil {
			walk(n.Param)
		}
	}
	walk(tree.Root)
	if len(seen) != tree.Nodes {
		t.Errorf("%d nodes were found, want %d", len(seen), tree.Nodes)
	}
	for i, e := range tree.Endpoints {
		if e.ID != i || e.Greedy() != strings.HasSuffix(e.Segments[len(e.Segments)-1].Text, "path") {
			t.Errorf("endpoint %d is %+v", i, e)
		}
	}
	if n := len(tree.Endpoints); n != 1+7+1+1 {
		t.Errorf("%d endpoints", n)
	}
}
