//go:build unix

package lambda

import (
	"context"
	"os/exec"
	"syscall"
)

// What files of a zip are on this system: the name of the program, and whether files have modes.
const (
	program  = "bootstrap"
	hasModes = true
)

// shell returns a shell command of the person who runs this program.
func shell(command string) *exec.Cmd {
	return exec.CommandContext(context.Background(), "/bin/sh", "-c", "exec "+command) // it outlives the invocation; kill ends it
}

// killGroup ends a process and all that it has started.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
