package lambda

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childAttributes puts a process into a group of its own, to be killed with all that it starts, and has the
// kernel kill it when the thread that started it ends. See environment.run for why that thread stays.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// peakMemory is the most memory in bytes that a running process has had resident so far, 0 if it cannot be told.
// What getrusage tells of a child that has ended will not do: it includes this process before exec.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "\nVmHWM:")
	line, _, _ := strings.Cut(after, "\n")
	kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
	if err != nil {
		return 0
	}
	return kB << 10
}

// cpuTime is how much processor time a running process has used, in steps of 10 ms; 0 if it cannot be told.
func cpuTime(pid int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture that Go runs on
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // behind the name, which may hold anything
	var ticks time.Duration
	for _, i := range []int{11, 12} { // utime and stime, 14 and 15 in proc_pid_stat(5)
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			ticks += time.Duration(n)
		}
	}
	return ticks * tick
}
