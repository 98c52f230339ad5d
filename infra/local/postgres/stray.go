package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pollEvery   = 10 * time.Millisecond
	stopWithin  = 10 * time.Second // for a fast shutdown, where the caller sets no deadline
	abortWithin = 3 * time.Second  // for an immediate shutdown after that
)

// StopStray stops the server that a killed process left on a data directory, and
// tells whether there was one. A server of a live process is left alone: that is
// an *InUseError. It creates nothing.
func StopStray(ctx context.Context, dataDir string) (stopped bool, err error) {
	home, err := filepath.Abs(dataDir)
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(existingPlace(home).lock()); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	lock, err := acquire(home)
	if err != nil {
		return false, err
	}
	defer release(lock)
	return stopPostmaster(ctx, existingPlace(home))
}

// stopPostmaster ends the server of a place: fast, then immediately, then by force.
// A stale postmaster.pid whose number is now some other process's is removed, for
// PostgreSQL would take that process for a server.
func stopPostmaster(ctx context.Context, p place) (stopped bool, err error) {
	pid, _ := readPostmaster(p)
	if pid == 0 {
		return false, nil
	}
	running := func() bool { return isPostmaster(pid, p.data()) }
	if !running() {
		if arguments(pid) == nil {
			return false, nil // PostgreSQL itself recovers from this best
		}
		return false, os.Remove(postmasterFile(p))
	}
	if err := shutDown(ctx, pid, func(ctx context.Context) bool { return becomesFalse(ctx, running) }); err != nil {
		return false, fmt.Errorf("stop the stray PostgreSQL of %s: %w", p.home, err)
	}
	return true, nil
}

// shutDown escalates through PostgreSQL's ways to stop ("Shutting Down the Server"
// in its manual) until ended tells that the process has. The context bounds the
// first way alone: after it, the process must end.
func shutDown(ctx context.Context, pid int, ended func(context.Context) bool) error {
	must := context.WithoutCancel(ctx)
	for _, way := range []struct {
		ctx    context.Context
		signal syscall.Signal
		within time.Duration
	}{{ctx, syscall.SIGINT, stopWithin}, {must, syscall.SIGQUIT, abortWithin}, {must, syscall.SIGKILL, abortWithin}} {
		if err := syscall.Kill(pid, way.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal process %d: %w", pid, err)
		}
		within, cancel := context.WithTimeout(way.ctx, way.within)
		over := ended(within)
		cancel()
		if over {
			return nil
		}
	}
	return fmt.Errorf("process %d did not end within %v of being killed", pid, abortWithin)
}

// becomesFalse waits until a condition no longer holds; false where the context
// ended first.
func becomesFalse(ctx context.Context, condition func() bool) bool {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for condition() {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
	return true
}

func postmasterFile(p place) string { return filepath.Join(p.data(), "postmaster.pid") }

// readPostmaster reads postmaster.pid (its lines are LOCK_FILE_LINE_… in
// PostgreSQL's pidfile.h): the process, 0 without one, and whether it is ready.
func readPostmaster(p place) (pid int, ready bool) {
	text, err := os.ReadFile(postmasterFile(p))
	if err != nil {
		return 0, false
	}
	return parsePostmaster(string(text))
}

func parsePostmaster(text string) (pid int, ready bool) {
	lines := strings.Split(text, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return 0, false
	}
	return pid, len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

// isPostmaster tells whether a process is the PostgreSQL that Start ran on a data
// directory: numbers of processes are used again.
func isPostmaster(pid int, data string) bool {
	args := arguments(pid)
	if len(args) < 3 || filepath.Base(args[0]) != "postgres" {
		return false
	}
	// A path with spaces comes in pieces where ps tells it.
	return strings.HasPrefix(strings.Join(args[1:], " ")+" ", "-D "+data+" ")
}
