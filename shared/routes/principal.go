package routes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Principal is what a verified token says about the rights of its bearer. What is absent grants nothing.
type Principal struct {
	Scopes []string
	Groups []string
	Client string // client_id of an access token, aud of an ID token

	// Claims are the values of the claims that [Table.ClaimNames] lists, by name: one value for a string, a number (in plain
	// decimal digits) or a boolean (true, false), several for a list. A claim that is null, an object or a list of anything else
	// is left out, and then no rule about it holds. The issuer is the claim iss.
	Claims map[string][]string

	AuthTime time.Time // auth_time, the sign-in; zero if the token has none
	Now      time.Time // when the decision is made; if zero, no rule about the age of a sign-in holds
}

// String returns the caller in words: "a caller with scope a and group b". Of claims it has the names alone, since values may
// be personal.
func (c Principal) String() string {
	var words []string
	for _, s := range c.Scopes {
		words = append(words, "scope "+s)
	}
	for _, g := range c.Groups {
		words = append(words, "group "+g)
	}
	for _, name := range sortedNames(c.Claims) {
		words = append(words, "claim "+name)
	}
	if len(words) == 0 {
		return "a caller without scopes and groups"
	}
	return "a caller with " + strings.Join(words, " and ")
}

// has returns the values of a claim that are not empty. A claim without any counts as absent.
func (c Principal) has(claim string) []string {
	values := c.Claims[claim]
	if slices.Contains(values, "") {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	}
	return values
}

// AnyValue is the value of a claim in [AllOf.Least] where the rule names none.
const AnyValue = "any-value"

// Least returns a caller who has just what the alternative lists, so that all of it holds at some time. Claims of which no
// value is named have [AnyValue].
func (a AllOf) Least() Principal {
	c := Principal{Scopes: a.Scopes, Groups: a.Groups}
	if len(a.Claims)+len(a.Owners) > 0 {
		c.Claims = make(map[string][]string)
		for claim := range a.Owners {
			c.Claims[claim] = []string{AnyValue}
		}
		for claim, values := range a.Claims {
			if len(values) > 0 {
				c.Claims[claim] = values
			} else {
				c.Claims[claim] = []string{AnyValue}
			}
		}
	}
	if a.MaxAge > 0 {
		c.AuthTime = time.Unix(1, 0)
		c.Now = c.AuthTime
	}
	return c
}

// Grants are scopes that callers hold in addition to those of their tokens: by group, and by app client.
type Grants struct {
	Groups  map[string][]string `json:"groups,omitempty"`  // group → scopes
	Clients map[string][]string `json:"clients,omitempty"` // client ID → scopes
}

// IsZero reports whether nothing is granted.
func (g Grants) IsZero() bool { return len(g.Groups)+len(g.Clients) == 0 }

// check says what is wrong with the grants. Errors: [ErrName], [ErrRule].
func (g Grants) check() error {
	var problems []error
	for _, by := range []struct {
		kind  string
		names map[string][]string
	}{{"group", g.Groups}, {"client", g.Clients}} {
		for _, name := range sortedNames(by.names) {
			if by.kind == "group" {
				problems = append(problems, checkGroup(name))
			} else {
				problems = append(problems, checkName(by.kind, name))
			}
			if len(by.names[name]) == 0 {
				problems = append(problems, fmt.Errorf("%w: %s %s is granted no scope", ErrRule, by.kind, name))
			}
			for _, s := range by.names[name] {
				problems = append(problems, checkScope(s))
			}
		}
	}
	return errors.Join(problems...)
}

// Effective returns the caller with the scopes that the table grants to it beside those of its token. Deciding and making
// policies do so themselves; it is for those who pass the scopes on.
func (t *Table) Effective(c Principal) Principal {
	if t.grants.IsZero() {
		return c
	}
	scopes := slices.Clone(c.Scopes)
	add := func(granted []string) {
		for _, s := range granted {
			if !slices.Contains(scopes, s) {
				scopes = append(scopes, s)
			}
		}
	}
	for _, g := range c.Groups {
		add(t.grants.Groups[g])
	}
	if c.Client != "" {
		add(t.grants.Clients[c.Client])
	}
	c.Scopes = scopes
	return c
}

// Grants returns the scopes that are granted by group and by client.
func (t *Table) Grants() Grants { return t.grants }

// ClaimNames returns the claims that rules read, sorted: what [Principal.Claims] must hold.
func (t *Table) ClaimNames() []string { return slices.Clone(t.claims) }

// HasOwners reports whether some rule limits a route to the caller's own items.
func (t *Table) HasOwners() bool {
	return slices.ContainsFunc(t.rules, Rule.hasOwners)
}

func (r Rule) hasOwners() bool {
	return slices.ContainsFunc(r.AnyOf, func(a AllOf) bool { return len(a.Owners) > 0 })
}
