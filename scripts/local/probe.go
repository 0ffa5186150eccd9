package local

import (
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// probe is a route of the contract and a call that is routed to it.
type probe struct {
	contractjson.Route
	method, path string
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
			p := probe{r, method, filled(r.Template)}
			if r.Access == contractjson.IAM || p.isRouted(c.Table()) {
				all = append(all, p)
				break
			}
		}
	}
	return all
}

// filled returns a path of a template, with values that are hardly literals of other routes.
func filled(template string) string {
	segments := strings.Split(template, "/")
	for i, s := range segments {
		switch {
		case strings.HasSuffix(s, "+}"):
			segments[i] = "demo-1/demo-2"
		case strings.HasPrefix(s, "{"):
			segments[i] = "demo-1"
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

// opens reports whether a caller with these scopes and groups may make the call.
func (p probe) opens(who routes.Principal) bool {
	return p.public() || p.Access == contractjson.Token && routes.Rule{AnyOf: p.AnyOf}.Allows(who)
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

// exact returns, for each alternative of the rule, the caller with exactly what it asks for.
func (p probe) exact() []routes.Principal {
	var all []routes.Principal
	for _, a := range p.AnyOf {
		all = append(all, a.Least())
	}
	return all
}

// tooFew returns callers who lack one thing that the rule asks for, and so may not call: one for each alternative.
func (p probe) tooFew() []routes.Principal {
	var all []routes.Principal
	for _, a := range p.AnyOf {
		var less []routes.Principal
		for i := range a.Scopes {
			less = append(less, routes.Principal{Scopes: slices.Delete(slices.Clone(a.Scopes), i, i+1), Groups: a.Groups})
		}
		for i := range a.Groups {
			less = append(less, routes.Principal{Scopes: a.Scopes, Groups: slices.Delete(slices.Clone(a.Groups), i, i+1)})
		}
		for _, who := range less {
			if !p.opens(who) && !slices.ContainsFunc(all, func(other routes.Principal) bool { return other.String() == who.String() }) {
				all = append(all, who)
				break
			}
		}
	}
	return all
}
