package smoke

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// expectation is the required kind of response.
type expectation int

// unknownRoute is a REST API's error type for a route that it does not have.
const unknownRoute = "MissingAuthenticationTokenException"

const (
	answered         expectation = iota + 1 // success
	answeredOrNobody                        // success, or 404: the route has a parameter, and its value may not exist
	unauthorized                            // 401
	forbidden                               // 403
	refused                                 // 401 or 403
	preflight                               // success, and CORS headers that allow the token
)

// met reports whether a status meets the expectation. kind is the response's x-amzn-ErrorType, which distinguishes the
// authorizer's 403 from API Gateway's own for an unknown route.
func (d expectation) met(status int, kind string) bool {
	success := status >= 200 && status < 300
	denied := status == http.StatusForbidden && !strings.HasPrefix(kind, unknownRoute)
	switch d {
	case answered, preflight:
		return success
	case answeredOrNobody:
		return success || status == http.StatusNotFound
	case unauthorized:
		return status == http.StatusUnauthorized
	case forbidden:
		return denied
	case refused:
		return status == http.StatusUnauthorized || denied
	}
	return false
}

func (d expectation) String() string {
	return map[expectation]string{answered: "2xx", answeredOrNobody: "2xx or 404", unauthorized: "401", forbidden: "403",
		refused: "401 or 403", preflight: "2xx"}[d]
}

// check is one call and the expected response.
type check struct {
	caller   string        // "nobody", "an unknown token", "a browser", or the name of a token
	token    cognito.Token // zero: no Authorization header
	method   string
	route    string // as in the contract
	path     string // the route, its parameters filled in
	expected expectation
	why      string // from the contract: "is public", "needs group admins"
	own      bool   // the path is that of an item of the caller's own
}

// name names the call in text.
func (c check) name() string {
	if c.own {
		return c.method + " " + c.route + " (own)"
	}
	return c.method + " " + c.route
}

const (
	nobody       = "nobody"
	unknownToken = "an unknown token"
	browser      = "a browser"
)

// placeholder stands for every path parameter. A refusal does not depend on it.
const placeholder = "smoke-test"

// plan returns the checks for a contract: every GET route without and with each given token, and for an item of its bearer if the
// route is open for these alone. It also returns what cannot be checked.
func plan(table *routes.Table, tokens map[string]token, origin string) (checks []check, skipped []string) {
	reads := slices.DeleteFunc(table.Routes(), func(r routes.Route) bool { return r.Method != http.MethodGet && r.Method != "ANY" })
	var guarded *check // the route for tokens that are valid nowhere; one without parameters if there is one
	for _, route := range reads {
		c := check{caller: nobody, method: http.MethodGet, route: route.Template, path: fill(route.Template), expected: unauthorized}
		c.why = route.Rule.String()
		success := answered
		if c.path != c.route {
			success = answeredOrNobody
		}
		if route.Rule.Public {
			c.expected = success
		} else if guarded == nil || (guarded.path != guarded.route && c.path == c.route) {
			one := c
			guarded = &one
		}
		checks = append(checks, c)
		for _, name := range callers {
			t, given := tokens[name]
			if !given {
				continue
			}
			decision := table.DecideCall(t.rights, http.MethodGet, c.path) // of nobody's item: the placeholder stands for it
			c.caller, c.token, c.expected, c.why = name, t.Token, forbidden, decision.Reason
			if decision.Allowed {
				c.expected = success
			}
			checks = append(checks, c)
			if own, limited := ownItem(table, route, t.rights); limited && !decision.Allowed {
				theirs := c
				theirs.path, theirs.own, theirs.expected = own, true, answeredOrNobody
				theirs.why = table.Decide(t.rights, http.MethodGet, route.Template).Reason
				checks = append(checks, theirs)
			}
		}
		if origin != "" {
			checks = append(checks, check{caller: browser, method: http.MethodOptions, route: c.route, path: c.path, expected: preflight,
				why: "is a preflight request"})
		}
	}
	if guarded != nil {
		guarded.caller, guarded.token, guarded.why = unknownToken, cognito.NewToken("made.up.token"), "is not a token of the user pool"
		checks = append(checks, *guarded)
		if t, given := tokens[expired]; given {
			guarded.caller, guarded.token, guarded.expected, guarded.why = expired, t.Token, refused, "has expired"
			checks = append(checks, *guarded)
		}
	}
	return checks, missing(checks, tokens, origin)
}

// ownItem returns the path of an item of the caller, if the route is open for these alone.
func ownItem(table *routes.Table, route routes.Route, rights routes.Principal) (path string, limited bool) {
	for _, limit := range table.Decide(rights, http.MethodGet, route.Template).Limits {
		if limit.Own != nil {
			return limit.Path(route, placeholder), true
		}
	}
	return "", false
}

// missing returns what the checks do not cover.
func missing(checks []check, tokens map[string]token, origin string) []string {
	var open []string
	for _, name := range callers {
		if _, given := tokens[name]; !given {
			open = append(open, fmt.Sprintf("no token named %s was given: what that caller may do is not checked", name))
		}
	}
	if _, given := tokens[expired]; !given {
		open = append(open, "no token named expired was given: the response to an expired token is not checked")
	}
	if origin == "" {
		open = append(open, "no --origin was given: CORS is not checked")
	}
	for d, what := range map[expectation]string{
		unauthorized: "the contract has no GET route that requires a token: 401 is not checked",
		forbidden:    "every token given may call every GET route: 403 is not checked",
	} {
		if !slices.ContainsFunc(checks, func(c check) bool { return c.expected == d }) {
			open = append(open, what)
		}
	}
	if !slices.ContainsFunc(checks, func(c check) bool {
		return (c.expected == answered || c.expected == answeredOrNobody) && slices.Contains(callers, c.caller)
	}) {
		open = append(open, "no token given may call a GET route: a response with a token is not checked")
	}
	slices.Sort(open)
	return open
}

// fill replaces each {parameter} with the placeholder.
func fill(template string) string {
	segments := strings.Split(template, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = placeholder
		}
	}
	return strings.Join(segments, "/")
}
