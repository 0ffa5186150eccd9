package cognito

import (
	"encoding/json/jsontext"
	"slices"
	"strconv"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// claimCognitoGroups is the claim in which Cognito lists groups.
const claimCognitoGroups = "cognito:groups"

// member is a claim of [Config.Claims] or [Config.GroupsClaims] as it is in the payload.
type member struct {
	name string
	json string // its value
}

// claimValue is the value of a further claim. It is unusable without values.
type claimValue struct {
	name   string
	values []string
	list   bool // written as an array
}

// furtherClaims are what [Claims.Values] and [Claims.Scalar] return. Values may be personal, so they are behind a pointer to a
// pointer: fmt follows a single one to a slice or a struct where a verb does not fit it.
type furtherClaims struct{ all **[]claimValue }

func (f furtherClaims) list() []claimValue {
	if f.all == nil {
		return nil
	}
	return **f.all
}

// Values returns the values of a claim of [Config.Claims]: one for a string, a number or a boolean, several for an array of
// these. Numbers are in plain decimal digits, booleans true or false. It returns none if the token lacks the claim, and none if
// the claim is null, an object, a fraction, an array of more than 100 values, or an array with anything else in it. Callers
// must not change the result.
func (c Claims) Values(name string) []string {
	v, _ := c.further.find(name)
	return v.values
}

// Scalar returns the value of a claim of [Config.Claims] that is a string, a number or a boolean. found reports whether the
// token has the claim at all.
func (c Claims) Scalar(name string) (value string, scalar, found bool) {
	v, found := c.further.find(name)
	if v.list || len(v.values) != 1 {
		return "", false, found
	}
	return v.values[0], true, true
}

func (f furtherClaims) find(name string) (claimValue, bool) {
	for _, v := range f.list() {
		if v.name == name {
			return v, true
		}
	}
	return claimValue{}, false
}

// readFurther reads the claims among names.
func readFurther(members []member, names []string) furtherClaims {
	var all []claimValue
	for _, m := range members {
		if slices.Contains(names, m.name) {
			v := readValue(m.json)
			v.name = m.name
			all = append(all, v)
		}
	}
	if all == nil {
		return furtherClaims{}
	}
	kept := all // so that nothing is allocated where there is none
	pointer := &kept
	return furtherClaims{&pointer}
}

// readValue reads a scalar or an array of scalars. The result is unusable if it is anything else.
func readValue(text string) (v claimValue) {
	err := readText(text, func(r *strictjson.Reader) (err error) {
		if v.list = r.Kind() == jsontext.KindBeginArray; v.list {
			v.values, err = strictjson.List(r, func() (string, error) { return readScalar(r) })
			return err
		}
		one, err := readScalar(r)
		v.values = []string{one}
		return err
	})
	if err != nil || len(v.values) > maxList {
		v.values = nil
	}
	return v
}

// readScalar reads a string, a whole number or a boolean.
func readScalar(r *strictjson.Reader) (string, error) {
	switch r.Kind() {
	case jsontext.KindNumber:
		n, err := r.Int()
		return strconv.FormatInt(n, 10), err
	case jsontext.KindTrue, jsontext.KindFalse:
		b, err := r.Bool()
		return strconv.FormatBool(b), err
	default:
		return r.String()
	}
}

// readText reads a part of the payload, which has been checked already.
func readText(text string, value func(*strictjson.Reader) error) error {
	return strictjson.Read([]byte(text), strictjson.Options{Depth: maxDepth}, value)
}

// addGroups adds the groups of a claim other than cognito:groups to groups, and returns how many entries cannot be group
// names. A claim of another type counts as one of these.
func addGroups(groups []string, text string) (_ []string, unusable int) {
	var names []string
	err := readText(text, func(r *strictjson.Reader) error {
		if r.Kind() == jsontext.KindString {
			list, err := r.String()
			names = splitGroups(list)
			return err
		}
		return r.Array(func() error {
			if r.Kind() != jsontext.KindString {
				unusable++
				return r.Skip()
			}
			name, err := r.String()
			names = append(names, name)
			return err
		})
	})
	if err != nil {
		return groups, 1
	}
	for _, name := range names {
		switch {
		case !identity.IsName(name):
			unusable++
		case !slices.Contains(groups, name):
			groups = append(groups, name)
		}
	}
	return groups, unusable
}

// splitGroups splits the text form of a list, "[a, b]", in which attributes of several values arrive from a SAML provider. Any
// other text is one name, also one with a comma.
func splitGroups(text string) []string {
	list, open := strings.CutPrefix(text, "[")
	list, closed := strings.CutSuffix(list, "]")
	if !open || !closed {
		list = text
	}
	if strings.TrimSpace(list) == "" {
		return nil
	}
	if !open || !closed {
		return []string{text}
	}
	names := strings.Split(list, ",")
	for i, name := range names {
		names[i] = strings.Trim(name, " ")
	}
	return names
}
