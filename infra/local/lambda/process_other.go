//go:build !linux

package lambda

import "syscall"

// processAttributes cannot tie a process to its parent's life here: only Close
// ends it, or the Runtime API's going away, at which a Go runtime exits.
func processAttributes(user *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: user}
}

// peakMemoryMB is not to be had of another process here.
func peakMemoryMB(int) (int, bool) { return 0, false }
