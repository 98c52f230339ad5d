package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// RunningError says that another process has the data directory.
type RunningError struct {
	DataDir string
	PID     int // 0 where it is not known
}

// Error names the process and how to stop it.
func (e *RunningError) Error() string {
	return fmt.Sprintf("a stack is already running on %s (process %d): use it, stop it with `delfos down`, or choose another directory with --data-dir",
		e.DataDir, e.PID)
}

// lock makes this process the only one on the data directory until unlocked.
// The kernel lets go of the lock when the process dies, however it dies.
func lock(dataDir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dataDir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(file); err != nil {
		_ = file.Close() // the lock's error matters more
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &RunningError{DataDir: dataDir, PID: Owner(dataDir)}
		}
		return nil, fmt.Errorf("lock %s: %w", dataDir, err)
	}
	err = errors.Join(file.Truncate(0), writeAt(file, strconv.Itoa(os.Getpid())))
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", dataDir, err)
	}
	return func() {
		_ = file.Truncate(0) // so that nobody takes a later process of the same id for the owner
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		_ = file.Close()
	}, nil
}

// flock tries a few times: IsHeld holds the lock for an instant to find out.
func flock(file *os.File) (err error) {
	for range 5 {
		if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// Owner is the process that holds the data directory, or held it last; 0 where
// none ever did.
func Owner(dataDir string) int {
	text, err := os.ReadFile(filepath.Join(dataDir, "lock"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(text)))
	if err != nil {
		return 0
	}
	return pid
}

// IsHeld tells whether a living process holds the data directory.
func IsHeld(dataDir string) bool {
	file, err := os.OpenFile(filepath.Join(dataDir, "lock"), os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}
