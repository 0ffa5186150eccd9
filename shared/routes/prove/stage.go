package prove

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// class is a class of callers while its policy is checked.
type class struct {
	*prover
	caller routes.Principal
	may    []bool // route → whether the caller may call it
	policy *apigateway.ParsedPolicy
	exact  bool            // the policy claims to deny paths outside of the contract wherever it can
	greedy bool            // a route to which it is allowed takes the rest of a path, and may well take empty segments
	wild   [7][]*route     // method → forbidden routes with parameters
	silent map[string]bool // patterns and methods → whether a Deny of them could hit an allowed call, see reachesAllowed
	ended  map[*route]bool // routes for which the end of the token was tried
	read   bool            // the other readings of paths are decided
	at     time.Time       // when the policy is evaluated
	closed bool            // the policy need not allow all that it could
}

// try compares one call.
func (k *class) try(c call) {
	got := k.policy.Evaluate(apigateway.InvokeAction, c.name, noon)
	if got == apigateway.Allowed && !c.exact && !k.greedy {
		k.fail("%s may call %s %s, in which a segment is empty", k.caller, c.method, c.path)
	}
	switch {
	case c.route != nil && k.may[c.route.index]:
		if got != apigateway.Allowed && c.exact && !k.closed && !k.literalValue(c.route, c.method, c.path, got) {
			k.fail("%s may not call %s %s, though %s is allowed", k.caller, c.method, c.path, c.route)
		}
	case got == apigateway.Allowed && c.route != nil:
		k.fail("%s may call %s %s, though %s is forbidden", k.caller, c.method, c.path, c.route)
	case got == apigateway.Allowed && c.exact:
		k.others(c)
	case got == apigateway.ImplicitDeny && c.exact && !k.closed:
		k.implicit(c)
	}
	if got != apigateway.Allowed {
		return
	}
	if !k.ended[c.route] && k.policy.Evaluate(apigateway.InvokeAction, c.name, end) != apigateway.ExplicitDeny {
		k.fail("%s may still call %s %s when the token has ended", k.caller, c.method, c.path)
	}
	k.ended[c.route] = true
	if !k.read {
		k.readings(c)
	}
}

// literalValue reports whether a call to an allowed route is denied only because a parameter has the value of a literal of
// the table. It warns of that, unless the contract rules such values out.
func (k *class) literalValue(r *route, method, path string, got apigateway.Decision) bool {
	if got != apigateway.ExplicitDeny || r.parts[len(r.parts)-1].kind == rest {
		return false
	}
	templates := segments(r.Template)
	found, excluded := false, false
	for i, value := range segments(path) {
		if r.parts[i].kind != parameter || !k.literals[value] {
			continue
		}
		found = true
		values := r.Values[strings.Trim(templates[i], "{}")]
		excluded = excluded || values != nil && values.Excludes(value)
	}
	if found && !excluded {
		k.warn(Warning{Code: "literal-value", Text: "denied to callers who may call it, if a parameter's value equals a literal of another route"},
			r, "%s %s for %s", method, path, k.caller)
	}
	return found
}

// others looks at an allowed call to a path outside of the contract. A policy that claims to be exact must deny it if it
// can; another had no room for that.
func (k *class) others(c call) {
	if k.exact {
		if k.avoidable(c) {
			k.fail("%s may call %s %s, for which there is no route", k.caller, c.method, c.path)
		}
		return
	}
	if k.report.Others++; k.report.Others == 1 {
		k.example = fmt.Sprintf("%s %s for %s", c.method, c.path, k.caller)
	}
}

// avoidable reports whether a call to no route could be denied without denying an allowed one. Allowing it is
// unavoidable where a parameter of an allowed route becomes a "*" that covers it, and every Deny that
// keeps that "*" shorter covers a deeper route which is allowed too.
func (k *class) avoidable(c call) bool {
	path := segments(c.path)
	explained := false
	for _, r := range k.gateway {
		pattern := r.pattern()
		if !k.may[r.index] || !k.under(r, c.method) || !spans(pattern, path) {
			continue
		}
		explained = true
		for i, token := range pattern {
			longer := pattern
			for token == "*" && len(longer) < len(path) {
				longer = slices.Insert(slices.Clone(longer), i, "*")
				if spans(longer, path) && !k.reachesAllowed(c.method, longer) {
					return true
				}
			}
		}
	}
	return !explained
}

// reachesAllowed reports whether a Deny of this pattern could hit a call that the caller may make.
func (k *class) reachesAllowed(method string, pattern []string) bool {
	key := method + "/" + strings.Join(pattern, "/")
	reached, known := k.silent[key]
	if !known {
		if k.silent == nil {
			k.silent = make(map[string]bool)
		}
		reached = k.couldReach(method, pattern)
		k.silent[key] = reached
	}
	return reached
}

func (k *class) couldReach(method string, pattern []string) bool {
	return slices.ContainsFunc(k.gateway, func(r *route) bool {
		return k.may[r.index] && k.under(r, method) && reaches(pattern, r.parts)
	})
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// spans reports whether a pattern in which "*" is one segment or more matches these. It fills in a table, row by
// row, so that many "*" do not multiply: row i says how many of the segments i tokens can match.
func spans(pattern, segments []string) bool {
	row := make([]bool, len(segments)+1)
	row[0] = true
	for _, token := range pattern {
		next := make([]bool, len(segments)+1)
		for j, s := range segments {
			next[j+1] = row[j] && (token == "*" || token == s) || token == "*" && next[j]
		}
		row = next
	}
	return row[len(segments)]
}

// implicit looks at a call that is denied by silence. That is wrong where a Deny was possible: for a
// forbidden route, and for a method under which the caller may call nothing. For a forbidden route it is
// worth a warning where it was not.
func (k *class) implicit(c call) {
	switch {
	case !k.reachesAllowed(c.method, []string{"*"}):
		k.fail("%s is denied %s %s only implicitly, and may call nothing with this method", k.caller, c.method, c.path)
	case c.route == nil:
	case !k.reachesAllowed(c.method, c.route.pattern()):
		k.fail("%s is denied %s %s only implicitly", k.caller, c.method, c.path)
	default:
		k.warn(Warning{Code: "implicit-denial", Text: "denied to some callers only implicitly, because an explicit Deny would also match a route that they may call: " +
			"a resource policy that allows the call overrides it"}, c.route, "%s for %s", c.route, k.caller)
	}
}

// readings looks at an allowed call that would be a forbidden one by another reading of the path. [class.decideReadings]
// decides that for every path; this is for classes that it was given up for, and a test of it.
func (k *class) readings(c call) {
	if c.of != nil && k.mayBeMeant(c.of) {
		k.warnOfReading(c.of, c.method, c.path)
	}
	if c.route == nil || !c.exact {
		return
	}
	path := segments(c.path)
	for _, r := range k.wild[slices.Index(methods, c.method)] {
		if r != c.route.of && k.mayBeMeant(r) && spans(r.wild, path) {
			k.warnOfReading(r, c.method, c.path)
		}
	}
}

// warn adds a warning, once for each code and route.
func (p *shared) warn(w Warning, forbidden *route, example string, args ...any) {
	key := warning{w.Code, forbidden}
	if p.warned[key] {
		return
	}
	p.warned[key] = true
	w.Forbidden, w.Example = forbidden.Route, fmt.Sprintf(example, args...)
	p.report.Warnings = append(p.report.Warnings, w)
}

// warning is what one warning is given for, once.
type warning struct {
	code      string
	forbidden *route
}
