package prove

import (
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
			if !known[name(routes.Principal(a))] {
				known[name(routes.Principal(a))] = true
				alternatives = append(alternatives, a)
			}
		}
	}
	callers = []routes.Principal{{}}
	seen := map[string]bool{name(routes.Principal{}): true}
	for i := 0; i < len(callers); i++ {
		for _, a := range alternatives {
			c := routes.Principal{Scopes: merge(callers[i].Scopes, a.Scopes), Groups: merge(callers[i].Groups, a.Groups)}
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
		all = routes.Principal{Scopes: merge(all.Scopes, a.Scopes), Groups: merge(all.Groups, a.Groups)}
	}
	callers := []routes.Principal{all}
	for i := range all.Scopes {
		callers = append(callers, routes.Principal{Scopes: slices.Delete(slices.Clone(all.Scopes), i, i+1), Groups: all.Groups})
	}
	for i := range all.Groups {
		callers = append(callers, routes.Principal{Scopes: all.Scopes, Groups: slices.Delete(slices.Clone(all.Groups), i, i+1)})
	}
	return callers
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
	return strings.Join(c.Scopes, " ") + "\n" + strings.Join(c.Groups, " ")
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
		if missing == 0 {
			return true
		}
	}
	return false
}
