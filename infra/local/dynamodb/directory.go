//go:build unix

package dynamodb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDirectory takes the directory for this process. The kernel gives the lock
// back when the process dies, however it dies.
func lockDirectory(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock DynamoDB's directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = fmt.Errorf("DynamoDB's directory %s is in use by another process; stop that process or choose another directory: %w", dir, err)
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// unlockDirectory gives the directory back at once. Closing alone would leave the
// lock with a child process that has been forked and has not yet begun its program.
func unlockDirectory(lock *os.File) error {
	return errors.Join(syscall.Flock(int(lock.Fd()), syscall.LOCK_UN), lock.Close())
}
