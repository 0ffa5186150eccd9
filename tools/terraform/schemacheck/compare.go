package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

type counts struct{ types, arguments, attributes int }

// Terraform's own arguments and blocks, which belong to no provider.
var meta = []string{"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "timeouts"}

type comparison struct {
	known      schema
	deprecated deprecations
	problems   []string
	counts     counts
}

// compare returns everything that is used and not known, not set and required, or deprecated.
func compare(used usage, known schema, deprecated deprecations) ([]string, counts) {
	c := comparison{known: known, deprecated: deprecated}
	c.counts.types = len(used.kinds())
	for _, b := range used.blocks {
		k := known.kinds[b.kind]
		if k == nil {
			c.problem(b.body.SrcRange, "the provider has no %s", b.kind)
			continue
		}
		if message := deprecated[b.kind][""]; message != "" {
			c.problem(b.body.SrcRange, "%s is deprecated: %s", b.kind, message)
		}
		c.body(b.kind, k, k.arguments, "", b.body)
	}
	for _, r := range used.reads {
		k := known.kinds[r.kind]
		if k == nil {
			continue // reported above
		}
		c.counts.attributes++
		if !k.attributes[camelCase(r.attribute)] {
			c.problem(r.at, "%s has no attribute %s", r.kind, r.attribute)
		}
		c.isDeprecated(r.kind, "", r.attribute, r.at)
	}
	slices.Sort(c.problems)
	return slices.Compact(c.problems), c.counts
}

// body compares what is set in a block with its object. path is empty for the kind itself, and otherwise the names of the
// blocks, as in origin.custom_origin_config.
func (c *comparison) body(k kind, schema *kindSchema, objectName, path string, body *hclsyntax.Body) {
	expected, set, at := schema.objects[objectName], map[string]bool{}, under(k.String(), path)
	visit := func(name string, where hcl.Range) (argument, bool) {
		set[name] = true
		c.counts.arguments++
		found, ok := expected[name]
		if !ok {
			c.problem(where, "%s has no argument or block %s", at, name)
		}
		c.isDeprecated(k, path, name, where)
		return found, ok
	}
	for name, attribute := range body.Attributes {
		if !slices.Contains(meta, name) {
			visit(name, attribute.NameRange)
		}
	}
	for _, b := range body.Blocks {
		name, content := b.Type, b.Body
		if name == "dynamic" && len(b.Labels) == 1 {
			name = b.Labels[0]
			for _, inner := range b.Body.Blocks {
				if inner.Type == "content" {
					content = inner.Body
				}
			}
		}
		if slices.Contains(meta, name) {
			continue
		}
		if found, ok := visit(name, b.TypeRange); ok {
			c.body(k, schema, found.object, under(path, name), content)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if expected[name].required && !set[name] {
			c.problem(body.SrcRange, "%s requires %s", at, name)
		}
	}
}

func (c *comparison) isDeprecated(k kind, path, name string, where hcl.Range) {
	if message := c.deprecated[k][place(path, name)]; message != "" {
		c.problem(where, "%s is deprecated: %s", under(k.String(), under(path, name)), message)
	}
}

// under joins a path and what is below it; one of them may be empty.
func under(path, name string) string { return strings.Trim(path+"."+name, ".") }

func (c *comparison) problem(at hcl.Range, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("%s:%d: ", at.Filename, at.Start.Line)+fmt.Sprintf(format, args...))
}
