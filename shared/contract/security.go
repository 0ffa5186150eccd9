package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

type accessKind int

const (
	tokenAccess accessKind = iota
	publicAccess
	iamAccess
)

func (k accessKind) String() string { return [...]string{"token", "public", "iam"}[k] }

// access is the meaning of a security list.
type access struct {
	ok       bool // the rest is meaningful
	at       position
	kind     accessKind
	rule     routes.Rule // of public and token
	key      bool        // API Gateway also requires an API key of a usage plan
	keyOnly  bool        // every entry requires only an API key
	security []any       // the rest of the list, in canonical form
	schemes  []*scheme   // of the tokens

	wrong  []problem // why the list has no meaning; reported for each operation with it
	remark []problem // warnings and notes, likewise
}

// problem is a finding about a security list, reported once the routes are known.
type problem struct {
	severity Severity
	code     string
	at       position
	message  string
	wayOut   string
}

// alternative is one entry of a list.
type alternative struct {
	anyOf   []routes.AllOf // several if an entry lists scopes of which one suffices
	token   bool
	iam     bool
	key     bool
	entry   map[string]any
	schemes []*scheme
	at      position
	reason  string // why it is dropped
	wayOut  string
}

// Bounds on a security list: they keep the time that it takes to compare its alternatives with each other short.
const (
	maxAlternatives = 256  // entries, also after an entry that combines several lists of which one name suffices was written out
	maxNames        = 1024 // schemes of its entries and names under them
)

// namesIn returns how many schemes the entries of a security list have, and names under them.
func namesIn(list *node) (count int) {
	for _, entry := range list.items {
		for _, m := range entry.members {
			count += 1 + len(m.value.items)
		}
	}
	return count
}

// access interprets a security list: any of its entries suffices, and an entry requires all of its schemes. It reports errors in the form
// of the list, for the route if there is one; [compiler.apply] reports the rest.
func (c *compiler) access(n *node, route string) access {
	a := access{at: n.at}
	bad := func(at position, message, wayOut string) { c.refuse("security", at, route, message, wayOut) }
	if n.kind != list {
		bad(n.at, fmt.Sprintf("security is %s, not a list", n.kind), "Write [] if anybody may call, or a list such as [{SCHEME: []}]")
		return a
	}
	if len(n.items) > maxAlternatives {
		bad(n.at, fmt.Sprintf("security has more than %d entries", maxAlternatives), "Give these callers a scope or group in common, and name that one")
		return a
	}
	if names := namesIn(n); names > maxNames {
		bad(n.at, fmt.Sprintf("security has %d schemes and names under them, more than %d", names, maxNames), "Give these callers a scope or group in common, and name that one")
		return a
	}
	valid, public := true, len(n.items) == 0
	var all []alternative
	alternatives := 0
	for _, entry := range n.items {
		if entry.kind != object {
			bad(entry.at, fmt.Sprintf("an entry of security is %s, not an object", entry.kind), "Write {SCHEME: [NAMES]}, or {} if anybody may call")
			valid = false
			continue
		}
		if len(entry.members) == 0 {
			public = true
			continue
		}
		alt, ok := c.alternative(entry, bad)
		valid = valid && ok
		all = append(all, alt)
		if alternatives += len(alt.anyOf); alternatives > maxAlternatives {
			bad(entry.at, fmt.Sprintf("the entries of security combine lists of scopes in more than %d ways", maxAlternatives), "List fewer scopes")
			return a
		}
	}
	if !valid {
		return a
	}
	a.ok = true
	if public {
		a.kind, a.rule, a.security = publicAccess, routes.Rule{Public: true}, []any{}
		if len(all) > 0 {
			a.remark = append(a.remark, problem{SeverityWarning, "optional-token", n.at,
				"security has the empty object {} beside other entries, so the route is public: a token that is sent along is not read", "Write [] if that is meant; else remove the {}"})
		}
		return a
	}
	a.choose(all)
	return a
}

// choose keeps the alternatives that API Gateway and the authorizer can check. Dropping the others only reduces who may call. If none is
// left, the list has no meaning.
func (a *access) choose(all []alternative) {
	drop := func(match func(alternative) bool, reason string) {
		for i := range all {
			if all[i].reason == "" && match(all[i]) {
				all[i].reason = reason
			}
		}
	}
	have := func(match func(alternative) bool) bool {
		return slices.ContainsFunc(all, func(x alternative) bool { return x.reason == "" && match(x) })
	}
	isToken := func(x alternative) bool { return x.token }
	isIAM := func(x alternative) bool { return x.iam }
	a.keyOnly = !slices.ContainsFunc(all, func(x alternative) bool { return x.reason != "" || !x.key || x.token || x.iam })
	drop(func(x alternative) bool { return x.token && x.iam }, "an entry asks for a token and an IAM signature, but API Gateway authorizes a route in one way only")
	drop(func(x alternative) bool { return !x.token && !x.iam }, "an entry requires only a usage-plan key, which does not authorize anybody")
	if have(isToken) {
		drop(isIAM, "an entry asks for an IAM signature beside one that asks for a token, but API Gateway authorizes a route in one way only")
	} else if have(isIAM) {
		a.kind = iamAccess
	}
	if have(func(x alternative) bool { return !x.key }) {
		drop(func(x alternative) bool { return x.key }, "an entry asks for a key of a usage plan and another does not, but API Gateway asks for it on every call of a route or on none")
	}
	seen := map[string]bool{}
	for _, x := range all {
		if x.reason != "" {
			a.wrong = append(a.wrong, problem{SeverityError, "unsupported-scheme", x.at, x.reason, x.wayOut})
			continue
		}
		a.rule.AnyOf = append(a.rule.AnyOf, x.anyOf...)
		a.key = x.key // the same for all that are left
		a.schemes = append(a.schemes, x.schemes...)
		text, _ := json.Marshal(x.entry) // strings and lists of strings always encode
		if !seen[string(text)] {
			seen[string(text)] = true
			a.security = append(a.security, x.entry)
		}
	}
	if len(a.security) == 0 {
		return
	}
	for _, p := range a.wrong {
		a.remark = append(a.remark, problem{SeverityWarning, "dropped-alternative", p.at, p.message + ": the entry is left out, so callers who rely on it are refused", p.wayOut})
	}
	a.wrong = nil
	if a.key {
		a.remark = append(a.remark, problem{SeverityNote, "usage-plan-key", a.at, "API Gateway checks x-api-key itself, against its usage plans", ""})
	}
	slices.SortFunc(a.security, func(x, y any) int {
		one, _ := json.Marshal(x)
		two, _ := json.Marshal(y)
		return strings.Compare(string(one), string(two))
	})
}

// alternative reads one entry, which is an object with members.
func (c *compiler) alternative(entry *node, bad func(position, string, string)) (alternative, bool) {
	x := alternative{at: entry.at, anyOf: []routes.AllOf{{}}, entry: map[string]any{}}
	ok := true
	members := slices.Clone(entry.members)
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	for _, m := range members {
		names, valid := c.names(m, bad)
		if !valid {
			ok = false
			continue
		}
		s := c.schemes[m.name]
		if s == nil {
			where := "components.securitySchemes"
			if c.swagger {
				where = "securityDefinitions"
			}
			x.reason, x.wayOut = fmt.Sprintf("the security scheme %s is not declared", short(m.name)), "Declare it under "+where+", or correct the name"
			continue
		}
		if len(names) > 0 && (s.meaning == anyToken || s.meaning == signInAge || s.meaning == usageKey || s.meaning == iam) {
			bad(m.value.at, fmt.Sprintf("the scheme %q accepts no names", m.name), "Write []")
			ok = false
			continue
		}
		if len(names) == 0 && s.meaning == pathOwner {
			bad(m.value.at, fmt.Sprintf("the scheme %q names no path parameter that must equal the claim %s", m.name, s.claim), "Write the names of path parameters, such as [id] for /orders/{id}")
			ok = false
			continue
		}
		x.entry[m.name] = names
		x.token = x.token || s.meaning.isToken()
		if s.meaning.isToken() {
			x.schemes = append(x.schemes, s)
		}
		switch s.meaning {
		case allScopes:
			for i := range x.anyOf {
				x.anyOf[i].Scopes = append(x.anyOf[i].Scopes, names...)
			}
		case allGroups:
			for i := range x.anyOf {
				x.anyOf[i].Groups = append(x.anyOf[i].Groups, names...)
			}
		case anyScope:
			if len(names)*len(x.anyOf) > maxAlternatives {
				bad(m.value.at, fmt.Sprintf("an entry combines lists of scopes in more than %d ways", maxAlternatives), "List fewer scopes")
				ok = false
				continue
			}
			if len(names) > 0 {
				x.anyOf = product(x.anyOf, names)
			}
		case claimValues:
			for i := range x.anyOf {
				addClaim(&x.anyOf[i].Claims, s.claim, names)
			}
		case pathOwner:
			for i := range x.anyOf {
				addClaim(&x.anyOf[i].Owners, s.claim, names)
			}
		case signInAge:
			for i, a := range x.anyOf {
				if a.MaxAge == 0 || s.maxAge < a.MaxAge {
					x.anyOf[i].MaxAge = s.maxAge
				}
			}
		case usageKey:
			x.key = true
		case iam:
			x.iam = true
		case unsupported:
			x.reason, x.wayOut = fmt.Sprintf("the security scheme %q %s", m.name, s.reason), s.wayOut
		}
	}
	return x, ok
}

func product(all []routes.AllOf, scopes []string) []routes.AllOf {
	var combined []routes.AllOf
	for _, one := range all {
		for _, scope := range scopes {
			with := one
			with.Scopes, with.Groups = append(slices.Clone(one.Scopes), scope), slices.Clone(one.Groups)
			combined = append(combined, with)
		}
	}
	return combined
}

const normalize = "Write it in the normal form NFC, one code point for each accented letter where there is one"

// notNormal is the problem of a name that Terraform, which normalizes strings, would create under another one: no token would carry
// the name that the rule asks for.
func notNormal(name string) string {
	return fmt.Sprintf("the name %s is not in Unicode normal form C (it is %s)", short(name), strconv.QuoteToASCII(name))
}

// names returns the names that an entry lists under a scheme, sorted.
func (c *compiler) names(m member, bad func(position, string, string)) ([]string, bool) {
	if m.value.kind != list {
		bad(m.at, fmt.Sprintf("%q is %s, not a list", m.name, m.value.kind), "Write [] if any valid token will do, or a list of names")
		return nil, false
	}
	names := []string{}
	for _, item := range m.value.items {
		if item.kind != text {
			bad(item.at, fmt.Sprintf("the list under %q holds %s, not a string", m.name, item.kind), "Quote names that look like numbers or booleans")
			return nil, false
		}
		if !norm.NFC.IsNormalString(item.value) {
			bad(item.at, notNormal(item.value), normalize)
			return nil, false
		}
		names = append(names, item.value)
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// apply reports what a security list means for a route, and reports whether the route can be compiled.
func (c *compiler) apply(a *access, route string) bool {
	for _, p := range a.remark {
		c.report(p.severity, p.code, p.at, route, p.message, p.wayOut, nil)
	}
	for _, p := range a.wrong {
		c.refuse(p.code, p.at, route, p.message+", and nothing else opens the route", p.wayOut)
	}
	if !a.ok || len(a.wrong) > 0 {
		return false
	}
	if err := a.rule.Check(); err != nil {
		for _, one := range split(err) {
			c.refuseFor("name", a.at, route, one, "Correct the name")
		}
		return false
	}
	for _, s := range a.schemes {
		if !s.used {
			s.used, s.firstAt = true, a.at
			c.used = append(c.used, s)
		}
		if !slices.Contains(s.usedBy[max(0, len(s.usedBy)-1):], route) {
			s.usedBy = append(s.usedBy, route)
		}
	}
	return true
}

// split returns the single errors of one that was joined.
func split(err error) []error {
	if several, ok := err.(interface{ Unwrap() []error }); ok && !strings.Contains(err.Error(), ": ") || ok && strings.Contains(err.Error(), "\n") {
		var all []error
		for _, e := range several.Unwrap() {
			all = append(all, split(e)...)
		}
		return all
	}
	return []error{err}
}

// usedSchemes returns contract.json's securitySchemes: those that canonical lists name.
func (c *compiler) usedSchemes() map[string]any {
	all := map[string]any{}
	for _, o := range c.operations {
		for _, entry := range o.access.security {
			for name := range maps.Keys(entry.(map[string]any)) {
				all[name] = c.schemes[name].out
			}
		}
	}
	return all
}
