package fakecognito

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// attribute is a name and a value, as the API carries them.
type attribute struct {
	Name  string
	Value string
}

// attributeMap refuses an attribute that is given twice.
func attributeMap(list []attribute) (map[string]string, error) {
	m := map[string]string{}
	for _, a := range list {
		if _, twice := m[a.Name]; twice {
			return nil, invalidParameter("Duplicate attribute: %s", a.Name)
		}
		m[a.Name] = a.Value
	}
	return m, nil
}

// describe lists the user's attributes, sub first.
func (u *user) describe() []attribute {
	list := []attribute{{"sub", u.sub}}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		list = append(list, attribute{name, u.attributes[name]})
	}
	return list
}

// userOutput is a user in lists and in the answer of AdminCreateUser.
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
		Enabled: !u.disabled, UserStatus: u.status,
	}
}

// userInput names one user. Several operations take nothing else.
type userInput struct {
	UserPoolID string `json:"UserPoolId"`
	Username   string
}

type adminCreateUserInput struct {
	userInput
	UserAttributes         []attribute
	TemporaryPassword      string
	MessageAction          string
	DesiredDeliveryMediums []string
}

func (p *pool) adminCreateUser(in *adminCreateUserInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
		return nil, err
	}
	attributes, err := attributeMap(in.UserAttributes)
	if err != nil {
		return nil, err
	}
	if in.MessageAction != "" && in.MessageAction != "SUPPRESS" && in.MessageAction != "RESEND" {
		return nil, invalidParameter("MessageAction must be RESEND or SUPPRESS")
	}
	password := cmp.Or(in.TemporaryPassword, temporaryPassword())
	if err := checkPassword(password); err != nil {
		return nil, err
	}
	u, err := p.invited(in, attributes)
	if err != nil {
		return nil, err
	}
	if err := p.setPassword(u, password); err != nil {
		return nil, err
	}
	u.status, u.temporaryUntil = UserForceChangePassword, p.Now().Add(temporaryPasswordValidity)
	if in.MessageAction != "SUPPRESS" {
		p.invite(u, in.DesiredDeliveryMediums, password)
	}
	return map[string]any{"User": u.output()}, nil
}

// invited is the new user, or for RESEND the one who has not come yet.
func (p *pool) invited(in *adminCreateUserInput, attributes map[string]string) (*user, error) {
	if in.MessageAction != "RESEND" {
		return p.addUser(in.Username, attributes)
	}
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err == nil && u.status != UserForceChangePassword {
		return nil, fail("UnsupportedUserStateException", "Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", u.name)
	}
	return u, err
}

// invite posts the temporary password wherever the user can be reached; SMS is Cognito's default.
func (p *pool) invite(u *user, mediums []string, password string) {
	if len(mediums) == 0 {
		mediums = []string{mediumSMS}
	}
	for _, medium := range mediums {
		if to := u.attributes[addressAttribute(medium)]; to != "" {
			p.posted = append(p.posted, Message{Medium: medium, To: to, About: "INVITATION", Code: password})
		}
	}
}

func (p *pool) adminDeleteUser(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	u.disabled = true // for a sign-in that is under way
	p.endSessions(u)
	for _, g := range p.groups {
		delete(g.members, u)
	}
	delete(p.users, strings.ToLower(u.name))
	return nothing{}, nil
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
		u.name, u.describe(), epoch(u.created), epoch(u.modified), !u.disabled, u.status,
		u.secondFactors.preferred, u.secondFactors.enabled,
	}, nil
}

type adminSetUserPasswordInput struct {
	userInput
	Password  string
	Permanent bool
}

func (p *pool) adminSetUserPassword(in *adminSetUserPasswordInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	if err := p.setPassword(u, in.Password); err != nil {
		return nil, err
	}
	if in.Permanent {
		u.status = UserConfirmed
	} else {
		u.status, u.temporaryUntil = UserForceChangePassword, p.Now().Add(temporaryPasswordValidity)
	}
	return nothing{}, nil
}

type adminUpdateUserAttributesInput struct {
	userInput
	UserAttributes []attribute
}

func (p *pool) adminUpdateUserAttributes(in *adminUpdateUserAttributesInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	changes, err := attributeMap(in.UserAttributes)
	if err != nil {
		return nil, err
	}
	return nothing{}, p.setAttributes(u, changes)
}

func (p *pool) adminEnableUser(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	u.disabled, u.modified = false, p.Now()
	return nothing{}, nil
}

// adminDisableUser also ends the user's sessions, as Cognito does.
func (p *pool) adminDisableUser(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	u.disabled, u.modified = true, p.Now()
	p.endSessions(u)
	return nothing{}, nil
}

func (p *pool) adminUserGlobalSignOut(in *userInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	p.endSessions(u)
	return nothing{}, nil
}
