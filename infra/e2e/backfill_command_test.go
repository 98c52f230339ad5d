package e2e

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"delfos/infra/local"
	"delfos/shared/backfill"
	reporting "delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// backfillAnswer is what `backfill`, `retry` and `cancel` say as JSON.
type backfillAnswer struct {
	ID       string           `json:"backfill_id"`
	Status   string           `json:"status"`
	Cause    string           `json:"cause"`
	Counts   reporting.Counts `json:"counts"`
	Failures []struct {
		Partition partition.Key `json:"partition"`
		Type      string        `json:"type"`
	} `json:"failures"`
	Plan backfill.Plan `json:"plan"`
}

// fillSource writes days of samples without a gap.
func fillSource(t testing.TB, stack local.Descriptor, first string, days int) (start, end time.Time) {
	t.Helper()
	start, _ = day(first)
	end = start.AddDate(0, 0, days)
	_, err := open(t, stack.SourceDSN).Exec(t.Context(), `
		INSERT INTO data SELECT at, 8 + sin(extract(epoch FROM at) / 7), 900 + 100 * cos(extract(epoch FROM at) / 11), 12.5
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', '1 minute') AS at
		ON CONFLICT DO NOTHING`, start, end)
	if err != nil {
		t.Fatal(err)
	}
	return start, end
}

// holdInTarget keeps whoever publishes a day waiting until release.
func holdInTarget(t testing.TB, stack local.Descriptor, key string) (release func()) {
	t.Helper()
	conn := open(t, stack.TargetDSN)
	lock := func(function string) {
		if _, err := conn.Exec(t.Context(), `SELECT `+function+`(hashtextextended('delfos/' || $1, 0))`, key); err != nil {
			t.Error(err)
		}
	}
	lock("pg_advisory_lock")
	return func() { lock("pg_advisory_unlock") }
}

// awaitAttempt waits for a day's attempt to stand so.
func awaitAttempt(t testing.TB, dir, key string, want status.AttemptState) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		days := answer[[]status.Partition](t, dir, "status", "--from", key, "--to", key)
		if days[0].Attempt == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is %+v; want an attempt that is %s", key, days[0], want)
		}
	}
}

func TestABackfillRunsJustWhatItsDryRunShows(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	start, end := fillSource(t, stack, "2026-04-01", 10)
	must(t, dir, "materialize", "--partition", "2026-04-03")
	flags := []string{"--from", "2026-04-01", "--to", "2026-04-10", "--reason", "a test"}

	shown := answer[backfill.Plan](t, dir, append([]string{"backfill", "--dry-run"}, flags...)...)
	if len(shown.Partitions) != 9 || len(shown.Excluded[backfill.WhyMaterialized]) != 1 || len(shown.Hash) != 64 {
		t.Errorf("the plan is %+v", shown)
	}
	text := must(t, dir, append([]string{"backfill", "--dry-run"}, flags...)...).stdout
	for _, want := range []string{"9 days to run, 1 left out", "2026-04-04 … 2026-04-10 (7 days) missing", "2026-04-03 materialized", shown.Hash} {
		if !strings.Contains(text, want) {
			t.Errorf("the dry run does not say %q:\n%s", want, text)
		}
	}
	ran := answer[backfillAnswer](t, dir, append([]string{"backfill"}, flags...)...)
	if ran.Plan.Hash != shown.Hash || ran.Status != "SUCCEEDED" || ran.Counts != (reporting.Counts{Planned: 9, Materialized: 9}) {
		t.Errorf("the backfill came out as %+v", ran)
	}
	rows := target(t, stack.TargetDSN, start, end)
	if len(rows) != 10*1152 {
		t.Errorf("%d rows in the target, want 10 days' 11520", len(rows))
	}
	compare(t, rows, oracle(t, stack.SourceDSN, start, end))

	var keys []partition.Key
	for _, run := range answer[[]status.Run](t, dir, "runs", "--backfill", ran.ID) {
		if run.BackfillID != ran.ID || run.Trigger != status.TriggerBackfill || run.Outcome != status.OutcomeSucceeded {
			t.Errorf("run %+v", run)
		}
		keys = append(keys, run.Partition)
	}
	slices.SortFunc(keys, partition.Key.Compare)
	if !slices.Equal(keys, shown.Partitions) {
		t.Errorf("runs of %v, want %v", keys, shown.Partitions)
	}
	again := must(t, dir, append([]string{"backfill"}, flags...)...)
	if !strings.Contains(again.stdout, "Nothing to do") {
		t.Errorf("the same again says %s", again.stdout)
	}
}

func TestABackfillNamesTheDayThatFailedAndARetryRunsJustThat(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	fillSource(t, stack, "2026-04-21", 2)
	args := []string{"backfill", "--from", "2026-04-21", "--to", "2026-04-23", "--name", "one-day-is-empty"}
	r := delfos(t, dir, args...)
	for _, want := range []string{"2 of 3 materialized, 1 failed", "EmptyPartition", "2026-04-23", "delfos retry one-day-is-empty"} {
		if r.code != 1 || !strings.Contains(r.stdout, want) {
			t.Errorf("exit %d, and no %q:\n%s%s", r.code, want, r.stdout, r.stderr)
		}
	}
	detail := must(t, dir, "backfills", "one-day-is-empty").stdout
	for _, want := range []string{"failed", "ExecutionFailed", "3 days of 2026-04-21 to 2026-04-23", "EmptyPartition", "delfos retry"} {
		if !strings.Contains(detail, want) {
			t.Errorf("backfills NAME does not say %q:\n%s", want, detail)
		}
	}
	if r := delfos(t, dir, append(args, "--select", "all")...); r.code != 1 || !strings.Contains(r.stderr, "choose another --name") {
		t.Errorf("the name again: exit %d, %s", r.code, r.stderr)
	}
	fillSource(t, stack, "2026-04-23", 1)
	retried := answer[backfillAnswer](t, dir, "retry", "one-day-is-empty")
	if retried.Status != "SUCCEEDED" || retried.Counts != (reporting.Counts{Planned: 3, Materialized: 3}) {
		t.Errorf("the retry came out as %+v", retried)
	}
	runs := answer[[]status.Run](t, dir, "runs", "--backfill", "one-day-is-empty")
	if len(runs) != 4 || runs[0].Partition != partition.MustParseKey("2026-04-23") {
		t.Errorf("%d runs, want 3 and the retry's one: %+v", len(runs), runs)
	}
	if r := delfos(t, dir, "retry", "one-day-is-empty"); r.code != 1 || !strings.Contains(r.stderr, "nothing to retry") {
		t.Errorf("a retry of what has succeeded: exit %d, %s", r.code, r.stderr)
	}
}

func TestACancelledBackfillLeavesNoRunAndCanBeTakenUpAgain(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	start, end := fillSource(t, stack, "2026-05-01", 6)
	release := holdInTarget(t, stack, "2026-05-02")
	begun := answer[backfillAnswer](t, dir, "backfill", "--from", "2026-05-01", "--to", "2026-05-06", "--max-concurrency", "1", "--no-wait")
	awaitAttempt(t, dir, "2026-05-02", status.AttemptRunning)

	r := must(t, dir, "cancel", begun.ID, "--reason", "enough")
	for _, want := range []string{"1 partition", "1 cancelled while running", "4 never started", "delfos retry " + begun.ID} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("cancel does not say %q: %s", want, r.stdout)
		}
	}
	for _, day := range answer[[]status.Partition](t, dir, "status", "--from", "2026-05-01", "--to", "2026-05-06") {
		if day.Attempt == status.AttemptRunning || day.LeaseLive(time.Now()) {
			t.Errorf("after cancel %s is %s", day.Key, day.Attempt)
		}
	}
	release()
	if detail := must(t, dir, "backfills", begun.ID).stdout; !strings.Contains(detail, "cancelled") || !strings.Contains(detail, "enough") {
		t.Errorf("backfills NAME says\n%s", detail)
	}
	if r := delfos(t, dir, "cancel", begun.ID); r.code != 1 || !strings.Contains(r.stderr, "over already: it was cancelled at") {
		t.Errorf("cancel again: exit %d, %s", r.code, r.stderr)
	}
	retried := answer[backfillAnswer](t, dir, "retry", begun.ID)
	if retried.Counts != (reporting.Counts{Planned: 6, Materialized: 6}) {
		t.Errorf("the retry came out as %+v", retried)
	}
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))
}

func TestCtrlCWhileWatchingLeavesTheBackfillRunning(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	fillSource(t, stack, "2026-05-11", 2)
	release := holdInTarget(t, stack, "2026-05-11")
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	watching := exec.CommandContext(t.Context(), binary, "backfill", "--data-dir", dir,
		"--from", "2026-05-11", "--to", "2026-05-12", "--name", "watched")
	watching.Stderr = &stderr
	if err := watching.Start(); err != nil {
		t.Fatal(err)
	}
	awaitAttempt(t, dir, "2026-05-11", status.AttemptRunning)
	if err := watching.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = watching.Wait() // its code is looked at
	if code := watching.ProcessState.ExitCode(); code != 130 || !strings.Contains(stderr.String(), "delfos backfills watched --watch") {
		t.Errorf("after Ctrl-C: exit %d, %s", code, stderr.String())
	}
	running := must(t, dir, "backfills", "--state", "running").stdout
	if !strings.Contains(running, "watched") {
		t.Errorf("it does not run any more: %s", running)
	}
	release()
	r := must(t, dir, "backfills", "watched", "--watch")
	if !strings.Contains(r.stdout, "2 of 2 materialized") {
		t.Errorf("watched again: %s", r.stdout)
	}
}

func TestBackfillCommandsTellUsageFromFailure(t *testing.T) {
	t.Parallel()
	dir, _ := sharedStack(t)
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"backfill --from 2026-03-02 --to 2026-03-01", 2, "before --from"},
		{"backfill --last-days 2 --to 2026-03-01", 2, "neither"},
		{"backfill --from 2026-02-19", 2, "--from 2026-02-19: it is before the first partition"},
		{"backfill --to 2199-01-01 --dry-run", 2, "--to 2199-01-01: it is after the last day that has ended"},
		{"backfills --limit 0", 2, "1 to 1000"},
		{"backfills --state late", 2, "running, succeeded"},
		{"backfills no-such", 1, "no backfill is called no-such"},
		{"cancel", 2, "NAME"},
		{"cancel no-such", 1, "`delfos backfills` lists them"},
		{"retry no-such", 1, "no backfill is called no-such"},
		{"runs --backfill no-such", 1, "no backfill is called no-such"},
	} {
		r := delfos(t, dir, strings.Fields(test.args)...)
		if r.code != test.code || !strings.Contains(r.stderr, test.says) {
			t.Errorf("delfos %s: exit %d, %q; want %d and %q", test.args, r.code, r.stderr, test.code, test.says)
		}
	}
	var empty struct {
		Counts reporting.Counts `json:"counts"`
	}
	r := must(t, dir, "backfill", "--from", "2026-02-20", "--to", "2026-02-20", "--select", "failed", "--json")
	if err := json.Unmarshal([]byte(r.stdout), &empty); err != nil || empty.Counts.Planned != 0 {
		t.Errorf("nothing to do with --json: %v, %s", err, r.stdout)
	}
}

// As 90 days after its end, or where `sam local invoke` has recorded one.
func TestABackfillWhoseExecutionIsGoneIsToldByTheCommandToo(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	start := time.Now().AddDate(0, -4, 0).UTC()
	_, err := backfillsOf(stack).status.ChangeBackfill(t.Context(), status.BackfillChange{
		Asset: "turbine-1", ID: "long-ago", State: status.BackfillFailed, Request: json.RawMessage(`{"last_days": 3, "reason": "old times"}`),
		Failure: &status.Failure{Type: "PartitionsFailed", Message: "2 of 3 partitions failed"}, StartedAt: start, EndedAt: start.Add(time.Minute), Now: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	told := must(t, dir, "backfills", "long-ago").stdout
	for _, want := range []string{"failed", "old times", "2 of 3 partitions failed", "no execution of it any more"} {
		if !strings.Contains(told, want) {
			t.Errorf("it does not say %q:\n%s", want, told)
		}
	}
	var record struct {
		State string `json:"state"`
	}
	if r := must(t, dir, "backfills", "long-ago", "--json"); json.Unmarshal([]byte(r.stdout), &record) != nil || record.State != "failed" {
		t.Errorf("as JSON: %s", r.stdout)
	}
}
