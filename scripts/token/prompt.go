package token

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term" // a line that is typed without being shown

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// maxAnswer limits a typed or piped line, in bytes. Cognito accepts passwords of up to 256 characters.
const maxAnswer = 4096

var errNobodyToAsk = errors.New("there is no terminal to ask on")

// prompter asks the user on the terminal. With --password-stdin the lines of standard input are the answers, the password
// first; when no lines are left, it asks on the terminal if there is one.
type prompter struct {
	lines   *bufio.Reader // nil: nothing is piped
	tty     *os.File      // nil: there is no terminal
	out     io.Writer     // for questions: the terminal itself, so that they cannot be redirected
	ownsTTY bool          // tty was opened by newPrompter

	editor *term.Terminal // on tty; one for all questions, since it reads ahead
}

// newPrompter opens the terminal, even if standard input and output are redirected. The caller must close it.
func newPrompter(c cli.Console) *prompter {
	p := &prompter{out: c.Err}
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		p.tty, p.out, p.ownsTTY = tty, tty, true
	} else if term.IsTerminal(int(c.In.Fd())) {
		p.tty = c.In
	}
	if p.tty != nil {
		p.editor = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{p.tty, p.out}, "")
	}
	return p
}

// takeAnswersFrom uses the lines of standard input as answers.
func (p *prompter) takeAnswersFrom(in *os.File) error {
	if term.IsTerminal(int(in.Fd())) { // which would show what is typed
		return errors.New("--password-stdin is for a pipe or a file: without it you are asked, and what you type is not shown")
	}
	p.lines = bufio.NewReaderSize(in, maxAnswer)
	return nil
}

func (p *prompter) Close() {
	if p.ownsTTY {
		_ = p.tty.Close() // nothing was buffered
	}
}

// interactive reports whether the user can be asked again.
func (p *prompter) interactive() bool { return p.tty != nil && p.lines == nil }

// say prints what the user needs to know before the next question.
func (p *prompter) say(format string, args ...any) {
	fmt.Fprintln(p.out, cli.Printable(fmt.Sprintf(format, args...)))
}

// line reads an answer that may be shown, and trims it.
func (p *prompter) line(ctx context.Context, question string) (string, error) {
	answer, err := p.prompt(ctx, question, false)
	return strings.TrimSpace(answer), err
}

// secret reads an answer without echo, and does not trim it.
func (p *prompter) secret(ctx context.Context, question string) (string, error) {
	return p.prompt(ctx, question, true)
}

func (p *prompter) prompt(ctx context.Context, question string, hidden bool) (string, error) {
	answer, err := p.readPiped(question)
	if errors.Is(err, io.EOF) {
		answer, err = p.readTerminal(ctx, question, hidden)
	}
	if err == nil && answer == "" {
		return "", fmt.Errorf("nothing was entered for: %s", question)
	}
	return answer, err
}

// readPiped reads and returns the next line of standard input, or io.EOF if there is none.
func (p *prompter) readPiped(question string) (string, error) {
	if p.lines == nil {
		return "", io.EOF
	}
	text, err := p.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("the line on standard input is longer than %d bytes: %s", maxAnswer, question)
	case errors.Is(err, io.EOF) && len(text) > 0: // the last line need not end
	case errors.Is(err, io.EOF):
		p.lines = nil
		return "", io.EOF
	case err != nil:
		return "", fmt.Errorf("standard input: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

// readTerminal reads and returns a line that the user types. Echo is off before the question appears, so that nothing typed
// early is shown. An interrupt restores the terminal.
func (p *prompter) readTerminal(ctx context.Context, question string, hidden bool) (string, error) {
	if p.tty == nil {
		return "", fmt.Errorf("%w for: %s (pipe it in with --password-stdin, a line for each question)", errNobodyToAsk, question)
	}
	fd := int(p.tty.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("the terminal: %w", err)
	}
	defer func() { _ = term.Restore(fd, before) }() // nothing more can be done
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() { // a read cannot be interrupted, but it can be abandoned
		var r result
		if prompt := cli.Printable(question) + ": "; hidden {
			r.text, r.err = p.editor.ReadPassword(prompt)
		} else {
			p.editor.SetPrompt(prompt)
			r.text, r.err = p.editor.ReadLine()
		}
		done <- r
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		switch {
		case errors.Is(r.err, io.EOF): // Ctrl-C, Ctrl-D, or the terminal is gone
			return "", context.Canceled
		case errors.Is(r.err, term.ErrPasteIndicator): // pasted, which is fine
			r.err = nil
		}
		if len([]rune(r.text)) >= maxAnswer { // at which the editor ignores further characters
			return "", fmt.Errorf("the answer is longer than %d characters: %s", maxAnswer-1, question)
		}
		return r.text, r.err
	}
}

// choose reads a choice, by number or name, and returns it. It does not ask if there is only one.
func (p *prompter) choose(ctx context.Context, question string, choices []string) (string, error) {
	if len(choices) == 1 {
		return choices[0], nil
	}
	for i, c := range choices {
		p.say("  %d  %s", i+1, c)
	}
	answer, err := p.line(ctx, question)
	if err != nil {
		return "", err
	}
	for i, c := range choices {
		if strings.EqualFold(answer, c) || answer == fmt.Sprint(i+1) {
			return c, nil
		}
	}
	return "", fmt.Errorf("the answer is not one of the choices: %s", strings.Join(choices, ", "))
}
