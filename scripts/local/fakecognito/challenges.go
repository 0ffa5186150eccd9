package fakecognito

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// maxWrongCodes is the number of wrong codes that closes a challenge.
const maxWrongCodes = 3

// attempt is an unfinished sign-in with its open challenge.
type attempt struct {
	flow   string
	typed  string // the username as entered
	user   *user  // nil for an unknown user, which callers must not be able to see
	client *client
	hosted bool // at the sign-in page

	session    string // identifies the attempt in the next call
	challenge  string
	expires    time.Time
	answered   bool              // each challenge accepts one answer
	wrong      int               // wrong codes
	parameters map[string]string // challenge parameters, for the sign-in page

	choices  []string      // SELECT_CHALLENGE, SELECT_MFA_TYPE
	srp      *srp.Exchange // PASSWORD_VERIFIER
	code     string        // the code that was sent
	totp     []byte        // MFA_SETUP: the secret of the new authenticator app
	verified int64         // MFA_SETUP: time step of the code that verified the app; 0 before
}

// name returns the username, even if an alias was entered.
func (a *attempt) name() string {
	if a.user == nil {
		return a.typed
	}
	return a.user.name
}

// challenge opens a challenge and closes the previous one.
func (p *pool) challenge(a *attempt, name string, parameters map[string]string) authOutput {
	return p.challengeNamed(a, name, randomToken(), parameters)
}

func (p *pool) challengeNamed(a *attempt, name, session string, parameters map[string]string) authOutput {
	a.answered = true
	next := *a
	next.session, next.challenge, next.answered, next.wrong = session, name, false, 0
	next.expires = p.Now().Add(p.ChallengeValidity)
	p.deleteOldAttempts()
	p.attempts[next.session] = &next
	return authOutput{ChallengeName: name, Session: next.session, ChallengeParameters: parameters}
}

// deleteOldAttempts deletes attempts some time after they expired, so that late answers get the right error.
func (p *pool) deleteOldAttempts() {
	now := p.Now()
	for session, a := range p.attempts {
		if now.After(a.expires.Add(p.ChallengeValidity)) {
			delete(p.attempts, session)
		}
	}
}

// open returns the attempt with this session and open challenge.
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
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'challengeName' is not a challenge of this pool", in.ChallengeName)
	}
	session := in.Session
	if in.ChallengeName == passwordVerifier {
		// The secret block identifies the exchange: Cognito sends no session.
		if session, err = parameter(in.ChallengeResponses, "PASSWORD_CLAIM_SECRET_BLOCK"); err != nil {
			return nil, err
		}
	}
	a, err := p.open(session, in.ChallengeName)
	if err != nil {
		return nil, err
	}
	if err := p.checkResponder(a, c, in.ChallengeResponses); err != nil {
		return nil, err
	}
	return answer(p, a, in.ChallengeResponses)
}

// answerTo returns the function that checks the answer to a challenge, or nil for an unknown challenge.
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

// checkResponder returns an error unless the answer is for the challenged user and comes from the same client.
func (p *pool) checkResponder(a *attempt, c *client, responses map[string]string) error {
	name, err := parameter(responses, "USERNAME")
	if err != nil {
		return err
	}
	if a.hosted || a.client != c || (name != a.name() && (a.user == nil || p.find(name) != a.user)) {
		return notAuthorized("Invalid session for the user.")
	}
	names := []string{a.name()} // never the alias that was entered
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

// userAttributePrefix precedes the names of attributes in NEW_PASSWORD_REQUIRED.
const userAttributePrefix = "userAttributes."

// askForNewPassword asks for a password that replaces the temporary one.
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

// answerNewPassword sets the new password and the missing attributes, or nothing. After an error the challenge stays open.
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
