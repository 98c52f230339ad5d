package postgres

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// dieWithParent asks the kernel to signal the process when the thread that
// started it ends (prctl(2), PR_SET_PDEATHSIG).
func dieWithParent(a *syscall.SysProcAttr, signal syscall.Signal) { a.Pdeathsig = signal }

// arguments are those that a live process was started with; nil where there is
// no such process or it is a zombie.
func arguments(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	var args []string
	for arg := range bytes.SplitSeq(bytes.TrimRight(text, "\x00"), []byte{0}) {
		args = append(args, string(arg))
	}
	return args
}
