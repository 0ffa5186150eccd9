package routes

import (
	"strings"
	"unicode/utf8"
)

// Decision is the answer for one route. The zero value denies.
type Decision struct {
	Allowed bool
	Route   string // the route as the contract writes it, "GET /users/{id}"; empty when it has no such route

	// Reason is one phrase for a log or a person: "public", "open to any signed-in caller", "has group b",
	// "needs scope a or group b", "open to nobody", "not in the contract". All of its words come from the
	// contract.
	Reason string
}

// notInContract is the reason of a call that the table has no route for.
const notInContract = "not in the contract"

// Decide answers for one route, given by the method of the call and the template of the route. The names of
// its parameters do not matter, nor does the case of the method. A method that the path does not name falls
// to ANY. For the handshake of a WebSocket the template is "$connect" and the method does not matter.
//
// A method of ANY asks about a route that was deployed for every method, such as the route key "ANY /x" of an
// HTTP API. API Gateway keeps one answer for all calls to it. So it is allowed only if each of the seven
// methods is, by the route for that method or else by the one for ANY; if not, the first that is denied gives
// the reason.
//
// A route that is not in the table is denied.
func (t *Table) Decide(c Principal, method, template string) Decision {
	if template == connectRoute {
		return decide(c, connectRoute, t.connect)
	}
	var last Decision
	for _, m := range methodsOf(upper(method)) {
		r, found := t.Find(m, template)
		if !found {
			return Decision{Reason: notInContract}
		}
		d := decide(c, r.String(), r.Rule)
		if !d.Allowed {
			return d
		}
		if last.Route == "" || r.Method == anyMethod { // where there is a route for ANY, it speaks for all
			last = d
		}
	}
	return last
}

// methodsOf returns the methods that a route serves.
func methodsOf(method string) []string {
	if method == anyMethod {
		return methods
	}
	return []string{method}
}

// Find returns the route that serves a method, in upper case, of a template: the one for ANY where the template does not
// name the method itself. The names of parameters do not matter.
func (t *Table) Find(method, template string) (Route, bool) {
	segments, err := parseTemplate(template)
	if err != nil {
		return Route{}, false // what cannot be in the table is not in the table
	}
	i, found := t.byShape[shape(method, segments)]
	if !found {
		i, found = t.byShape[shape(anyMethod, segments)]
	}
	if !found {
		return Route{}, false
	}
	return t.routes[i], true
}

func decide(c Principal, route string, r Rule) Decision {
	if r.Public {
		return Decision{Allowed: true, Route: route, Reason: "public"}
	}
	if len(r.AnyOf) == 0 {
		return Decision{Route: route, Reason: "open to nobody"}
	}
	for _, a := range r.AnyOf {
		if a.allows(c) {
			if len(a.Scopes)+len(a.Groups) == 0 {
				return Decision{Allowed: true, Route: route, Reason: "open to any signed-in caller"}
			}
			return Decision{Allowed: true, Route: route, Reason: "has " + a.String()}
		}
	}
	return Decision{Route: route, Reason: "needs " + r.String()}
}

// Decide answers by the rule of this route alone, whatever else the table holds: for an ANY route, about the
// methods that the path does not name itself.
func (r Route) Decide(c Principal) Decision { return decide(c, r.String(), r.Rule) }

// Match returns the route that a call to this method and path is routed to, and false when there is none. The
// path is taken as sent: nothing in it is decoded or cleaned. A path with an empty segment, such as "/me/" or "//me",
// has no route here but one for the rest of a path, although a REST API routes "/me/" like "/me": the policies deny it.
//
// It is for logs and for people. It decides nothing, since API Gateway has the last word on routing.
func (t *Table) Match(method, path string) (Route, bool) {
	path, ok := strings.CutPrefix(path, "/")
	if !ok {
		return Route{}, false
	}
	n := t.Tree().Root.Literals[upper(method)]
	if n == nil {
		return Route{}, false
	}
	e := n.Match(strings.Split(path, "/"))
	if e == nil {
		return Route{}, false
	}
	return t.routes[e.Route], true
}

// HasEmptySegment reports whether a path, given without its leading slash, has a slash at its end or two in a row. The
// root, which is empty, has none.
func HasEmptySegment(path string) bool {
	return strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//")
}

// upper returns a method in upper case, or as it is where that could turn a foreign letter into one of ours.
func upper(method string) string {
	for i := range len(method) {
		if method[i] >= utf8.RuneSelf {
			return method
		}
	}
	return strings.ToUpper(method)
}
