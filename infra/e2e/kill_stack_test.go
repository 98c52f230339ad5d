package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"delfos/infra/local"
	"delfos/shared/etl"
	"delfos/shared/status"
)

func TestAKilledStackLeavesNothingRunningAndLosesNothing(t *testing.T) {
	t.Parallel()
	flags := []string{"--seed-days", "2", "--parameter", "Lease=2s"}
	dir, stack := startStack(t, flags...)
	first := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20")
	start, end := day("2026-02-20")
	published := target(t, stack.TargetDSN, start, end)
	for _, next := range []string{"up", "down"} {
		killStack(t, dir, stack.PID)
		left := processesOf(t, dir)
		if next == "down" {
			must(t, dir, "down")
			awaitNone(t, dir)
		}
		stack = bringUp(t, dir, flags...)
		for _, process := range processesOf(t, dir) {
			if slices.Contains(left, process) {
				t.Errorf("process %s is of the stack that was killed before %s", process, next)
			}
		}
		compare(t, target(t, stack.TargetDSN, start, end), published)
		keepsRecord(t, dir, first)
	}
	if m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-21"); m.Coverage != 1 {
		t.Errorf("the next day came out as %+v", m)
	}
}

// keepsRecord expects status, runs and logs to tell of the one run that there was.
func keepsRecord(t testing.TB, dir string, m etl.Materialization) {
	t.Helper()
	days := answer[[]status.Partition](t, dir, "status", "--from", m.Partition.String(), "--to", m.Partition.String())
	if days[0].Data != status.DataMaterialized || days[0].Materialization.RunID != m.RunID {
		t.Errorf("the status is %+v; want what run %s published", days[0], m.RunID)
	}
	runs := answer[[]status.Run](t, dir, "runs")
	if len(runs) != 1 || runs[0].ID != m.RunID || runs[0].Outcome != status.OutcomeSucceeded {
		t.Errorf("the runs are %+v; want %s", runs, m.RunID)
	}
	if logs := must(t, dir, "logs", m.RunID).stdout; !strings.Contains(logs, "published") {
		t.Errorf("the log of run %s is %q", m.RunID, logs)
	}
}

// killStack ends `up` as kill -9 does, and waits until it is gone.
func killStack(t testing.TB, dir string, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := poll(t.Context(), func() bool { return !local.IsHeld(dir) }); err != nil {
		t.Fatalf("the killed stack still holds %s: %v", dir, err)
	}
}

// processesOf lists the processes that run on a data directory: "pid arguments".
func processesOf(t testing.TB, dir string) []string {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// awaitNone waits for the last process to be gone: the kernel ends the functions
// when `up` is, but not at once.
func awaitNone(t testing.TB, dir string) {
	t.Helper()
	var left []string
	err := poll(t.Context(), func() bool {
		left = processesOf(t, dir)
		return len(left) == 0
	})
	if err != nil {
		t.Errorf("still running: %q", left)
	}
}

func TestAFirstStartThatIsKilledIsTakenUpByTheNext(t *testing.T) {
	t.Parallel()
	const seedDays = 40
	for _, moment := range []struct {
		name  string
		after string // a step that is reported as done; "" as soon as PostgreSQL's directory is there
	}{
		{"as PostgreSQL is set up", ""},
		{"as the source is filled", "Databases"},
	} {
		t.Run(moment.name, func(t *testing.T) {
			t.Parallel()
			dir := directory(t)
			killFirstStart(t, dir, seedDays, moment.after)
			stack := bringUp(t, dir, "--seed-days", strconv.Itoa(seedDays))
			var samples int
			err := open(t, stack.SourceDSN).QueryRow(t.Context(), `SELECT count(*) FROM data`).Scan(&samples)
			if err != nil || samples != seedDays*24*60 {
				t.Errorf("the source has %d samples, %v; want those of %d days", samples, err, seedDays)
			}
			if m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-21"); m.Coverage != 1 {
				t.Errorf("a day came out as %+v", m)
			}
			must(t, dir, "down")
			awaitNone(t, dir)
		})
	}
}

// killFirstStart runs `up` until it has reported a step, and kills it there.
func killFirstStart(t testing.TB, dir string, seedDays int, after string) {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary, "up", "--data-dir", dir, "--api-port", "0", "--aws-port", "0", "--console-port", "0",
		"--seed-days", strconv.Itoa(seedDays))
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	reached := false
	if after == "" {
		reached = poll(t.Context(), func() bool {
			_, err := os.Stat(filepath.Join(dir, "postgres"))
			return err == nil
		}) == nil
	} else {
		for lines := bufio.NewScanner(stderr); !reached && lines.Scan(); {
			reached = strings.HasPrefix(strings.TrimSpace(lines.Text()), after+":")
		}
	}
	_ = command.Process.Kill()
	_ = command.Wait() // it was killed
	if !reached {
		t.Fatalf("up did not get as far as %q", after)
	}
}

func TestUpSaysInOneLineWhatIsInItsWay(t *testing.T) {
	t.Parallel()
	dir, stack := startStack(t, "--seed-days", "0")
	refuses(t, dir, []string{"already running", strconv.Itoa(stack.PID), "delfos down"})
	refuses(t, dir, []string{"already running", strconv.Itoa(stack.PID), "delfos down"}, "--detach")
	must(t, dir, "down")

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	for _, flag := range []string{"--api-port", "--aws-port", "--console-port"} {
		refuses(t, dir, []string{port, flag}, flag, port)
		refuses(t, dir, []string{port, flag}, flag, port, "--detach")
	}

	made := madeBy(t, dir, "12\n")
	refuses(t, dir, []string{"PostgreSQL 12", "--fresh"})
	refuses(t, dir, []string{"PostgreSQL 12", "--fresh"}, "--detach")
	madeBy(t, dir, made)
	bringUp(t, dir, "--seed-days", "0")
}

// refuses expects `up` to exit 1 with one line of error, which says all of these.
func refuses(t testing.TB, dir string, says []string, flags ...string) {
	t.Helper()
	r := delfos(t, dir, append([]string{"up", "--functions", filepath.Join(dir, "functions"), "--api-port", "0", "--aws-port", "0", "--console-port", "0", "--seed-days", "0"}, flags...)...)
	var errors []string
	for line := range strings.Lines(r.stderr) {
		if !strings.HasPrefix(line, "  ") { // a step
			errors = append(errors, strings.TrimSpace(line))
		}
	}
	if r.code != 1 || len(errors) != 1 || r.stdout != "" {
		t.Errorf("up %v: exit %d, %q on stdout, and on stderr %q; want exit 1 and one line of error", flags, r.code, r.stdout, errors)
		return
	}
	for _, part := range says {
		if !strings.Contains(errors[0], part) {
			t.Errorf("up %v says %q; want %q in it", flags, errors[0], part)
		}
	}
}

// madeBy has the data directory be of another version of PostgreSQL, and returns
// of which it was.
func madeBy(t testing.TB, dir, version string) (before string) {
	t.Helper()
	out, err := exec.Command("find", filepath.Join(dir, "postgres"), "-maxdepth", "2", "-name", "PG_VERSION").Output()
	path := string(bytes.TrimSpace(out))
	if err != nil || path == "" {
		t.Fatal(fmt.Errorf("find PG_VERSION: %q, %w", out, err))
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(version), 0o600); err != nil {
		t.Fatal(err)
	}
	return string(old)
}
