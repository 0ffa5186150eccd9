package fakecognito

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

const passwordVerifier = "PASSWORD_VERIFIER"

// secretBlockBytes is enough to make the secret block serve as the session, too.
const secretBlockBytes = 96

// srpAuth responds to a client's SRP_A with a challenge that needs the right password.
func (p *pool) srpAuth(a *attempt, parameters map[string]string) (any, error) {
	clientPublic, err := parameter(parameters, "SRP_A")
	if err != nil {
		return nil, err
	}
	verifier, err := p.verifierOf(a)
	if err != nil {
		return nil, err
	}
	exchange, err := verifier.Challenge(clientPublic, randomBytes(secretBlockBytes), rand.Reader)
	if errors.Is(err, srp.ErrNumber) || errors.Is(err, srp.ErrPublicValue) {
		return nil, invalidParameter("SRP_A is not a valid public value")
	}
	if err != nil {
		return nil, err
	}
	a.srp = exchange
	out := p.challengeNamed(a, passwordVerifier, exchange.Challenge.SecretBlock, exchange.Challenge.Parameters())
	if a.flow == "USER_SRP_AUTH" {
		out.Session = "" // as Cognito does; the other flows have a session
	}
	return out, nil
}

// verifierOf returns the user's SRP verifier. For an unknown user it returns one that no password matches, with the same salt each
// time, so that the user seems to exist.
func (p *pool) verifierOf(a *attempt) (srp.Verifier, error) {
	if a.user != nil && a.user.credential.hash != nil {
		return a.user.credential.verifier, nil
	}
	mac := hmac.New(sha256.New, p.nobodySalt)
	mac.Write([]byte(a.name()))
	return srp.NewVerifier(p.id, a.name(), randomToken(), mac.Sum(nil)[:16])
}

// answerSRP checks the answer to PASSWORD_SRP, which asks for SRP_A.
func (p *pool) answerSRP(a *attempt, responses map[string]string) (any, error) {
	if _, err := parameter(responses, "SRP_A"); err != nil {
		return nil, err
	}
	a.answered = true
	return p.srpAuth(a, responses)
}

// answerPasswordVerifier checks the proof and closes the challenge in any case: every guess needs a challenge of its own.
func (p *pool) answerPasswordVerifier(a *attempt, responses map[string]string) (any, error) {
	answer := srp.AnswerFrom(responses)
	for name, value := range map[string]string{"PASSWORD_CLAIM_SIGNATURE": answer.Signature, "TIMESTAMP": answer.Timestamp} {
		if value == "" {
			return nil, invalidParameter("Missing required parameter %s", name)
		}
	}
	if _, err := srp.ParseTimestamp(answer.Timestamp); err != nil {
		return nil, invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.") // does not count as a wrong password
	}
	answer.User = a.name() // checkResponder has verified it; it may be an alias
	a.answered = true
	proof := a.srp.Check(answer, p.Now())
	if err := p.checkLockout(a, proof == nil); err != nil {
		return nil, err
	}
	return p.afterPassword(a)
}
