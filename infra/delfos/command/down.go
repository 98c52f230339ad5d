package command

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"delfos/infra/local"
	"delfos/infra/local/postgres"
)

// stopWithin bounds the wait for a stack that was told to stop.
const stopWithin = 40 * time.Second

// down stops the stack of a data directory, however it was started, and what a
// killed one left running.
func down(ctx context.Context, terminal Terminal, args []string) error {
	c, err := parse("down", args, terminal, noFlags)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	stopped, err := stopOwner(ctx, c.dataDir)
	if err != nil {
		return err
	}
	stray, err := postgres.StopStray(ctx, filepath.Join(c.dataDir, "postgres"))
	if err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	if c.json {
		return writeJSON(terminal.Stdout, map[string]bool{"stopped": stopped || stray})
	}
	switch {
	case stopped:
		fmt.Fprintln(terminal.Stdout, "Stopped.")
	case stray:
		fmt.Fprintln(terminal.Stdout, "The stack had been killed; stopped the PostgreSQL that it left.")
	default:
		fmt.Fprintln(terminal.Stdout, "Nothing was running.")
	}
	return nil
}

// stopOwner ends the process that holds the data directory and waits for it.
func stopOwner(ctx context.Context, dataDir string) (stopped bool, err error) {
	if !local.IsHeld(dataDir) {
		return false, nil
	}
	pid := local.Owner(dataDir)
	for pid == 0 && local.IsHeld(dataDir) { // it has the lock, and is about to say who it is
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("a process holds %s, and it does not say which: stop it by hand", dataDir)
		case <-time.After(20 * time.Millisecond):
		}
		pid = local.Owner(dataDir)
	}
	if pid == 0 {
		return false, nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return false, fmt.Errorf("stop process %d: %w", pid, err)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for local.IsHeld(dataDir) {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("process %d does not stop: %w; kill it (kill -9 %d) and run `delfos down` again", pid, ctx.Err(), pid)
		case <-ticker.C:
		}
	}
	return true, nil
}
