package prove

import (
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// kind orders the segments of templates: where two routes fit a path, the one with the smaller kind at the
// first difference wins.
type kind int

const (
	literal kind = iota
	parameter
	rest // {name+}
)

type part struct {
	kind kind
	text string // of a literal
}

// route is a route as API Gateway sees it.
type route struct {
	routes.Route
	index int // in the gateway
	parts []part
	wild  []string        // pattern, if it has a "*"; else nil
	calls map[string]bool // method → whether calls under it can be routed here, see under

	of *route // the route of which this is a caller's own item; else nil
}

func newRoute(index int, r routes.Route) *route {
	made := &route{Route: r, index: index}
	for text := range strings.SplitSeq(strings.TrimPrefix(r.Template, "/"), "/") {
		switch {
		case strings.HasSuffix(text, "+}"):
			made.parts = append(made.parts, part{kind: rest})
		case strings.HasSuffix(text, "}"):
			made.parts = append(made.parts, part{kind: parameter})
		default:
			made.parts = append(made.parts, part{kind: literal, text: text})
		}
	}
	if pattern := made.pattern(); slices.Contains(pattern, "*") {
		made.wild = pattern
	}
	return made
}

// gateway routes calls as API Gateway does.
type gateway []*route

// serve returns the route that a call is routed to, or nil. The path is used as it is sent. A slash at its
// end does not count: so it is for REST, and for HTTP APIs such a path has no route, which is the easier
// case. A path that fits several routes goes to the one with a literal, then a parameter, at the first
// segment in which they differ; of two with the same path, to the one that names the method.
func (g gateway) serve(method, path string) *route {
	segments := split(path)
	var best *route
	for _, r := range g {
		if (r.Method == method || r.Method == "ANY") && r.fits(segments) && (best == nil || r.precedes(best)) {
			best = r
		}
	}
	return best
}

func split(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path != "" {
		path = strings.TrimSuffix(path, "/")
	}
	return strings.Split(path, "/")
}

func (r *route) fits(segments []string) bool {
	for i, p := range r.parts {
		switch {
		case i >= len(segments):
			return false
		case p.kind == rest:
			return strings.Join(segments[i:], "/") != ""
		case p.kind == parameter && segments[i] == "", p.kind == literal && segments[i] != p.text:
			return false
		}
	}
	return len(r.parts) == len(segments)
}

func (r *route) precedes(other *route) bool {
	mine, others := r.base(), other.base()
	for i := range min(len(mine.parts), len(others.parts)) {
		if mine.parts[i].kind != others.parts[i].kind {
			return mine.parts[i].kind < others.parts[i].kind
		}
	}
	if (r.Method == "ANY") != (other.Method == "ANY") {
		return other.Method == "ANY"
	}
	return mine == others && r.of != nil && other.of == nil
}

// reaches reports whether a pattern in which each "*" is one segment or more has a call in common with the
// route. It ignores precedence, so the result may be true for calls that another route serves.
func reaches(pattern []string, parts []part) bool {
	fits := func(token string, p part) bool {
		return token == "*" || p.kind == literal && token == p.text || p.kind != literal && token != ""
	}
	row := make([]bool, len(parts)+1) // row[j]: the tokens so far and the first j parts have a call in common
	row[0] = true
	for _, token := range pattern {
		next := make([]bool, len(parts)+1)
		for j, p := range parts {
			next[j+1] = fits(token, p) && (row[j] || token == "*" && next[j] || p.kind == rest && row[j+1])
		}
		row = next
	}
	return row[len(parts)]
}

// pattern returns the segments of a template with "*" for each parameter.
func (r *route) pattern() []string {
	var all []string
	for _, p := range r.parts {
		if p.kind == literal {
			all = append(all, p.text)
		} else {
			all = append(all, "*")
		}
	}
	return all
}

// methods are all that API Gateway serves.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// methods returns the methods under which a route is called.
func (r *route) methods() []string {
	if r.Method != "ANY" {
		return []string{r.Method}
	}
	return methods
}

// under reports whether calls with this method and a path of the route can be routed to it.
func (g gateway) under(r *route, method string) bool {
	under, known := r.calls[method]
	if !known {
		if r.calls == nil {
			r.calls = make(map[string]bool)
		}
		under = g.findUnder(r, method)
		r.calls[method] = under
	}
	return under
}

func (g gateway) findUnder(r *route, method string) bool {
	if r.Method != "ANY" {
		return r.Method == method
	}
	return !slices.ContainsFunc(g, func(o *route) bool { return o.of == nil && o.Method == method && slices.Equal(o.parts, r.base().parts) })
}
