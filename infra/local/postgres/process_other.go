//go:build !linux

package postgres

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: only Linux ties a process to its parent. The next
// Start or StopStray ends what a killed parent left.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// arguments are those that a live process was started with, split at single
// spaces; nil where there is no such process.
func arguments(pid int) []string {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(out)), " ")
}
