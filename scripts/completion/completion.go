// Package completion prints scripts that complete a command line in a shell: cognito-authorizer completion.
package completion

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// Command prints a script for a shell.
type Command struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `  cognito-authorizer completion bash > /etc/bash_completion.d/cognito-authorizer
  echo 'source <(cognito-authorizer completion zsh)' >> ~/.zshrc
  cognito-authorizer completion fish > ~/.config/fish/completions/cognito-authorizer.fish`
}

// Run prints the script.
func (k *Command) Run(c cli.Console, app *kong.Kong) error {
	if k.Shell == "fish" {
		return fish(c.Out, app.Model)
	}
	return bash(c.Out, app.Model, k.Shell == "zsh")
}

// words returns the commands and flags that can follow a command, each with its help.
func words(n *kong.Node) (commands, flags [][2]string) {
	for _, child := range n.Children {
		if !child.Hidden {
			commands = append(commands, [2]string{child.Name, firstSentence(child.Help)})
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, flag := range group {
			flags = append(flags, [2]string{"--" + flag.Name, firstSentence(flag.Help)})
		}
	}
	return commands, flags
}

func firstSentence(help string) string {
	first, _, _ := strings.Cut(help, ". ")
	return strings.TrimSuffix(first, ".")
}

// nodes returns a command and all below it.
func nodes(n *kong.Node) []*kong.Node {
	all := []*kong.Node{n}
	for _, child := range n.Children {
		all = append(all, nodes(child)...)
	}
	return all
}

// path returns the words that lead to a command, without the name of the program.
func path(n *kong.Node) string {
	var names []string
	for at := n; at != nil && at.Parent != nil; at = at.Parent {
		names = append(names, at.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, " ")
}

// bash completes commands and flags, and file names for everything else. zsh understands the same.
func bash(w io.Writer, model *kong.Application, zsh bool) error {
	var b strings.Builder
	if zsh {
		b.WriteString("autoload -U +X bashcompinit && bashcompinit\n")
	}
	b.WriteString(`_cognito_authorizer() {
	local word=${COMP_WORDS[COMP_CWORD]} command= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case "$command ${COMP_WORDS[i]}" in
`)
	for _, n := range nodes(model.Node) {
		if p := path(n); p != "" {
			parent := path(n.Parent)
			fmt.Fprintf(&b, "\t\t%q) command=%q ;;\n", parent+" "+n.Name, p)
		}
	}
	b.WriteString("\t\tesac\n\tdone\n\tcase $command in\n")
	for _, n := range nodes(model.Node) {
		commands, flags := words(n)
		var names []string
		for _, one := range slices.Concat(commands, flags) {
			names = append(names, one[0])
		}
		fmt.Fprintf(&b, "\t%q) COMPREPLY=($(compgen -W %q -- \"$word\")) ;;\n", path(n), strings.Join(names, " "))
	}
	b.WriteString("\tesac\n}\ncomplete -o default -F _cognito_authorizer cognito-authorizer\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func fish(w io.Writer, model *kong.Application) error {
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	var b strings.Builder
	for _, n := range nodes(model.Node) {
		condition := "__fish_use_subcommand"
		if p := path(n); p != "" {
			condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(p, " ", "; and __fish_seen_subcommand_from ")
		}
		commands, flags := words(n)
		for _, one := range commands {
			fmt.Fprintf(&b, "complete -c cognito-authorizer -n %s -a %s -d %s\n", quote(condition), quote(one[0]), quote(one[1]))
		}
		for _, one := range flags {
			fmt.Fprintf(&b, "complete -c cognito-authorizer -n %s -l %s -d %s\n", quote(condition), quote(strings.TrimPrefix(one[0], "--")), quote(one[1]))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
