package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"delfos/shared/partition"
)

// mostMemoryMB bounds what the process of `up` may ever take, however long the
// backfill is.
const mostMemoryMB = 400

func TestOneBackfillOfYearsMaterializesEachDayExactly(t *testing.T) {
	t.Parallel()
	days := numberFrom(t, "DELFOS_BACKFILL_DAYS", 30) // CI: ten years
	last := partition.NewKey(time.Now().UTC()).AddDays(-1)
	first := last.AddDays(1 - days)
	dir, stack := startStack(t, "--seed-days", strconv.Itoa(days), "--parameter", "FirstPartition="+first.String())
	b := backfillsOf(stack)

	began := time.Now()
	r := b.succeeds(t, b.start(t, "years", map[string]any{"max_concurrency": 4}))
	took := time.Since(began)
	if r.Counts.Planned != days || r.Counts.Materialized != days || len(r.Materialized) != days {
		t.Errorf("the report is %+v with %d keys; want %d days, all materialized", r.Counts, len(r.Materialized), days)
	}
	equalsOracle(t, stack.SourceDSN, stack.TargetDSN, first, last)

	again := b.succeeds(t, b.start(t, "again", map[string]any{}))
	if again.Counts.Planned != 0 {
		t.Errorf("a second backfill finds %d days missing; want none", again.Counts.Planned)
	}
	peak := peakMemoryMB(t, stack.PID)
	t.Logf("%d days in %s (%.1f a second); `up` took %d MB at most", days, took.Round(time.Second), float64(days)/took.Seconds(), peak)
	if peak > mostMemoryMB {
		t.Errorf("the process of `up` took %d MB; want at most %d", peak, mostMemoryMB)
	}
	must(t, dir, "down")
}

// equalsOracle compares the target with what SQL makes of the source, a few months
// at a time.
func equalsOracle(t testing.TB, sourceDSN, targetDSN string, first, last partition.Key) {
	t.Helper()
	source, published := open(t, sourceDSN), open(t, targetDSN)
	for from := first; !last.Before(from); from = from.AddDays(90) {
		to := from.AddDays(90)
		if last.Before(to) {
			to = last.AddDays(1)
		}
		start, _ := day(from.String())
		end, _ := day(to.String())
		compare(t, targetOn(t, published, start, end), oracleOn(t, source, start, end))
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemoryMB is the most resident memory that a process ever had (proc(5)).
func peakMemoryMB(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		t.Log("!!! NOT CHECKED: this system has no /proc to read a process's memory from")
		return 0
	}
	found := highWater.FindSubmatch(text)
	if err != nil || found == nil {
		t.Fatalf("the memory of process %d: %v in %s", pid, err, text)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes / 1024
}
