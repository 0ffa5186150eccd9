//go:build unix && !linux

package lambda

import (
	"syscall"
	"time"
)

// childAttributes puts a process into a group of its own, to be killed with all that it starts.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// peakMemory cannot be told of a running process here.
func peakMemory(int) int64 { return 0 }

// cpuTime cannot be told of a running process here.
func cpuTime(int) time.Duration { return 0 }
