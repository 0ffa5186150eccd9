package prove

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Bounds on the classes of callers that are tried, and on the calls for all of them together, so that a build
// takes seconds. The check for conflicts, which has no such bound, is in [stagepolicy.Planner.Check].
const (
	maxClasses   = 2048
	leastClasses = 8
	maxTries     = 250_000
)

// classes returns a caller for each class that the rules can tell apart: first those who have everything, nothing, and
// everything but one scope or group, then those who have least: what one alternative of a rule needs, two of them, and so on. Of
// these there are at most this many with nothing, and it reports whether these are all. The first ones, as many as always, are those
// with most rights and those with one alternative at most.
func classes(all []routes.Route, connect routes.Rule, most int) (callers []routes.Principal, always int, complete bool) {
	return classesWith(distinct, all, connect, most)
}

// classesWith is classes, with these values of the claims that path parameters must equal.
func classesWith(values valuesOf, all []routes.Route, connect routes.Rule, most int) (callers []routes.Principal, always int, complete bool) {
	var alternatives []routes.AllOf
	known := map[string]bool{}
	for _, rule := range append(rulesOf(all), connect) {
		for _, a := range rule.AnyOf {
			if c := name(with(values, routes.Principal{Now: noon}, a)); !known[c] {
				known[c] = true
				alternatives = append(alternatives, a)
			}
		}
	}
	callers = []routes.Principal{{Now: noon}}
	seen := map[string]bool{name(callers[0]): true}
	for i := 0; i < len(callers); i++ {
		for _, a := range alternatives {
			c := with(values, callers[i], a)
			if seen[name(c)] {
				continue
			}
			if len(callers) == most {
				callers, always = withMost(values, callers, alternatives)
				return callers, always, false
			}
			seen[name(c)] = true
			callers = append(callers, c)
		}
	}
	callers, always = withMost(values, callers, alternatives)
	return callers, always, true
}

// withMost puts the callers with most rights first, and who has nothing second: these two get every policy that there is for
// one route without owners. It returns how many callers have most rights, or one alternative at most.
func withMost(values valuesOf, callers []routes.Principal, alternatives []routes.AllOf) (ordered []routes.Principal, always int) {
	most := mostRights(values, alternatives)
	seen := map[string]bool{}
	for _, c := range slices.Concat(most[:1], callers[:1], most[1:], callers[1:]) {
		if !seen[name(c)] {
			seen[name(c)] = true
			ordered = append(ordered, c)
		}
	}
	return ordered, min(len(most)+1+len(alternatives), len(ordered))
}

// mostRights returns callers who have everything that the alternatives name, and everything but one scope or group.
func mostRights(values valuesOf, alternatives []routes.AllOf) []routes.Principal {
	all := routes.Principal{Now: noon}
	for _, a := range alternatives {
		all = with(values, all, a)
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
	if !all.AuthTime.IsZero() {
		but(func(c *routes.Principal) { c.AuthTime = time.Time{} })
	}
	return callers
}

// someValue is the value of a claim of which a rule asks only that it is there.
const someValue = "some value"

// with returns the caller with what an alternative lists as well. A sign-in that is recent enough now is so for another minute.
func with(values valuesOf, c routes.Principal, a routes.AllOf) routes.Principal {
	c.Scopes, c.Groups = merge(c.Scopes, a.Scopes), merge(c.Groups, a.Groups)
	claims := map[string][]string{}
	maps.Copy(claims, c.Claims)
	for claim, named := range a.Claims {
		if claims[claim] = merge(claims[claim], named); len(claims[claim]) == 0 {
			claims[claim] = []string{someValue}
		}
	}
	for claim := range a.Owners {
		claims[claim] = merge(claims[claim], values(claim))
	}
	c.Claims = claims
	if a.MaxAge > 0 {
		if signIn := noon.Add(time.Minute - time.Duration(a.MaxAge)*time.Second); signIn.After(c.AuthTime) {
			c.AuthTime = signIn
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
	if !c.AuthTime.IsZero() {
		all += "\n" + c.AuthTime.String()
	}
	return all
}

// permits reports whether a rule lets a caller in whatever the path, as the OpenAPI standard says: any of the alternatives, all of
// what it lists.
func permits(r routes.Rule, c routes.Principal) bool {
	return r.Public || slices.ContainsFunc(r.AnyOf, func(a routes.AllOf) bool { return len(a.Owners) == 0 && holds(a, c) })
}
