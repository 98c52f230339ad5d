package report_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

// world is a backfill that began, on a real status.
type world struct {
	*report.Reporter
	status *status.Store
	now    time.Time
	runs   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{status: statustest.NewStore(t, dynamodbtest.Client(t)), now: began.Add(time.Minute)}
	w.Reporter = &report.Reporter{
		Asset: "turbine-1", Status: w.status, Now: func() time.Time { return w.now }, Logger: slog.New(slog.DiscardHandler),
	}
	w.change(t, status.BackfillRunning, 0)
	return w
}

func (w *world) change(t *testing.T, state status.BackfillState, redrives int) {
	t.Helper()
	c := status.BackfillChange{Asset: "turbine-1", ID: backfillID, State: state, Redrives: redrives, StartedAt: began, Now: w.now}
	if state != status.BackfillRunning {
		c.EndedAt = w.now
	}
	if _, err := w.status.ChangeBackfill(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// run claims a day and records the run, of a backfill or, where that is empty, of
// its own.
func (w *world) run(t *testing.T, offset int, backfill string) status.Lease {
	t.Helper()
	w.runs++
	r := status.Run{
		ID: fmt.Sprintf("01KJ%022d", w.runs), Asset: "turbine-1", Partition: first.AddDays(offset),
		Trigger: status.TriggerManual, Attempt: 1, BackfillID: backfill, StartedAt: w.now,
	}
	lease, _, err := w.status.Claim(t.Context(), status.Claim{
		Asset: r.Asset, Partition: r.Partition, RunID: r.ID, BackfillID: backfill, Now: w.now, LeaseUntil: w.now.Add(15 * time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Generation = lease.Generation
	if err := w.status.StartRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return lease
}

// publish runs a day to its good end.
func (w *world) publish(t *testing.T, offset int, backfill string) {
	t.Helper()
	lease := w.run(t, offset, backfill)
	m := status.Materialization{RunID: lease.RunID, Generation: lease.Generation, PublishedAt: w.now}
	if err := w.status.Complete(t.Context(), lease, m, w.now); err != nil {
		t.Fatal(err)
	}
	w.finish(t, lease, status.Ending{Outcome: status.OutcomeSucceeded, At: w.now, Materialization: &m})
}

// fail runs a day to a bad end.
func (w *world) fail(t *testing.T, offset int, backfill, kind string) {
	t.Helper()
	lease := w.run(t, offset, backfill)
	failure := status.Failure{Type: kind, Message: "it is a test's " + kind}
	if err := w.status.Fail(t.Context(), lease, failure, w.now, 0); err != nil {
		t.Fatal(err)
	}
	w.finish(t, lease, status.Ending{Outcome: status.OutcomeFailed, At: w.now, Failure: &failure})
}

func (w *world) cancel(t *testing.T, offset int, backfill string) {
	t.Helper()
	lease := w.run(t, offset, backfill)
	if _, err := w.status.CancelRun(t.Context(), "turbine-1", lease.Partition, lease.RunID, "stopped", w.now); err != nil {
		t.Fatal(err)
	}
	w.finish(t, lease, status.Ending{Outcome: status.OutcomeCancelled, At: w.now, Failure: &status.Failure{Type: "Cancelled"}})
}

func (w *world) finish(t *testing.T, lease status.Lease, ending status.Ending) {
	t.Helper()
	if err := w.status.FinishRun(t.Context(), lease.Asset, lease.RunID, ending); err != nil {
		t.Fatal(err)
	}
}

func keys(offsets ...int) []partition.Key {
	list := make([]partition.Key, len(offsets))
	for i, offset := range offsets {
		list[i] = first.AddDays(offset)
	}
	return list
}
