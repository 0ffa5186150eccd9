package fakecognito

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

type listUsersInput struct {
	UserPoolID      string `json:"UserPoolId"`
	Limit           *int
	PaginationToken string
	Filter          string
	AttributesToGet []string
}

func (p *pool) listUsers(in *listUsersInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
		return nil, err
	}
	matches, err := parseFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributesToGet {
		if name == "sub" {
			continue
		}
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
	}
	all := slices.DeleteFunc(slices.Collect(maps.Values(p.users)), func(u *user) bool { return !matches(u) })
	page, next, err := pageOfUsers(all, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	if in.AttributesToGet != nil {
		for i := range page {
			page[i].Attributes = slices.DeleteFunc(page[i].Attributes, func(a attribute) bool {
				return !slices.Contains(in.AttributesToGet, a.Name)
			})
		}
	}
	return struct {
		Users           []userOutput
		PaginationToken string `json:",omitempty"`
	}{page, next}, nil
}

func pageOfUsers(all []*user, limit *int, token string) ([]userOutput, string, error) {
	page, next, err := paginate(all, func(u *user) string { return strings.ToLower(u.name) }, limit, token)
	if err != nil {
		return nil, "", err
	}
	out := make([]userOutput, 0, len(page))
	for _, u := range page {
		out = append(out, u.output())
	}
	return out, next, nil
}

type listUsersInGroupInput struct {
	UserPoolID string `json:"UserPoolId"`
	GroupName  string
	Limit      *int
	NextToken  string
}

func (p *pool) listUsersInGroup(in *listUsersInGroupInput) (any, error) {
	g, err := p.groupFor(in.UserPoolID, in.GroupName)
	if err != nil {
		return nil, err
	}
	page, next, err := pageOfUsers(slices.Collect(maps.Keys(g.members)), in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return struct {
		Users     []userOutput
		NextToken string `json:",omitempty"`
	}{page, next}, nil
}

var filterPattern = regexp.MustCompile(`^\s*"?([a-z_:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$`)

// searchable are the attributes that a filter may name.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
var searchable = map[string]func(*user) string{
	"username":            func(u *user) string { return u.name },
	"sub":                 func(u *user) string { return u.sub },
	"cognito:user_status": func(u *user) string { return string(u.status) },
	"status": func(u *user) string {
		if u.disabled {
			return "Disabled"
		}
		return "Enabled"
	},
	"email":              func(u *user) string { return u.attributes["email"] },
	"phone_number":       func(u *user) string { return u.attributes["phone_number"] },
	"name":               func(u *user) string { return u.attributes["name"] },
	"given_name":         func(u *user) string { return u.attributes["given_name"] },
	"family_name":        func(u *user) string { return u.attributes["family_name"] },
	"preferred_username": func(u *user) string { return u.attributes["preferred_username"] },
}

// parseFilter reads `attribute = "value"` or `attribute ^= "beginning"`. All users match an empty filter.
func parseFilter(filter string) (func(*user) bool, error) {
	if filter == "" {
		return func(*user) bool { return true }, nil
	}
	parts := filterPattern.FindStringSubmatch(filter)
	if parts == nil {
		return nil, invalidParameter("Error while parsing filter.")
	}
	value, found := searchable[parts[1]]
	if !found {
		return nil, invalidParameter("Users cannot be searched by the attribute %s.", parts[1])
	}
	want := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(parts[3])
	if parts[2] == "=" {
		return func(u *user) bool { return value(u) == want }, nil
	}
	return func(u *user) bool { return strings.HasPrefix(value(u), want) }, nil
}
