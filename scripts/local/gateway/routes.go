package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
)

// ErrContract reports that a contract cannot be served.
var ErrContract = errors.New("the contract cannot be served")

// route is one method of one resource.
type route struct {
	method    string // or contractjson.AnyMethod
	template  string // as in the contract
	parts     []part // of the template, one a segment
	name      string // operationId
	access    contractjson.Access
	preflight bool // API Gateway answers it itself, with CORS headers
}

// part is one segment of a template.
type part struct {
	kind kind
	text string // the literal, or the name of the parameter
}

// kind is how a segment matches. The greater one wins.
type kind int

const (
	greedy    kind = iota // {name+}: this segment and all that follow, at least one
	parameter             // {name}: one segment, whatever it says
	literal
)

// loadRoutes reads the routes of contract.json. With cors, every path that does not serve OPTIONS itself gets a route
// for preflight requests, as Terraform deploys it.
func loadRoutes(contractJSON []byte, cors bool) ([]route, error) {
	c, err := contractjson.Parse(contractJSON)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContract, err)
	}
	var routes []route
	var problems []error
	for _, r := range c.Routes {
		parts, err := parseTemplate(r.Template)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		routes = append(routes, route{method: r.Method, template: r.Template, parts: parts, name: r.OperationID, access: r.Access})
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrContract, errors.Join(problems...))
	}
	if cors {
		for _, r := range slices.Clone(routes) {
			if !slices.ContainsFunc(routes, func(o route) bool { return o.method == http.MethodOptions && samePaths(o, r) }) {
				routes = append(routes, route{method: http.MethodOptions, template: r.template, parts: r.parts, access: contractjson.Public, preflight: true})
			}
		}
	}
	return routes, nil
}

// samePaths reports whether two routes match the same paths.
func samePaths(a, b route) bool {
	return slices.EqualFunc(a.parts, b.parts, func(x, y part) bool { return x.kind == y.kind && (x.kind != literal || x.text == y.text) })
}

// parseTemplate splits a path such as /users/{username}. API Gateway takes parameters that are a whole
// segment only, and a greedy one in the last place only.
func parseTemplate(template string) ([]part, error) {
	segments, ok := split(template)
	if !ok {
		return nil, fmt.Errorf("path %q: it must begin with / and have no empty segment", template)
	}
	parts := make([]part, 0, len(segments))
	for i, s := range segments {
		name, isParameter := strings.CutPrefix(s, "{")
		name, closed := strings.CutSuffix(name, "}")
		plain, isGreedy := strings.CutSuffix(name, "+")
		switch {
		case !isParameter && !strings.ContainsAny(s, "{}"):
			parts = append(parts, part{literal, s})
		case !isParameter || !closed || plain == "" || strings.ContainsAny(plain, "{}"):
			return nil, fmt.Errorf("path %q: a parameter must be a whole segment, as in /users/{username}", template)
		case isGreedy && i < len(segments)-1:
			return nil, fmt.Errorf("path %q: {%s} must be the last segment", template, name)
		case isGreedy:
			parts = append(parts, part{greedy, plain})
		default:
			parts = append(parts, part{parameter, name})
		}
	}
	return parts, nil
}

// split returns the segments of a path; none for the root. One slash at the end does not count, as in API
// Gateway. ok is false when the path does not begin with a slash or has an empty segment.
func split(path string) (segments []string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok || rest == "" {
		return nil, ok
	}
	segments = strings.Split(strings.TrimSuffix(rest, "/"), "/")
	return segments, !slices.Contains(segments, "")
}

// match returns the route of a call, nil if there is none, and the values of its path parameters as they were sent.
// Path and method are resolved together: of the routes that serve the method, the one with the most specific path
// counts. Segment by segment, a literal precedes a parameter, and a parameter a greedy one.
func match(routes []route, method, path string) (best *route, values map[string]string) {
	segments, ok := split(path)
	if !ok {
		return nil, nil
	}
	for i := range routes {
		r := &routes[i]
		if r.method != method && r.method != contractjson.AnyMethod {
			continue
		}
		if v, ok := r.match(segments); ok && (best == nil || r.precedes(best)) {
			best, values = r, v
		}
	}
	return best, values
}

func (r *route) match(segments []string) (values map[string]string, ok bool) {
	values = map[string]string{}
	for i, p := range r.parts {
		switch {
		case i >= len(segments):
			return nil, false
		case p.kind == greedy:
			values[p.text] = strings.Join(segments[i:], "/")
			return values, true
		case p.kind == parameter:
			values[p.text] = segments[i]
		case p.text != segments[i]:
			return nil, false
		}
	}
	return values, len(segments) == len(r.parts)
}

// precedes reports whether r counts rather than another route that serves the same call.
func (r *route) precedes(other *route) bool {
	specific := slices.CompareFunc(r.parts, other.parts, func(a, b part) int { return cmp.Compare(a.kind, b.kind) })
	return specific > 0 || specific == 0 && other.method == contractjson.AnyMethod
}
