//go:build unix

package lambda

import (
	"context"
	"os/exec"
	"syscall"
)

// Properties of unpacked files on this system: the name of the program, and whether files have permission bits.
const (
	program  = "bootstrap"
	hasModes = true
)

// shell returns a command that the system's shell runs.
func shell(command string) *exec.Cmd {
	return exec.CommandContext(context.Background(), "/bin/sh", "-c", "exec "+command) // it outlives the invocation; kill ends it
}

// killGroup ends a process and its group.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
