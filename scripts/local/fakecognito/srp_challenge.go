package fakecognito

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

const passwordVerifier = "PASSWORD_VERIFIER"

// secretBlockBytes make it long enough to serve as a session too.
const secretBlockBytes = 96

// srpAuth answers a client's SRP_A with a challenge that only the right password can meet.
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
		return nil, invalidParameter("SRP_A is not a public value of the group")
	}
	if err != nil {
		return nil, err
	}
	a.srp = exchange
	out := p.challengeNamed(a, passwordVerifier, exchange.Challenge.SecretBlock, exchange.Challenge.Parameters())
	if a.flow == "USER_SRP_AUTH" {
		out.Session = "" // as on AWS; the other flows have one
	}
	return out, nil
}

// verifierOf makes one up for a name that does not exist. The salt is the same each time, as that of a
// user would be.
func (p *pool) verifierOf(a *attempt) (srp.Verifier, error) {
	if a.user != nil && a.user.credential.hash != nil {
		return a.user.credential.verifier, nil
	}
	mac := hmac.New(sha256.New, p.nobodySalt)
	mac.Write([]byte(a.name()))
	return srp.NewVerifier(p.id, a.name(), randomToken(), mac.Sum(nil)[:16])
}

// answerSRP is the answer to a PASSWORD_SRP challenge, which asks for SRP_A.
func (p *pool) answerSRP(a *attempt, responses map[string]string) (any, error) {
	if _, err := parameter(responses, "SRP_A"); err != nil {
		return nil, err
	}
	a.answered = true
	return p.srpAuth(a, responses)
}

// answerPasswordVerifier checks the proof. Right or wrong, the exchange is over: another guess needs
// another challenge.
func (p *pool) answerPasswordVerifier(a *attempt, responses map[string]string) (any, error) {
	answer := srp.AnswerFrom(responses)
	for name, value := range map[string]string{"PASSWORD_CLAIM_SIGNATURE": answer.Signature, "TIMESTAMP": answer.Timestamp} {
		if value == "" {
			return nil, invalidParameter("Missing required parameter %s", name)
		}
	}
	if _, err := srp.ParseTimestamp(answer.Timestamp); err != nil {
		return nil, invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.") // no attempt at a password
	}
	answer.User = a.name() // checked: it may have been given as an alias
	a.answered = true
	proof := a.srp.Check(answer, p.Now())
	if err := p.passwordProved(a, proof == nil); err != nil {
		return nil, err
	}
	return p.afterPassword(a)
}
