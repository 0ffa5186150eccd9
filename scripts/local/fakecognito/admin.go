package fakecognito

import (
	"maps"
	"slices"
)

// attribute is a user attribute as the API encodes it.
type attribute struct {
	Name  string
	Value string
}

// describe returns the user's attributes, sub first.
func (u *user) describe() []attribute {
	list := []attribute{{"sub", u.sub}}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		list = append(list, attribute{name, u.attributes[name]})
	}
	return list
}

// userOutput is a user in the output of ListUsers.
type userOutput struct {
	Username             string
	Attributes           []attribute `json:",omitempty"`
	UserCreateDate       epoch
	UserLastModifiedDate epoch
	Enabled              bool
	UserStatus           UserStatus
}

func (u *user) output() userOutput {
	return userOutput{
		Username: u.name, Attributes: u.describe(), UserCreateDate: epoch(u.created), UserLastModifiedDate: epoch(u.modified),
		Enabled: true, UserStatus: u.status,
	}
}

// userInput is the input of operations on one user.
type userInput struct {
	UserPoolID string `json:"UserPoolId"`
	Username   string
}

func (p *pool) adminGetUser(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	return struct {
		Username             string
		UserAttributes       []attribute
		UserCreateDate       epoch
		UserLastModifiedDate epoch
		Enabled              bool
		UserStatus           UserStatus
		PreferredMfaSetting  string   `json:",omitempty"`
		UserMFASettingList   []string `json:",omitempty"`
	}{
		u.name, u.describe(), epoch(u.created), epoch(u.modified), true, u.status,
		u.secondFactors.preferred, u.secondFactors.enabled,
	}, nil
}

func (p *pool) adminUserGlobalSignOut(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	p.revokeSessions(u)
	return nothing{}, nil
}
