package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// ErrContract reports that a contract cannot be served.
var ErrContract = errors.New("the contract cannot be served")

// routeTable holds the routes of a contract.
type routeTable struct {
	routes []route
	router *apigateway.Router // its indexes are those of routes
}

// route is one method of one resource.
type route struct {
	method    string // or contractjson.AnyMethod
	template  string // as in the contract
	name      string // operationId
	access    contractjson.Access
	preflight bool // API Gateway responds itself, with CORS headers
}

// loadRoutes reads the routes of contract.json. With cors, every path that does not serve OPTIONS itself gets a route
// for preflight requests, as Terraform deploys it.
func loadRoutes(contractJSON []byte, cors bool) (*routeTable, error) {
	c, err := contractjson.Parse(contractJSON)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContract, err)
	}
	t := &routeTable{}
	for _, r := range c.Routes {
		t.routes = append(t.routes, route{method: r.Method, template: r.Template, name: r.OperationID, access: r.Access})
	}
	if cors {
		for _, r := range slices.Clone(t.routes) {
			if !slices.ContainsFunc(t.routes, func(o route) bool { return o.method == http.MethodOptions && samePaths(o, r) }) {
				t.routes = append(t.routes, route{method: http.MethodOptions, template: r.template, access: contractjson.Public, preflight: true})
			}
		}
	}
	keys := make([]apigateway.RouteKey, len(t.routes))
	for i, r := range t.routes {
		keys[i] = apigateway.RouteKey{Method: r.method, Template: r.template}
	}
	if t.router, err = apigateway.NewRouter(apigateway.REST, keys); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContract, err)
	}
	return t, nil
}

// match returns the route of a call, nil if there is none, and the values of its path parameters as they were sent.
func (t *routeTable) match(method, path string) (*route, map[string]string) {
	i, ok := t.router.Match(method, path)
	if !ok {
		return nil, nil
	}
	return &t.routes[i], t.router.Values(i, path)
}

var parameterName = regexp.MustCompile(`\{[^}+]*`)

// samePaths reports whether two routes match the same paths, whatever the names of their parameters.
func samePaths(a, b route) bool {
	return parameterName.ReplaceAllString(a.template, "{") == parameterName.ReplaceAllString(b.template, "{")
}
