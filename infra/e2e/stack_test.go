// Package e2e uses the system as its users do: through the delfos command's
// binary, HTTP and the AWS SDK, and looks at the target database.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"delfos/infra/local"
)

// buildOnce compiles the command; all tests share the binary.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "delfos-e2e-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "delfos")
	out, err := exec.Command("go", "build", "-o", binary, "../delfos").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the command: %w: %s", err, out)
	}
	return binary, nil
})

// shared is a stack for the tests that each keep to partitions of their own.
var shared struct {
	once  sync.Once
	dir   string
	stack local.Descriptor
}

func sharedStack(t testing.TB) (dataDir string, stack local.Descriptor) {
	t.Helper()
	shared.once.Do(func() {
		dir, err := newDirectory()
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
		shared.stack = bringUpBuilding(t, dir)
	})
	if shared.stack.PID == 0 {
		t.Fatal("the shared stack did not come up")
	}
	return shared.dir, shared.stack
}

func TestMain(m *testing.M) {
	waitTogether()
	code := m.Run()
	if shared.dir != "" {
		if err := takeDown(shared.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if binary, err := buildOnce(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary)) // a temporary directory
	}
	os.Exit(code)
}

// result is what a command printed and its exit code.
type result struct {
	stdout, stderr string
	code           int
}

// delfos runs the command's binary on a data directory.
func delfos(t testing.TB, dataDir string, args ...string) result {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	args = append(slices.Clone(args), "--data-dir", dataDir)
	command := exec.CommandContext(ctx, binary, args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("delfos %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// must runs the command and expects it to exit 0.
func must(t testing.TB, dataDir string, args ...string) result {
	t.Helper()
	r := delfos(t, dataDir, args...)
	if r.code != 0 {
		t.Fatalf("delfos %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r
}

// answer runs the command with --json and decodes what it prints.
func answer[T any](t testing.TB, dataDir string, args ...string) T {
	t.Helper()
	var value T
	r := must(t, dataDir, append(args, "--json")...)
	if err := json.Unmarshal([]byte(r.stdout), &value); err != nil {
		t.Fatalf("delfos %s --json printed %q: %v", strings.Join(args, " "), r.stdout, err)
	}
	return value
}

// startStack brings a detached stack up on a directory of its own, at free
// ports, for the length of the test.
func startStack(t testing.TB, flags ...string) (dataDir string, stack local.Descriptor) {
	t.Helper()
	dataDir = directory(t)
	stack = bringUp(t, dataDir, flags...)
	return dataDir, stack
}

// directory is a data directory that PostgreSQL's user can pass through, as root
// runs it too. Whatever runs on it is stopped at the end of the test.
func directory(t testing.TB) string {
	t.Helper()
	dir, err := newDirectory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := takeDown(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// newDirectory has the functions built already: a stack would take seconds to link
// each anew, and these tests start many.
func newDirectory() (string, error) {
	dir, err := emptyDirectory()
	if err != nil {
		return "", err
	}
	built, err := buildFunctions()
	if err != nil {
		return "", err
	}
	for id, bootstrap := range built {
		place := filepath.Join(dir, "functions", id)
		if err := os.MkdirAll(place, 0o755); err != nil {
			return "", err
		}
		if err := os.Link(bootstrap, filepath.Join(place, filepath.Base(bootstrap))); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func emptyDirectory() (string, error) {
	dir, err := os.MkdirTemp("", "delfos-e2e-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// buildFunctions compiles all functions as `up` does, beside the command.
var buildFunctions = sync.OnceValues(func() (map[string]string, error) {
	command, err := buildOnce()
	if err != nil {
		return nil, err
	}
	system, err := readTemplate()
	if err != nil {
		return nil, err
	}
	into := filepath.Join(filepath.Dir(command), "functions")
	return local.Build(context.Background(), "../..", into, system.Functions, func(string) {})
})

// takeDown stops what runs on a directory, and removes it.
func takeDown(dir string) error {
	binary, err := buildOnce()
	if err != nil {
		return err
	}
	if out, err := exec.Command(binary, "down", "--data-dir", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("delfos down: %w: %s", err, out)
	}
	return os.RemoveAll(dir)
}

// bringUp starts a detached stack with the functions that the directory has: to ask the
// compiler whether they are the source's takes a second of both processors each time.
func bringUp(t testing.TB, dataDir string, flags ...string) local.Descriptor {
	t.Helper()
	if !slices.Contains(flags, "--fresh") { // which removes them
		flags = append([]string{"--functions", filepath.Join(dataDir, "functions")}, flags...)
	}
	return bringUpBuilding(t, dataDir, flags...)
}

// bringUpBuilding is bringUp as people do it.
func bringUpBuilding(t testing.TB, dataDir string, flags ...string) local.Descriptor {
	t.Helper()
	return answer[local.Descriptor](t, dataDir,
		append([]string{"up", "--detach", "--api-port", "0", "--aws-port", "0", "--console-port", "0"}, flags...)...)
}
