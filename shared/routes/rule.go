package routes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Rule says who may call a route. The zero value lets nobody in.
type Rule struct {
	Public bool    // everybody, with or without a token; AnyOf is empty then
	AnyOf  []AllOf // else one of these is enough
}

// AllOf lists what a caller needs, all of it. When both lists are empty, any verified token will do.
// Scopes and groups are compared byte by byte, and a scope is never taken for a group of the same name.
type AllOf struct {
	Scopes []string `json:"scopes,omitempty"` // OAuth scopes
	Groups []string `json:"groups,omitempty"` // Cognito groups
}

// Principal is what a verified token says about the rights of its bearer.
type Principal struct {
	Scopes []string
	Groups []string
}

// String returns the caller in words: "a caller with scope a and group b".
func (c Principal) String() string {
	if len(c.Scopes)+len(c.Groups) == 0 {
		return "a caller without scopes and groups"
	}
	return "a caller with " + AllOf(c).String()
}

// Check says what is wrong with the rule. Errors: [ErrName], [ErrRule].
func (r Rule) Check() error {
	var problems []error
	if r.Public && len(r.AnyOf) > 0 {
		problems = append(problems, fmt.Errorf("%w: it is public and yet asks for something", ErrRule))
	}
	for _, a := range r.AnyOf {
		for _, s := range a.Scopes {
			problems = append(problems, checkName("scope", s))
		}
		for _, g := range a.Groups {
			problems = append(problems, checkName("group", g))
		}
	}
	return errors.Join(problems...)
}

// check is Check for the rule of a route, which must let somebody in.
func (r Rule) check() error {
	if !r.Public && len(r.AnyOf) == 0 {
		return fmt.Errorf("%w: it lets nobody in", ErrRule)
	}
	return r.Check()
}

// Allows reports whether the rule lets the caller in.
func (r Rule) Allows(c Principal) bool {
	return r.Public || slices.ContainsFunc(r.AnyOf, func(a AllOf) bool { return a.allows(c) })
}

func (a AllOf) allows(c Principal) bool {
	lacks := func(have []string) func(string) bool {
		return func(need string) bool { return !slices.Contains(have, need) }
	}
	return !slices.ContainsFunc(a.Scopes, lacks(c.Scopes)) && !slices.ContainsFunc(a.Groups, lacks(c.Groups))
}

// String returns the rule in words: "public", "any signed-in caller", "scope a and group b, or group c".
func (r Rule) String() string {
	switch {
	case r.Public:
		return "public"
	case len(r.AnyOf) == 0:
		return "nobody"
	}
	words, separator := make([]string, len(r.AnyOf)), " or "
	for i, a := range r.AnyOf {
		words[i] = a.String()
		if len(a.Scopes)+len(a.Groups) > 1 {
			separator = ", or " // so that "and" binds tighter than "or" to the eye as well
		}
	}
	return strings.Join(words, separator)
}

// String returns the list in words: "scope a and group b".
func (a AllOf) String() string {
	var words []string
	for _, s := range a.Scopes {
		words = append(words, "scope "+s)
	}
	for _, g := range a.Groups {
		words = append(words, "group "+g)
	}
	if len(words) == 0 {
		return "any signed-in caller"
	}
	return strings.Join(words, " and ")
}

// canonical returns the same rule in the one form that all its spellings share: sorted, without repetition,
// and without an alternative that asks for more than another one does.
func (r Rule) canonical() Rule {
	if r.Public {
		return Rule{Public: true}
	}
	var all []AllOf
	for _, a := range r.AnyOf {
		all = append(all, AllOf{Scopes: sorted(a.Scopes), Groups: sorted(a.Groups)})
	}
	slices.SortFunc(all, compareAllOf)
	all = slices.CompactFunc(all, func(a, b AllOf) bool { return compareAllOf(a, b) == 0 })
	var least []AllOf
	for i, a := range all {
		asksMore := func(b AllOf) bool { return compareAllOf(a, b) != 0 && b.allows(Principal(a)) }
		if !slices.ContainsFunc(all, asksMore) {
			least = append(least, all[i])
		}
	}
	return Rule{AnyOf: least}
}

func sorted(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

func compareAllOf(a, b AllOf) int {
	if c := slices.Compare(a.Groups, b.Groups); c != 0 {
		return c
	}
	return slices.Compare(a.Scopes, b.Scopes)
}

// key tells canonical rules apart. The names hold no white space, see [checkName].
func (r Rule) key() string {
	if r.Public {
		return "public"
	}
	var b strings.Builder
	for _, a := range r.AnyOf {
		b.WriteString(strings.Join(a.Scopes, " ") + "\t" + strings.Join(a.Groups, " ") + "\n")
	}
	return b.String()
}
