package srp

import (
	"encoding/base64"
	"fmt"
)

// Challenge is what the user pool sends as PASSWORD_VERIFIER. The fields are as they travel.
type Challenge struct {
	User        string // USER_ID_FOR_SRP: the name to sign, often not the one that was typed
	Salt        string // SALT, hexadecimal
	B           string // SRP_B, hexadecimal
	SecretBlock string // SECRET_BLOCK, base64; opaque, sent back unchanged
}

// ChallengeFrom reads the ChallengeParameters of InitiateAuth's answer. It checks nothing: [Client.Answer] does.
func ChallengeFrom(parameters map[string]string) Challenge {
	return Challenge{
		User:        parameters["USER_ID_FOR_SRP"],
		Salt:        parameters["SALT"],
		B:           parameters["SRP_B"],
		SecretBlock: parameters["SECRET_BLOCK"],
	}
}

// Parameters is the challenge as ChallengeParameters. Cognito names the user twice.
func (c Challenge) Parameters() map[string]string {
	return map[string]string{
		"USER_ID_FOR_SRP": c.User,
		"USERNAME":        c.User,
		"SALT":            c.Salt,
		"SRP_B":           c.B,
		"SECRET_BLOCK":    c.SecretBlock,
	}
}

// Answer is the reply to a [Challenge]. The fields are as they travel.
type Answer struct {
	User        string // USERNAME: the challenge's USER_ID_FOR_SRP
	SecretBlock string // PASSWORD_CLAIM_SECRET_BLOCK
	Timestamp   string // TIMESTAMP, see [Timestamp]
	Signature   string // PASSWORD_CLAIM_SIGNATURE, base64
}

// AnswerFrom reads the ChallengeResponses of RespondToAuthChallenge. It checks nothing: [Exchange.Check] does.
func AnswerFrom(responses map[string]string) Answer {
	return Answer{
		User:        responses["USERNAME"],
		SecretBlock: responses["PASSWORD_CLAIM_SECRET_BLOCK"],
		Timestamp:   responses["TIMESTAMP"],
		Signature:   responses["PASSWORD_CLAIM_SIGNATURE"],
	}
}

// Responses is the answer as ChallengeResponses. A client with a secret adds SECRET_HASH.
func (a Answer) Responses() map[string]string {
	return map[string]string{
		"USERNAME":                    a.User,
		"PASSWORD_CLAIM_SECRET_BLOCK": a.SecretBlock,
		"TIMESTAMP":                   a.Timestamp,
		"PASSWORD_CLAIM_SIGNATURE":    a.Signature,
	}
}

// decodeSecretBlock bounds the block before it is decoded.
func decodeSecretBlock(block string) ([]byte, error) {
	if len(block) > maxSecretBlock {
		return nil, fmt.Errorf("%w: longer than %d characters", ErrSecretBlock, maxSecretBlock)
	}
	b, err := base64.StdEncoding.DecodeString(block)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64", ErrSecretBlock)
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrSecretBlock)
	}
	return b, nil
}
