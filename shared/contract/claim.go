package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// The extensions of a bearer scheme that change what its names mean.
const (
	extToken  = "x-authorizer-token"
	extClaim  = "x-authorizer-claim"
	extOwner  = "x-authorizer-owner"
	extMaxAge = "x-authorizer-max-age"
)

// readMeaning reads the extension that gives a scheme its meaning, if it has one. A scheme has one at most, so that no condition
// is lost.
func (c *compiler) readMeaning(s *scheme, n *node, bearer bool) {
	var given []string
	for _, m := range n.members {
		if !slices.Contains([]string{extToken, extClaim, extOwner, extMaxAge}, m.name) {
			continue
		}
		if given = append(given, m.name); len(given) > 1 {
			c.refuse("scheme", m.at, "", fmt.Sprintf("the scheme %s has %s beside %s, and a scheme has one meaning", short(s.name), m.name, given[0]),
				"Declare a scheme for each, and name both in one entry of security")
			return
		}
		if m.name != extToken && !bearer {
			c.refuse("scheme", m.at, "", fmt.Sprintf("%s is at the scheme %s, which is not of type http with scheme bearer", m.name, short(s.name)),
				"Declare a scheme of its own for it: {type: http, scheme: bearer, "+m.name+": …}")
			return
		}
		switch m.name {
		case extToken:
			if m.value.kind != boolean || m.value.value != "true" {
				c.refuse("scheme", m.value.at, "", extToken+" has an unknown value", "Write true, or leave it out")
			}
			s.meaning, s.reason = anyToken, ""
		case extClaim:
			s.meaning = claimValues
			s.claim = c.claimName(m)
		case extOwner:
			s.meaning = pathOwner
			s.claim = c.claimName(m)
		case extMaxAge:
			s.meaning = signInAge
			s.maxAge = c.maxAge(m)
		}
	}
}

// claimName returns the name of a claim that an extension holds.
func (c *compiler) claimName(m member) string {
	name := m.value.text()
	switch {
	case m.value.kind != text || name == "":
		c.refuse("scheme", m.value.at, "", fmt.Sprintf("%s is %s, not the name of a claim", m.name, emptyOr(m.value)), "Write the claim's name, such as sub or custom:tenant_id")
		return ""
	case name == "scope":
		c.refuse("scheme", m.value.at, "", m.name+" names the claim scope, which holds all scopes in one string", "Use a scheme of type oauth2 or openIdConnect, whose names are scopes")
		return ""
	}
	if err := (routes.Rule{AnyOf: []routes.AllOf{{Claims: map[string][]string{name: nil}}}}).Check(); err != nil {
		c.refuseFor("scheme", m.value.at, "", err, "Correct the name")
		return ""
	}
	if isWritable(name) {
		c.note("writable-claim", m.value.at, "", fmt.Sprintf("the claim %s comes from an attribute that users may change themselves", short(name)),
			"Remove the app clients' permission to write it, or set it in a pre-token-generation trigger")
	}
	return name
}

func emptyOr(n *node) string {
	if n.kind == text {
		return "empty"
	}
	return n.kind.String()
}

// standardAttributes are the claims of a user pool's standard attributes but sub, all of which an app client may write unless
// it is configured otherwise.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
var standardAttributes = []string{
	"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "email",
	"gender", "birthdate", "zoneinfo", "locale", "phone_number", "address", "updated_at",
}

// isWritable reports whether a claim of an ID token may come from an attribute that its user can change.
func isWritable(claim string) bool {
	return strings.HasPrefix(claim, "custom:") || slices.Contains(standardAttributes, claim)
}

// maxAge returns the seconds that an extension holds as a duration, or 0 if it was refused.
func (c *compiler) maxAge(m member) int64 {
	d, err := time.ParseDuration(m.value.text())
	const most = 366 * 24 * time.Hour
	switch {
	case m.value.kind != text:
		err = fmt.Errorf("it is %s", m.value.kind)
	case err != nil:
		err = fmt.Errorf("it is %s", short(m.value.value))
	case d < time.Second || d > most:
		err = errors.New("it is not between one second and 8784h")
	case d%time.Second != 0:
		err = errors.New("it is not in whole seconds")
	}
	if err != nil {
		c.refuse("scheme", m.value.at, "", fmt.Sprintf("%s is not a usable duration: %v", m.name, err), "Write hours, minutes and seconds, such as 15m, 1h or 1h30m")
		return 0
	}
	return int64(d / time.Second)
}

// addClaim adds values of a claim, or of an owner, to what an alternative lists.
func addClaim(to *map[string][]string, claim string, values []string) {
	made := map[string][]string{}
	for name, others := range *to {
		made[name] = others
	}
	made[claim] = append(slices.Clone(made[claim]), values...)
	*to = made
}

// readGrants reads x-authorizer-grants: scopes that callers hold in addition, by group and by client.
func (c *compiler) readGrants() (g routes.Grants) {
	m := c.root.member("x-authorizer-grants")
	if m == nil {
		return g
	}
	const form = "Write {groups: {GROUP: [SCOPE]}, clients: {CLIENT_ID: [SCOPE]}}"
	if m.value.kind != object || len(m.value.members) == 0 {
		c.refuse("grants", m.value.at, "", fmt.Sprintf("x-authorizer-grants is %s", emptyObjectOr(m.value)), form)
		return g
	}
	for _, by := range m.value.members {
		switch by.name {
		case "groups":
			g.Groups = c.grantsOf(by, form)
		case "clients":
			g.Clients = c.grantsOf(by, form)
		default:
			c.refuse("grants", by.at, "", fmt.Sprintf("x-authorizer-grants has the unknown key %s", short(by.name)), form)
		}
	}
	return g
}

func emptyObjectOr(n *node) string {
	if n.kind == object {
		return "empty"
	}
	return n.kind.String()
}

func (c *compiler) grantsOf(by member, form string) map[string][]string {
	if by.value.kind != object {
		c.refuse("grants", by.value.at, "", fmt.Sprintf("%s of x-authorizer-grants is %s", by.name, by.value.kind), form)
		return nil
	}
	all := map[string][]string{}
	for _, m := range by.value.members {
		if m.value.kind != list || len(m.value.items) == 0 {
			c.refuse("grants", m.value.at, "", fmt.Sprintf("what x-authorizer-grants gives to %s is not a list of scopes", short(m.name)), form)
			continue
		}
		if !norm.NFC.IsNormalString(m.name) {
			c.refuse("grants", m.at, "", notNormal(m.name), normalize)
			continue
		}
		for _, item := range m.value.items {
			if item.kind != text {
				c.refuse("grants", item.at, "", fmt.Sprintf("what x-authorizer-grants gives to %s holds %s, not a scope", short(m.name), item.kind), "Quote names that look like numbers or booleans")
				continue
			}
			all[m.name] = append(all[m.name], item.value)
			c.granted = append(c.granted, granted{item.value, item.at})
		}
	}
	return all
}

// granted is a scope that x-authorizer-grants names.
type granted struct {
	scope string
	at    position
}

// checkGrants warns of granted scopes that no rule names: they are most likely misspelt.
func (c *compiler) checkGrants(connect routes.Rule) {
	named := map[string]bool{}
	for _, rule := range append(rulesOf(c.routes), connect) {
		for _, a := range rule.AnyOf {
			for _, s := range a.Scopes {
				named[s] = true
			}
		}
	}
	for _, g := range c.granted {
		if !named[g.scope] {
			c.warn("unused-grant", g.at, "", fmt.Sprintf("x-authorizer-grants grants the scope %s, which no rule names", short(g.scope)), "Correct the name, unless the backend reads it")
		}
	}
}

func rulesOf(all []routes.Route) []routes.Rule {
	rules := make([]routes.Rule, len(all))
	for i, r := range all {
		rules[i] = r.Rule
	}
	return rules
}

// connectRule returns the rule for opening a WebSocket: the document's own, without the entries that need a path.
func (c *compiler) connectRule(standard *access) routes.Rule {
	rule := standard.rule
	rule.AnyOf = slices.DeleteFunc(slices.Clone(rule.AnyOf), func(a routes.AllOf) bool { return len(a.Owners) > 0 })
	if len(rule.AnyOf) < len(standard.rule.AnyOf) {
		c.note("connect-owner", standard.at, "", "the handshake of a WebSocket has no path parameters, so entries of the document's security with an owner do not allow it", "")
	}
	return rule
}
