package lambda

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// What files of a zip are on this system: the name of the program, and whether files have modes.
const (
	program  = "bootstrap.exe"
	hasModes = false
)

// childAttributes puts a process into a group of its own, so that Ctrl-C does not reach it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// shell returns a shell command of the person who runs this program.
func shell(command string) *exec.Cmd {
	return exec.CommandContext(context.Background(), "cmd", "/C", command) // it outlives the invocation; kill ends it
}

// killGroup ends a process and all that it has started.
func killGroup(pid int) {
	_ = exec.CommandContext(context.Background(), "taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run() // it may have ended
}

// peakMemory cannot be told of a running process here.
func peakMemory(int) int64 { return 0 }

// cpuTime cannot be told of a running process here.
func cpuTime(int) time.Duration { return 0 }
