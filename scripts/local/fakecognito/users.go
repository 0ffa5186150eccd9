package fakecognito

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// UserStatus is Cognito's status of a user.
type UserStatus string

// Values of UserStatus.
const (
	UserConfirmed           UserStatus = "CONFIRMED"
	UserUnconfirmed         UserStatus = "UNCONFIRMED"           // cannot sign in
	UserResetRequired       UserStatus = "RESET_REQUIRED"        // cannot sign in until the password is reset
	UserForceChangePassword UserStatus = "FORCE_CHANGE_PASSWORD" // has a temporary password and must change it
)

// user is a user of the pool.
type user struct {
	name       string
	sub        string
	status     UserStatus
	attributes map[string]string // by name, without sub
	created    time.Time
	modified   time.Time

	credential     credential
	temporaryUntil time.Time // when a temporary password expires
	failures       int       // consecutive wrong passwords
	lockedOut      time.Time // until when every password is rejected
	secondFactors  secondFactors

	claims map[string]any // that a trigger adds to the tokens
}

// standardAttributes are the attributes of every pool. All others are named custom:NAME.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
var standardAttributes = []string{
	"address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale", "middle_name", "name",
	"nickname", "phone_number", "phone_number_verified", "picture", "preferred_username", "profile", "updated_at", "website", "zoneinfo",
}

var (
	usernamePattern  = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$`)
	customAttribute  = regexp.MustCompile(`^custom:[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,20}$`)
	emailPattern     = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	telephonePattern = regexp.MustCompile(`^\+[0-9]{5,15}$`)
)

const maxAttribute = 2048

func checkAttributeName(name string) error {
	if slices.Contains(standardAttributes, name) || customAttribute.MatchString(name) {
		return nil
	}
	return invalidParameter("Attributes did not conform to the schema: Type for attribute {%s} could not be determined", name)
}

func checkAttribute(name, value string) error {
	if err := checkAttributeName(name); err != nil {
		return err
	}
	switch {
	case len(value) > maxAttribute:
		return invalidParameter("Attributes did not conform to the schema: %s: String longer than %d characters", name, maxAttribute)
	case name == "email" && value != "" && !emailPattern.MatchString(value):
		return invalidParameter("Invalid email address format.")
	case name == "phone_number" && value != "" && !telephonePattern.MatchString(value):
		return invalidParameter("Invalid phone number format.")
	case strings.HasSuffix(name, "_verified") && !slices.Contains([]string{"true", "false"}, strings.ToLower(value)):
		return invalidParameter("Attributes did not conform to the schema: %s: must be true or false", name)
	}
	return nil
}

// setAttributes changes all attributes or, with an error, none. An empty value removes an attribute.
func (p *pool) setAttributes(u *user, changes map[string]string) error {
	after := maps.Clone(u.attributes)
	for name, value := range changes {
		if err := checkAttribute(name, value); err != nil {
			return err
		}
		verified := name + "_verified"
		switch {
		case value == "":
			delete(after, name)
			delete(after, verified)
			continue
		case strings.HasSuffix(name, "_verified"):
			value = strings.ToLower(value)
		case slices.Contains(standardAttributes, verified) && changes[verified] == "" && value != u.attributes[name]:
			after[verified] = "false" // a new address is unverified unless the same call sets the flag
		}
		after[name] = value
	}
	for _, alias := range aliases {
		if other := p.byAlias(alias, after); other != nil && other != u {
			return fail("AliasExistsException", "An account with the %s already exists.", alias)
		}
	}
	u.attributes = after
	u.modified = p.Now()
	return nil
}

// aliases are the attributes that can be used instead of the username to sign in, once verified.
var aliases = []string{"email", "phone_number"}

// byAlias returns the user whose verified alias equals that of attributes, or nil.
func (p *pool) byAlias(alias string, attributes map[string]string) *user {
	if attributes[alias] == "" || attributes[alias+"_verified"] != "true" {
		return nil
	}
	for _, u := range p.users {
		if u.attributes[alias+"_verified"] == "true" && strings.EqualFold(u.attributes[alias], attributes[alias]) {
			return u
		}
	}
	return nil
}

// find returns the user with this username, sub or alias, or nil.
func (p *pool) find(name string) *user {
	if u := p.users[strings.ToLower(name)]; u != nil {
		return u
	}
	for _, u := range p.users {
		if u.sub == name {
			return u
		}
	}
	for _, alias := range aliases {
		if u := p.byAlias(alias, map[string]string{alias: name, alias + "_verified": "true"}); u != nil {
			return u
		}
	}
	return nil
}

// userFor returns the user of a call with AWS credentials, or Cognito's error.
func (p *pool) userFor(poolID, name string) (*user, error) {
	if err := cmp.Or(p.checkPool(poolID), required("username", name)); err != nil {
		return nil, err
	}
	if u := p.find(name); u != nil {
		return u, nil
	}
	return nil, fail("UserNotFoundException", "User does not exist.")
}

// groupsOf returns the names of the user's groups, sorted.
func (p *pool) groupsOf(u *user) []string {
	var names []string
	for name, members := range p.groups {
		if members[u] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// User describes a user for [Server.AddUser].
type User struct {
	Username   string            // required
	Password   string            // required if Status is CONFIRMED or FORCE_CHANGE_PASSWORD
	Status     UserStatus        // if empty, UserConfirmed
	Email      string            // verified; if empty, the user has none
	Attributes map[string]string // further attributes, by name
	Groups     []string          // created if necessary
	Claims     map[string]any    // added to access and ID tokens, as by a pre-token-generation trigger (event version 2); optional
}

// AddUser adds a user and returns the user's sub. With an error, which is Cognito's own, nothing has changed.
func (s *Server) AddUser(add User) (sub string, err error) {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	attributes := map[string]string{}
	if add.Email != "" {
		attributes["email"], attributes["email_verified"] = add.Email, "true"
	}
	maps.Copy(attributes, add.Attributes)
	u, err := p.addUser(add.Username, attributes)
	if err == nil {
		if err = p.settle(u, add); err != nil {
			delete(p.users, strings.ToLower(u.name))
		}
	}
	if err != nil {
		return "", fmt.Errorf("user %q: %w", add.Username, err)
	}
	return u.sub, nil
}

// settle sets the status, password and groups of a new user.
func (p *pool) settle(u *user, add User) error {
	u.status = orElse(add.Status, UserConfirmed)
	if add.Password != "" || u.status == UserConfirmed || u.status == UserForceChangePassword {
		if err := p.setPassword(u, add.Password); err != nil {
			return err
		}
	}
	if u.status == UserForceChangePassword {
		u.temporaryUntil = p.Now().Add(temporaryPasswordValidity)
	}
	for _, name := range add.Groups {
		if err := checkGroupName(name); err != nil {
			return err
		}
	}
	for name := range add.Claims {
		if isOwnClaim(name) {
			return invalidParameter("Claim %s cannot be set by a pre token generation trigger", name)
		}
	}
	u.claims = add.Claims
	for _, name := range add.Groups {
		if p.groups[name] == nil {
			p.groups[name] = map[*user]bool{}
		}
		p.groups[name][u] = true
	}
	return nil
}

// addUser adds a user who cannot sign in yet.
func (p *pool) addUser(name string, attributes map[string]string) (*user, error) {
	if err := required("username", name); err != nil {
		return nil, err
	}
	if !usernamePattern.MatchString(name) {
		return nil, invalidParameter("1 validation error detected: Value at 'username' failed to satisfy constraint: " +
			`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`)
	}
	if p.users[strings.ToLower(name)] != nil {
		return nil, fail("UsernameExistsException", "User account already exists")
	}
	now := p.Now()
	u := &user{name: name, sub: fakepool.NewUUID(), status: UserUnconfirmed, created: now, modified: now, attributes: map[string]string{}}
	if err := p.setAttributes(u, attributes); err != nil {
		return nil, err
	}
	p.users[strings.ToLower(name)] = u
	return u, nil
}

// temporaryPasswordValidity is the validity of a temporary password, Cognito's default.
const temporaryPasswordValidity = 7 * 24 * time.Hour

// setPassword sets a password that satisfies the policy.
func (p *pool) setPassword(u *user, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	c, err := p.newCredential(u.name, password)
	if err != nil {
		return err
	}
	u.credential, u.failures, u.lockedOut, u.modified = c, 0, time.Time{}, p.Now()
	return nil
}
