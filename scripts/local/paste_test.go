package local

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestWhatRunPrintsWorksWhenPasted runs the commands that it prints, as they are, in a shell.
func TestWhatRunPrintsWorksWhenPasted(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not on PATH, so nothing was tested", tool)
		}
	}
	program := commandPath(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where run is announced; another one may be running
	cmd := exec.CommandContext(t.Context(), program, "run", "--zips", zips)
	cmd.Dir = root
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("after an interrupt: %v", err)
		}
	}()
	var pasted []string
	for lines := bufio.NewScanner(stdout); lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C"); {
		line, indented := strings.CutPrefix(lines.Text(), "  ")
		if command, _, _ := strings.Cut(line, " "); indented && (command == "curl" || command == "printf" || command == "export" || command == program) {
			pasted = append(pasted, line)
		}
	}
	shell := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", strings.Join(pasted, "\n"))
	shell.Dir, shell.Env = root, os.Environ()
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%d pasted lines: %v", len(pasted), err)
	}
	// A public route, one as alice, and one as the machine client. Then alice is signed out.
	if ok := strings.Count(string(out), "HTTP/1.1 200 OK"); ok != 3 || len(pasted) != 5 {
		t.Errorf("%d calls returned 200, of %d pasted lines", ok, len(pasted))
	}
	if !strings.Contains(string(out), "Revoked: user#") || !strings.Contains(string(out), "Emptied the authorizer cache") {
		t.Error("alice was not revoked")
	}
}
