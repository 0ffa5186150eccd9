package fakecognito

import (
	"cmp"
	"slices"
	"time"
)

type initiateAuthInput struct {
	UserPoolID     string `json:"UserPoolId"` // AdminInitiateAuth
	ClientID       string `json:"ClientId"`
	AuthFlow       string
	AuthParameters map[string]string
}

// authOutput is the output of a sign-in step: a challenge or tokens.
type authOutput struct {
	ChallengeName        string `json:",omitempty"`
	Session              string `json:",omitempty"`
	ChallengeParameters  map[string]string
	AvailableChallenges  []string    `json:",omitempty"`
	AuthenticationResult *authResult `json:",omitempty"`
}

func (p *pool) initiateAuth(in *initiateAuthInput) (any, error) {
	if in.AuthFlow == "ADMIN_USER_PASSWORD_AUTH" || in.AuthFlow == "ADMIN_NO_SRP_AUTH" {
		return nil, invalidParameter("Initiate Auth method not supported.")
	}
	return p.beginSignIn(in)
}

func (p *pool) adminInitiateAuth(in *initiateAuthInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
		return nil, err
	}
	if in.AuthFlow == "ADMIN_NO_SRP_AUTH" { // the deprecated name
		in.AuthFlow = "ADMIN_USER_PASSWORD_AUTH"
	}
	return p.beginSignIn(in)
}

func (p *pool) beginSignIn(in *initiateAuthInput) (any, error) {
	c, err := p.client(in.ClientID)
	if err != nil {
		return nil, err
	}
	var begin func(*attempt, map[string]string) (any, error)
	switch in.AuthFlow {
	case "":
		return nil, required("authFlow", "")
	case "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN":
		return p.refreshTokenAuth(c, in.AuthParameters)
	case "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH":
		begin = p.passwordAuth
	case "USER_SRP_AUTH":
		begin = p.srpAuth
	case "USER_AUTH":
		begin = p.userAuth
	case "CUSTOM_AUTH":
		return nil, invalidParameter("Custom auth lambda trigger is not configured for the user pool.")
	default:
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'authFlow' failed to satisfy constraint: "+
			"Member must satisfy enum value set", in.AuthFlow)
	}
	if err := c.allows(in.AuthFlow); err != nil {
		return nil, err
	}
	name, err := parameter(in.AuthParameters, "USERNAME")
	if err != nil {
		return nil, err
	}
	if err := c.checkSecretHash(in.AuthParameters["SECRET_HASH"], name); err != nil {
		return nil, err
	}
	return begin(&attempt{flow: in.AuthFlow, typed: name, user: p.find(name), client: c}, in.AuthParameters)
}

// parameter returns a required parameter.
func parameter(parameters map[string]string, name string) (string, error) {
	if v := parameters[name]; v != "" {
		return v, nil
	}
	return "", invalidParameter("Missing required parameter %s", name)
}

// passwordAuth implements the flows that send the password itself.
func (p *pool) passwordAuth(a *attempt, parameters map[string]string) (any, error) {
	password, err := parameter(parameters, "PASSWORD")
	if err != nil {
		return nil, err
	}
	return p.checkPasswordOf(a, password)
}

// checkPasswordOf continues the attempt if the password is right.
func (p *pool) checkPasswordOf(a *attempt, password string) (any, error) {
	var known credential // the zero value matches nothing, in the same time
	if a.user != nil {
		known = a.user.credential
	}
	if err := p.checkLockout(a, known.matches(password)); err != nil {
		return nil, err
	}
	return p.afterPassword(a)
}

const (
	freeFailures = 5                // wrong passwords before the first delay
	maxLockout   = 15 * time.Minute // the delay starts at a second and doubles up to this
)

// checkLockout returns an error unless the password is right and the user is not locked out. It counts wrong passwords:
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html (lockout behaviour).
func (p *pool) checkLockout(a *attempt, right bool) error {
	u := a.user
	if u == nil {
		return errWrongPassword
	}
	now := p.Now()
	if now.Before(u.lockedOut) {
		return notAuthorized("Password attempts exceeded")
	}
	if u.status == UserResetRequired { // the old password is no longer valid
		return fail("PasswordResetRequiredException", "Password reset required for the user")
	}
	if !right {
		u.failures++
		if over := u.failures - freeFailures; over >= 0 {
			u.lockedOut = now.Add(min(time.Second<<min(over, 10), maxLockout))
		}
		return errWrongPassword
	}
	u.failures = 0
	return nil
}

// afterPassword continues an attempt after the right password.
func (p *pool) afterPassword(a *attempt) (any, error) {
	u := a.user
	if err := u.maySignIn(); err != nil {
		return nil, err
	}
	if u.status == UserForceChangePassword {
		if !p.Now().Before(u.temporaryUntil) {
			return nil, notAuthorized("Temporary password has expired and must be reset by an administrator.")
		}
		return p.askForNewPassword(a)
	}
	return p.secondFactor(a)
}

// maySignIn returns an error if the user's status forbids a sign-in.
func (u *user) maySignIn() error {
	switch u.status {
	case UserUnconfirmed:
		return fail("UserNotConfirmedException", "User is not confirmed.")
	case UserResetRequired:
		return fail("PasswordResetRequiredException", "Password reset required for the user")
	}
	return nil
}

// signedIn completes an attempt. It returns tokens or, on the sign-in page, an empty output.
func (p *pool) signedIn(a *attempt) (any, error) {
	if err := a.user.maySignIn(); err != nil {
		return nil, err // the user may have changed since the password was checked
	}
	if a.hosted {
		return authOutput{}, nil
	}
	s := p.startSession(a.user, a.client)
	result, err := p.issue(s)
	if err != nil {
		return nil, err
	}
	result.RefreshToken = p.newRefreshToken(s, p.Now().Add(p.RefreshTokenValidity))
	return authOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: &result}, nil
}

// Challenges among which a user of the USER_AUTH flow chooses.
const (
	choicePassword = "PASSWORD"
	choiceSRP      = "PASSWORD_SRP"
	choiceEmail    = "EMAIL_OTP"
	choiceSMS      = "SMS_OTP"
)

// userAuth implements the flow USER_AUTH, in which the user chooses how to sign in.
func (p *pool) userAuth(a *attempt, parameters map[string]string) (any, error) {
	a.choices = p.firstFactors(a.user)
	if preferred := parameters["PREFERRED_CHALLENGE"]; slices.Contains(a.choices, preferred) {
		return p.chosen(a, preferred, parameters)
	}
	out := p.challenge(a, "SELECT_CHALLENGE", map[string]string{"USERNAME": a.name()})
	out.AvailableChallenges = a.choices
	return out, nil
}

// firstFactors returns the ways in which the user may sign in. An unknown user looks like one who only has a password. Users with a
// second factor need a password as the first.
func (p *pool) firstFactors(u *user) []string {
	choices := []string{choicePassword, choiceSRP}
	if u == nil || p.MFA == MFARequired || len(p.usableFactors(u)) > 0 || u.status != UserConfirmed {
		return choices
	}
	if u.attributes["email_verified"] == "true" {
		choices = append(choices, choiceEmail)
	}
	if u.attributes["phone_number_verified"] == "true" {
		choices = append(choices, choiceSMS)
	}
	return choices
}

// chosen continues with the chosen challenge. The parameters may already contain its answer.
func (p *pool) chosen(a *attempt, choice string, parameters map[string]string) (any, error) {
	switch {
	case choice == choiceEmail:
		return p.sendCode(a, choiceEmail, mediumEmail, onlyFactorDigits)
	case choice == choiceSMS:
		return p.sendCode(a, choiceSMS, mediumSMS, onlyFactorDigits)
	case choice == choicePassword && parameters["PASSWORD"] != "":
		return p.checkPasswordOf(a, parameters["PASSWORD"])
	case choice == choiceSRP && parameters["SRP_A"] != "":
		return p.srpAuth(a, parameters)
	case choice == choicePassword || choice == choiceSRP:
		return p.challenge(a, choice, map[string]string{"USERNAME": a.name()}), nil
	}
	return nil, invalidParameter("%s is not among the available challenges", cmp.Or(choice, "an empty answer"))
}
