// Command cognito-authorizer takes an OpenAPI document to a protected API: on this machine, and as a zip for Lambda.
//
// It exits with 0 when all is well, 1 when the answer is no (a refused contract or token, a difference, a failed call),
// and 2 when the command line or an input file is wrong.
package main

import (
	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/build"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/check"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/completion"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/explain"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/livecheck"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/revoke"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/ruletest"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/smoke"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/token"
)

const description = `Puts a Lambda authorizer for Cognito tokens in front of an API that an OpenAPI document describes.

  cognito-authorizer check openapi.yaml
  cognito-authorizer run --contract openapi.yaml --backend http://127.0.0.1:3000
  cognito-authorizer test openapi.yaml cases.yaml
  cognito-authorizer build openapi.yaml --arch arm64 --out dist

Each command has --help with examples. Exit codes: 0 all is well, 1 the answer is no, 2 the command line or a file is wrong.`

type commands struct {
	Check      check.Command         `cmd:"" help:"Compile and prove a contract: what can be deployed, what cannot, and what to do about it."`
	Routes     explain.RoutesCommand `cmd:"" help:"Print the routes of a contract and who may call them."`
	Explain    explain.Command       `cmd:"" help:"What may a caller do, and why?"`
	Test       ruletest.Command      `cmd:"" help:"Check expectations about who may call what; exit 1 on a difference."`
	Build      build.Command         `cmd:"" help:"Build authorizer.zip, contract.json and manifest.json."`
	Demo       local.DemoCommand     `cmd:"" help:"Start everything on this machine, make calls, check each response, and exit."`
	Run        local.RunCommand      `cmd:"" help:"Start everything on this machine and keep it running."`
	Token      token.Commands        `cmd:"" help:"Sign in to a user pool and print tokens; inspect, verify and revoke them."`
	Revoke     revoke.Commands       `cmd:"" help:"Refuse the tokens of a session, a person or an app client from now on."`
	Flush      revoke.FlushCommand   `cmd:"" help:"Empty the authorizer cache of an API, so that changes count from the next call on."`
	Jwks       jwks.Command          `cmd:"" help:"Write the user pool's key set for the next apply, so that a cold start needs no network."`
	Smoke      smoke.Command         `cmd:"" help:"Call an API and check that its authorizer is at work."`
	LiveCheck  livecheck.Command     `cmd:"" name:"live-check" help:"Ask AWS itself, in your account, what its documentation leaves open; remove everything afterwards."`
	Completion completion.Command    `cmd:"" help:"Print a script that completes command lines in a shell."`

	Version kong.VersionFlag `help:"Print the version."`
}

func main() { app().Main() }

func app() cli.App {
	return cli.App{
		Name: "cognito-authorizer", Description: description, Grammar: &commands{},
		Options: []kong.Option{token.Options()}, Explain: token.Advice,
	}
}
