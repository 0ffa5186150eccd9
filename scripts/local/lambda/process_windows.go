package lambda

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// Properties of unpacked files on this system: the name of the program, and whether files have permission bits.
const (
	program  = "bootstrap.exe"
	hasModes = false
)

// childAttributes puts a process into its own group, so that it does not receive Ctrl-C.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// shell returns a command that the system's shell runs.
func shell(command string) *exec.Cmd {
	return exec.CommandContext(context.Background(), "cmd", "/C", command) // it outlives the invocation; kill ends it
}

// killGroup ends a process and all processes that it started.
func killGroup(pid int) {
	_ = exec.CommandContext(context.Background(), "taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run() // it may have ended
}

// peakMemory returns 0: it is only known on Linux.
func peakMemory(int) int64 { return 0 }

// cpuTime returns 0: it is only known on Linux.
func cpuTime(int) time.Duration { return 0 }
