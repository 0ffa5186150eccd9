package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

var overlayVersion = regexp.MustCompile(`^1\.[01]\.[0-9]+$`)

// overlay applies the actions of an OpenAPI Overlay to the document and returns the result. A JSONPath library (RFC 9535) finds the
// targets in a plain copy of the tree. The changes are made in the tree itself, so that positions are kept; added values have
// their position in the overlay.
func (c *compiler) overlay(root, overlay *node) *node {
	version := overlay.get("overlay")
	if !version.is(text) || !overlayVersion.MatchString(version.value) {
		at := overlay.at
		if version != nil {
			at = version.at
		}
		c.refuse("overlay", at, "", "this is not an overlay of version 1.0 or 1.1", `Begin it with overlay: "1.0.0"`)
		return root
	}
	for _, m := range overlay.members {
		if !slices.Contains([]string{"overlay", "info", "actions", "extends"}, m.name) && !strings.HasPrefix(m.name, "x-") {
			c.refuse("overlay", m.at, "", fmt.Sprintf("an overlay has no key %s", short(m.name)), "Use overlay, info, extends and actions")
		}
	}
	actions := overlay.get("actions")
	if !actions.is(list) || len(actions.items) == 0 {
		c.refuse("overlay", overlay.at, "", "the overlay has no list of actions", "Add one: actions: [{target: $, update: {…}}]")
		return root
	}
	for _, action := range actions.items {
		root = c.action(root, action)
	}
	return root
}

func (c *compiler) action(root, action *node) *node {
	fail := func(at position, format string, args ...any) *node {
		c.refuse("overlay", at, "", fmt.Sprintf(format, args...), "An action is {target: JSONPath, update: VALUE} or {target: JSONPath, remove: true}")
		return root
	}
	if action.kind != object {
		return fail(action.at, "an action is %s, not an object", action.kind)
	}
	for _, m := range action.members {
		if !slices.Contains([]string{"target", "description", "update", "remove"}, m.name) && !strings.HasPrefix(m.name, "x-") {
			return fail(m.at, "the key %s of an action is not supported", short(m.name))
		}
	}
	target, remove, update := action.get("target"), action.get("remove"), action.get("update")
	if !target.is(text) {
		return fail(action.at, "an action has no target")
	}
	if remove != nil && remove.kind != boolean {
		return fail(remove.at, "remove is %s, not a boolean", remove.kind)
	}
	removes := remove.isTrue()
	if removes == (update != nil) {
		return fail(action.at, "an action needs one of update and remove: true")
	}
	path, err := jsonpath.Parse(target.value)
	if err != nil {
		return fail(target.at, "target %s: %v", short(target.value), err)
	}
	located := path.SelectLocated(root.plain())
	if len(located) == 0 {
		c.warn("overlay-target", target.at, "", fmt.Sprintf("the target %s matches nothing in the document", short(target.value)), "Correct it, or remove the action")
		return root
	}
	places := make([]spec.NormalizedPath, len(located))
	for i, l := range located {
		places[i] = l.Path
	}
	if removes { // items of a list from the last to the first, so that the indexes of the others stay right
		slices.SortFunc(places, func(a, b spec.NormalizedPath) int { return b.Compare(a) })
	}
	for _, place := range places {
		changed, err := change(root, place, update)
		if err != nil {
			return fail(target.at, "target %s: %v", short(target.value), err)
		}
		root = changed
	}
	return root
}

// change returns the tree with one place changed: merged with update, or removed if update is nil. It copies the nodes
// on the way, since aliases may share them with other places.
func change(n *node, place spec.NormalizedPath, update *node) (*node, error) {
	if len(place) == 0 {
		if update == nil {
			return nil, errors.New("the whole document cannot be removed")
		}
		return merge(n, update, true)
	}
	if n == nil {
		return nil, nil // removed with an outer target of the same action
	}
	made := *n
	made.index = nil
	switch step := place[0].(type) {
	case spec.Name:
		i := slices.IndexFunc(n.members, func(m member) bool { return m.name == string(step) })
		if i < 0 {
			return n, nil
		}
		made.members = slices.Clone(n.members)
		if len(place) == 1 && update == nil {
			made.members = slices.Delete(made.members, i, i+1)
			return &made, nil
		}
		value, err := change(n.members[i].value, place[1:], update)
		made.members[i].value = value
		return &made, err
	case spec.Index:
		i := int(step)
		if i >= len(n.items) {
			return n, nil
		}
		made.items = slices.Clone(n.items)
		if len(place) == 1 && update == nil {
			made.items = slices.Delete(made.items, i, i+1)
			return &made, nil
		}
		value, err := change(n.items[i], place[1:], update)
		made.items[i] = value
		return &made, err
	}
	return nil, fmt.Errorf("unexpected step %v", place[0])
}

// merge merges an update into a target by the rules of overlays: objects member by member, lists by appending, and
// anything else by replacing. The target of an action itself must be an object or a list.
func merge(n, update *node, target bool) (*node, error) {
	switch {
	case n.kind == object && update.kind == object:
		made := *n
		made.index = nil
		made.members = slices.Clone(n.members)
		for _, m := range update.members {
			i := slices.IndexFunc(made.members, func(o member) bool { return o.name == m.name })
			if i < 0 {
				made.members = append(made.members, m)
				continue
			}
			value, err := merge(made.members[i].value, m.value, false)
			if err != nil {
				return nil, err
			}
			made.members[i] = member{m.name, m.at, value}
		}
		return &made, nil
	case n.kind == list:
		made := *n
		if update.kind == list && !target {
			made.items = slices.Concat(n.items, update.items)
		} else {
			made.items = append(slices.Clone(n.items), update)
		}
		return &made, nil
	case target:
		return nil, fmt.Errorf("it selects %s, and an update needs an object or a list there", n.kind)
	}
	return update, nil
}
