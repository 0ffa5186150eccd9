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

// Second factors, named after their challenges.
const (
	factorSMS   = "SMS_MFA"
	factorEmail = choiceEmail // also a first factor
	factorTOTP  = "SOFTWARE_TOKEN_MFA"
)

const (
	mediumSMS   = "SMS"
	mediumEmail = "EMAIL"
)

// addressAttribute returns the attribute with the address of a medium.
func addressAttribute(medium string) string {
	if medium == mediumSMS {
		return "phone_number"
	}
	return "email"
}

// secondFactors are the second factors of a user.
type secondFactors struct {
	enabled   []string
	preferred string
	totp      []byte // secret of the authenticator app; nil if there is none
	pending   []byte // secret from AssociateSoftwareToken that is not verified yet
	lastTOTP  int64  // time step of the last accepted code; each code works once
}

// usableFactors returns the factors that are enabled and complete.
func (p *pool) usableFactors(u *user) []string {
	if p.MFA == MFAOff {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(u.secondFactors.enabled), func(factor string) bool { return u.lacks(factor) != nil })
}

// lacks returns an error if the user lacks what the factor needs.
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

// secondFactor asks for the second factor or, if the user needs none, completes the attempt.
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

// challengeListing opens a challenge with a list, encoded as JSON, as its parameter.
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
	if factor == "EMAIL_MFA" { // Cognito's name for it in this answer only
		factor = factorEmail
	}
	if !slices.Contains(a.choices, factor) {
		return nil, invalidParameter("ANSWER is not a second factor of the user")
	}
	return p.askForFactor(a, factor)
}

// Number of digits of the codes that are sent.
const (
	secondFactorDigits = 6
	onlyFactorDigits   = 8
)

// sendCode sends a new code and asks for it.
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

// masked returns an address with most characters replaced, as Cognito shows it.
func masked(medium, to string) string {
	if medium == mediumSMS {
		return "+" + strings.Repeat("*", max(len(to)-5, 1)) + to[max(len(to)-4, 0):]
	}
	name, domain, _ := strings.Cut(to, "@")
	first := func(s string) string { return string([]rune(s + "*")[:1]) }
	return first(name) + "***@" + first(domain) + "***"
}

// answerCode checks the answer to a challenge that sent a code.
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

// answerTOTP checks a code of an authenticator app.
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

// wrongCode counts a wrong code and closes the challenge after maxWrongCodes.
func (a *attempt) wrongCode(message string) error {
	a.wrong++
	a.answered = a.wrong >= maxWrongCodes
	return fail("CodeMismatchException", "%s", message)
}
