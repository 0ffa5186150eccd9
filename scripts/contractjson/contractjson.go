// Package contractjson reads contract.json, the API's contract as the build has compiled it. The local stack, the smoke
// test and the demo read this file and never the OpenAPI document: two readers of one document will differ one day.
//
// What a caller needs is read from x-authorizer-rule alone; security and the schemes are not interpreted.
package contractjson

import (
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Access is who decides about a route. The zero value is none of them.
type Access string

// The values of access in x-authorizer-rule.
const (
	Public Access = "public" // nobody: anybody may call it
	Token  Access = "token"  // the authorizer
	IAM    Access = "iam"    // API Gateway, by the caller's signature
)

// AnyMethod is the method of a route that serves every method without a route of its own.
const AnyMethod = "ANY"

// Route is one operation of the contract.
type Route struct {
	Method, Template string
	OperationID      string // empty if it has none
	Access           Access
	AnyOf            []routes.AllOf // what a token must grant, if Access is Token; an empty entry is any valid token
	APIKey           bool           // API Gateway asks for a key of a usage plan as well
}

// Contract is the content of contract.json.
type Contract struct {
	Title, Version string
	PerRoute       bool          // results are cached per route
	Scopes, Groups []string      // all that its rules name, sorted
	Claims         []string      // all that its rules read, sorted
	Routes         []Route       // sorted by template, then by method
	Connect        *routes.Rule  // of WebSocket handshakes; nil if they are refused
	table          *routes.Table // of the routes that are not IAM's
	router         *apigateway.Router
}

// ErrContract reports that a file is not a contract.json that this version can read.
var ErrContract = errors.New("not a compiled contract")

type ruleJSON struct {
	Access Access         `json:"access"`
	AnyOf  []routes.AllOf `json:"any_of"`
	APIKey bool           `json:"api_key"`
	Text   string         `json:"text"` // for people, see the page; not read here
}

type operationJSON struct {
	OperationID string         `json:"operationId"`
	Rule        jsontext.Value `json:"x-authorizer-rule"`
}

// verbs are the members of a path that are operations, and their methods.
var verbs = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	"x-amazon-apigateway-any-method": AnyMethod,
}

// IsCompiled reports whether data is a contract.json rather than an OpenAPI document: the build writes x-authorizer at
// the top, and refuses a document that has it.
func IsCompiled(data []byte) bool {
	var top struct {
		Summary *struct{} `json:"x-authorizer"`
	}
	return json.Unmarshal(data, &top) == nil && top.Summary != nil
}

// Parse reads contract.json. Anything that it does not understand is an error: nothing may become public by mistake.
func Parse(data []byte) (*Contract, error) {
	var document struct {
		Info struct {
			Title   string `json:"title"`
			Version string `json:"version"`
		} `json:"info"`
		Paths   map[string]map[string]operationJSON `json:"paths"`
		Summary *struct {
			Caching string         `json:"caching"`
			Scopes  []string       `json:"scopes"`
			Groups  []string       `json:"groups"`
			Claims  []string       `json:"claims"`
			Grants  jsontext.Value `json:"grants"`
			Connect jsontext.Value `json:"connect"`
		} `json:"x-authorizer"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContract, err)
	}
	if document.Summary == nil {
		return nil, fmt.Errorf("%w: it has no x-authorizer; cognito-authorizer build writes contract.json", ErrContract)
	}
	c := &Contract{Title: document.Info.Title, Version: document.Info.Version, Scopes: document.Summary.Scopes, Groups: document.Summary.Groups, Claims: document.Summary.Claims}
	var problems []error
	o := routes.Options{}
	switch document.Summary.Caching {
	case "stage":
	case "route":
		c.PerRoute, o.Mode = true, routes.PerRoute
	default:
		problems = append(problems, fmt.Errorf("caching %q is unknown", document.Summary.Caching))
	}
	if grants := document.Summary.Grants; grants != nil {
		if err := json.Unmarshal(grants, &o.Grants, json.RejectUnknownMembers(true)); err != nil {
			problems = append(problems, fmt.Errorf("grants: %w", err))
		}
	}
	if connect := document.Summary.Connect; connect != nil {
		_, rule, err := readRule(connect)
		if err != nil {
			problems = append(problems, fmt.Errorf("$connect: %w", err))
		}
		c.Connect, o.Connect = &rule, rule
	}
	var decided []routes.Route
	for template, operations := range document.Paths {
		for verb, operation := range operations {
			method := verbs[verb]
			if method == "" {
				problems = append(problems, fmt.Errorf("%s: the method %q is unknown", template, verb))
				continue
			}
			written, rule, err := readRule(operation.Rule)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", method, template, err))
				continue
			}
			c.Routes = append(c.Routes, Route{
				Method: method, Template: template, OperationID: operation.OperationID,
				Access: written.Access, AnyOf: written.AnyOf, APIKey: written.APIKey,
			})
			if written.Access != IAM {
				decided = append(decided, routes.Route{Method: method, Template: template, Rule: rule})
			}
		}
	}
	slices.SortFunc(c.Routes, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Template, b.Template), strings.Compare(a.Method, b.Method))
	})
	if len(c.Routes) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("it has no paths"))
	}
	var err error
	if len(problems) == 0 && len(decided) > 0 {
		if c.table, err = routes.New(decided, o); err != nil {
			problems = append(problems, err)
		}
	}
	keys := make([]apigateway.RouteKey, len(c.Routes))
	for i, r := range c.Routes {
		keys[i] = apigateway.RouteKey{Method: r.Method, Template: r.Template}
	}
	if c.router, err = apigateway.NewRouter(apigateway.REST, keys); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrContract, errors.Join(problems...))
	}
	return c, nil
}

// Find returns the route that a REST API routes a call to. The path may also be a template, whose parameters may have other
// names.
func (c *Contract) Find(method, path string) (Route, bool) {
	i, found := c.router.Match(method, path)
	if !found {
		return Route{}, false
	}
	return c.Routes[i], true
}

// readRule reads x-authorizer-rule. It refuses a member that it does not know: ignoring a condition would let more
// callers in. The rule of a route for IAM is the zero rule.
func readRule(value jsontext.Value) (ruleJSON, routes.Rule, error) {
	if value == nil {
		return ruleJSON{}, routes.Rule{}, errors.New("it has no x-authorizer-rule")
	}
	var r ruleJSON
	if err := json.Unmarshal(value, &r, json.RejectUnknownMembers(true)); err != nil {
		return ruleJSON{}, routes.Rule{}, fmt.Errorf("x-authorizer-rule: %w", err)
	}
	switch {
	case r.Access == Public && len(r.AnyOf) == 0:
		return r, routes.Rule{Public: true}, nil
	case r.Access == Token && len(r.AnyOf) > 0:
		return r, routes.Rule{AnyOf: r.AnyOf}, nil
	case r.Access == IAM && len(r.AnyOf) == 0:
		return r, routes.Rule{}, nil
	}
	return ruleJSON{}, routes.Rule{}, fmt.Errorf("x-authorizer-rule: access %q with %d alternatives has no meaning", string(r.Access), len(r.AnyOf))
}

// Table returns the route table of the contract; nil if every route is IAM's. It carries no contract digest.
func (c *Contract) Table() *routes.Table { return c.table }
