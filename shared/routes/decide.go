package routes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
)

// Decision is the decision about one route. The zero value denies.
type Decision struct {
	Allowed bool
	Route   string // the route as the contract writes it, "GET /users/{id}"; empty when it has no such route

	// Limits restrict what is allowed: a call is allowed within any of them. If there are none, every call is, for as long as the
	// token is valid.
	Limits []Limit

	// Reason is one phrase for a log or a person: "public", "open to any signed-in caller", "has group b",
	// "needs scope a or group b", "open to nobody", "not in the contract". All of its words come from the
	// contract.
	Reason  string
	Refusal Refusal // why not; empty if allowed
}

// Limit is what an allowed route is limited to.
type Limit struct {
	Own   map[string][]string // path parameter → the values of which it must have one; nil: any values
	Until time.Time           // when it ends; zero: with the token
}

// Path returns a path of the route within the limit, with the first of the values of each limited parameter, and other in place of
// each further parameter.
func (l Limit) Path(r Route, other string) string {
	segments, _ := r.Segments() // the table has checked it
	var path strings.Builder
	for _, s := range segments {
		text := s.Text
		if s.Param {
			text = other
		}
		if own := l.Own[s.Text]; s.Param && len(own) > 0 {
			text = own[0]
		}
		path.WriteString("/" + text)
	}
	return path.String()
}

// Refusal is the kind of a denial: a closed list for logs and programs. It is empty if the route is allowed.
type Refusal string

// The refusals. Where a rule has several alternatives, the one that the caller came nearest to gives the refusal.
const (
	RefusedContract     Refusal = "no_contract"   // the route is not in the contract, or open to nobody
	RefusedRights       Refusal = "rights"        // a scope or group is missing
	RefusedClaim        Refusal = "claim"         // a claim is missing or has another value
	RefusedNoSignIn     Refusal = "no_auth_time"  // the token does not say when its bearer signed in
	RefusedSignIn       Refusal = "sign_in_age"   // the sign-in was too long ago
	RefusedOwnerMissing Refusal = "owner_missing" // the token lacks the claim that a path parameter must equal
	RefusedOwnerValues  Refusal = "owner_values"  // that claim has more than 32 values
	RefusedOwnerValue   Refusal = "owner_value"   // its value has characters or a length that no policy may hold
	RefusedOwnerLiteral Refusal = "owner_literal" // its value is a literal that another route has in that place
	RefusedOwner        Refusal = "owner"         // the item belongs to somebody else
	RefusedRoom         Refusal = "owner_room"    // the policy has no room for the caller's values
)

// refusals are in the order of how near they are to a permission.
var refusals = []Refusal{
	"", RefusedContract, RefusedRights, RefusedClaim, RefusedNoSignIn, RefusedSignIn, RefusedOwnerMissing, RefusedOwnerValues, RefusedOwnerValue,
	RefusedOwnerLiteral, RefusedOwner, RefusedRoom,
}

// Refusals returns all kinds of denials.
func Refusals() []Refusal { return slices.Clone(refusals[1:]) }

func (r Refusal) nearness() int { return slices.Index(refusals, r) }

// because completes the reason of a denial, for the alternative that the caller came nearest to.
func (r Refusal) because(claim, parameter string) string {
	switch r {
	case RefusedClaim:
		return ": claim " + claim + " is missing or has another value"
	case RefusedNoSignIn:
		return ": the token has no auth_time"
	case RefusedSignIn:
		return ": the sign-in was longer ago"
	case RefusedOwnerMissing:
		return ": the token has no claim " + claim
	case RefusedOwnerValues:
		return fmt.Sprintf(": claim %s has more than %d values", claim, MaxOwnerValues)
	case RefusedOwnerValue:
		return fmt.Sprintf(": claim %s does not consist of 1 to %d of the characters A-Z a-z 0-9 - . _ ~, as a policy needs", claim, MaxOwnerBytes)
	case RefusedOwnerLiteral:
		return ": claim " + claim + " has the value of a literal that another path has in place of {" + parameter + "}"
	case RefusedOwner:
		return ": the call is for another {" + parameter + "}"
	case RefusedRoom:
		return ": a policy has no room for the values of claim " + claim
	default:
		return ""
	}
}

// notInContract is the reason of a call that the table has no route for.
const notInContract = "not in the contract"

// Decide returns the decision about one route, given by the method of the call and the template of the route. The names of
// its parameters do not matter, nor does the case of the method. A method that the path does not name falls
// to ANY. For the handshake of a WebSocket the template is "$connect" and the method does not matter.
//
// A method of ANY asks about a route that was deployed for every method, such as the route key "ANY /x" of an
// HTTP API. API Gateway keeps one result for all calls to it. So it is allowed only if each of the seven
// methods is allowed, by the route for that method or else by the one for ANY. If not, the reason is that of
// the first method that is denied. If the methods have different limits, it is denied.
//
// A route that is not in the table is denied.
func (t *Table) Decide(c Principal, method, template string) Decision {
	c = t.Effective(c)
	if template == connectRoute {
		d := Route{Rule: t.connect}.Decide(c)
		d.Route = connectRoute
		return d
	}
	var last Decision
	for i, m := range methodsOf(upper(method)) {
		r, found := t.Find(m, template)
		if !found {
			return Decision{Reason: notInContract, Refusal: RefusedContract}
		}
		d := r.Decide(c)
		if !d.Allowed {
			return d
		}
		if i > 0 && !sameLimits(d.Limits, last.Limits) {
			return Decision{Route: d.Route, Reason: "the methods of the path have different limits", Refusal: RefusedOwner}
		}
		if last.Route == "" || r.Method == anyMethod { // where there is a route for ANY, it speaks for all
			last = d
		}
	}
	return last
}

func sameLimits(a, b []Limit) bool {
	return slices.EqualFunc(a, b, func(x, y Limit) bool {
		return x.Until.Equal(y.Until) && (x.Own == nil) == (y.Own == nil) && compareValues(x.Own, y.Own) == 0
	})
}

// DecideCall returns the decision about one call: [Table.Match] finds the route, and the path decides whose item it is.
func (t *Table) DecideCall(c Principal, method, path string) Decision {
	r, found := t.Match(method, path)
	if !found {
		return Decision{Reason: notInContract, Refusal: RefusedContract}
	}
	return r.DecideCall(t.Effective(c), path)
}

// methodsOf returns the methods that a route serves.
func methodsOf(method string) []string {
	if method == anyMethod {
		return methods
	}
	return []string{method}
}

// Find returns the route that serves a method, in upper case, of a template: the one for ANY where the template does not
// name the method itself. The names of parameters do not matter.
func (t *Table) Find(method, template string) (Route, bool) {
	segments, err := parseTemplate(template)
	if err != nil {
		return Route{}, false // what cannot be in the table is not in the table
	}
	i, found := t.byShape[shape(method, segments)]
	if !found {
		i, found = t.byShape[shape(anyMethod, segments)]
	}
	if !found {
		return Route{}, false
	}
	return t.routes[i], true
}

// Decide returns the decision by the rule of this route alone, whatever else the table holds: for an ANY
// route, about the methods that the path does not name itself. Granted scopes are not added to the caller's:
// see [Table.Effective].
func (r Route) Decide(c Principal) Decision {
	d := Decision{Route: r.String()}
	switch {
	case r.Rule.Public:
		d.Allowed, d.Reason = true, "public"
		return d
	case len(r.Rule.AnyOf) == 0:
		d.Reason, d.Refusal = "open to nobody", RefusedContract
		return d
	}
	var limited []AllOf
	because := ""
	for _, a := range r.Rule.AnyOf {
		limit, refusal, claim, parameter := r.admits(a, c)
		switch {
		case refusal != "":
			if refusal.nearness() > d.Refusal.nearness() {
				d.Refusal, because = refusal, refusal.because(claim, parameter)
			}
		case limit.Own == nil && limit.Until.IsZero():
			return Decision{Allowed: true, Route: d.Route, Reason: a.held()}
		default:
			d.Limits, limited = append(d.Limits, limit), append(limited, a)
		}
	}
	if len(limited) == 0 {
		d.Reason = "needs " + r.Rule.String() + because
		return d
	}
	d.Allowed, d.Refusal = true, ""
	words := make([]string, len(limited))
	for i, a := range limited {
		words[i] = a.held()
	}
	d.Reason = strings.Join(words, ", or ")
	return d
}

// Allows reports whether the rule lets the caller in without limits.
func (r Rule) Allows(c Principal) bool {
	d := Route{Rule: r}.Decide(c)
	return d.Allowed && len(d.Limits) == 0
}

// DecideCall returns the decision about a call with this path, which is routed to r. Of the template's parameters only those that a claim must
// equal are looked at.
func (r Route) DecideCall(c Principal, path string) Decision {
	d := r.Decide(c)
	if !d.Allowed || len(d.Limits) == 0 {
		return d
	}
	if slices.ContainsFunc(d.Limits, func(l Limit) bool { return l.Own == nil }) {
		d.Limits = nil
		return d
	}
	segments, err := r.Segments()
	if err != nil {
		return Decision{Reason: notInContract, Refusal: RefusedContract} // not reached for a route of a table
	}
	values := strings.Split(strings.TrimPrefix(path, "/"), "/")
	parameter := ""
	for _, limit := range d.Limits {
		if parameter = limit.foreign(segments, values); parameter == "" {
			d.Limits = nil
			return d
		}
	}
	return Decision{Route: d.Route, Reason: "needs " + r.Rule.String() + RefusedOwner.because("", parameter), Refusal: RefusedOwner}
}

// foreign returns a parameter that has none of the values that it must have, or an empty string.
func (l Limit) foreign(segments []Segment, values []string) string {
	for i, s := range segments {
		if own, limited := l.Own[s.Text]; limited && s.Param && (i >= len(values) || !slices.Contains(own, values[i])) {
			return s.Text
		}
	}
	return ""
}

// held says what the caller has, and where that limits it: "has group b", "where {id} equals claim sub".
func (a AllOf) held() string {
	rights, own := strings.Join(a.rights(), " and "), strings.Join(a.ownership("equals"), " and ")
	switch {
	case rights == "" && own == "":
		return "open to any signed-in caller"
	case own == "":
		return "has " + rights
	case rights == "":
		return "where " + own
	}
	return "has " + rights + ", where " + own
}

// admits returns within what limits the caller has all that an alternative lists, or why it has not, and of which claim and
// path parameter the refusal speaks.
func (r Route) admits(a AllOf, c Principal) (limit Limit, refusal Refusal, claim, parameter string) {
	if !within(a.Scopes, c.Scopes) || !within(a.Groups, c.Groups) {
		return Limit{}, RefusedRights, "", ""
	}
	if a.MaxAge == 0 && len(a.Claims)+len(a.Owners) == 0 {
		return Limit{}, "", "", ""
	}
	for _, claim := range sortedNames(a.Claims) {
		if have := c.has(claim); len(have) == 0 || !within(a.Claims[claim], have) {
			return Limit{}, RefusedClaim, claim, ""
		}
	}
	if a.MaxAge > 0 {
		if c.AuthTime.IsZero() || c.Now.IsZero() {
			return Limit{}, RefusedNoSignIn, "", ""
		}
		if limit.Until = c.AuthTime.Add(time.Duration(a.MaxAge) * time.Second); !c.Now.Before(limit.Until) {
			return Limit{}, RefusedSignIn, "", ""
		}
	}
	for _, claim := range sortedNames(a.Owners) {
		for _, parameter := range a.Owners[claim] {
			values, refusal := r.own(c, claim, parameter)
			if refusal != "" {
				return Limit{}, refusal, claim, parameter
			}
			if limit.Own == nil {
				limit.Own = make(map[string][]string)
			}
			if others, twice := limit.Own[parameter]; twice { // two claims must both equal it
				values = slices.DeleteFunc(values, func(v string) bool { return !slices.Contains(others, v) })
				if len(values) == 0 {
					return Limit{}, RefusedOwner, claim, parameter
				}
			}
			limit.Own[parameter] = values
		}
	}
	return limit, "", "", ""
}

// Match returns the route that a call to this method and path is routed to, and false when there is none. The
// path is used as sent: nothing in it is decoded or cleaned. A path with an empty segment, such as "/me/" or "//me",
// has no route here but one for the rest of a path, although a REST API routes "/me/" like "/me": the policies deny it.
//
// It is for logs and for people. It decides nothing, since API Gateway has the last word on routing.
func (t *Table) Match(method, path string) (Route, bool) {
	path, ok := strings.CutPrefix(path, "/")
	if !ok {
		return Route{}, false
	}
	n := t.Tree().Root.Literals[upper(method)]
	if n == nil {
		return Route{}, false
	}
	e := n.Match(strings.Split(path, "/"))
	if e == nil {
		return Route{}, false
	}
	return t.routes[e.Route], true
}

// HasEmptySegment reports whether a path, given without its leading slash, has a slash at its end or two in a row. The
// root, which is empty, has none.
func HasEmptySegment(path string) bool {
	return strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//")
}

// upper returns a method in upper case. Outside of ASCII some letters have an ASCII one as their upper case, so a method with
// such a letter stays as it is.
func upper(method string) string {
	if !ascii.Alphanumeric.All(method) {
		return method
	}
	return strings.ToUpper(method)
}
