package fakecognito

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Second factors, by the names of their challenges.
const (
	factorSMS   = "SMS_MFA"
	factorEmail = choiceEmail // the same challenge as the choice of that name
	factorTOTP  = "SOFTWARE_TOKEN_MFA"
)

const (
	mediumSMS   = "SMS"
	mediumEmail = "EMAIL"
)

// addressAttribute is where a message of the medium goes.
func addressAttribute(medium string) string {
	if medium == mediumSMS {
		return "phone_number"
	}
	return "email"
}

// secondFactors are what a user has set up.
type secondFactors struct {
	enabled   []string
	preferred string
	totp      []byte // secret of the authenticator app; nil: none
	pending   []byte // the secret that AssociateSoftwareToken gave and nobody has shown yet
	lastTOTP  int64  // time step of the last code taken: each works once
}

// usableFactors are those that are enabled and can be used.
func (p *pool) usableFactors(u *user) []string {
	if p.MFA == MFAOff {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(u.secondFactors.enabled), func(factor string) bool { return u.lacks(factor) != nil })
}

// lacks says what the user does not have that the factor needs.
func (u *user) lacks(factor string) error {
	switch {
	case factor == factorSMS && u.attributes["phone_number"] == "":
		return invalidParameter("User does not have delivery config set to turn on SMS_MFA")
	case factor == factorEmail && u.attributes["email"] == "":
		return invalidParameter("User does not have delivery config set to turn on EMAIL_OTP")
	case factor == factorTOTP && u.secondFactors.totp == nil:
		return invalidParameter("User has not verified software token mfa")
	}
	return nil
}

// secondFactor asks for the second factor, if there is one.
func (p *pool) secondFactor(a *attempt) (any, error) {
	usable := p.usableFactors(a.user)
	switch {
	case slices.Contains(usable, a.user.secondFactors.preferred):
		return p.askForFactor(a, a.user.secondFactors.preferred)
	case len(usable) == 1:
		return p.askForFactor(a, usable[0])
	case len(usable) > 1:
		a.choices = usable
		return p.challengeListing(a, "SELECT_MFA_TYPE", "MFAS_CAN_CHOOSE", usable)
	case p.MFA == MFARequired:
		return p.challengeListing(a, "MFA_SETUP", "MFAS_CAN_SETUP", []string{factorTOTP})
	}
	return p.signedIn(a)
}

// challengeListing is a challenge whose parameter is a list, as JSON in a string.
func (p *pool) challengeListing(a *attempt, name, key string, values []string) (any, error) {
	list, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return p.challenge(a, name, map[string]string{"USER_ID_FOR_SRP": a.user.name, key: string(list)}), nil
}

func (p *pool) askForFactor(a *attempt, factor string) (any, error) {
	switch factor {
	case factorSMS:
		return p.sendCode(a, factorSMS, mediumSMS, secondFactorDigits)
	case factorEmail:
		return p.sendCode(a, factorEmail, mediumEmail, secondFactorDigits)
	default:
		return p.challenge(a, factorTOTP, map[string]string{"USER_ID_FOR_SRP": a.user.name}), nil
	}
}

func (p *pool) answerSelectMFA(a *attempt, responses map[string]string) (any, error) {
	factor, err := parameter(responses, "ANSWER")
	if err != nil {
		return nil, err
	}
	if factor == "EMAIL_MFA" { // Cognito's own name for it in this one place
		factor = factorEmail
	}
	if !slices.Contains(a.choices, factor) {
		return nil, invalidParameter("ANSWER is not a second factor of the user")
	}
	return p.askForFactor(a, factor)
}

// How long the codes are that are sent.
const (
	secondFactorDigits = 6
	onlyFactorDigits   = 8
)

// sendCode posts a fresh code and asks for it.
func (p *pool) sendCode(a *attempt, challenge, medium string, digits int) (any, error) {
	to := a.user.attributes[addressAttribute(medium)]
	code, err := randomDigits(digits)
	if err != nil {
		return nil, err
	}
	a.code = code
	p.posted = append(p.posted, Message{Medium: medium, To: to, About: challenge, Code: code})
	return p.challenge(a, challenge, map[string]string{
		"USER_ID_FOR_SRP":               a.user.name,
		"CODE_DELIVERY_DELIVERY_MEDIUM": medium,
		"CODE_DELIVERY_DESTINATION":     masked(medium, to),
	}), nil
}

func randomDigits(n int) (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", n, number), nil
}

// masked shows enough of an address for its owner to know it.
func masked(medium, to string) string {
	if medium == mediumSMS {
		return "+" + strings.Repeat("*", max(len(to)-5, 1)) + to[max(len(to)-4, 0):]
	}
	name, domain, _ := strings.Cut(to, "@")
	first := func(s string) string { return string([]rune(s + "*")[:1]) }
	return first(name) + "***@" + first(domain) + "***"
}

// answerCode checks a code that was sent.
func (p *pool) answerCode(a *attempt, responses map[string]string) (any, error) {
	code, err := parameter(responses, a.challenge+"_CODE")
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(a.code)) != 1 {
		return nil, a.wrongCode("Invalid code or auth state for the user.")
	}
	a.answered = true
	return p.signedIn(a)
}

// answerTOTP checks the code of an authenticator app.
func (p *pool) answerTOTP(a *attempt, responses map[string]string) (any, error) {
	code, err := parameter(responses, "SOFTWARE_TOKEN_MFA_CODE")
	if err != nil {
		return nil, err
	}
	factors := &a.user.secondFactors
	counter, right := totpCounter(factors.totp, code, p.Now())
	switch {
	case !right:
		return nil, a.wrongCode("Invalid code received for user")
	case counter <= factors.lastTOTP:
		return nil, fail("ExpiredCodeException", "Your software token has already been used once.")
	}
	factors.lastTOTP = counter
	a.answered = true
	return p.signedIn(a)
}

// wrongCode counts: the challenge takes a few wrong codes, then none.
func (a *attempt) wrongCode(message string) error {
	a.wrong++
	a.answered = a.wrong >= maxWrongCodes
	return fail("CodeMismatchException", "%s", message)
}
