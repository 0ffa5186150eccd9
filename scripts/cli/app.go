package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes of every command. A script can distinguish a refusal from a wrong command line.
const (
	ExitOK          = 0
	ExitRefused     = 1   // the answer is no: a difference, a refused contract or token, a failed call
	ExitUsage       = 2   // the command line or an input file is wrong
	ExitInterrupted = 130 // as a shell reports it
)

// UsageError reports that the command was called wrongly; the exit code is then [ExitUsage].
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef returns a [UsageError] with that message.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrSilent ends a command with [ExitRefused] without a message, when the output already says why.
var ErrSilent = errors.New("refused")

// App is a command line: a kong grammar whose commands have a Run method.
type App struct {
	Name        string
	Description string
	Grammar     any               // pointer to a struct of commands
	Options     []kong.Option     // further ones
	Explain     func(error) error // rewrites an error before it is printed; optional
}

// Parser returns the kong parser of the grammar. exit receives the exit code of a help request.
func (a App) Parser(ctx context.Context, c Console, exit func(int)) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name(a.Name), kong.Description(a.Description), kong.Writers(c.Out, c.Err), kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(c), kong.Vars{"version": Version()},
	}
	return kong.New(a.Grammar, append(options, a.Options...)...)
}

// Main runs the program with its own arguments, and ends it. An interrupt or SIGTERM cancels the context of the command.
func (a App) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := a.Run(ctx, os.Args[1:], Console{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// Run parses args, runs the command and returns the exit code. Errors are printed on c.Err in one line.
func (a App) Run(ctx context.Context, args []string, c Console) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	exit := -1
	parser, err := a.Parser(ctx, c, func(code int) { exit = code })
	if err != nil {
		c.Note("%s: %v", a.Name, err)
		return ExitUsage
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help was requested and printed
		return exit
	}
	if err != nil {
		c.Note("%s: %s", a.Name, usageProblem(err, a.Name))
		return ExitUsage
	}
	err = command.Run()
	usage := (*UsageError)(nil)
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, ErrSilent):
		return ExitRefused
	case errors.Is(err, context.Canceled):
		c.Note("%s: interrupted", a.Name)
		return ExitInterrupted
	case errors.As(err, &usage):
		c.Note("%s: %v", a.Name, err)
		return ExitUsage
	}
	if a.Explain != nil {
		err = a.Explain(err)
	}
	c.Note("%s: %v", a.Name, err)
	return ExitRefused
}

// usageProblem describes a wrong command line. It never repeats an argument that was not expected, or the value
// of an unknown flag: it may be a password or a token.
func usageProblem(err error, name string) string {
	const secrets = "passwords, secrets and tokens are never given as arguments"
	switch text := err.Error(); {
	case strings.HasPrefix(text, "unexpected argument"):
		return fmt.Sprintf("unknown command, or one argument too many: see %s --help (%s)", name, secrets)
	case strings.HasPrefix(text, "unknown flag"):
		flag, _, _ := strings.Cut(strings.TrimPrefix(text, "unknown flag "), "=")
		flag, _, _ = strings.Cut(flag, ",")
		return fmt.Sprintf("unknown flag %s: see %s --help (%s)", flag, name, secrets)
	default:
		return fmt.Sprintf("%s: see %s --help", text, name)
	}
}
