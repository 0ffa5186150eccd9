// Package cli is the frame that all commands share: parsing, help, exit codes, and how they write to a terminal.
package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/term"
)

// Console is where a command reads and writes. Results go to Out and everything else to Err, so that Out can be
// piped.
type Console struct {
	In       *os.File
	Out, Err io.Writer
}

// Note writes one line to Err.
func (c Console) Note(format string, args ...any) {
	fmt.Fprintln(c.Err, Printable(fmt.Sprintf(format, args...)))
}

// Patience is how long a command may be silent before it reports what it is waiting for.
const Patience = 2 * time.Second

// Reminder is how often a command reports that it is still waiting.
const Reminder = 10 * time.Second

// Progress writes the message to Err if stop is not called within [Patience], and then every [Reminder], with the seconds
// that have passed.
func (c Console) Progress(format string, args ...any) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	message, began := fmt.Sprintf(format, args...), time.Now()
	go func() {
		defer close(ended)
		timer := time.NewTimer(Patience)
		defer timer.Stop()
		for first := true; ; first = false {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			if first {
				c.Note("%s", message)
			} else {
				c.Note("%s (%d s so far)", message, int(time.Since(began).Seconds()))
			}
			timer.Reset(Reminder)
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(done) })
		<-ended
	}
}

// Printable replaces control characters, so that neither a server nor the author of a token can move the cursor
// of the terminal or change the direction of writing.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// Colour is an ANSI colour. The zero value is none.
type Colour string

// The colours of results.
const (
	Red   Colour = "31"
	Green Colour = "32"
	Faint Colour = "2"
)

// Paint returns a function that colours text if w is a terminal and NO_COLOR (https://no-color.org) is not set.
func Paint(w io.Writer) func(Colour, string) string {
	f, isFile := w.(*os.File)
	if !isFile || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return func(_ Colour, s string) string { return s }
	}
	return func(c Colour, s string) string {
		if c == "" {
			return s
		}
		return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
	}
}
