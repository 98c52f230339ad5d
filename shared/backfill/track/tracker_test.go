package track_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/shared/backfill"
	"delfos/shared/backfill/track"
	"delfos/shared/partition"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

const (
	running  = `{"status":"RUNNING","stopDate":null,"cause":null}`
	aborted  = `{}`
	redriven = `{"status":"RUNNING","stopDate":null,"cause":null,"redriveCount":1}`
)

var first = partition.MustParseKey("2026-02-20")

// world is a tracker on a real status, with the plan of ten days.
type world struct {
	*track.Tracker
	status *status.Store
	claims int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{status: statustest.NewStore(t, dynamodbtest.Client(t))}
	w.Tracker = &track.Tracker{
		Asset: "turbine-1", Status: w.status, Now: func() time.Time { return ended }, Logger: slog.New(slog.DiscardHandler),
	}
	err := w.status.PlanBackfill(t.Context(), "turbine-1", name, status.BackfillPlan{
		From: first, To: first.AddDays(9), Partitions: 10, Hash: "0f",
	}, began)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// send handles events, given by how their detail differs from the event file's.
func (w *world) send(t *testing.T, changes ...string) {
	t.Helper()
	for _, change := range changes {
		if err := track.Handler(w.Tracker)(t.Context(), event(t, change)); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) claim(t *testing.T, offset int, backfillID string) status.Lease {
	t.Helper()
	w.claims++
	lease, _, err := w.status.Claim(t.Context(), status.Claim{
		Asset: "turbine-1", Partition: first.AddDays(offset), RunID: fmt.Sprintf("01KJ%022d", w.claims), BackfillID: backfillID,
		Now: began, LeaseUntil: ended.Add(15 * time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func (w *world) expectAttempt(t *testing.T, offset int, want status.AttemptState) {
	t.Helper()
	p, err := w.status.Partition(t.Context(), "turbine-1", first.AddDays(offset))
	if err != nil || p.Attempt != want {
		t.Errorf("partition %s is %s, %v; want %s", first.AddDays(offset), p.Attempt, err, want)
	}
}

func (w *world) backfill(t *testing.T) status.Backfill {
	t.Helper()
	b, err := w.status.Backfill(t.Context(), "turbine-1", name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAStoppedBackfillIsMarkedAndItsRunsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, running)
	own, other := w.claim(t, 0, name), w.claim(t, 1, "")
	w.claim(t, 9, name)
	published := w.claim(t, 2, name)
	if err := w.status.Complete(t.Context(), published, status.Materialization{RunID: published.RunID, Generation: 1}, ended); err != nil {
		t.Fatal(err)
	}
	w.send(t, aborted)
	if b := w.backfill(t); !b.Stopped() || b.State != status.BackfillCancelled || !b.EndedAt.Equal(ended) || b.Failure.Message != "not wanted any more" {
		t.Errorf("the backfill is %+v", b)
	}
	w.expectAttempt(t, 0, status.AttemptCancelled)
	w.expectAttempt(t, 9, status.AttemptCancelled)
	w.expectAttempt(t, 1, status.AttemptRunning)
	w.expectAttempt(t, 2, status.AttemptSucceeded)
	var lost *status.LeaseLostError
	if _, err := w.status.Renew(t.Context(), own, ended, ended.Add(time.Minute)); !errors.As(err, &lost) || lost.Reason != status.LostCancelled {
		t.Errorf("the run renews: %v", err)
	}
	if _, err := w.status.Renew(t.Context(), other, ended, ended.Add(time.Minute)); err != nil {
		t.Errorf("the run that is not the backfill's renews: %v", err)
	}
}

func TestAStoppedBackfillKeepsItsCountsWhateverRunsLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, running)
	done := w.claim(t, 0, name)
	m := status.Materialization{RunID: done.RunID, Generation: done.Generation, PublishedAt: began}
	if err := w.status.Complete(t.Context(), done, m, began); err != nil {
		t.Fatal(err)
	}
	w.claim(t, 1, name) // in flight
	w.send(t, aborted)
	w.claim(t, 0, "later")
	w.claim(t, 1, "later")
	record, err := w.status.Backfill(t.Context(), "turbine-1", name)
	if err != nil || record.Counts == nil || *record.Counts != (status.BackfillCounts{Materialized: 1, Cancelled: 1}) {
		t.Errorf("the record has the counts %+v, %v; want 1 materialized, 1 cancelled", record.Counts, err)
	}
}

func TestARepeatedEndSweepsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, running, aborted)
	w.claim(t, 0, name) // of a run that has yet to look for the mark
	w.send(t, aborted)
	w.expectAttempt(t, 0, status.AttemptCancelled)
}

func TestALateEndOfARedrivenBackfillStopsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, running, redriven)
	w.claim(t, 0, name)
	w.send(t, aborted, running)
	if b := w.backfill(t); b.Stopped() || b.Redrives != 1 {
		t.Errorf("the backfill is %+v", b)
	}
	w.expectAttempt(t, 0, status.AttemptRunning)
	w.send(t, `{"redriveCount":1}`)
	w.expectAttempt(t, 0, status.AttemptCancelled)
}

func TestAnEndThatComesBeforeTheStartCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(t, 0, name)
	w.send(t, aborted, running)
	if b := w.backfill(t); !b.Stopped() || b.ExecutionARN != arn || !b.StartedAt.Equal(began) {
		t.Errorf("the backfill is %+v", b)
	}
	w.expectAttempt(t, 0, status.AttemptCancelled)
}

func TestABackfillThatSucceededLeavesWhatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(t, 0, name)
	w.send(t, running, `{"status":"SUCCEEDED","cause":null}`)
	w.expectAttempt(t, 0, status.AttemptRunning)
}

func TestABackfillStoppedBeforeItsPlanHasNothingToSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const other = `{"name":"early","executionArn":"arn:early"}`
	w.send(t, other)
	b, err := w.status.Backfill(t.Context(), "turbine-1", "early")
	if err != nil || !b.Stopped() {
		t.Errorf("%+v, %v", b, err)
	}
}

// between is a status in which something happens after the live leases were read.
type between struct {
	track.Status
	then func()
}

func (b between) Partitions(ctx context.Context, asset string, first, last partition.Key) ([]status.Partition, error) {
	list, err := b.Status.Partitions(ctx, asset, first, last)
	b.then()
	return list, err
}

func TestARedriveBetweenMarkAndSweepKeepsItsRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(t, 0, name)
	w.Status = between{w.status, func() {
		_, err := w.status.ChangeBackfill(t.Context(), status.BackfillChange{
			Asset: "turbine-1", ID: name, State: status.BackfillRunning, Redrives: 1, Now: ended,
		})
		if err != nil {
			t.Error(err)
		}
	}}
	w.send(t, aborted)
	w.expectAttempt(t, 0, status.AttemptRunning)
}

func TestARunThatEndsBetweenReadAndCancelIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lease := w.claim(t, 0, name)
	w.Status = between{w.status, func() {
		if err := w.status.Fail(t.Context(), lease, status.Failure{Type: "OutOfTime"}, ended, 0); err != nil {
			t.Error(err)
		}
	}}
	w.send(t, aborted)
	w.expectAttempt(t, 0, status.AttemptFailed)
}

// away is a status whose partitions cannot be read.
type away struct{ track.Status }

func (away) Partitions(context.Context, string, partition.Key, partition.Key) ([]status.Partition, error) {
	return nil, &status.UnavailableError{Operation: "Query", Table: "partitions", Cause: errors.New("out of reach")}
}

func TestASweepThatFailsIsTriedAgainThoughTheMarkIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(t, 0, name)
	w.Status = away{w.status}
	err := track.Handler(w.Tracker)(t.Context(), event(t, aborted))
	if _, ok := err.(*backfill.StatusUnavailable); !ok || !w.backfill(t).Stopped() { //nolint:errorlint // the type itself counts
		t.Fatalf("have %T %v", err, err)
	}
	w.Status = w.status
	w.send(t, aborted)
	w.expectAttempt(t, 0, status.AttemptCancelled)
}
