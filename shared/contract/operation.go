package contract

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// operation is one operation of contract.json.
type operation struct {
	method   string // as in a route: in upper case, or ANY
	verb     string // as in the document
	template string
	access   *access
	carried  map[string]any // members of the operation that contract.json keeps
}

// methods are the keys of a path item that are operations, with the methods of their routes.
var methods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	"trace": "TRACE", extAnyMethod: "ANY",
}

var (
	pathItemKeys  = []string{"$ref", "summary", "description", "servers", "parameters", "query", "additionalOperations"}
	operationKeys = []string{"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "callbacks",
		"deprecated", "security", "servers", "consumes", "produces", "schemes"}
	methodKeys = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
)

// maxOperations bounds the work for one API. By default API Gateway has 300 resources in a REST API and 300 routes in an HTTP API; both
// can be raised. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const maxOperations = 5000

func (c *compiler) refuseSize(what string, at position) {
	c.refuse("too-large", at, "", fmt.Sprintf("the document has more than %d %s, and API Gateway has 300 resources or routes in an API unless the quota is raised", maxOperations, what),
		"Split the API")
}

// readPaths reads every operation. standard is what the document's own security means, nil if it has none.
func (c *compiler) readPaths(standard *access) {
	paths := c.root.get("paths")
	if paths == nil {
		return
	}
	if paths.kind != object {
		c.refuse("paths", paths.at, "", fmt.Sprintf("paths is %s, not an object", paths.kind), "Write the paths as its keys")
		return
	}
	c.shapes = map[string]string{}
	if len(paths.members) > maxOperations {
		c.refuseSize("paths", paths.at)
		return
	}
	for _, path := range paths.members {
		if strings.HasPrefix(path.name, "x-") {
			c.checkOwn(path, "", "")
			c.checkLost(path, "", "at paths")
			continue
		}
		if beside := methodBeside(path.value); beside != nil {
			c.refuse("path-reference", beside.at, path.name, fmt.Sprintf("the path has %s beside a $ref, and readers of OpenAPI disagree on which counts", beside.name), "Write the whole path in one place")
			continue
		}
		item, err := c.resolve(path.value)
		if err != nil {
			c.refuse("path-reference", path.at, path.name, "the path cannot be read: "+err.Error(), "Bundle the document into one file first")
			continue
		}
		if item.kind != object {
			c.refuse("paths", path.at, path.name, fmt.Sprintf("the path is %s, not an object", item.kind), "Write its methods as keys")
			continue
		}
		if c.readPathItem(path, item, standard); c.count > maxOperations {
			c.refuseSize("operations", path.at)
			return
		}
	}
}

// methodBeside returns an operation beside the $ref of a path item, or nil.
func methodBeside(item *node) *member {
	if item.get("$ref") == nil {
		return nil
	}
	for i, m := range item.members {
		if methods[m.name] != "" {
			return &item.members[i]
		}
	}
	return nil
}

func (c *compiler) readPathItem(path member, item *node, standard *access) {
	c.checkKeys(item, path.name, append(pathItemKeys, methodKeys...), methodKeys)
	for _, m := range item.members {
		switch m.name {
		case "query", "additionalOperations":
			c.refuse("method", m.at, path.name, fmt.Sprintf("API Gateway has no methods of the kind %q", m.name), "Remove it, or use post")
			continue
		case "security":
			c.refuse("unknown-key", m.at, path.name, "security has no meaning at a path, only at an operation or at the top of the document", "Write it at each operation of the path")
			continue
		}
		method := methods[m.name]
		if method == "" {
			c.checkLost(m, path.name, "at a path")
			if !strings.HasPrefix(m.name, "x-") && (m.value.get("security") != nil || m.value.get("responses") != nil) {
				c.refuse("method", m.at, path.name, fmt.Sprintf("%s is not a method that OpenAPI has", short(m.name)), "Write one of "+strings.Join(methodKeys, ", "))
			}
			continue
		}
		route := routes.Route{Method: method, Template: path.name}
		if m.value.kind != object {
			c.refuse("operation", m.at, route.String(), fmt.Sprintf("the operation is %s, not an object", m.value.kind), "Write {security: …, responses: …}")
			continue
		}
		if ref := m.value.member("$ref"); ref != nil {
			c.refuse("operation", ref.at, route.String(), "the operation is a $ref, which OpenAPI does not have there", "Write the operation itself")
			continue
		}
		if c.count++; c.count > maxOperations {
			return
		}
		c.checkKeys(m.value, route.String(), operationKeys, []string{"security"})
		c.readOperation(m, item, route, standard)
	}
}

func (c *compiler) readOperation(m member, item *node, r routes.Route, standard *access) {
	route := r.String()
	c.positions[route] = m.at
	a := c.accessOf(m, route, standard)
	r.Rule = routes.Rule{Public: true} // the rule is checked by itself
	if err := r.Check(); err != nil {
		for _, one := range split(err) {
			c.refuseFor("route", m.at, route, one, "Change the path or the method, or leave the operation out of the document")
		}
		return
	}
	shape := r.Method + " " + parameter.ReplaceAllString(r.Template, "{$2}")
	if first, twice := c.shapes[shape]; twice {
		c.refuseFor("duplicate", m.at, route, fmt.Errorf("%w: %s and %s", routes.ErrDuplicate, route, c.located(first)),
			"Remove one of them: the names of parameters do not tell routes apart")
		return
	}
	c.shapes[shape] = route
	if a == nil || !c.apply(a, route) {
		return
	}
	kept := c.carriedBy(m.value, route)
	for _, name := range []string{"operationId", "summary"} {
		if value := m.value.get(name).text(); value != "" {
			kept[name] = value
		}
	}
	parameters, values := c.readParameters(m.value, item)
	if len(parameters) > 0 {
		kept["parameters"] = parameters
	}
	c.operations = append(c.operations, &operation{r.Method, m.name, r.Template, a, kept})
	if a.kind == iamAccess {
		c.note("iam", m.at, route, "API Gateway authorizes the route by IAM and does not ask the authorizer", "")
		return
	}
	c.guarded = c.guarded || a.kind == tokenAccess
	r.Rule, r.Values = a.rule, values
	if err := r.CheckOwners(); err != nil {
		for _, one := range split(err) {
			c.refuseFor("owner", a.at, route, one, "Name parameters of this path, or give the operation a security of its own")
		}
		return
	}
	c.routes = append(c.routes, r)
}

// parameter matches a path parameter. Its second group is the + of a parameter for the rest of a path.
var parameter = regexp.MustCompile(`\{([^{}+]*)(\+?)\}`)

// accessOf returns what a caller needs for an operation, or nil if that was refused.
func (c *compiler) accessOf(m member, route string, standard *access) *access {
	public := &access{ok: true, at: m.at, kind: publicAccess, rule: routes.Rule{Public: true}, security: []any{}}
	own := m.value.member("security")
	if auth := m.value.get(extAuth); auth != nil {
		if !strings.EqualFold(auth.get("type").text(), "NONE") {
			c.refuse("extension", auth.at, route, extAuth+" has another type than NONE", "Say it by security, with a scheme of the document")
			return nil
		}
		if own == nil {
			return public
		}
		// A key of a usage plan authorizes nobody, so it is allowed beside NONE. Anything else contradicts it.
		a := c.access(own.value, route)
		if a.ok && a.kind != publicAccess && !a.keyOnly {
			c.refuse("contradiction", auth.at, route, extAuth+" opens the route to everybody, and its security asks for something", "Remove one of them")
			return nil
		}
		public.ok, public.key = a.ok, a.keyOnly
		return public
	}
	integration := m.value.get(extIntegration)
	mock := integration != nil && strings.EqualFold(integration.get("type").text(), "mock") && !usesFunctions(integration) // else it is left out
	switch {
	case own != nil:
		a := c.access(own.value, route)
		return &a
	case m.name == "options" && (standard == nil || mock):
		return public // a CORS preflight, which never carries a token
	case standard != nil:
		return standard
	case c.unsecured:
		return public
	}
	c.refuse("no-security", m.at, route, "the operation has no security, and the document has none to fall back on",
		"Write security: [] if anybody may call it, name a scheme, or write x-authorizer-unsecured: public at the top of the document")
	return nil
}
