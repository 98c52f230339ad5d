package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"delfos/infra/local"
)

// readyWithin bounds the wait for a detached stack: a first start may fetch
// PostgreSQL and fill in ten years of data.
const readyWithin = 15 * time.Minute

// detach runs `up` as a process of its own and returns when it is ready.
func detach(ctx context.Context, terminal Terminal, c common, args []string) error {
	if local.IsHeld(c.dataDir) {
		return &local.RunningError{DataDir: c.dataDir, PID: local.Owner(c.dataDir)}
	}
	child, logPath, err := spawn(c.dataDir, withoutDetach(args))
	if err != nil {
		return fmt.Errorf("start the stack in the background: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = child.Wait() // why it ended is in its log
	}()
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	followed := 0
	for {
		select {
		case <-ended:
			return &severalError{lines: lastWords(logPath)}
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the stack is not ready: %w; its output is in %s", ctx.Err(), logPath),
				child.Process.Signal(syscall.SIGTERM))
		case <-ticker.C:
			followed = follow(terminal, logPath, followed)
		}
		if stack, err := local.ReadDescriptor(c.dataDir); err == nil && stack.PID == child.Process.Pid {
			return announce(terminal, c, stack, logPath)
		}
	}
}

// follow shows the steps that the log has beyond the first bytes that were shown.
func follow(terminal Terminal, logPath string, shown int) int {
	text, err := os.ReadFile(logPath)
	if err != nil || len(text) < shown {
		return shown
	}
	for line := range strings.Lines(string(text[shown:])) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		shown += len(line)
		if strings.HasPrefix(line, "  ") && strings.Contains(line, ": ") {
			fmt.Fprint(terminal.Stderr, line)
		}
	}
	return shown
}

func announce(terminal Terminal, c common, stack local.Descriptor, logPath string) error {
	if c.json {
		return writeJSON(terminal.Stdout, stack)
	}
	fmt.Fprintf(terminal.Stdout, "The stack is running (process %d); its output is in %s.\nStop it with `%s down%s`.\n",
		stack.PID, logPath, terminal.typed(), onDirectory(terminal, c.dataDir, c.dataDir))
	writeAddresses(terminal.Stdout, stack, c.dataDir)
	return nil
}

// spawn starts this program anew in a session of its own. Its file is copied
// first: `go run` removes the one that it runs.
func spawn(dataDir string, args []string) (*exec.Cmd, string, error) {
	if err := os.MkdirAll(dataDir, 0o711); err != nil { //nolint:gosec // PostgreSQL's own user must be able to pass through
		return nil, "", err
	}
	program, err := copyProgram(filepath.Join(dataDir, "delfos"))
	if err != nil {
		return nil, "", err
	}
	logPath := filepath.Join(dataDir, "up.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", err
	}
	defer log.Close()
	child := exec.Command(program, append([]string{"up"}, args...)...)
	child.Stdout, child.Stderr = log, log
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return child, logPath, child.Start()
}

func copyProgram(to string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	from, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer from.Close()
	// A running program's file cannot be written to, but it can be replaced.
	draft, err := os.OpenFile(to+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o700) //nolint:gosec // it is a program
	if err != nil {
		return "", err
	}
	_, err = io.Copy(draft, from)
	if err := errors.Join(err, draft.Close()); err != nil {
		return "", err
	}
	if err := os.Rename(to+".new", to); err != nil {
		return "", err
	}
	return filepath.Abs(to)
}

func withoutDetach(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && (name == "detach" || name == "json")
	})
}

// lastWords are the lines that a command ends with where it has failed or, where it could
// not say so, the last line.
func lastWords(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	lines := strings.Split(string(bytes.TrimSpace(text)), "\n")
	said := len(lines)
	for said > 0 && strings.HasPrefix(lines[said-1], "delfos: ") {
		said--
	}
	said = min(said, len(lines)-1)
	for i := range lines {
		lines[i] = strings.TrimSpace(strings.TrimPrefix(lines[i], "delfos: "))
	}
	return lines[said:]
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
