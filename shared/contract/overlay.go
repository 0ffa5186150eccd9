package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/theory/jsonpath/spec"
)

var overlayVersion = regexp.MustCompile(`^1\.[01]\.[0-9]+$`)

// overlay applies the actions of an OpenAPI Overlay to the document and returns the result. Values keep their positions; added ones
// have theirs in the overlay.
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
		if root = c.action(root, action); c.refused {
			break // what follows could be about what this action should have made
		}
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
	selection := &selection{compiler: c, root: &place{node: root}, plain: map[*node]any{}, filters: map[*spec.FilterSelector]filterCost{}}
	found, err := selection.selects(target.value)
	if err != nil {
		return fail(target.at, "target %s: %v", short(target.value), err)
	}
	if !found {
		c.warn("overlay-target", target.at, "", fmt.Sprintf("the target %s matches nothing in the document", short(target.value)), "Correct it, or remove the action")
		return root
	}
	if removes && selection.root.selected {
		return fail(target.at, "target %s: the whole document cannot be removed", short(target.value))
	}
	changed, err := selection.apply(root, selection.root, update)
	if err != nil {
		return fail(target.at, "target %s: %v", short(target.value), err)
	}
	if err := checkExtent(changed, c.extents); err != nil {
		return fail(target.at, "the document is too large after target %s: %v", short(target.value), err)
	}
	return changed
}
