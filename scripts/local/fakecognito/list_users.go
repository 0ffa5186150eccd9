package fakecognito

import (
	"maps"
	"slices"
	"strings"
)

type listUsersInput struct {
	UserPoolID      string `json:"UserPoolId"`
	Limit           *int
	PaginationToken string
	AttributesToGet []string
}

func (p *pool) listUsers(in *listUsersInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
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
	all := slices.Collect(maps.Values(p.users))
	page, next, err := paginate(all, func(u *user) string { return strings.ToLower(u.name) }, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	users := make([]userOutput, 0, len(page))
	for _, u := range page {
		out := u.output()
		if in.AttributesToGet != nil {
			out.Attributes = slices.DeleteFunc(out.Attributes, func(a attribute) bool { return !slices.Contains(in.AttributesToGet, a.Name) })
		}
		users = append(users, out)
	}
	return struct {
		Users           []userOutput
		PaginationToken string `json:",omitempty"`
	}{users, next}, nil
}
