package local

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// probe is a route of the contract and a call that is routed to it.
type probe struct {
	contractjson.Route
	method, path string
	table        *routes.Table
}

type probes []probe

// probesOf returns a call for each route, in the order of the contract. A route that no call of these reaches is left
// out: one for any method, each of whose methods has a route of its own.
func probesOf(c *contractjson.Contract) probes {
	var all probes
	for _, r := range c.Routes {
		methods := []string{r.Method}
		if r.Method == contractjson.AnyMethod {
			methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
		}
		for _, method := range methods {
			p := probe{r, method, filled(r.Template), c.Table()}
			if r.Access == contractjson.IAM || p.isRouted(c.Table()) {
				all = append(all, p)
				break
			}
		}
	}
	return all
}

// ownItem is the value of path parameters, and of claims that they must equal. otherItem is somebody else's.
const ownItem, otherItem = "demo-1", "demo-9"

// filled returns a path of a template, with values that are hardly literals of other routes.
func filled(template string) string {
	segments := strings.Split(template, "/")
	for i, s := range segments {
		switch {
		case strings.HasSuffix(s, "+}"):
			segments[i] = "demo-1/demo-2"
		case strings.HasPrefix(s, "{"):
			segments[i] = ownItem
		}
	}
	return strings.Join(segments, "/")
}

// isRouted reports whether the call is routed to the route, by the authorizer's table.
func (p probe) isRouted(t *routes.Table) bool {
	r, found := t.Match(p.method, p.path)
	return found && r.Method == p.Method && r.Template == p.Template
}

func (p probe) public() bool { return p.Access == contractjson.Public }

// opens reports whether a caller may make the call.
func (p probe) opens(who routes.Principal) bool {
	return p.public() || p.Access == contractjson.Token && p.table.DecideCall(who, p.method, p.path).Allowed
}

// example returns a GET that matches, without parameters if there is one.
func (all probes) example(match func(probe) bool) (probe, bool) {
	fits := slices.DeleteFunc(slices.Clone(all), func(p probe) bool { return p.method != "GET" || !match(p) })
	slices.SortStableFunc(fits, func(a, b probe) int { return strings.Count(a.Template, "{") - strings.Count(b.Template, "{") })
	if len(fits) == 0 {
		return probe{}, false
	}
	return fits[0], true
}

// variant is a caller, and how it differs from those with exactly the rights.
type variant struct {
	routes.Principal
	what string
}

// exact returns, for each alternative of the rule, the caller with exactly what it asks for.
func (p probe) exact() []variant {
	var all []variant
	for _, a := range p.AnyOf {
		who := least(a)
		all = append(all, variant{who, who.String()})
	}
	return all
}

// least returns the caller with exactly what an alternative asks for, who owns the item of the call.
func least(a routes.AllOf) routes.Principal {
	who := a.Least()
	for claim := range a.Owners {
		who.Claims[claim] = append(slices.Clone(a.Claims[claim]), ownItem)
	}
	return who
}

// tooFew returns callers who lack one thing that the rule asks for, and so may not call: for each alternative one who lacks a
// scope or a group, and for each claim one without it, one with another value, and one who owns another item; and one whose
// sign-in is too old.
func (p probe) tooFew() []variant {
	var all []variant
	for _, a := range p.AnyOf {
		var kinds [][]variant
		vary := func(what string, change func(*routes.Principal)) variant {
			who := least(a)
			who.Claims = maps.Clone(who.Claims)
			change(&who)
			return variant{who, what + ": " + who.String()}
		}
		var fewer []variant
		for i := range a.Scopes {
			fewer = append(fewer, vary("too few rights", func(who *routes.Principal) { who.Scopes = slices.Delete(slices.Clone(a.Scopes), i, i+1) }))
		}
		for i := range a.Groups {
			fewer = append(fewer, vary("too few rights", func(who *routes.Principal) { who.Groups = slices.Delete(slices.Clone(a.Groups), i, i+1) }))
		}
		for _, claim := range slices.Sorted(maps.Keys(least(a).Claims)) {
			kinds = append(kinds, []variant{vary("without claim "+claim, func(who *routes.Principal) { delete(who.Claims, claim) })})
		}
		for _, claim := range slices.Sorted(maps.Keys(a.Claims)) {
			if len(a.Claims[claim]) > 0 {
				kinds = append(kinds, []variant{vary("another value of claim "+claim, func(who *routes.Principal) { who.Claims[claim] = []string{otherItem} })})
			}
		}
		for _, claim := range slices.Sorted(maps.Keys(a.Owners)) {
			kinds = append(kinds, []variant{vary("somebody else's item, by claim "+claim, func(who *routes.Principal) {
				who.Claims[claim] = append(slices.Clone(a.Claims[claim]), otherItem)
			})})
		}
		kinds = append(kinds, fewer)
		if a.MaxAge > 0 {
			kinds = append(kinds, []variant{vary("a sign-in too long ago", func(who *routes.Principal) {
				who.Now = who.AuthTime.Add(time.Duration(a.MaxAge)*time.Second + time.Minute)
			})})
		}
		for _, kind := range kinds {
			for _, v := range kind {
				if !p.opens(v.Principal) && !slices.ContainsFunc(all, func(other variant) bool { return sameCaller(other.Principal, v.Principal) }) {
					all = append(all, v)
					break
				}
			}
		}
	}
	return all
}

// sameCaller reports whether two callers have the same token, but for its times.
func sameCaller(a, b routes.Principal) bool { return callerKey(a) == callerKey(b) }

// callerKey tells callers apart.
func callerKey(who routes.Principal) string {
	key := fmt.Sprintf("%q %q %v", who.Scopes, who.Groups, who.Now.Sub(who.AuthTime))
	for _, claim := range slices.Sorted(maps.Keys(who.Claims)) {
		key += fmt.Sprintf(" %q=%q", claim, who.Claims[claim])
	}
	return key
}
