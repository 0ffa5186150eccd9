package main

import (
	"os"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, command := range []string{"check", "routes", "explain", "test", "build", "demo", "run", "token login", "token client", "jwks", "smoke"} {
		var out strings.Builder
		code := app().Run(t.Context(), append(strings.Fields(command), "--help"), cli.Console{In: os.Stdin, Out: &out, Err: &out})
		if code != 0 || !strings.Contains(out.String(), "    cognito-authorizer "+command) {
			t.Errorf("%s --help: exit code %d\n%s", command, code, out.String())
		}
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	var out strings.Builder
	if code := app().Run(t.Context(), []string{"--version"}, cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != 0 || out.String() != cli.Version()+"\n" {
		t.Errorf("exit code %d: %q", code, out.String())
	}
}

func TestExitCodes(t *testing.T) {
	const testdata = "../testdata/"
	for command, want := range map[string]int{
		"check " + testdata + "users.yaml":                                 0,
		"check " + testdata + "refused.yaml":                               1,
		"check " + testdata + "none.yaml":                                  2,
		"check " + testdata + "users.yaml --json":                          0,
		"check " + testdata + "orders.yaml --strict":                       1,
		"routes " + testdata + "users.yaml":                                0,
		"explain " + testdata + "users.yaml --groups admins --route GET/x": 2,
		"build " + testdata + "refused.yaml --out " + testdata:             1,
		"build " + testdata + "users.yaml --arch sparc":                    2,
		"nonsense": 2,
	} {
		var out strings.Builder
		if code := app().Run(t.Context(), strings.Fields(command), cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != want {
			t.Errorf("%s: exit code %d, want %d\n%s", command, code, want, out.String())
		}
	}
}
