package prove

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Bounds on the classes of callers that are tried, and on the calls for all of them together, so that a build
// takes seconds. The check for conflicts, which has no such bound, is in [stagepolicy.Planner.Check].
const (
	maxClasses   = 2048
	leastClasses = 8
	maxTries     = 250_000
)

// classes returns a caller for each class that the rules can tell apart: first those who have everything, and everything but
// one scope or group, then those who have least: nothing, what one alternative of a rule needs, two of them, and so on. Of
// the latter there are at most this many, and it reports whether these are all. The first ones, as many as always, are those
// with most rights and those with one alternative at most.
func classes(all []routes.Route, connect routes.Rule, most int) (callers []routes.Principal, always int, complete bool) {
	var alternatives []routes.AllOf
	known := map[string]bool{}
	for _, rule := range append(rulesOf(all), connect) {
		for _, a := range rule.AnyOf {
			if len(a.Owners) > 0 || a.MaxAge > 0 {
				continue
			}
			if c := name(with(routes.Principal{}, a)); !known[c] {
				known[c] = true
				alternatives = append(alternatives, a)
			}
		}
	}
	callers = []routes.Principal{{}}
	seen := map[string]bool{name(routes.Principal{}): true}
	for i := 0; i < len(callers); i++ {
		for _, a := range alternatives {
			c := with(callers[i], a)
			if seen[name(c)] {
				continue
			}
			if len(callers) == most {
				callers, always = withMost(callers, alternatives)
				return callers, always, false
			}
			seen[name(c)] = true
			callers = append(callers, c)
		}
	}
	callers, always = withMost(callers, alternatives)
	return callers, always, true
}

// withMost puts the callers with most rights first. It returns how many callers have these, or one alternative at most.
func withMost(callers []routes.Principal, alternatives []routes.AllOf) (ordered []routes.Principal, always int) {
	all := mostRights(alternatives)
	first := map[string]bool{}
	for _, c := range all {
		first[name(c)] = true
	}
	rest := slices.DeleteFunc(callers, func(c routes.Principal) bool { return first[name(c)] })
	ordered = append(all, rest...)
	return ordered, min(len(all)+1+len(alternatives), len(ordered))
}

// mostRights returns callers who have everything that the alternatives name, and everything but one scope or group.
func mostRights(alternatives []routes.AllOf) []routes.Principal {
	var all routes.Principal
	for _, a := range alternatives {
		all = with(all, a)
	}
	callers := []routes.Principal{all}
	but := func(change func(*routes.Principal)) {
		c := all
		change(&c)
		callers = append(callers, c)
	}
	for i := range all.Scopes {
		but(func(c *routes.Principal) { c.Scopes = slices.Delete(slices.Clone(all.Scopes), i, i+1) })
	}
	for i := range all.Groups {
		but(func(c *routes.Principal) { c.Groups = slices.Delete(slices.Clone(all.Groups), i, i+1) })
	}
	for _, claim := range slices.Sorted(maps.Keys(all.Claims)) {
		for i := range all.Claims[claim] {
			but(func(c *routes.Principal) {
				c.Claims = maps.Clone(all.Claims)
				c.Claims[claim] = slices.Delete(slices.Clone(all.Claims[claim]), i, i+1)
			})
		}
	}
	return callers
}

// someValue is the value of a claim of which a rule asks only that it is there.
const someValue = "some value"

// with returns the caller with what an alternative lists as well.
func with(c routes.Principal, a routes.AllOf) routes.Principal {
	c.Scopes, c.Groups = merge(c.Scopes, a.Scopes), merge(c.Groups, a.Groups)
	if len(a.Claims) > 0 {
		c.Claims = maps.Clone(c.Claims)
		if c.Claims == nil {
			c.Claims = map[string][]string{}
		}
		for claim, values := range a.Claims {
			if c.Claims[claim] = merge(c.Claims[claim], values); len(c.Claims[claim]) == 0 {
				c.Claims[claim] = []string{someValue}
			}
		}
	}
	return c
}

func rulesOf(all []routes.Route) []routes.Rule {
	rules := make([]routes.Rule, len(all))
	for i, r := range all {
		rules[i] = r.Rule
	}
	return rules
}

func merge(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// name tells callers apart: scopes and groups hold no white space.
func name(c routes.Principal) string {
	all := strings.Join(c.Scopes, " ") + "\n" + strings.Join(c.Groups, " ")
	for _, claim := range slices.Sorted(maps.Keys(c.Claims)) {
		all += fmt.Sprintf("\n%q %q", claim, c.Claims[claim])
	}
	return all
}

// permits reports whether a rule lets a caller in, as the OpenAPI standard says: any of the alternatives, all
// of what it lists.
func permits(r routes.Rule, c routes.Principal) bool {
	if r.Public {
		return true
	}
	for _, a := range r.AnyOf {
		missing := 0
		for _, s := range a.Scopes {
			if !slices.Contains(c.Scopes, s) {
				missing++
			}
		}
		for _, g := range a.Groups {
			if !slices.Contains(c.Groups, g) {
				missing++
			}
		}
		for claim, values := range a.Claims {
			if len(c.Claims[claim]) == 0 {
				missing++
			}
			for _, v := range values {
				if !slices.Contains(c.Claims[claim], v) {
					missing++
				}
			}
		}
		if missing == 0 && len(a.Owners) == 0 && a.MaxAge == 0 {
			return true
		}
	}
	return false
}
