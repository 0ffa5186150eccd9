package token

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type decodeCommand struct{}

// Help implements kong's HelpProvider.
func (*decodeCommand) Help() string {
	return `The token comes from standard input. Nothing about it is verified; for that,
use token verify.

  cognito-authorizer token login alice | cognito-authorizer token decode
  cognito-authorizer token decode < token.txt | jq .payload.exp`
}

// Run implements the command.
func (*decodeCommand) Run(ctx context.Context, c cli.Console) error {
	token, err := readToken(ctx, c, "token")
	if err != nil {
		return err
	}
	header, payload, err := unverified(token)
	if err != nil {
		return err
	}
	c.Note("NOT VERIFIED: anybody can write a token with this content. Use token verify.")
	return writeJSON(c.Out, fmt.Appendf(nil, `{"header":%s,"payload":%s}`, header, payload))
}

var errNotAToken = errors.New("this is not a token: a signed token is three parts of base64url, separated by dots")

// unverified decodes a token without verifying it (RFC 7515 section 7.1).
func unverified(token cognito.Token) (header, payload json.RawMessage, err error) {
	parts := strings.Split(token.Reveal(), ".")
	switch len(parts) {
	case 3:
	case 5:
		return nil, nil, errors.New("this token is encrypted, as refresh tokens are: nobody but Cognito can read it")
	default:
		return nil, nil, errNotAToken
	}
	for i, into := range []*json.RawMessage{&header, &payload} {
		part, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i], "="))
		if err != nil || !json.Valid(part) || !bytes.HasPrefix(bytes.TrimSpace(part), []byte("{")) {
			return nil, nil, errNotAToken
		}
		*into = part
	}
	return header, payload, nil
}

// usernameIn returns the user name in an access token that Cognito just sent. It is used for SECRET_HASH, which Cognito
// checks; nothing else depends on it.
func usernameIn(token cognito.Token) string {
	_, payload, err := unverified(token)
	if err != nil {
		return ""
	}
	var claims struct {
		Username string `json:"username"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Username
}
