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

// maxAnswer bounds a line that is typed or piped, in bytes. Cognito takes passwords of up to 256 characters.
const maxAnswer = 4096

var errNobodyToAsk = errors.New("there is no terminal to ask on")

// asker asks the person at the terminal. With --password-stdin the lines of standard input are the
// answers, the first being the password; when they have run out, the terminal is asked if there is one.
type asker struct {
	lines *bufio.Reader // nil: nothing is piped
	tty   *os.File      // nil: there is no terminal
	show  io.Writer     // where questions appear: the terminal itself, so that nothing redirects them
	own   bool          // tty was opened here

	editor *term.Terminal // on tty; one for all questions, since it reads ahead
}

// newAsker finds the terminal, even if standard input and output are redirected. Close it.
func newAsker(c cli.Console) *asker {
	a := &asker{show: c.Err}
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		a.tty, a.show, a.own = tty, tty, true
	} else if term.IsTerminal(int(c.In.Fd())) {
		a.tty = c.In
	}
	if a.tty != nil {
		a.editor = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{a.tty, a.show}, "")
	}
	return a
}

// takeAnswersFrom makes the lines of standard input the answers.
func (a *asker) takeAnswersFrom(in *os.File) error {
	if term.IsTerminal(int(in.Fd())) { // which would show what is typed
		return errors.New("--password-stdin is for a pipe or a file: without it you are asked, and what you type is not shown")
	}
	a.lines = bufio.NewReaderSize(in, maxAnswer)
	return nil
}

func (a *asker) Close() {
	if a.own {
		_ = a.tty.Close() // nothing was buffered
	}
}

// interactive reports whether somebody is there who can be asked again.
func (a *asker) interactive() bool { return a.tty != nil && a.lines == nil }

// say shows what the person needs to know to answer.
func (a *asker) say(format string, args ...any) {
	fmt.Fprintln(a.show, cli.Printable(fmt.Sprintf(format, args...)))
}

// line asks for something that may be seen. Blanks around the answer are dropped.
func (a *asker) line(ctx context.Context, question string) (string, error) {
	answer, err := a.ask(ctx, question, false)
	return strings.TrimSpace(answer), err
}

// secret asks for something that is not shown while it is typed. It is taken as it is, blanks and all.
func (a *asker) secret(ctx context.Context, question string) (string, error) {
	return a.ask(ctx, question, true)
}

func (a *asker) ask(ctx context.Context, question string, hidden bool) (string, error) {
	answer, err := a.piped(question)
	if errors.Is(err, io.EOF) {
		answer, err = a.typed(ctx, question, hidden)
	}
	if err == nil && answer == "" {
		return "", fmt.Errorf("nothing was entered for: %s", question)
	}
	return answer, err
}

// piped is the next line of standard input, or io.EOF when there is none.
func (a *asker) piped(question string) (string, error) {
	if a.lines == nil {
		return "", io.EOF
	}
	text, err := a.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("the line on standard input is longer than %d bytes: %s", maxAnswer, question)
	case errors.Is(err, io.EOF) && len(text) > 0: // the last line need not end
	case errors.Is(err, io.EOF):
		a.lines = nil
		return "", io.EOF
	case err != nil:
		return "", fmt.Errorf("standard input: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

// typed is what the person types. Echo is off before the question appears, so nothing typed early shows;
// an interrupt puts the terminal back as it was.
func (a *asker) typed(ctx context.Context, question string, hidden bool) (string, error) {
	if a.tty == nil {
		return "", fmt.Errorf("%w for: %s (pipe it in with --password-stdin, a line for each question)", errNobodyToAsk, question)
	}
	fd := int(a.tty.Fd())
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
	go func() { // reading cannot be interrupted, but it can be left behind
		var r result
		if prompt := cli.Printable(question) + ": "; hidden {
			r.text, r.err = a.editor.ReadPassword(prompt)
		} else {
			a.editor.SetPrompt(prompt)
			r.text, r.err = a.editor.ReadLine()
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
		if len([]rune(r.text)) >= maxAnswer { // where the editor stops to take characters
			return "", fmt.Errorf("the answer is longer than %d characters: %s", maxAnswer-1, question)
		}
		return r.text, r.err
	}
}

// choose asks for one of several, by number or by name. A single one needs no question.
func (a *asker) choose(ctx context.Context, question string, choices []string) (string, error) {
	if len(choices) == 1 {
		return choices[0], nil
	}
	for i, c := range choices {
		a.say("  %d  %s", i+1, c)
	}
	answer, err := a.line(ctx, question)
	if err != nil {
		return "", err
	}
	for i, c := range choices {
		if strings.EqualFold(answer, c) || answer == fmt.Sprint(i+1) {
			return c, nil
		}
	}
	return "", fmt.Errorf("that is none of the choices: %s", strings.Join(choices, ", "))
}
