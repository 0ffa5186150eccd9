package apigateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// AnyMethod is the method of a route that serves every method for which its path has no route of its own.
const AnyMethod = "ANY"

// Flavor is a type of API, as far as routing differs.
type Flavor int

// Flavors.
const (
	REST Flavor = iota // one slash at the end of a path is ignored
	HTTP               // a path with a slash at its end is another path
)

// RouteKey names a route: a method in upper case, or [AnyMethod], and a template such as /users/{username} or
// /files/{path+}.
type RouteKey struct{ Method, Template string }

func (k RouteKey) String() string { return k.Method + " " + k.Template }

// Router finds the route of a call as API Gateway does: path and method are resolved together, so of the routes that serve
// the method the one with the most specific path is chosen. Segment by segment a literal precedes a parameter, and a
// parameter precedes one for the rest of the path; of two routes with the same path, the one that names the method counts.
//
// Paths are compared as they were sent: nothing is percent-decoded or cleaned. A parameter matches one non-empty segment,
// and a parameter for the rest of the path at least one character.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html documents this for HTTP APIs;
// for REST APIs it was measured (floci-io/floci issue 3399).
type Router struct {
	flavor Flavor
	root   routerNode
	keys   []RouteKey
}

// routerNode is a place in the tree of templates.
type routerNode struct {
	literals  map[string]*routerNode
	parameter *routerNode
	rest      map[string]int // method → index of the route that serves the rest of the path
	methods   map[string]int // method → index of the route that ends here
}

// NewRouter returns a router for the routes. Its error names every invalid template, and every two routes for the same calls.
func NewRouter(flavor Flavor, keys []RouteKey) (*Router, error) {
	r := &Router{flavor: flavor, keys: slices.Clone(keys)}
	var problems []error
	for i, key := range keys {
		if err := r.add(i, key); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", key, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return r, nil
}

var errTemplate = errors.New("a path begins with /, has no empty segment, and has parameters only as whole segments; {name+} comes last")

func (r *Router) add(index int, key RouteKey) error {
	segments, err := splitTemplate(key.Template)
	if err != nil {
		return err
	}
	at := &r.root
	methods := &at.methods
	for _, s := range segments {
		name, isParameter := parameterOf(s)
		switch {
		case isParameter && strings.HasSuffix(name, "+"):
			methods = &at.rest
			continue // it is the last segment
		case isParameter:
			if at.parameter == nil {
				at.parameter = &routerNode{}
			}
			at = at.parameter
		default:
			if at.literals == nil {
				at.literals = map[string]*routerNode{}
			}
			if at.literals[s] == nil {
				at.literals[s] = &routerNode{}
			}
			at = at.literals[s]
		}
		methods = &at.methods
	}
	if *methods == nil {
		*methods = map[string]int{}
	}
	if other, twice := (*methods)[key.Method]; twice {
		return fmt.Errorf("it serves the same calls as %s", r.keys[other])
	}
	(*methods)[key.Method] = index
	return nil
}

// splitTemplate returns the segments of a template: one empty segment for the root.
func splitTemplate(template string) ([]string, error) {
	path, ok := strings.CutPrefix(template, "/")
	if !ok {
		return nil, errTemplate
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		name, isParameter := parameterOf(s)
		greedy := strings.HasSuffix(name, "+")
		switch {
		case s == "" && len(segments) > 1, !isParameter && strings.ContainsAny(s, "{}"),
			isParameter && strings.TrimSuffix(name, "+") == "", isParameter && strings.ContainsAny(name, "{}"),
			greedy && isParameter && i < len(segments)-1:
			return nil, errTemplate
		}
	}
	return segments, nil
}

// parameterOf returns what stands between the braces of a segment such as {name} or {name+}, and whether it is one.
func parameterOf(segment string) (name string, ok bool) {
	name, opened := strings.CutPrefix(segment, "{")
	name, closed := strings.CutSuffix(name, "}")
	return name, opened && closed
}

// Match returns the index of the route that a call is routed to. The path begins with a slash and has no query.
func (r *Router) Match(method, path string) (index int, ok bool) {
	path, ok = r.cut(path)
	if !ok {
		return 0, false
	}
	return r.root.match(method, path, false)
}

// cut returns the path without its first slash and, where it does not count, its last.
func (r *Router) cut(path string) (string, bool) {
	path, ok := strings.CutPrefix(path, "/")
	if ok && r.flavor == REST {
		path = strings.TrimSuffix(path, "/")
	}
	return path, ok
}

// match looks for a route in a subtree, most specific first. path holds the segments below n; ended means that there are none.
func (n *routerNode) match(method, path string, ended bool) (index int, ok bool) {
	if ended {
		return lookup(n.methods, method)
	}
	segment, below, more := strings.Cut(path, "/")
	if next := n.literals[segment]; next != nil {
		if index, ok := next.match(method, below, !more); ok {
			return index, true
		}
	}
	if n.parameter != nil && segment != "" {
		if index, ok := n.parameter.match(method, below, !more); ok {
			return index, true
		}
	}
	if path != "" {
		return lookup(n.rest, method)
	}
	return 0, false
}

func lookup(methods map[string]int, method string) (index int, ok bool) {
	if index, ok = methods[method]; !ok {
		index, ok = methods[AnyMethod]
	}
	return index, ok
}

// Values returns the values of the path parameters of a route for a path that was matched to it, as they were sent.
func (r *Router) Values(index int, path string) map[string]string {
	path, _ = r.cut(path)
	values := map[string]string{}
	template := strings.Split(strings.TrimPrefix(r.keys[index].Template, "/"), "/")
	for i, value := range strings.SplitN(path, "/", len(template)) {
		if name, ok := parameterOf(template[i]); ok {
			values[strings.TrimSuffix(name, "+")] = value
		}
	}
	return values
}
