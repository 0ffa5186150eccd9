package contract

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// values holds the constraints on a path parameter's values by its schema.
type values struct {
	enum     []string
	patterns []*regexp.Regexp // each must match
	min, max int              // length in characters; max 0 means unlimited
}

// Excludes reports whether the schema excludes the literal as a value.
func (v *values) Excludes(literal string) bool {
	n := utf8.RuneCountInString(literal)
	return v.enum != nil && !slices.Contains(v.enum, literal) || n < v.min || v.max > 0 && n > v.max ||
		slices.ContainsFunc(v.patterns, func(p *regexp.Regexp) bool { return !p.MatchString(literal) })
}

// Types and formats that exclude literals. They are as wide as the formats allow, so that no value is excluded that a validator would
// accept.
var typePatterns = map[string]*regexp.Regexp{
	"integer": regexp.MustCompile(`^[+-]?[0-9]+(\.0+)?([eE][+-]?[0-9]+)?$`),
	"number":  regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`),
	"boolean": regexp.MustCompile(`^(?i:true|false|0|1)$`),
	"uuid":    regexp.MustCompile(`^(?i)\{?(urn:uuid:)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$`),
	"date":    regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
}

// keptPlaces are the places of parameters that contract.json keeps: API Gateway's request validators read all three.
var keptPlaces = []string{"path", "query", "header"}

// readParameters returns the parameters of an operation and its path for contract.json, and the constraints on path parameters. An
// operation's parameter replaces one of its path.
func (c *compiler) readParameters(operation, item *node) (kept []any, known map[string]routes.Values) {
	index := map[string]int{} // place and name → in kept
	known = map[string]routes.Values{}
	for _, from := range []*node{item, operation} {
		given := from.get("parameters")
		if !given.is(list) {
			continue
		}
		for _, n := range given.items {
			n, err := c.resolve(n)
			if err != nil || n.kind != object {
				continue // an external reference, which is not needed
			}
			name, place := n.get("name").text(), n.get("in").text()
			if name == "" || !slices.Contains(keptPlaces, place) {
				continue
			}
			schema, err := c.resolve(n.get("schema"))
			if err != nil {
				schema = n // Swagger 2.0 has the type next to the name; OpenAPI 3 has not
			}
			one := map[string]any{"name": name, "in": place, "required": place == "path" || n.get("required").isTrue(), "schema": keptSchema(schema)}
			if d := n.get("description").text(); d != "" {
				one["description"] = d
			}
			key := place + " " + name
			if i, twice := index[key]; twice {
				kept[i] = one
			} else {
				index[key] = len(kept)
				kept = append(kept, one)
			}
			if place == "path" {
				delete(known, name)
				if v := valuesOf(schema); v != nil {
					known[name] = v
				}
			}
		}
	}
	return kept, known
}

// keptSchema returns what a form for the parameter needs of its schema.
func keptSchema(schema *node) map[string]any {
	kept := map[string]any{"type": "string"}
	if types := typesOf(schema); len(types) > 0 && slices.Contains([]string{"string", "integer", "number", "boolean", "array"}, types[0]) {
		kept["type"] = types[0]
	}
	if kept["type"] == "array" {
		kept["items"] = map[string]any{"type": "string"}
	}
	for _, name := range []string{"format", "pattern", "minimum", "maximum"} {
		if n := schema.get(name); n.is(text) || n.is(number) {
			kept[name] = scalarValue(n)
		}
	}
	if enum := schema.get("enum"); enum.is(list) {
		var all []any
		for _, n := range enum.items {
			if n.kind == text || n.kind == number {
				all = append(all, scalarValue(n))
			}
		}
		kept["enum"] = all
	}
	return kept
}

// typesOf returns the types of a schema, of which OpenAPI 3.1 allows several.
func typesOf(schema *node) []string {
	n := schema.get("type")
	if n.is(text) {
		return []string{n.value}
	}
	var all []string
	if n.is(list) {
		for _, item := range n.items {
			if item.text() != "null" {
				all = append(all, item.text())
			}
		}
	}
	return all
}

// valuesOf returns the constraints of a schema on a string in a path, or nil if it has none that this package understands.
func valuesOf(schema *node) routes.Values {
	if !schema.is(object) {
		return nil
	}
	v := &values{}
	types := typesOf(schema)
	if len(types) > 1 || len(types) == 1 && (types[0] == "array" || types[0] == "object") {
		return nil
	}
	if len(types) == 1 && typePatterns[types[0]] != nil {
		v.patterns = append(v.patterns, typePatterns[types[0]])
	}
	if format := schema.get("format").text(); format == "uuid" || format == "date" {
		v.patterns = append(v.patterns, typePatterns[format])
	}
	if p := schema.get("pattern").text(); p != "" && !strings.Contains(p, `\c`) {
		if compiled, err := regexp.Compile(p); err == nil { // other patterns are valid in ECMA-262 only
			v.patterns = append(v.patterns, compiled)
		}
	}
	if enum := schema.get("enum"); enum.is(list) {
		v.enum = []string{}
		for _, n := range enum.items {
			if n.kind != text && n.kind != number && n.kind != boolean {
				return nil
			}
			v.enum = append(v.enum, n.value)
		}
	}
	v.min, v.max = length(schema.get("minLength")), length(schema.get("maxLength"))
	if v.enum == nil && v.patterns == nil && v.min == 0 && v.max == 0 {
		return nil
	}
	return v
}

// length returns a number of characters, or 0 if n is not a whole number.
func length(n *node) int {
	if !n.is(number) {
		return 0
	}
	size, err := strconv.ParseUint(n.value, 10, 20)
	if err != nil {
		return 0
	}
	return int(size)
}

// scalarValue returns a string or a number for encoding/json.
func scalarValue(n *node) any {
	if n.kind == number {
		return json.Number(n.value)
	}
	return n.value
}
