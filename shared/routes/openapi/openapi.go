// Package openapi compiles the OpenAPI document of an API into its route table.
//
// It reads OpenAPI 3.0 and 3.1. Of an operation it reads the method, the path and "security", as the
// standard defines it (https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object): a list is any
// of, an object in it is all of. A scheme of type oauth2 or openIdConnect lists scopes, all of them
// required; one of type http with the scheme bearer lists roles, which are Cognito groups here, all of them
// required too. What the authorizer cannot check, such as an API key, is refused. An empty list is public, and
// so is a list with an empty object in it. An operation without security takes the document's, which also says
// who may open a WebSocket.
//
// Two extensions count: x-amazon-apigateway-any-method, API Gateway's own, is an operation for every method
// that the path does not name; and x-authorizer-caching at the top of the document, "stage" or "route", says
// how API Gateway is to keep the authorizer's answers ([routes.Mode]).
//
// The package is for build time. It links a YAML and an OpenAPI library, which the authorizer must not.
package openapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
)

// ErrContract says that a document is not one that a table can be compiled from.
var ErrContract = errors.New("contract refused")

const (
	cachingExtension = "x-authorizer-caching"
	anyMethod        = "x-amazon-apigateway-any-method"
)

// Compile reads the OpenAPI document at a path and gives its route table, after checking that the policies of
// the table are right for every class of callers. It also gives warnings, one sentence each: what the
// policies rest on, and what a resource policy of the API could undo.
//
// It refuses a document with all its problems at once, one a line, each with the file, the line and the
// routes. Errors: those of the file system, [ErrContract], and those of [routes.New], [routes.Table.Check]
// and [prove.Check].
func Compile(path string) (*routes.Table, []string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	c := &compiler{file: path, lines: map[string]int{}}
	table := c.compile(data)
	if err := c.refused(); err != nil {
		return nil, nil, err
	}
	warnings, err := table.Check()
	if err != nil {
		return nil, nil, c.locate(err)
	}
	report, err := prove.Check(table)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, w := range report.Warnings {
		warnings = append(warnings, c.at(w.Forbidden.String(), w.Text))
	}
	return table, warnings, nil
}

// compiler holds the state of one compilation.
type compiler struct {
	file     string
	schemes  openapi3.SecuritySchemes
	lines    map[string]int // route → line
	problems []problem

	provider, providerScheme string // the one provider of tokens, and the first scheme that names it
}

// problem is a reason to refuse the document. Line 0 is that of the document as a whole.
type problem struct {
	line int
	err  error
}

// refuse notes a problem at a line.
func (c *compiler) refuse(line int, format string, args ...any) {
	err := fmt.Errorf("%s: %w: %w", c.place(line), ErrContract, fmt.Errorf(format, args...))
	c.problems = append(c.problems, problem{line, err})
}

// refuseEach notes each of several errors that were joined.
func (c *compiler) refuseEach(line int, where string, err error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			c.refuseEach(line, where, e)
		}
		return
	}
	c.refuse(line, "%s: %w", where, err)
}

// refused gives the problems in the order of their lines, or nil.
func (c *compiler) refused() error {
	slices.SortStableFunc(c.problems, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for _, p := range c.problems {
		all = append(all, p.err)
	}
	return errors.Join(all...)
}

func (c *compiler) place(line int) string {
	if line == 0 {
		return c.file
	}
	return fmt.Sprintf("%s:%d", c.file, line)
}

func (c *compiler) at(route, text string) string { return c.place(c.lines[route]) + ": " + text }

func (c *compiler) compile(data []byte) *routes.Table {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	// The library reads JSON without lines and without minding a name that stands twice. The comment makes it
	// read JSON as the YAML that it also is.
	data = append(bytes.Clone(data), "\n# end\n"...)
	doc, err := loader.LoadFromDataWithPath(data, &url.URL{Path: filepath.ToSlash(c.file)})
	if err != nil {
		c.refuse(0, "%s", strings.ReplaceAll(err.Error(), "\n", " "))
		return nil
	}
	if doc.OpenAPIMajorMinor() != "3.0" && doc.OpenAPIMajorMinor() != "3.1" {
		c.refuse(lineOf(doc.Origin, "openapi"), "openapi %q: want 3.0 or 3.1", doc.OpenAPI)
		return nil
	}
	c.checkNames(doc.Origin, doc.Extensions)
	if doc.Components != nil {
		c.schemes = doc.Components.SecuritySchemes
	}
	o := routes.Options{Mode: c.mode(doc)}
	fallback := c.documentRule(doc, &o)
	var all []routes.Route
	paths := slices.Collect(maps.Keys(doc.Paths.Map()))
	slices.SortFunc(paths, func(a, b string) int { // as they stand in the document, for the order of the problems
		return cmp.Or(cmp.Compare(lineOf(doc.Paths.Origin, a), lineOf(doc.Paths.Origin, b)), cmp.Compare(a, b))
	})
	for _, path := range paths {
		all = append(all, c.operations(path, doc.Paths.Value(path), fallback, all)...)
	}
	if len(all) == 0 && len(c.problems) == 0 {
		c.refuse(lineOf(doc.Origin, "paths"), "it describes no operation")
	}
	if len(c.problems) > 0 {
		return nil
	}
	table, err := routes.New(all, o)
	if err != nil {
		c.refuse(0, "%w", err) // not reached: each of them was checked before
	}
	return table
}

func (c *compiler) mode(doc *openapi3.T) routes.Mode {
	value, present := doc.Extensions[cachingExtension]
	switch {
	case !present || value == "stage":
		return routes.PerStage
	case value == "route":
		return routes.PerRoute
	}
	c.refuse(lineOf(doc.Origin, cachingExtension), `%s: %v: want "stage" or "route"`, cachingExtension, value)
	return routes.PerStage
}

// documentRule gives the rule for operations without one, or nil. It is the rule of the handshake too.
func (c *compiler) documentRule(doc *openapi3.T, o *routes.Options) *routes.Rule {
	line := lineOf(doc.Origin, "security")
	if doc.Security == nil {
		if line != 0 {
			c.refuse(line, "security is empty: write [] if the API is public")
			return &routes.Rule{} // so that the operations are not refused for it as well
		}
		return nil
	}
	o.Connect = c.rule("the document", line, doc.Security)
	return &o.Connect
}

// operations gives the routes of one path. The routes before it are those that it must not repeat.
func (c *compiler) operations(path string, item *openapi3.PathItem, fallback *routes.Rule, before []routes.Route) []routes.Route {
	c.checkNames(item.Origin, item.Extensions, anyMethod)
	operations := item.Operations()
	if extension, present := item.Extensions[anyMethod]; present {
		operation, err := operationOf(extension)
		if err != nil {
			c.refuse(lineOf(item.Origin, anyMethod), "%s of %s: %w", anyMethod, path, err)
			return nil
		}
		operations["ANY"] = operation
	}
	var all []routes.Route
	for _, method := range slices.Sorted(maps.Keys(operations)) {
		operation := operations[method]
		name := strings.ToLower(method)
		if method == "ANY" {
			name = anyMethod
		}
		r := routes.Route{Method: method, Template: path}
		line := lineOf(item.Origin, name)
		c.checkNames(operation.Origin, operation.Extensions)
		c.lines[r.String()] = line
		switch written := lineOf(operation.Origin, "security"); {
		case operation.Security != nil:
			r.Rule = c.rule(r.String(), max(line, written), *operation.Security)
		case written != 0:
			c.refuse(written, "%s: security is empty: write [] if the route is public", r)
		case fallback != nil:
			r.Rule = *fallback
		default:
			c.refuse(line, "%s has no security, and the document has none to fall back on: write [] if the route is public", r)
		}
		c.checkRoute(r, line, slices.Concat(before, all))
		all = append(all, r)
	}
	return all
}

// checkRoute refuses what the table would refuse, with the line.
func (c *compiler) checkRoute(r routes.Route, line int, before []routes.Route) {
	r.Rule = routes.Rule{Public: true} // the rule was checked by itself
	if err := r.Check(); err != nil {
		c.refuseEach(line, r.String(), err)
	}
	for _, other := range before {
		other.Rule = r.Rule
		if r.Same(other) {
			c.refuse(line, "%w: %s and %s in line %d", routes.ErrDuplicate, r, other, c.lines[other.String()])
		}
	}
}

// checkNames refuses a name that the standard does not know: "securty" would otherwise be no rule at all,
// and "GET" no operation.
func (c *compiler) checkNames(origin *openapi3.Origin, extensions map[string]any, known ...string) {
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		if !strings.HasPrefix(name, "x-") && !slices.Contains(known, name) {
			c.refuse(lineOf(origin, name), "%q is no name that OpenAPI has there", name)
		}
	}
}

// lineOf gives the line of a field, or of what holds the field, or 0.
func lineOf(origin *openapi3.Origin, field string) int {
	if origin == nil {
		return 0
	}
	return origin.Fields.Get(field).Line
}
