package lambda

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// processAttributes make a function's process die with this one.
func processAttributes(user *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: user, Pdeathsig: syscall.SIGKILL}
}

// peakMemoryMB is the most memory that a process has had resident so far, in
// whole MB rounded up (proc_pid_status(5), VmHWM); false when it has ended.
func peakMemoryMB(pid int) (int, bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) //nolint:gosec // G703: the path is made of a number
	if err != nil {
		return 0, false
	}
	_, rest, found := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kilobytes, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	return (kilobytes + 1023) / 1024, found && err == nil
}
