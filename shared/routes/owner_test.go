package routes_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestWhichValuesOfAClaimMayStandInAPolicy(t *testing.T) {
	for value, want := range map[string]bool{
		"a": true, "Alice": true, "3f2e-77": true, "a.b_c~d": true, "...": true, "00": true, strings.Repeat("x", 128): true,
		"": false, ".": false, "..": false, strings.Repeat("x", 129): false,
		"a/b": false, "a%2Fb": false, "%61": false, "*": false, "a*": false, "?": false, "a b": false, "a+b": false, "a@b.example": false,
		"é": false, "a\x00": false, "a\n": false, "${aws:username}": false, "$": false, "a:b": false, `a"b`: false, `a\b`: false, "{0}": false,
		"a,b": false, "a;b": false, "\uff0e": false, "ſ": false, "a#b": false, "a&b": false,
	} {
		if got := routes.IsOwnerValue(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// decided is the decision about one call in one word: "allowed", or the kind of the refusal.
func decided(d routes.Decision) string {
	if d.Allowed != (d.Refusal == "") {
		return "allowed " + string(d.Refusal)
	}
	if d.Allowed {
		return "allowed"
	}
	return string(d.Refusal)
}

func TestACallIsDecidedByWhoOwnsTheItem(t *testing.T) {
	owner := func(claim string, parameters ...string) routes.Rule {
		return routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{claim: parameters}}, {Groups: []string{"admins"}}}}
	}
	table, err := routes.New([]routes.Route{
		{Method: "GET", Template: "/users/{username}", Rule: owner("username", "username")},
		{Method: "GET", Template: "/users/me", Rule: signedIn},
		{Method: "GET", Template: "/orders/{owner}/{order}", Rule: owner("username", "owner")},
		{Method: "GET", Template: "/t/{tenant}/u/{user}", Rule: routes.Rule{AnyOf: []routes.AllOf{{
			Scopes: []string{"read"}, Owners: map[string][]string{"custom:tenant": {"tenant"}, "sub": {"user"}}}}}},
		{Method: "GET", Template: "/pairs/{a}/{b}", Rule: owner("tenants", "a", "b")},
	}, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"custom:tenant", "sub", "tenants", "username"}; !slices.Equal(table.ClaimNames(), want) {
		t.Errorf("claims %q, want %q", table.ClaimNames(), want)
	}
	many := make([]string, 33)
	for i := range many {
		many[i] = strings.Repeat("m", i+1)
	}
	claims := func(pairs ...string) routes.Principal {
		c := routes.Principal{Claims: map[string][]string{}}
		for i := 0; i < len(pairs); i += 2 {
			c.Claims[pairs[i]] = strings.Split(pairs[i+1], ",")
		}
		return c
	}
	tenant := claims("custom:tenant", "acme", "sub", "u-1")
	tenant.Scopes = []string{"read"}
	for _, tt := range []struct {
		who  routes.Principal
		path string
		want string
	}{
		{claims("username", "alice"), "/users/alice", "allowed"},
		{claims("username", "alice"), "/users/bob", "owner"},
		{claims("username", "alice"), "/users/Alice", "owner"},
		{claims("username", "alice"), "/users/%61lice", "owner"},
		{claims("username", "alice"), "/users/alice/", "no_contract"},
		{claims("username", "alice"), "/orders/alice/7", "allowed"},
		{claims("username", "alice"), "/orders/bob/alice", "owner"},
		{claims("username", "me"), "/users/me", "allowed"}, // which is a route of its own
		{claims("username", "me"), "/users/you", "owner_literal"},
		{claims("username", "me"), "/orders/me/7", "allowed"},
		{claims("username", "users"), "/users/users", "allowed"}, // a literal, but not in that place
		{claims("username", "a/b"), "/users/x", "owner_value"},
		{claims("username", ".."), "/users/..", "owner_value"},
		{claims("username", "*"), "/users/*", "owner_value"},
		{claims("username", ""), "/users/", "no_contract"},
		{claims("username", ""), "/users/x", "owner_missing"},
		{claims("sub", "alice"), "/users/alice", "owner_missing"},
		{routes.Principal{}, "/users/alice", "owner_missing"},
		{routes.Principal{Groups: []string{"admins"}}, "/users/alice", "allowed"},
		{claims("username", "a,alice"), "/users/alice", "allowed"}, // a list
		{claims("username", "*,alice"), "/users/alice", "allowed"},
		{routes.Principal{Claims: map[string][]string{"username": many}}, "/users/m", "owner_values"},
		{routes.Principal{Claims: map[string][]string{"username": many[1:]}}, "/users/mm", "allowed"},
		{claims("username", strings.Repeat("x", 129)), "/users/" + strings.Repeat("x", 129), "owner_value"},
		{tenant, "/t/acme/u/u-1", "allowed"},
		{tenant, "/t/acme/u/u-2", "owner"},
		{tenant, "/t/other/u/u-1", "owner"},
		{tenant, "/t/u-1/u/acme", "owner"},
		{claims("custom:tenant", "acme", "sub", "u-1"), "/t/acme/u/u-1", "rights"},
		{claims("tenants", "x,y"), "/pairs/x/y", "allowed"},
		{claims("tenants", "x,y"), "/pairs/x/z", "owner"},
	} {
		if got := decided(table.DecideCall(tt.who, "GET", tt.path)); got != tt.want {
			t.Errorf("%v %q: %s, want %s", tt.who.Claims, tt.path, got, tt.want)
		}
	}
	d := table.Decide(claims("username", "alice"), "GET", "/users/{x}")
	if want := []routes.Limit{{Own: map[string][]string{"username": {"alice"}}}}; !d.Allowed || !reflect.DeepEqual(d.Limits, want) {
		t.Errorf("%+v, want limits %+v", d, want)
	}
	if got := table.Decide(claims("username", "me"), "GET", "/users/{x}").Reason; strings.Contains(got, "alice") || !strings.Contains(got, "{username}") {
		t.Errorf("reason %q", got)
	}
	for _, r := range table.Routes() {
		if got := r.Taken("username"); r.Template == "/users/{username}" && !slices.Equal(got, []string{"me"}) {
			t.Errorf("taken: %q", got)
		}
	}
}

func TestRulesAboutClaimsAndTheSignIn(t *testing.T) {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		rule routes.AllOf
		who  routes.Principal
		want string
	}{
		"the value":          {routes.AllOf{Claims: map[string][]string{"plan": {"gold"}}}, routes.Principal{Claims: map[string][]string{"plan": {"gold"}}}, "allowed"},
		"another value":      {routes.AllOf{Claims: map[string][]string{"plan": {"gold"}}}, routes.Principal{Claims: map[string][]string{"plan": {"Gold"}}}, "claim"},
		"both values":        {routes.AllOf{Claims: map[string][]string{"f": {"a", "b"}}}, routes.Principal{Claims: map[string][]string{"f": {"b", "c", "a"}}}, "allowed"},
		"one of two":         {routes.AllOf{Claims: map[string][]string{"f": {"a", "b"}}}, routes.Principal{Claims: map[string][]string{"f": {"b"}}}, "claim"},
		"there":              {routes.AllOf{Claims: map[string][]string{"plan": {}}}, routes.Principal{Claims: map[string][]string{"plan": {"x"}}}, "allowed"},
		"absent":             {routes.AllOf{Claims: map[string][]string{"plan": {}}}, routes.Principal{Claims: map[string][]string{"other": {"x"}}}, "claim"},
		"an empty list":      {routes.AllOf{Claims: map[string][]string{"plan": {}}}, routes.Principal{Claims: map[string][]string{"plan": {}}}, "claim"},
		"an empty string":    {routes.AllOf{Claims: map[string][]string{"plan": {}}}, routes.Principal{Claims: map[string][]string{"plan": {""}}}, "claim"},
		"an issuer":          {routes.AllOf{Claims: map[string][]string{"iss": {"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A"}}}, routes.Principal{Claims: map[string][]string{"iss": {"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A"}}}, "allowed"},
		"another issuer":     {routes.AllOf{Claims: map[string][]string{"iss": {"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A"}}}, routes.Principal{Claims: map[string][]string{"iss": {"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_B"}}}, "claim"},
		"fresh":              {routes.AllOf{MaxAge: 900}, routes.Principal{AuthTime: noon.Add(-14 * time.Minute), Now: noon}, "allowed"},
		"at the end":         {routes.AllOf{MaxAge: 900}, routes.Principal{AuthTime: noon.Add(-15 * time.Minute), Now: noon}, "sign_in_age"},
		"no sign-in":         {routes.AllOf{MaxAge: 900}, routes.Principal{Now: noon}, "no_auth_time"},
		"no time":            {routes.AllOf{MaxAge: 900}, routes.Principal{AuthTime: noon}, "no_auth_time"},
		"fresh, no rights":   {routes.AllOf{MaxAge: 900, Scopes: []string{"a"}}, routes.Principal{AuthTime: noon, Now: noon}, "rights"},
		"rights, wrong plan": {routes.AllOf{Scopes: []string{"a"}, Claims: map[string][]string{"plan": {"gold"}}}, routes.Principal{Scopes: []string{"a"}}, "claim"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := routes.New([]routes.Route{{Method: "GET", Template: "/a", Rule: routes.Rule{AnyOf: []routes.AllOf{tt.rule}}}}, routes.Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := table.Decide(tt.who, "GET", "/a")
			if got := decided(d); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if d.Allowed && tt.rule.MaxAge > 0 && (len(d.Limits) != 1 || !d.Limits[0].Until.Equal(noon.Add(time.Minute))) {
				t.Errorf("limits %+v", d.Limits)
			}
			least := tt.rule.Least()
			if tt.rule.MaxAge > 0 {
				least.Now = least.AuthTime
			}
			if !table.Decide(least, "GET", "/a").Allowed {
				t.Errorf("%+v is not allowed to who has just what it lists", tt.rule)
			}
		})
	}
}

func TestGrantsGiveScopes(t *testing.T) {
	scope := routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"api/read", "api/write"}}}}
	table, err := routes.New([]routes.Route{{Method: "GET", Template: "/a", Rule: scope}}, routes.Options{Connect: scope, Grants: routes.Grants{
		Groups: map[string][]string{"staff": {"api/read"}, "admins": {"api/write", "api/read"}}, Clients: map[string][]string{"batch": {"api/write"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		who  routes.Principal
		want bool
	}{
		"admins":                    {routes.Principal{Groups: []string{"admins"}}, true},
		"staff":                     {routes.Principal{Groups: []string{"staff"}}, false},
		"staff, with a scope":       {routes.Principal{Groups: []string{"staff"}, Scopes: []string{"api/write"}}, true},
		"staff, by a client":        {routes.Principal{Groups: []string{"staff"}, Client: "batch"}, true},
		"the client":                {routes.Principal{Client: "batch"}, false},
		"a scope named as a group":  {routes.Principal{Scopes: []string{"admins"}}, false},
		"a client named as a group": {routes.Principal{Client: "admins"}, false},
		"nobody":                    {routes.Principal{}, false},
	} {
		if got := table.Decide(tt.who, "GET", "/a").Allowed; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if got := table.Decide(tt.who, "", "$connect").Allowed; got != tt.want {
			t.Errorf("%s: %v to connect, want %v", name, got, tt.want)
		}
	}
	mine := []string{"x", "y"}
	if got := table.Effective(routes.Principal{Scopes: mine[:1], Groups: []string{"admins"}}).Scopes; !slices.Equal(got, []string{"x", "api/read", "api/write"}) || mine[1] != "y" {
		t.Errorf("effective scopes %q, of the caller's own list %q", got, mine)
	}
}

func TestWhatARuleCannotAskFor(t *testing.T) {
	grant := func(g routes.Grants) routes.Options { return routes.Options{Grants: g} }
	for name, tt := range map[string]struct {
		template string
		rule     routes.AllOf
		o        routes.Options
	}{
		"no such parameter":     {"/a/{id}", routes.AllOf{Owners: map[string][]string{"sub": {"name"}}}, routes.Options{}},
		"a literal":             {"/a/{id}", routes.AllOf{Owners: map[string][]string{"sub": {"a"}}}, routes.Options{}},
		"the rest of a path":    {"/a/{id+}", routes.AllOf{Owners: map[string][]string{"sub": {"id"}}}, routes.Options{}},
		"no parameter":          {"/a/{id}", routes.AllOf{Owners: map[string][]string{"sub": {}}}, routes.Options{}},
		"a claim without name":  {"/a/{id}", routes.AllOf{Owners: map[string][]string{"": {"id"}}}, routes.Options{}},
		"white space":           {"/a", routes.AllOf{Claims: map[string][]string{"a b": {}}}, routes.Options{}},
		"an empty value":        {"/a", routes.AllOf{Claims: map[string][]string{"a": {""}}}, routes.Options{}},
		"a control character":   {"/a", routes.AllOf{Claims: map[string][]string{"a": {"\n"}}}, routes.Options{}},
		"a negative age":        {"/a", routes.AllOf{MaxAge: -1}, routes.Options{}},
		"an age of two years":   {"/a", routes.AllOf{MaxAge: 2 * 366 * 24 * 3600}, routes.Options{}},
		"an owner to connect":   {"/a", routes.AllOf{}, routes.Options{Connect: routes.Rule{AnyOf: []routes.AllOf{{Owners: map[string][]string{"sub": {"id"}}}}}}},
		"a grant of nothing":    {"/a", routes.AllOf{}, grant(routes.Grants{Groups: map[string][]string{"g": {}}})},
		"a grant of two scopes": {"/a", routes.AllOf{}, grant(routes.Grants{Clients: map[string][]string{"c": {"a b"}}})},
	} {
		if _, err := routes.New([]routes.Route{{Method: "GET", Template: tt.template, Rule: routes.Rule{AnyOf: []routes.AllOf{tt.rule}}}}, tt.o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAnAlternativeThatAsksForMoreIsLeftOut(t *testing.T) {
	sub := map[string][]string{"sub": {"id"}}
	for name, tt := range map[string]struct {
		a, b routes.AllOf
		left int
	}{
		"an owner beside anybody":   {routes.AllOf{}, routes.AllOf{Owners: sub}, 1},
		"an owner beside a group":   {routes.AllOf{Groups: []string{"g"}}, routes.AllOf{Owners: sub}, 2},
		"a group as well":           {routes.AllOf{Groups: []string{"g"}, Owners: sub}, routes.AllOf{Owners: sub}, 1},
		"another claim":             {routes.AllOf{Owners: sub}, routes.AllOf{Owners: map[string][]string{"username": {"id"}}}, 2},
		"a claim, and its value":    {routes.AllOf{Claims: map[string][]string{"a": {}}}, routes.AllOf{Claims: map[string][]string{"a": {"x"}}}, 1},
		"two values":                {routes.AllOf{Claims: map[string][]string{"a": {"y"}}}, routes.AllOf{Claims: map[string][]string{"a": {"x"}}}, 2},
		"a shorter time":            {routes.AllOf{MaxAge: 60}, routes.AllOf{MaxAge: 90}, 1},
		"a time beside any":         {routes.AllOf{MaxAge: 60}, routes.AllOf{}, 1},
		"a time beside a claim":     {routes.AllOf{MaxAge: 60}, routes.AllOf{Claims: map[string][]string{"a": {}}}, 2},
		"an owner is not presence":  {routes.AllOf{Owners: sub}, routes.AllOf{Claims: map[string][]string{"sub": {}}}, 2},
		"the same in another order": {routes.AllOf{Claims: map[string][]string{"a": {"x", "y"}}}, routes.AllOf{Claims: map[string][]string{"a": {"y", "x", "y"}}}, 1},
	} {
		table, err := routes.New([]routes.Route{{Method: "GET", Template: "/{id}", Rule: routes.Rule{AnyOf: []routes.AllOf{tt.a, tt.b}}}}, routes.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(table.Routes()[0].Rule.AnyOf); got != tt.left {
			t.Errorf("%s: %d alternatives are left, want %d", name, got, tt.left)
		}
	}
}

func TestTheFileKeepsEveryKindOfRule(t *testing.T) {
	rule := routes.Rule{AnyOf: []routes.AllOf{
		{Scopes: []string{"s"}, Owners: map[string][]string{"custom:t": {"t"}, "sub": {"id"}}},
		{Claims: map[string][]string{"plan": {"gold \"x\""}, "vip": {}}, MaxAge: 900},
	}}
	o := routes.Options{Connect: routes.Rule{AnyOf: []routes.AllOf{{MaxAge: 60}}}, Grants: routes.Grants{
		Groups: map[string][]string{"admins": {"s"}}, Clients: map[string][]string{"c": {"s", "u"}}}}
	table, err := routes.New([]routes.Route{{Method: "GET", Template: "/{t}/{id}", Rule: rule}, {Method: "GET", Template: "/x/y", Rule: signedIn}}, o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := table.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := routes.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Routes(), table.Routes()) || !reflect.DeepEqual(again.Connect(), table.Connect()) ||
		!reflect.DeepEqual(again.Grants(), table.Grants()) || !slices.Equal(again.ClaimNames(), table.ClaimNames()) {
		t.Errorf("read back otherwise: %s", data)
	}
	for _, broken := range [][2]string{
		{`"max_age":900`, `"max_age":0`}, {`"max_age":900`, `"max_age":-1`}, {`"max_age":900`, `"max_age":9e2`}, {`"max_age":900`, `"max_age":"900"`},
		{`"max_age":900`, `"maxage":900`}, {`"sub":["id"]`, `"sub":"id"`}, {`"sub":["id"]`, `"sub":null`}, {`"sub":["id"]`, `"sub":["no"]`},
		{`"sub":["id"]`, `"sub":[]`}, {`"owners":`, `"owner":`}, {`"claims":{`, `"claims":{"vip":[],`}, {`"grants":{`, `"grants":{"users":{},`},
		{`"admins":["s"]`, `"admins":[]`}, {`"claims":{`, `"claims":null,"x":{`},
	} {
		changed := strings.Replace(string(data), broken[0], broken[1], 1)
		if changed == string(data) {
			t.Fatalf("%s is not in %s", broken[0], data)
		}
		if _, err := routes.Parse([]byte(changed)); err == nil {
			t.Errorf("%s in place of %s was read", broken[1], broken[0])
		}
	}
}

func TestAPathWithinALimitHasTheCallersValues(t *testing.T) {
	r := routes.Route{Method: "GET", Template: "/t/{tenant}/users/{id}/files/{path+}"}
	for want, own := range map[string]map[string][]string{
		"/t/~/users/~/files/~":      nil,
		"/t/acme/users/~/files/~":   {"tenant": {"acme", "b"}},
		"/t/acme/users/ann/files/~": {"tenant": {"acme"}, "id": {"ann"}, "users": {"x"}},
	} {
		if got := (routes.Limit{Own: own}).Path(r, "~"); got != want {
			t.Errorf("%v: %s, want %s", own, got, want)
		}
	}
}
