// Token signs people and programs in to a Cognito user pool and prints their tokens, for trying an API at
// a shell, in Postman or in a smoke test. `token --help` lists the commands.
//
// Passwords, client secrets and tokens come from a hidden prompt, from standard input or from a file,
// never from an argument, where every process on the machine could read them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes. A pipeline can tell a refusal from a command line that makes no sense.
const (
	exitRefused     = 1
	exitUsage       = 2
	exitInterrupted = 130 // as a shell reports it
)

type commands struct {
	Login   loginCommand   `cmd:"" help:"Sign a person in and print the access token."`
	Refresh refreshCommand `cmd:"" help:"Get new tokens for a refresh token."`
	Client  clientCommand  `cmd:"" help:"Sign a program in (client credentials) and print its access token."`
	Whoami  whoamiCommand  `cmd:"" help:"Ask Cognito whose access token this is."`
	Decode  decodeCommand  `cmd:"" help:"Print what a token says, without checking any of it."`
	Verify  verifyCommand  `cmd:"" help:"Check a token as the authorizer does and print its claims."`
	Revoke  revokeCommand  `cmd:"" help:"End a refresh token and what was issued from it."`
}

// console is where the tool reads and writes. Results go to out and everything else to err, so that
// out can be piped.
type console struct {
	in       *os.File
	out, err io.Writer
}

func (c console) note(format string, args ...any) {
	fmt.Fprintln(c.err, printable(fmt.Sprintf(format, args...)))
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, c console) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	exit := -1
	parser, err := kong.New(&commands{},
		kong.Name("token"),
		kong.Description("Signs in to a Cognito user pool and prints tokens. The token goes to standard output, all else to standard error."),
		kong.Writers(c.out, c.err),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{placeGroup, outputGroup, secretGroup}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c),
	)
	if err != nil {
		c.note("token: %v", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help was asked for and printed
		return exit
	}
	if err != nil {
		c.note("token: %s", usageProblem(err))
		return exitUsage
	}
	err = command.Run()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		c.note("token: interrupted")
		return exitInterrupted
	}
	c.note("token: %v", advice(err))
	return exitRefused
}

// usageProblem never repeats a word of the command line that has no place there: it may well be a password.
func usageProblem(err error) string {
	const advice = "passwords, secrets and tokens are never given as arguments; see token --help"
	switch text := err.Error(); {
	case strings.HasPrefix(text, "unexpected argument"):
		return "there is no such command, or an argument too many: " + advice
	case strings.HasPrefix(text, "unknown flag"): // named without its value
		return text + ": " + advice
	default:
		return text
	}
}
