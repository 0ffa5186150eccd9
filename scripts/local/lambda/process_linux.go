package lambda

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childAttributes puts a process into its own group, so that it can be killed with its children, and makes the kernel kill it when
// the thread that started it ends. environment.run keeps that thread alive.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// peakMemory returns the peak resident memory of a running process in bytes, 0 if unknown. getrusage cannot be used for ended
// children, because it includes the memory of this process before exec.
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

// cpuTime returns the CPU time of a running process, in steps of 10 ms; 0 if unknown.
func cpuTime(pid int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture that Go runs on
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // after the name, which may contain anything
	var ticks time.Duration
	for _, i := range []int{11, 12} { // utime and stime, 14 and 15 in proc_pid_stat(5)
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			ticks += time.Duration(n)
		}
	}
	return ticks * tick
}
