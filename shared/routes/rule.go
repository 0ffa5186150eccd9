package routes

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Rule says who may call a route. The zero value lets nobody in.
type Rule struct {
	Public bool    // everybody, with or without a token; AnyOf is empty then
	AnyOf  []AllOf // else one of these is enough
}

// AllOf lists what a caller needs, all of it. When it is empty, any verified token will do.
// Names and values are compared byte by byte, and a scope is never mistaken for a group of the same name.
type AllOf struct {
	Scopes []string `json:"scopes,omitempty"` // OAuth scopes
	Groups []string `json:"groups,omitempty"` // Cognito groups

	// Claims are claims that the token must have, each with all of these values. A claim with an empty list must only be there.
	Claims map[string][]string `json:"claims,omitempty"`

	// Owners limits the route to the caller's own items: claim → path parameters, each of which must equal the claim, or one of
	// its values if it is a list. Only values that satisfy [IsOwnerValue] count.
	Owners map[string][]string `json:"owners,omitempty"`

	// MaxAge is how long ago the sign-in (auth_time) may be, in seconds. 0: any time.
	MaxAge int64 `json:"max_age,omitzero"`
}

// Bounds on what a rule may ask for.
const (
	maxAgeLimit    = 366 * 24 * 60 * 60 // seconds
	maxNameBytes   = 256                // of a claim's name, and of a value that a rule names
	maxOwnerClaims = 32                 // that path parameters of one table must equal
)

// Check says what is wrong with the rule. Errors: [ErrName], [ErrRule].
func (r Rule) Check() error {
	var problems []error
	if r.Public && len(r.AnyOf) > 0 {
		problems = append(problems, fmt.Errorf("%w: it is public and yet asks for something", ErrRule))
	}
	for _, a := range r.AnyOf {
		for _, s := range a.Scopes {
			problems = append(problems, checkScope(s))
		}
		for _, g := range a.Groups {
			problems = append(problems, checkGroup(g))
		}
		for _, claim := range sortedNames(a.Claims) {
			problems = append(problems, checkClaim(claim))
			for _, v := range a.Claims[claim] {
				problems = append(problems, checkValue(claim, v))
			}
		}
		for _, claim := range sortedNames(a.Owners) {
			problems = append(problems, checkClaim(claim))
			if len(a.Owners[claim]) == 0 {
				problems = append(problems, fmt.Errorf("%w: claim %s owns no path parameter", ErrRule, claim))
			}
		}
		if a.MaxAge < 0 || a.MaxAge > maxAgeLimit {
			problems = append(problems, fmt.Errorf("%w: a sign-in of at most %d seconds ago: want 1 to %d", ErrRule, a.MaxAge, maxAgeLimit))
		}
	}
	return errors.Join(problems...)
}

// check is Check for the rule of a route, which must let somebody in.
func (r Rule) check() error {
	if !r.Public && len(r.AnyOf) == 0 {
		return fmt.Errorf("%w: it lets nobody in", ErrRule)
	}
	return r.Check()
}

// checkOwners refuses owners of anything but a path parameter that is one segment of the template. Errors: [ErrRule].
func (r Rule) checkOwners(segments []Segment) error {
	var problems []error
	for _, a := range r.AnyOf {
		for _, claim := range sortedNames(a.Owners) {
			for _, name := range a.Owners[claim] {
				at := slices.IndexFunc(segments, func(s Segment) bool { return s.Param && s.Text == name })
				switch {
				case at < 0:
					problems = append(problems, fmt.Errorf("%w: the path has no parameter {%s} for claim %s to equal", ErrRule, name, claim))
				case segments[at].Greedy:
					problems = append(problems, fmt.Errorf("%w: {%s+} stands for several segments, and a claim equals one", ErrRule, name))
				}
			}
		}
	}
	return errors.Join(problems...)
}

// checkClaim refuses the name of a claim that no token has. Errors: [ErrName].
func checkClaim(name string) error {
	if err := checkName("claim", name); err != nil {
		return err
	}
	if len(name) > maxNameBytes {
		return fmt.Errorf("%w: the name of a claim has %d bytes, at most %d", ErrName, len(name), maxNameBytes)
	}
	return nil
}

// checkValue refuses a value that no rule can sensibly ask for. White space inside is fine. Errors: [ErrName].
func checkValue(claim, value string) error {
	odd := func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }
	switch {
	case claim == "cognito:groups":
		return checkGroup(value)
	case value == "":
		return fmt.Errorf("%w: an empty value of claim %s", ErrName, claim)
	case len(value) > maxNameBytes:
		return fmt.Errorf("%w: a value of claim %s has %d bytes, at most %d", ErrName, claim, len(value), maxNameBytes)
	case strings.ContainsFunc(value, odd):
		return fmt.Errorf("%w: value %q of claim %s holds a control character", ErrName, value, claim)
	}
	return nil
}

// String returns the rule in words: "public", "any signed-in caller", "scope a and group b, or group c".
func (r Rule) String() string {
	switch {
	case r.Public:
		return "public"
	case len(r.AnyOf) == 0:
		return "nobody"
	}
	words, separator := make([]string, len(r.AnyOf)), " or "
	for i, a := range r.AnyOf {
		words[i] = a.String()
		if strings.Contains(words[i], " and ") {
			separator = ", or " // so that "and" binds tighter than "or" to the eye as well
		}
	}
	return strings.Join(words, separator)
}

// String returns the list in words: "scope a and group b and {id} equal to claim sub".
func (a AllOf) String() string {
	words := append(a.rights(), a.ownership("equal to")...)
	if len(words) == 0 {
		return "any signed-in caller"
	}
	return strings.Join(words, " and ")
}

// rights returns in words what the token itself must have.
func (a AllOf) rights() []string {
	var words []string
	for _, s := range a.Scopes {
		words = append(words, "scope "+s)
	}
	for _, g := range a.Groups {
		words = append(words, "group "+g)
	}
	for _, claim := range sortedNames(a.Claims) {
		if len(a.Claims[claim]) == 0 {
			words = append(words, "claim "+claim)
		}
		for _, v := range a.Claims[claim] {
			words = append(words, "claim "+claim+"="+quoted(v))
		}
	}
	if a.MaxAge > 0 {
		words = append(words, "a sign-in at most "+Age(a.MaxAge)+" ago")
	}
	return words
}

// ownership returns in words which parameters must equal which claims.
func (a AllOf) ownership(verb string) []string {
	var words []string
	for _, claim := range sortedNames(a.Owners) {
		for _, name := range a.Owners[claim] {
			words = append(words, "{"+name+"} "+verb+" claim "+claim)
		}
	}
	return words
}

// quoted returns a value as it is, or in quotes if it could be misread.
func quoted(value string) string {
	if isLiteral(value) {
		return value
	}
	return strconv.Quote(value)
}

// Age writes a number of seconds as a contract does: "15m", "1h30m".
func Age(seconds int64) string {
	s := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// canonical returns the same rule in the one form that all its spellings share: sorted, without repetition,
// and without an alternative that asks for more than another one does.
func (r Rule) canonical() Rule {
	if r.Public {
		return Rule{Public: true}
	}
	var all []AllOf
	for _, a := range r.AnyOf {
		all = append(all, AllOf{
			Scopes: sorted(a.Scopes), Groups: sorted(a.Groups), Claims: sortedValues(a.Claims), Owners: sortedValues(a.Owners), MaxAge: a.MaxAge,
		})
	}
	slices.SortFunc(all, compareAllOf)
	all = slices.CompactFunc(all, func(a, b AllOf) bool { return compareAllOf(a, b) == 0 })
	var least []AllOf
	for i, a := range all {
		asksMore := func(b AllOf) bool { return compareAllOf(a, b) != 0 && a.implies(b) }
		if !slices.ContainsFunc(all, asksMore) {
			least = append(least, all[i])
		}
	}
	return Rule{AnyOf: least}
}

// implies reports whether whoever has all of a has all of b.
func (a AllOf) implies(b AllOf) bool {
	return within(b.Scopes, a.Scopes) && within(b.Groups, a.Groups) && allWithin(b.Claims, a.Claims) && allWithin(b.Owners, a.Owners) &&
		(b.MaxAge == 0 || a.MaxAge > 0 && a.MaxAge <= b.MaxAge)
}

// within reports whether every name of some is among all.
func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func allWithin(some, all map[string][]string) bool {
	for name, values := range some {
		if have, ok := all[name]; !ok || !within(values, have) {
			return false
		}
	}
	return true
}

func sorted(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

func sortedNames[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil // most rules have none, and each decision asks for them
	}
	return slices.Sorted(maps.Keys(m))
}

// sortedValues returns a copy with sorted lists, nil if it is empty. An empty list is never nil: routes.json has none that is null.
func sortedValues(m map[string][]string) map[string][]string {
	if len(m) == 0 {
		return nil
	}
	made := make(map[string][]string, len(m))
	for name, values := range m {
		made[name] = append([]string{}, sorted(values)...)
	}
	return made
}

func compareAllOf(a, b AllOf) int {
	return cmp.Or(slices.Compare(a.Groups, b.Groups), slices.Compare(a.Scopes, b.Scopes), compareValues(a.Claims, b.Claims),
		compareValues(a.Owners, b.Owners), cmp.Compare(a.MaxAge, b.MaxAge))
}

func compareValues(a, b map[string][]string) int {
	if len(a)+len(b) == 0 {
		return 0
	}
	names, others := sortedNames(a), sortedNames(b)
	if c := slices.Compare(names, others); c != 0 {
		return c
	}
	for _, name := range names {
		if c := slices.Compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return 0
}

// key tells canonical rules apart. Scopes and groups hold no white space, see [checkScope] and [checkGroup].
func (r Rule) key() string {
	if r.Public {
		return "public"
	}
	var b strings.Builder
	for _, a := range r.AnyOf {
		b.WriteString(strings.Join(a.Scopes, " ") + "\t" + strings.Join(a.Groups, " "))
		for _, m := range []map[string][]string{a.Claims, a.Owners} {
			b.WriteString("\t")
			for _, name := range sortedNames(m) {
				fmt.Fprintf(&b, "%q%q", name, m[name])
			}
		}
		fmt.Fprintf(&b, "\t%d\n", a.MaxAge)
	}
	return b.String()
}
