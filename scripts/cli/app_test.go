package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type command struct {
	Err error `kong:"-"`
}

func (c *command) Run() error { return c.Err }

type commands struct {
	Do command `cmd:""`
}

func TestExitCodesAndMessages(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		args []string
		code int
		says string
	}{
		"success":            {nil, []string{"do"}, 0, ""},
		"a refusal":          {errors.New("not allowed"), []string{"do"}, 1, "tool: not allowed\n"},
		"already reported":   {fmt.Errorf("%w", cli.ErrSilent), []string{"do"}, 1, ""},
		"wrong usage":        {cli.Usagef("no file %s", "x"), []string{"do"}, 2, "tool: no file x\n"},
		"an interrupt":       {context.Canceled, []string{"do"}, 130, "tool: interrupted\n"},
		"no such command":    {nil, []string{"secret-word"}, 2, "tool: unknown command"},
		"no such flag":       {nil, []string{"do", "--password=secret-word"}, 2, "tool: unknown flag --password: "},
		"control characters": {errors.New("a\x1b[2Jb"), []string{"do"}, 1, "tool: a\uFFFD[2Jb\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, stderr strings.Builder
			app := cli.App{Name: "tool", Grammar: &commands{command{Err: tt.err}}}
			code := app.Run(t.Context(), tt.args, cli.Console{In: os.Stdin, Out: &out, Err: &stderr})
			if code != tt.code || !strings.HasPrefix(stderr.String(), tt.says) || tt.says == "" && stderr.Len() > 0 {
				t.Errorf("exit code %d, standard error %q", code, stderr.String())
			}
			if strings.Contains(stderr.String(), "secret-word") {
				t.Error("an unexpected argument was repeated, and it may be a password")
			}
		})
	}
}

func TestNoArgumentsPrintTheHelp(t *testing.T) {
	var out strings.Builder
	app := cli.App{Name: "tool", Description: "What it does.", Grammar: &commands{}}
	if code := app.Run(t.Context(), nil, cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != 0 || !strings.Contains(out.String(), "What it does.") {
		t.Errorf("exit code %d, output %q", code, out.String())
	}
}

func TestColourOnlyOnATerminal(t *testing.T) {
	var out strings.Builder
	if got := cli.Paint(&out)(cli.Red, "x"); got != "x" {
		t.Errorf("a buffer received %q", got)
	}
}
