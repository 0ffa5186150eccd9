// Package principal makes the caller that a person describes, on a command line, in a file or by a token: the claims as the
// authorizer would read them from a token.
package principal

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// Claims that have a field of their own in a principal.
const (
	scopeClaim  = "scope"
	groupsClaim = "cognito:groups"
	timeClaim   = "auth_time"
)

// Describe returns the caller with these rights and claims, at a time. A claim that a token would have for the rights is among
// its claims, too, since a rule may read it: scope and cognito:groups. An error says what is described twice or is impossible.
func Describe(scopes, groups []string, claims map[string]any, now time.Time) (routes.Principal, error) {
	p := routes.Principal{Scopes: scopes, Groups: groups, Now: now, Claims: map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		if values := Values(claims[name]); len(values) > 0 {
			p.Claims[name] = values
		}
	}
	var err error
	take := func(claim string, rights *[]string, split func([]string) []string) {
		values, described := p.Claims[claim]
		switch {
		case described && *rights != nil:
			err = errors.Join(err, fmt.Errorf("the caller's %s are given twice: as claim %s and by themselves", map[string]string{scopeClaim: "scopes", groupsClaim: "groups"}[claim], claim))
		case described:
			*rights = split(values)
		}
	}
	take(scopeClaim, &p.Scopes, func(values []string) []string { return strings.Fields(strings.Join(values, " ")) })
	take(groupsClaim, &p.Groups, slices.Clone[[]string])
	if len(p.Scopes) > 0 {
		p.Claims[scopeClaim] = []string{strings.Join(p.Scopes, " ")}
	}
	if len(p.Groups) > 0 {
		p.Claims[groupsClaim] = p.Groups
	}
	for _, name := range []string{"client_id", "aud"} { // an ID token has no client_id
		if values := p.Claims[name]; len(values) == 1 && p.Client == "" {
			p.Client = values[0]
		}
	}
	if values := p.Claims[timeClaim]; values != nil {
		seconds, wrong := strconv.ParseInt(values[0], 10, 64)
		if wrong != nil || len(values) != 1 {
			err = errors.Join(err, errors.New("auth_time is not a time: write seconds since 1970, as in a token"))
		}
		p.AuthTime = time.Unix(seconds, 0)
	}
	if len(p.Claims) == 0 {
		p.Claims = nil
	}
	return p, err
}

// Only returns the caller with no other claims than these: those that rules read decide, and a person wants to see no others.
func Only(p routes.Principal, names []string) routes.Principal {
	claims := map[string][]string{}
	for _, name := range names {
		if values := p.Claims[name]; values != nil {
			claims[name] = values
		}
	}
	p.Claims = claims
	return p
}

// Values returns the values of a claim as the authorizer reads them: strings, whole numbers and booleans, and lists of these.
// Anything else has none.
func Values(value any) []string {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var values []string
	for _, one := range list {
		text, ok := scalar(one)
		if !ok {
			return nil
		}
		values = append(values, text)
	}
	return values
}

func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int, int64, uint64:
		return fmt.Sprint(v), true
	case float64:
		return strconv.FormatInt(int64(v), 10), v == float64(int64(v)) && v > -1<<53 && v < 1<<53
	}
	return "", false
}

// ParseClaims reads claims of a command line, each NAME=VALUE. A name that stands several times is a list, as is a value that
// is a JSON array. Any other value is taken as text: rules compare numbers and booleans as they are written.
func ParseClaims(flags []string) (map[string]any, error) {
	claims := map[string]any{}
	for _, flag := range flags {
		name, value, ok := strings.Cut(flag, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %q: want NAME=VALUE, such as custom:tenant_id=t-1", flag)
		}
		add := []any{value}
		if array := []any(nil); jsontext.Value(value).Kind() == jsontext.KindBeginArray && json.Unmarshal([]byte(value), &array) == nil {
			add = array
		}
		known, twice := claims[name]
		switch list, isList := known.([]any); {
		case twice && isList:
			claims[name] = append(list, add...)
		case twice:
			claims[name] = append([]any{known}, add...)
		case len(add) == 1 && add[0] == any(value):
			claims[name] = value
		default:
			claims[name] = add
		}
	}
	return claims, nil
}
