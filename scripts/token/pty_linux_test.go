package token

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix" // the ioctls that open a terminal
)

// terminal is a pseudo terminal with the tool running on it. Standard output is apart, as behind "> file".
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	out    bytes.Buffer

	lock   sync.Mutex
	screen bytes.Buffer
	more   chan struct{} // holds a value when the screen has changed
	gone   bool          // the tool has closed the terminal
}

// onTerminal starts the tool with a terminal of its own.
func (w *world) onTerminal(args ...string) *terminal { return w.onTerminalWith(nil, args...) }

// onTerminalWith has standard input come from elsewhere.
func (w *world) onTerminalWith(stdin io.Reader, args ...string) *terminal {
	w.t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		w.t.Skipf("SKIPPED: no pseudo terminals here: %v", err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		w.t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		w.t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	x := &terminal{t: w.t, master: master, more: make(chan struct{}, 1), cmd: w.command(args...)}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, &x.out, slave
	if stdin != nil {
		x.cmd.Stdin = stdin
	}
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2} // standard error
	if err := x.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	slave.Close()
	go x.watch()
	w.t.Cleanup(func() {
		_ = x.cmd.Process.Kill() // has ended already in a test that passes
		x.master.Close()
	})
	return x
}

func (x *terminal) watch() {
	for chunk := make([]byte, 4096); ; {
		n, err := x.master.Read(chunk)
		x.lock.Lock()
		x.screen.Write(chunk[:n])
		x.gone = err != nil
		x.lock.Unlock()
		select {
		case x.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (x *terminal) seen() (string, bool) {
	x.lock.Lock()
	defer x.lock.Unlock()
	return x.screen.String(), x.gone
}

// expect waits until the screen shows the text after what was expected before, and returns what came between.
func (x *terminal) expect(text string) string {
	x.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		screen, gone := x.seen()
		if before, _, found := strings.Cut(screen, text); found {
			x.lock.Lock()
			x.screen.Next(len(before) + len(text))
			x.lock.Unlock()
			return before
		}
		if gone {
			x.t.Fatalf("the tool ended without %q; the screen shows: %s", text, screen)
		}
		select {
		case <-x.more:
		case <-deadline:
			x.t.Fatalf("no %q on the screen: %s", text, screen)
		}
	}
}

func (x *terminal) enter(line string) {
	x.t.Helper()
	x.press(line + "\r")
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the tool and returns its standard output, the rest of the screen and the exit code.
func (x *terminal) end() (out, rest string, code int) {
	x.t.Helper()
	_ = x.cmd.Wait() // the exit code says it
	for {
		screen, gone := x.seen()
		if gone {
			return strings.TrimSuffix(x.out.String(), "\n"), screen, x.cmd.ProcessState.ExitCode()
		}
		<-x.more
	}
}

// echoes reports whether the terminal shows what is typed.
func (x *terminal) echoes() bool {
	x.t.Helper()
	state, err := unix.IoctlGetTermios(int(x.master.Fd()), unix.TCGETS)
	if err != nil {
		x.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
