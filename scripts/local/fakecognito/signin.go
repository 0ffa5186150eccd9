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

// authOutput answers a step of a sign-in: with a challenge, or with tokens.
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
	if in.AuthFlow == "ADMIN_NO_SRP_AUTH" { // the name of old
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

// parameter reads one entry that must be there.
func parameter(parameters map[string]string, name string) (string, error) {
	if v := parameters[name]; v != "" {
		return v, nil
	}
	return "", invalidParameter("Missing required parameter %s", name)
}

// passwordAuth is every flow that sends the password itself.
func (p *pool) passwordAuth(a *attempt, parameters map[string]string) (any, error) {
	password, err := parameter(parameters, "PASSWORD")
	if err != nil {
		return nil, err
	}
	return p.checkPasswordOf(a, password)
}

// checkPasswordOf goes on with the attempt if the password is right.
func (p *pool) checkPasswordOf(a *attempt, password string) (any, error) {
	var known credential // of nobody: fits nothing, and takes as long to find out
	if a.user != nil {
		known = a.user.credential
	}
	if err := p.passwordProved(a, known.fits(password)); err != nil {
		return nil, err
	}
	return p.afterPassword(a)
}

const (
	freeFailures = 5                // wrong passwords before the first delay
	maxLockout   = 15 * time.Minute // of the delay, which doubles from a second
)

// passwordProved decides about a password that is known to be right or wrong, and counts the wrong ones:
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html (lockout behaviour).
func (p *pool) passwordProved(a *attempt, right bool) error {
	u := a.user
	if u == nil {
		return errWrongPassword
	}
	now := p.Now()
	if now.Before(u.lockedOut) {
		return notAuthorized("Password attempts exceeded")
	}
	if u.status == UserResetRequired { // whatever the password was, it is no longer good
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

// afterPassword is what stands between the right password and the tokens.
func (p *pool) afterPassword(a *attempt) (any, error) {
	u := a.user
	if err := u.mayComeIn(); err != nil {
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

// mayComeIn refuses users who may not sign in however well they prove who they are.
func (u *user) mayComeIn() error {
	switch {
	case u.status == UserUnconfirmed:
		return fail("UserNotConfirmedException", "User is not confirmed.")
	case u.status == UserResetRequired:
		return fail("PasswordResetRequiredException", "Password reset required for the user")
	}
	return nil
}

// signedIn ends an attempt well: with tokens, or on the sign-in page with the word that it is done.
func (p *pool) signedIn(a *attempt) (any, error) {
	if err := a.user.mayComeIn(); err != nil {
		return nil, err // things may have changed since the password was checked
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

// Choices of the USER_AUTH flow.
const (
	choicePassword = "PASSWORD"
	choiceSRP      = "PASSWORD_SRP"
	choiceEmail    = "EMAIL_OTP"
	choiceSMS      = "SMS_OTP"
)

// userAuth is the flow in which the user chooses how to sign in.
func (p *pool) userAuth(a *attempt, parameters map[string]string) (any, error) {
	a.choices = p.firstFactors(a.user)
	if preferred := parameters["PREFERRED_CHALLENGE"]; slices.Contains(a.choices, preferred) {
		return p.chosen(a, preferred, parameters)
	}
	out := p.challenge(a, "SELECT_CHALLENGE", map[string]string{"USERNAME": a.name()})
	out.AvailableChallenges = a.choices
	return out, nil
}

// firstFactors are the ways in which the user may sign in. A name that does not exist looks like a user
// who has a password only. Who has a second factor needs a password as the first.
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

// chosen goes on with one of the choices; what it needs may have come along or has to be asked for.
func (p *pool) chosen(a *attempt, choice string, parameters map[string]string) (any, error) {
	about := map[string]string{"USERNAME": a.name()}
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
		return p.challenge(a, choice, about), nil
	}
	return nil, invalidParameter("%s is not among the available challenges", cmp.Or(choice, "an empty answer"))
}
