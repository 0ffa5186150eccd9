package fakecognito

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

type group struct {
	name        string
	description string
	precedence  *int32 // nil: after all that have one
	created     time.Time
	modified    time.Time
	members     map[*user]bool
}

type groupOutput struct {
	GroupName        string
	UserPoolID       string `json:"UserPoolId"`
	Description      string `json:",omitempty"`
	Precedence       *int32 `json:",omitempty"`
	LastModifiedDate epoch
	CreationDate     epoch
}

func (p *pool) describeGroup(g *group) groupOutput {
	return groupOutput{
		GroupName: g.name, UserPoolID: p.id, Description: g.description, Precedence: g.precedence,
		LastModifiedDate: epoch(g.modified), CreationDate: epoch(g.created),
	}
}

// sortedGroups lists the groups by precedence, then by name.
func (p *pool) sortedGroups() []*group {
	return slices.SortedFunc(maps.Values(p.groups), func(a, b *group) int {
		switch {
		case a.precedence != nil && b.precedence != nil && *a.precedence != *b.precedence:
			return cmp.Compare(*a.precedence, *b.precedence)
		case (a.precedence == nil) != (b.precedence == nil):
			if a.precedence != nil {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
}

// groupFor finds the group of an administrator's call.
func (p *pool) groupFor(poolID, name string) (*group, error) {
	if err := cmp.Or(p.checkPool(poolID), required("groupName", name)); err != nil {
		return nil, err
	}
	if g := p.groups[name]; g != nil {
		return g, nil
	}
	return nil, fail("ResourceNotFoundException", "Group not found.")
}

func checkGroupName(name string) error {
	if !usernamePattern.MatchString(name) { // a user's name has the same form
		return invalidParameter("1 validation error detected: Value at 'groupName' failed to satisfy constraint: " +
			`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`)
	}
	return nil
}

// ensureGroup finds the group, or makes it.
func (p *pool) ensureGroup(name string) *group {
	if g := p.groups[name]; g != nil {
		return g
	}
	now := p.Now()
	g := &group{name: name, created: now, modified: now, members: map[*user]bool{}}
	p.groups[name] = g
	return g
}

type groupInput struct {
	UserPoolID  string `json:"UserPoolId"`
	GroupName   string
	Description string
	Precedence  *int32
}

func (p *pool) createGroup(in *groupInput) (any, error) {
	if err := cmp.Or(p.checkPool(in.UserPoolID), required("groupName", in.GroupName), checkGroupName(in.GroupName)); err != nil {
		return nil, err
	}
	if p.groups[in.GroupName] != nil {
		return nil, fail("GroupExistsException", "A group with the name already exists.")
	}
	if in.Precedence != nil && *in.Precedence < 0 {
		return nil, invalidParameter("Precedence must not be negative.")
	}
	g := p.ensureGroup(in.GroupName)
	g.description, g.precedence = in.Description, in.Precedence
	return map[string]any{"Group": p.describeGroup(g)}, nil
}

func (p *pool) getGroup(in *groupInput) (any, error) {
	g, err := p.groupFor(in.UserPoolID, in.GroupName)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Group": p.describeGroup(g)}, nil
}

func (p *pool) deleteGroup(in *groupInput) (any, error) {
	g, err := p.groupFor(in.UserPoolID, in.GroupName)
	if err != nil {
		return nil, err
	}
	delete(p.groups, g.name)
	return nothing{}, nil
}

type listGroupsInput struct {
	UserPoolID string `json:"UserPoolId"`
	Username   string // AdminListGroupsForUser
	Limit      *int
	NextToken  string
}

func (p *pool) listGroups(in *listGroupsInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
		return nil, err
	}
	return p.pageOfGroups(p.sortedGroups(), in)
}

func (p *pool) adminListGroupsForUser(in *listGroupsInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	return p.pageOfGroups(slices.DeleteFunc(p.sortedGroups(), func(g *group) bool { return !g.members[u] }), in)
}

func (p *pool) pageOfGroups(all []*group, in *listGroupsInput) (any, error) {
	page, next, err := paginate(all, func(g *group) string { return g.name }, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := struct {
		Groups    []groupOutput
		NextToken string `json:",omitempty"`
	}{Groups: []groupOutput{}, NextToken: next}
	for _, g := range page {
		out.Groups = append(out.Groups, p.describeGroup(g))
	}
	return out, nil
}

type membershipInput struct {
	UserPoolID string `json:"UserPoolId"`
	Username   string
	GroupName  string
}

func (p *pool) adminAddUserToGroup(in *membershipInput) (any, error) {
	return p.setMembership(in, func(g *group, u *user) { g.members[u] = true })
}

func (p *pool) adminRemoveUserFromGroup(in *membershipInput) (any, error) {
	return p.setMembership(in, func(g *group, u *user) { delete(g.members, u) })
}

func (p *pool) setMembership(in *membershipInput, set func(*group, *user)) (any, error) {
	g, err := p.groupFor(in.UserPoolID, in.GroupName)
	if err != nil {
		return nil, err
	}
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	set(g, u)
	return nothing{}, nil
}
