package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

func TestBashCompletesCommandsAndFlags(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	var script strings.Builder
	if code := app().Run(t.Context(), []string{"completion", "bash"}, cli.Console{In: os.Stdin, Out: &script, Err: os.Stderr}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for line, want := range map[string]string{
		"":                            "check",
		"che":                         "check",
		"token ":                      "login",
		"token log":                   "login",
		"token login --out":           "--output",
		"run --back":                  "--backend",
		"explain openapi.yaml --expe": "--expect",
	} {
		words := append([]string{"cognito-authorizer"}, strings.Split(line, " ")...)
		call := script.String() + "\nCOMP_WORDS=(" + quoted(words) + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_cognito_authorizer\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
		out, err := exec.CommandContext(t.Context(), bash, "-c", call).CombinedOutput()
		if err != nil || !strings.Contains("\n"+string(out), "\n"+want+"\n") {
			t.Errorf("%q: %v\n%s", line, err, out)
		}
	}
}

func quoted(words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, "'"+w+"'")
	}
	return strings.Join(all, " ")
}

func TestOtherShellsGetAScript(t *testing.T) {
	for shell, want := range map[string]string{"zsh": "bashcompinit", "fish": "complete -c cognito-authorizer -n '__fish_use_subcommand' -a 'check'"} {
		var out strings.Builder
		if code := app().Run(t.Context(), []string{"completion", shell}, cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit code %d\n%s", shell, code, out.String())
		}
	}
}
