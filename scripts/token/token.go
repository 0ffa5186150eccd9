// Package token signs people and programs in to a Cognito user pool and prints their tokens, for trying an API at
// a shell, in Postman or in a smoke test: cognito-authorizer token.
//
// Passwords, client secrets and tokens come from a hidden prompt, from standard input or from a file,
// never from an argument, where every process on the machine could read them.
package token

import (
	"github.com/alecthomas/kong"
)

// Commands are the subcommands of token.
type Commands struct {
	Login   loginCommand   `cmd:"" help:"Sign a person in and print the access token."`
	Refresh refreshCommand `cmd:"" help:"Get new tokens for a refresh token."`
	Client  clientCommand  `cmd:"" help:"Sign a program in (client credentials) and print its access token."`
	Whoami  whoamiCommand  `cmd:"" help:"Ask Cognito whose access token this is."`
	Decode  decodeCommand  `cmd:"" help:"Print the content of a token without verifying it."`
	Verify  verifyCommand  `cmd:"" help:"Verify a token as the authorizer does and print its claims."`
	Revoke  revokeCommand  `cmd:"" help:"Revoke a refresh token."`
}

// Options returns the kong options that the commands need.
func Options() kong.Option {
	return kong.ExplicitGroups([]kong.Group{targetGroup, outputGroup, secretGroup})
}
