package prove

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// A caller's own items are routes of their own here, with the caller's values as literals: /users/{id} is forbidden to somebody who
// may call /users/u-1 alone. They match the calls of their route that have these values, whatever other routes there are.

// newItem returns the part of a route that has these values in place of parameters.
func newItem(of *route, index int, values map[string]string) *route {
	made := &route{Route: of.Route, index: index, of: of, parts: slices.Clone(of.parts)}
	for i, name := range segments(of.Template) {
		if v, bound := values[strings.Trim(name, "{}")]; bound && made.parts[i].kind == parameter {
			made.parts[i] = part{kind: literal, text: v}
		}
	}
	return made
}

// base returns the route that API Gateway knows.
func (r *route) base() *route {
	if r.of != nil {
		return r.of
	}
	return r
}

// name returns the route with the values of an item, so that two of these differ.
func (r *route) name() string {
	if r.of == nil {
		return r.String()
	}
	return fmt.Sprintf("%s %v", r, r.parts)
}

// maxItems bounds the items of one alternative that are tried.
const maxItems = 64

// items returns the items that a caller may call now, of routes that it may not call anyway.
func (g gateway) items(c routes.Principal) []*route {
	var all []*route
	for _, r := range g {
		if permits(r.Rule, c) {
			continue
		}
		for _, a := range r.Rule.AnyOf {
			if len(a.Owners) == 0 || !holds(a, c) {
				continue
			}
			choices := []map[string]string{{}}
			for _, claim := range slices.Sorted(maps.Keys(a.Owners)) {
				for _, name := range a.Owners[claim] {
					var more []map[string]string
					for _, chosen := range choices {
						for _, v := range g.usable(r, name, c.Claims[claim]) {
							if other, twice := chosen[name]; (!twice || other == v) && len(more) < maxItems {
								next := maps.Clone(chosen)
								next[name] = v
								more = append(more, next)
							}
						}
					}
					choices = more
				}
			}
			for _, values := range choices {
				all = append(all, newItem(r, len(g)+len(all), values))
			}
		}
	}
	return all
}

var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// usable returns the values that a parameter of a route may have: of one spelling, and no literal that another route has there.
func (g gateway) usable(r *route, name string, values []string) []string {
	at := slices.IndexFunc(segments(r.Template), func(s string) bool { return s == "{"+name+"}" })
	full := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	if at < 0 || len(full) > 32 {
		return nil
	}
	var all []string
	for _, v := range full {
		taken := slices.ContainsFunc(g, func(o *route) bool {
			if len(o.parts) <= at || o.parts[at].kind != literal || o.parts[at].text != v {
				return false
			}
			for i := range at {
				if o.parts[i].kind == literal && r.parts[i].kind == literal && o.parts[i].text != r.parts[i].text {
					return false
				}
			}
			return true
		})
		if unreserved.MatchString(v) && v != "." && v != ".." && !taken {
			all = append(all, v)
		}
	}
	return all
}

// holds reports whether a caller has all that an alternative lists, but for the values of owners.
func holds(a routes.AllOf, c routes.Principal) bool {
	for _, s := range a.Scopes {
		if !slices.Contains(c.Scopes, s) {
			return false
		}
	}
	for _, g := range a.Groups {
		if !slices.Contains(c.Groups, g) {
			return false
		}
	}
	for claim, values := range a.Claims {
		if strings.Join(c.Claims[claim], "") == "" {
			return false
		}
		for _, v := range values {
			if !slices.Contains(c.Claims[claim], v) {
				return false
			}
		}
	}
	if a.MaxAge > 0 {
		return !c.AuthTime.IsZero() && c.Now.Unix() < c.AuthTime.Unix()+a.MaxAge
	}
	return true
}

// granted returns a caller with the scopes that a table grants.
func granted(g routes.Grants, c routes.Principal) routes.Principal {
	var more []string
	for _, group := range c.Groups {
		more = append(more, g.Groups[group]...)
	}
	c.Scopes = merge(c.Scopes, append(more, g.Clients[c.Client]...))
	return c
}

// times returns when the policy of a caller is evaluated: now, and whenever the sign-in gets too old for a rule.
func times(all []routes.Route, c routes.Principal) []time.Time {
	at := []time.Time{noon}
	for _, r := range all {
		for _, a := range r.Rule.AnyOf {
			if t := c.AuthTime.Add(time.Duration(a.MaxAge) * time.Second); t.After(noon) && t.Before(end) {
				at = append(at, t)
			}
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// valuesOf returns the values that a claim has in a check.
type valuesOf func(claim string) []string

// distinct gives each claim a value of its own.
func distinct(claim string) []string { return []string{fmt.Sprintf("own-%x", claim)} }

// otherValues are those with which the owners of a table are checked once more: the same value for all claims, lists that share
// one, and a value for each literal of the table, some of which are literals in the place of an owner.
func (g gateway) otherValues() []valuesOf {
	all := []valuesOf{
		func(string) []string { return []string{"own"} },
		func(claim string) []string { return []string{"shared", distinct(claim)[0]} },
		func(string) []string { return []string{"*", "a/b", "..", "%76", "v*", strings.Repeat("v", 129), ""} },
	}
	known := map[string]bool{}
	for _, r := range g {
		for _, p := range r.parts {
			if p.text != "" && !known[p.text] && len(known) < 8 {
				known[p.text] = true
				all = append(all, func(string) []string { return []string{p.text} })
			}
		}
	}
	return all
}
