package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// yamlReader converts the nodes of the YAML library. The library keeps positions and marks merge keys, but leaves duplicate keys, merging
// and aliases to its caller.
type yamlReader struct {
	file     string
	done     map[*yaml.Node]*node
	open     map[*yaml.Node]bool // being read: an alias to one of them would be a cycle
	merged   int                 // members that merge keys name
	forms                        // of merged values
	problems []*syntaxError
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func parseYAML(path string, data []byte) (*node, []*syntaxError) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	whole := position{file: path}
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, []*syntaxError{{at: whole, message: "the file holds no document"}}
	}
	if err != nil {
		message, at := err.Error(), whole
		if found := yamlLine.FindStringSubmatch(message); found != nil {
			message = message[len(found[0]):]
			at.line, _ = strconv.Atoi(found[1])
		}
		return nil, []*syntaxError{{at: at, message: "not valid YAML: " + strings.ReplaceAll(message, "\n", " ")}}
	}
	r := &yamlReader{file: path, done: map[*yaml.Node]*node{}, open: map[*yaml.Node]bool{}}
	root := r.read(document.Content[0], 0)
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		r.problem(&more, "the file holds more than one YAML document", "Keep one")
	}
	return root, r.problems
}

func (r *yamlReader) at(n *yaml.Node) position { return position{r.file, n.Line, n.Column} }

func (r *yamlReader) problem(n *yaml.Node, message, wayOut string) {
	r.problems = append(r.problems, &syntaxError{r.at(n), message, wayOut})
}

// read converts a node of the library. All aliases of it share the result.
func (r *yamlReader) read(n *yaml.Node, depth int) *node {
	if n.Kind == yaml.AliasNode {
		if r.open[n.Alias] {
			r.problem(n, fmt.Sprintf("the alias *%s is inside the value that it refers to", short(n.Value)), "")
			return &node{at: r.at(n)}
		}
		n = n.Alias
	}
	if known := r.done[n]; known != nil {
		return known
	}
	if depth > maxDepth {
		if len(r.problems) == 0 {
			r.problem(n, fmt.Sprintf("%v (at most %d)", errDeep, maxDepth), "")
		}
		return &node{at: r.at(n)}
	}
	r.open[n] = true
	defer delete(r.open, n)
	var made *node
	switch n.Kind {
	case yaml.MappingNode:
		made = &node{kind: object, at: r.at(n)}
		made.members = r.members(n, depth)
	case yaml.SequenceNode:
		made = &node{kind: list, at: r.at(n)}
		for _, item := range n.Content {
			made.items = append(made.items, r.read(item, depth+1))
		}
	default:
		made = r.scalar(n)
	}
	for _, item := range made.items {
		made.height = max(made.height, item.height+1)
	}
	for _, m := range made.members {
		made.height = max(made.height, m.value.height+1)
	}
	if made.height > maxDepth+1 {
		if len(r.problems) == 0 {
			r.problem(n, fmt.Sprintf("%v (at most %d) with their aliases expanded", errDeep, maxDepth), "Use fewer aliases")
		}
		made = &node{at: r.at(n)}
	}
	r.checkTag(n)
	if tag := n.ShortTag(); strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
		// Kept with its tag, so that errors can name the tag and nothing mistakes the value for an untagged one.
		made = &node{kind: tagged, at: r.at(n), value: tag, items: []*node{made}}
	}
	r.done[n] = made
	return made
}

// checkTag refuses a tag that changes what a value is. Only the tags of the core schema are known, each for its own kind of value,
// and local ones (!Sub), which [yamlReader.read] keeps. %TAG can turn "!!seq" into any other tag.
func (r *yamlReader) checkTag(n *yaml.Node) {
	tag := n.ShortTag()
	known := []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"}
	switch n.Kind {
	case yaml.MappingNode:
		known = []string{"!!map"}
	case yaml.SequenceNode:
		known = []string{"!!seq"}
	}
	local := strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!")
	if tag == "!!merge" && n.Value == "<<" {
		return // the value <<, which is a string
	}
	if !local && !slices.Contains(known, tag) {
		r.problem(n, fmt.Sprintf("a value has the YAML tag %s, which has no meaning there", short(tag)), "Remove the tag")
	}
}

// members returns the members of a mapping: its own, and then those of the mappings that it merges.
func (r *yamlReader) members(n *yaml.Node, depth int) []member {
	var all []member
	own := map[string]position{}
	values := map[string]*node{} // of own
	var merges []*yaml.Node      // values of the merge key
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.Value == "<<" && key.ShortTag() == "!!merge" {
			if len(merges) > 0 {
				r.problem(key, "the merge key << stands twice", "Merge a list: <<: [*a, *b]")
			}
			merges = append(merges, value)
			continue
		}
		name := key
		if key.Kind == yaml.AliasNode {
			name = key.Alias
		}
		if name.Kind != yaml.ScalarNode {
			r.problem(key, "a key is a list or an object", "Use a string")
			continue
		}
		if r.checkTag(name); strings.HasPrefix(name.Tag, "!") && !strings.HasPrefix(name.Tag, "!!") && name.Tag != "!" {
			r.problem(key, fmt.Sprintf("a key has the YAML tag %s", short(name.Tag)), "Remove the tag")
		}
		m := member{name: name.Value, at: r.at(key), value: r.read(value, depth+1)}
		if first, twice := own[m.name]; twice {
			r.problems = append(r.problems, duplicate(m.name, m.at, first))
			continue
		}
		own[m.name], values[m.name] = m.at, m.value
		all = append(all, m)
	}
	from := map[string]*node{} // merged members
	for _, value := range merges {
		for _, source := range r.sources(value, depth) {
			for _, m := range source.members {
				if r.merged++; r.merged > maxNodes {
					if r.merged == maxNodes+1 {
						r.problem(value, fmt.Sprintf("merge keys copy more than %d members", maxNodes), "Use fewer merge keys")
					}
					return all
				}
				if at, mine := own[m.name]; mine {
					if !r.same(values[m.name], m.value) {
						r.problems = append(r.problems, &syntaxError{at, fmt.Sprintf("the key %s stands here and, with another value, in a merged mapping, in line %d",
							short(m.name), m.at.line), "Readers of YAML disagree on which counts: remove one of them"})
					}
					continue
				}
				if before, twice := from[m.name]; twice {
					if !r.same(before, m.value) {
						r.problem(value, fmt.Sprintf("two merged mappings give the key %s different values, in lines %d and %d",
							short(m.name), before.at.line, m.value.at.line), "Write the key itself beside the merge key")
					}
					continue
				}
				from[m.name] = m.value
				all = append(all, m)
			}
		}
	}
	return all
}

// sources returns the mappings that a merge key names: one, or a list of them.
func (r *yamlReader) sources(value *yaml.Node, depth int) []*node {
	read := r.read(value, depth+1)
	all := []*node{read}
	if read.kind == list {
		all = read.items
	}
	var mappings []*node
	for _, one := range all {
		if one.kind != object {
			r.problem(value, fmt.Sprintf("the merge key << has %s where it needs a mapping", one.kind), `If a key is meant, quote it: "<<"`)
			continue
		}
		mappings = append(mappings, one)
	}
	return mappings
}

// scalar resolves a scalar by the core schema of YAML 1.2. A value that JSON cannot represent stays a string.
func (r *yamlReader) scalar(n *yaml.Node) *node {
	made := &node{kind: text, at: r.at(n), value: n.Value}
	switch n.ShortTag() {
	case "!!null":
		made.kind, made.value = null, ""
	case "!!bool":
		made.kind, made.value = boolean, strings.ToLower(n.Value)
		if made.value != "true" && made.value != "false" {
			r.problem(n, fmt.Sprintf("a value is tagged !!bool, and %s is not a boolean", short(n.Value)), "Write true or false")
		}
	case "!!int", "!!float":
		if plain, ok := jsonNumber(n.Value); ok {
			made.kind, made.value = number, plain
		}
	}
	return made
}

// jsonNumber returns the JSON form of a YAML number, unchanged if it is valid JSON.
func jsonNumber(s string) (string, bool) {
	if json.Valid([]byte(s)) {
		return s, true
	}
	plain := strings.TrimPrefix(s, "+")
	if json.Valid([]byte(plain)) {
		return plain, true
	}
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64), true
	}
	return "", false
}
