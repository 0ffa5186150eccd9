package fakecognito

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// maxWrongCodes is how many wrong codes end a challenge.
const maxWrongCodes = 3

// attempt is a sign-in under way: who, through which client, and the challenge that is open.
type attempt struct {
	flow   string
	typed  string // the name as it was typed
	user   *user  // nil: nobody has that name, and nobody is to learn of it
	client *client
	hosted bool // on the sign-in page

	session   string // names the attempt in the next call
	challenge string
	expires   time.Time
	answered  bool              // each challenge takes one answer
	wrong     int               // codes
	told      map[string]string // what the sign-in page was told about the challenge

	choices []string      // SELECT_CHALLENGE, SELECT_MFA_TYPE
	srp     *srp.Exchange // PASSWORD_VERIFIER
	code    string        // codes that were sent
	totp    []byte        // MFA_SETUP: the secret of the new authenticator app
	shown   int64         // MFA_SETUP: the time step of the code by which the app showed that it has the secret; 0: not yet
}

// name is the user name of the user, however it was typed.
func (a *attempt) name() string {
	if a.user == nil {
		return a.typed
	}
	return a.user.name
}

// challenge opens a challenge, which closes the one before.
func (p *pool) challenge(a *attempt, name string, parameters map[string]string) authOutput {
	return p.challengeNamed(a, name, randomToken(), parameters)
}

func (p *pool) challengeNamed(a *attempt, name, session string, parameters map[string]string) authOutput {
	a.answered = true
	next := *a
	next.session, next.challenge, next.answered, next.wrong = session, name, false, 0
	next.expires = p.Now().Add(p.ChallengeValidity)
	p.forgetOldAttempts()
	p.attempts[next.session] = &next
	return authOutput{ChallengeName: name, Session: next.session, ChallengeParameters: parameters}
}

// forgetOldAttempts keeps those that have ended for a while, so that a late answer is told that it is late.
func (p *pool) forgetOldAttempts() {
	now := p.Now()
	for session, a := range p.attempts {
		if now.After(a.expires.Add(p.ChallengeValidity)) {
			delete(p.attempts, session)
		}
	}
}

// open finds the attempt whose open challenge the session names.
func (p *pool) open(session, challenge string) (*attempt, error) {
	a := p.attempts[session]
	switch {
	case session == "":
		return nil, invalidParameter("Missing required parameter Session")
	case a == nil || a.challenge != challenge:
		return nil, notAuthorized("Invalid session for the user.")
	case a.answered:
		return nil, notAuthorized("Invalid session for the user, session can only be used once.")
	case !p.Now().Before(a.expires):
		return nil, notAuthorized("Invalid session for the user, session is expired.")
	}
	return a, nil
}

type respondInput struct {
	UserPoolID         string `json:"UserPoolId"` // AdminRespondToAuthChallenge
	ClientID           string `json:"ClientId"`
	ChallengeName      string
	ChallengeResponses map[string]string
	Session            string
}

func (p *pool) adminRespondToAuthChallenge(in *respondInput) (any, error) {
	if err := p.checkPool(in.UserPoolID); err != nil {
		return nil, err
	}
	return p.respondToAuthChallenge(in)
}

func (p *pool) respondToAuthChallenge(in *respondInput) (any, error) {
	c, err := p.client(in.ClientID)
	if err != nil {
		return nil, err
	}
	if err := required("challengeName", in.ChallengeName); err != nil {
		return nil, err
	}
	answer := answerTo(in.ChallengeName)
	if answer == nil {
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'challengeName' is not a challenge that this pool makes", in.ChallengeName)
	}
	session := in.Session
	if in.ChallengeName == passwordVerifier {
		// The secret block names the exchange: Cognito gives no session with it.
		if session, err = parameter(in.ChallengeResponses, "PASSWORD_CLAIM_SECRET_BLOCK"); err != nil {
			return nil, err
		}
	}
	a, err := p.open(session, in.ChallengeName)
	if err != nil {
		return nil, err
	}
	if err := p.checkAnswerer(a, c, in.ChallengeResponses); err != nil {
		return nil, err
	}
	return answer(p, a, in.ChallengeResponses)
}

// answerTo is what checks the answer to a challenge; nil for one that this pool does not make.
func answerTo(challenge string) func(*pool, *attempt, map[string]string) (any, error) {
	switch challenge {
	case passwordVerifier:
		return (*pool).answerPasswordVerifier
	case "NEW_PASSWORD_REQUIRED":
		return (*pool).answerNewPassword
	case "SELECT_CHALLENGE":
		return (*pool).answerSelectChallenge
	case choicePassword:
		return (*pool).answerPassword
	case choiceSRP:
		return (*pool).answerSRP
	case choiceEmail, choiceSMS, factorSMS:
		return (*pool).answerCode
	case factorTOTP:
		return (*pool).answerTOTP
	case "SELECT_MFA_TYPE":
		return (*pool).answerSelectMFA
	case "MFA_SETUP":
		return (*pool).answerMFASetup
	}
	return nil
}

// checkAnswerer makes sure that an answer is about the challenged user and comes from the same client.
func (p *pool) checkAnswerer(a *attempt, c *client, responses map[string]string) error {
	name, err := parameter(responses, "USERNAME")
	if err != nil {
		return err
	}
	if a.hosted || a.client != c || (name != a.name() && (a.user == nil || p.find(name) != a.user)) {
		return notAuthorized("Invalid session for the user.")
	}
	names := []string{a.name()} // never the alias that was typed
	if a.user != nil {
		names = append(names, a.user.sub)
	}
	return c.checkSecretHash(responses["SECRET_HASH"], names...)
}

func (p *pool) answerSelectChallenge(a *attempt, responses map[string]string) (any, error) {
	choice, err := parameter(responses, "ANSWER")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(a.choices, choice) {
		return nil, invalidParameter("ANSWER is not among the available challenges")
	}
	a.answered = true
	return p.chosen(a, choice, responses)
}

func (p *pool) answerPassword(a *attempt, responses map[string]string) (any, error) {
	password, err := parameter(responses, "PASSWORD")
	if err != nil {
		return nil, err
	}
	a.answered = true
	return p.checkPasswordOf(a, password)
}

// userAttributePrefix stands before the attributes that NEW_PASSWORD_REQUIRED asks for and is told.
const userAttributePrefix = "userAttributes."

// askForNewPassword ends the life of a temporary password.
func (p *pool) askForNewPassword(a *attempt) (any, error) {
	missing := []string{}
	for _, name := range p.RequiredAttributes {
		if a.user.attributes[name] == "" {
			missing = append(missing, userAttributePrefix+name)
		}
	}
	names, err := json.Marshal(missing)
	if err != nil {
		return nil, err
	}
	values, err := json.Marshal(a.user.attributes)
	if err != nil {
		return nil, err
	}
	return p.challenge(a, "NEW_PASSWORD_REQUIRED", map[string]string{
		"USER_ID_FOR_SRP":    a.user.name,
		"requiredAttributes": string(names),
		"userAttributes":     string(values),
	}), nil
}

// answerNewPassword takes the new password and the missing attributes, all or nothing. A password that
// the policy refuses leaves the challenge open.
func (p *pool) answerNewPassword(a *attempt, responses map[string]string) (any, error) {
	password, err := parameter(responses, "NEW_PASSWORD")
	if err != nil {
		return nil, err
	}
	changes := map[string]string{}
	for key, value := range responses {
		if name, isAttribute := strings.CutPrefix(key, userAttributePrefix); isAttribute {
			if a.user.attributes[name] != "" {
				return nil, notAuthorized("Cannot modify an already provided %s", name)
			}
			changes[name] = value
		}
	}
	for _, name := range p.RequiredAttributes {
		if cmp.Or(a.user.attributes[name], changes[name]) == "" {
			return nil, invalidParameter("Invalid attributes given, %s is missing", name)
		}
	}
	if err := checkPassword(password); err != nil {
		return nil, err
	}
	if err := p.setAttributes(a.user, changes); err != nil {
		return nil, err
	}
	if err := p.setPassword(a.user, password); err != nil {
		return nil, err
	}
	a.user.status = UserConfirmed
	a.answered = true
	return p.secondFactor(a)
}
