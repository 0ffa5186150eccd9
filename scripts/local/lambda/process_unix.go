//go:build unix && !linux

package lambda

import (
	"syscall"
	"time"
)

// childAttributes puts a process into its own group, so that it can be killed with its children.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// peakMemory returns 0: it is only known on Linux.
func peakMemory(int) int64 { return 0 }

// cpuTime returns 0: it is only known on Linux.
func cpuTime(int) time.Duration { return 0 }
