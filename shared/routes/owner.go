package routes

import (
	"slices"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
)

// Bounds on the values of a claim that stand for path parameters.
const (
	MaxOwnerBytes  = 128 // of one value
	MaxOwnerValues = 32  // of a list
)

var unreserved = ascii.Alphanumeric.With("-._~")

// IsOwnerValue reports whether a claim's value may be part of a policy: 1 to 128 characters that are unreserved in a URL
// (RFC 3986, section 2.3), so that it has one spelling, and not "." or "..", which clients and proxies resolve away.
func IsOwnerValue(value string) bool {
	return unreserved.AllWithin(value, 1, MaxOwnerBytes) && value != "." && value != ".."
}

// OwnerValues returns the values of a caller's claim that may be part of a policy, sorted. If there are none, it returns the reason.
func OwnerValues(c Principal, claim string) ([]string, Refusal) {
	values := c.has(claim)
	switch {
	case len(values) == 0:
		return nil, RefusedOwnerMissing
	case len(values) > MaxOwnerValues:
		return nil, RefusedOwnerValues
	}
	own := sorted(slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !IsOwnerValue(v) }))
	if len(own) == 0 {
		return nil, RefusedOwnerValue
	}
	return own, ""
}

// own returns the values of a claim that a path parameter may have. If there are none, it returns the reason.
func (r Route) own(c Principal, claim, parameter string) ([]string, Refusal) {
	values, refusal := OwnerValues(c, claim)
	if refusal != "" {
		return nil, refusal
	}
	values = slices.DeleteFunc(values, func(v string) bool { return slices.Contains(r.taken[parameter], v) })
	if len(values) == 0 {
		return nil, RefusedOwnerLiteral
	}
	return values, ""
}

// Taken returns the literals that other routes of the table have in the place of a path parameter, sorted: "me" for
// {username}, where the table has /users/me and /users/{username}. A claim with such a value owns nothing there.
func (r Route) Taken(parameter string) []string { return r.taken[parameter] }

// markTaken notes, for the owned parameters of each route, the literals that other routes have in their place.
func (t *Table) markTaken() error {
	type path struct{ segments []Segment }
	var paths []path
	for i := range t.routes {
		r := &t.routes[i]
		if !r.Rule.hasOwners() {
			continue
		}
		if paths == nil {
			for _, other := range t.routes {
				segments, err := parseTemplate(other.Template)
				if err != nil {
					return err
				}
				paths = append(paths, path{segments})
			}
		}
		mine, err := parseTemplate(r.Template)
		if err != nil {
			return err
		}
		r.taken = make(map[string][]string)
		for at, s := range mine {
			if !r.Rule.owns(s.Text) || !s.Param {
				continue
			}
			for _, other := range paths {
				if at < len(other.segments) && !other.segments[at].Param && samePlace(mine[:at], other.segments[:at]) {
					r.taken[s.Text] = append(r.taken[s.Text], other.segments[at].Text)
				}
			}
			r.taken[s.Text] = sorted(r.taken[s.Text])
		}
	}
	return nil
}

// owns reports whether some alternative has the parameter equal a claim.
func (r Rule) owns(parameter string) bool {
	for _, a := range r.AnyOf {
		for _, parameters := range a.Owners {
			if slices.Contains(parameters, parameter) {
				return true
			}
		}
	}
	return false
}

// samePlace reports whether some path begins with both.
func samePlace(a, b []Segment) bool {
	for i := range a {
		if !a[i].Param && !b[i].Param && a[i].Text != b[i].Text {
			return false
		}
	}
	return true
}
