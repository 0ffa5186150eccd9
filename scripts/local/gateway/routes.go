package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// ErrDocument reports that an OpenAPI document cannot be served.
var ErrDocument = errors.New("the OpenAPI document cannot be served")

// resource is one path of the document with its methods, what API Gateway calls a resource.
type resource struct {
	template string // as in the document
	parts    []part // of the template, one a segment
	methods  map[string]operation
}

// operation is one method of a resource.
type operation struct {
	name   string // operationId
	public bool   // no authorizer is asked
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

// loadRoutes reads the paths of an OpenAPI document and, for each operation, whether it is public. It does not
// judge the rest of the document.
func loadRoutes(path string) ([]resource, error) {
	document, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDocument, path, err)
	}
	var routes []resource
	var problems []error
	for template, item := range document.Paths.Map() {
		parts, err := parseTemplate(template)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		r := resource{template: template, parts: parts, methods: map[string]operation{}}
		for method, op := range item.Operations() {
			security := op.Security
			if security == nil {
				security = &document.Security
			}
			public, err := isPublic(*security)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", method, template, err))
			}
			r.methods[method] = operation{name: op.OperationID, public: public}
		}
		routes = append(routes, r)
	}
	// Two templates that match the same paths would make the answer depend on their order.
	slices.SortFunc(routes, func(a, b resource) int { return cmp.Compare(a.template, b.template) })
	for i, a := range routes {
		for _, b := range routes[i+1:] {
			if slices.EqualFunc(a.parts, b.parts, func(x, y part) bool { return x.kind == y.kind && (x.kind != literal || x.text == y.text) }) {
				problems = append(problems, fmt.Errorf("%s and %s match the same paths", a.template, b.template))
			}
		}
	}
	if len(routes) == 0 {
		problems = append(problems, errors.New("it has no paths"))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s: %w", ErrDocument, path, errors.Join(problems...))
	}
	return routes, nil
}

// isPublic reads a security list: an empty one that is written out means that no token is needed. No list at
// all, on the operation or the document, says nothing, and silence must not open a route.
func isPublic(security openapi3.SecurityRequirements) (bool, error) {
	if security == nil {
		return false, errors.New("no security is stated, neither here nor for the whole document")
	}
	for _, requirement := range security {
		if len(requirement) == 0 {
			return false, errors.New("security that is optional ({}) is not something that API Gateway can do")
		}
	}
	return len(security) == 0, nil
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

// split returns the segments of a path; none for the root. One slash at the end does not count, as API Gateway
// has it. ok is false when the path does not begin with a slash or has an empty segment.
func split(path string) (segments []string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok || rest == "" {
		return nil, ok
	}
	segments = strings.Split(strings.TrimSuffix(rest, "/"), "/")
	return segments, !slices.Contains(segments, "")
}

// match finds the resource for a path as it was sent and the values of its parameters, as they were sent too.
// Segment by segment a literal goes before a parameter, and that before a greedy one. The method plays no
// part: a resource that lacks it does not yield to another that has it.
func match(routes []resource, path string) (best *resource, values map[string]string) {
	segments, ok := split(path)
	if !ok {
		return nil, nil
	}
	for i := range routes {
		r := &routes[i]
		if v, ok := r.match(segments); ok && (best == nil || r.before(best)) {
			best, values = r, v
		}
	}
	return best, values
}

func (r *resource) match(segments []string) (values map[string]string, ok bool) {
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

// before reports whether r is the more specific of two resources that match the same path.
func (r *resource) before(other *resource) bool {
	return slices.CompareFunc(r.parts, other.parts, func(a, b part) int { return cmp.Compare(a.kind, b.kind) }) > 0
}
