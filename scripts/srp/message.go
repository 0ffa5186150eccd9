package srp

import (
	"encoding/base64"
	"fmt"
)

// Challenge is the challenge PASSWORD_VERIFIER. The fields have the encoding of the API.
type Challenge struct {
	User        string // USER_ID_FOR_SRP: the username to sign, which may differ from the one that was entered
	Salt        string // SALT, hexadecimal
	B           string // SRP_B, hexadecimal
	SecretBlock string // SECRET_BLOCK, base64; opaque, returned unchanged
}

// ChallengeFrom reads the ChallengeParameters from the output of InitiateAuth. It validates nothing; [Client.Answer] does.
func ChallengeFrom(parameters map[string]string) Challenge {
	return Challenge{
		User:        parameters["USER_ID_FOR_SRP"],
		Salt:        parameters["SALT"],
		B:           parameters["SRP_B"],
		SecretBlock: parameters["SECRET_BLOCK"],
	}
}

// Parameters returns the challenge as ChallengeParameters. As in Cognito, they contain the username twice.
func (c Challenge) Parameters() map[string]string {
	return map[string]string{
		"USER_ID_FOR_SRP": c.User,
		"USERNAME":        c.User,
		"SALT":            c.Salt,
		"SRP_B":           c.B,
		"SECRET_BLOCK":    c.SecretBlock,
	}
}

// Answer is the answer to a [Challenge]. The fields have the encoding of the API.
type Answer struct {
	User        string // USERNAME: the challenge's USER_ID_FOR_SRP
	SecretBlock string // PASSWORD_CLAIM_SECRET_BLOCK
	Timestamp   string // TIMESTAMP, see [Timestamp]
	Signature   string // PASSWORD_CLAIM_SIGNATURE, base64
}

// AnswerFrom reads the ChallengeResponses of RespondToAuthChallenge. It validates nothing; [Exchange.Check] does.
func AnswerFrom(responses map[string]string) Answer {
	return Answer{
		User:        responses["USERNAME"],
		SecretBlock: responses["PASSWORD_CLAIM_SECRET_BLOCK"],
		Timestamp:   responses["TIMESTAMP"],
		Signature:   responses["PASSWORD_CLAIM_SIGNATURE"],
	}
}

// Responses returns the answer as ChallengeResponses. App clients with a secret must add SECRET_HASH.
func (a Answer) Responses() map[string]string {
	return map[string]string{
		"USERNAME":                    a.User,
		"PASSWORD_CLAIM_SECRET_BLOCK": a.SecretBlock,
		"TIMESTAMP":                   a.Timestamp,
		"PASSWORD_CLAIM_SIGNATURE":    a.Signature,
	}
}

// decodeSecretBlock checks the length of the block and decodes it.
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
