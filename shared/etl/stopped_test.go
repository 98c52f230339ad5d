package etl_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill/track"
	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

const backfillID = "february"

// asked is a backfill's request for the first day.
func asked() etl.Request {
	return etl.Request{Partition: firstDay, Trigger: status.TriggerBackfill, Attempt: 1, BackfillID: backfillID}
}

// change records how the backfill stands.
func (b *bundle) change(t testing.TB, state status.BackfillState, redrives int) {
	t.Helper()
	c := status.BackfillChange{Asset: "turbine-1", ID: backfillID, State: state, Redrives: redrives, Now: b.clock.Now()}
	if state != status.BackfillRunning {
		c.EndedAt = c.Now
	}
	if _, err := b.status.ChangeBackfill(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// claims does something right after each claim.
type claims struct {
	etl.Status
	then func()
}

func (c claims) Claim(ctx context.Context, claim status.Claim) (status.Lease, status.Partition, error) {
	lease, previous, err := c.Status.Claim(ctx, claim)
	c.then()
	return lease, previous, err
}

// unread is a source that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read(context.Context, source.Query, func(*source.Rows) error) (source.Fingerprint, error) {
	u.t.Error("the source is read")
	return "", errors.New("nobody may read it")
}

func TestARunOfAStoppedBackfillCancelsItselfBeforeItReadsAnything(t *testing.T) {
	t.Parallel()
	for _, state := range []status.BackfillState{status.BackfillCancelled, status.BackfillFailed} {
		for name, betweenClaimAndCheck := range map[string]bool{"before the claim": false, "between claim and check": true} {
			t.Run(fmt.Sprintf("%s %s", state, name), func(t *testing.T) {
				t.Parallel()
				b := setup(t, "UTC")
				b.Source = unread{t}
				b.change(t, status.BackfillRunning, 0)
				if betweenClaimAndCheck {
					b.Status = claims{b.status, func() { b.change(t, state, 0) }}
				} else {
					b.change(t, state, 0)
				}
				_, err := b.Run(t.Context(), asked(), etl.Origin{})
				if stopped, ok := errors.AsType[*etl.BackfillStopped](err); !ok || stopped.Kind() != etl.Transient ||
					!strings.Contains(err.Error(), backfillID) || !strings.Contains(err.Error(), "redrive") {
					t.Errorf("Run = %v", err)
				}
				b.expectCancelled(t)
			})
		}
	}
}

// expectCancelled checks that the first day's only run is cancelled, and published
// nothing.
func (b *bundle) expectCancelled(t *testing.T) {
	t.Helper()
	p, err := b.status.Partition(t.Context(), "turbine-1", firstDay)
	if err != nil || p.Attempt != status.AttemptCancelled || p.LeaseLive(b.clock.Now()) || p.Data != status.DataMissing ||
		p.Failure == nil || p.Failure.Type != status.FailureCancelled || p.BackfillID != backfillID {
		t.Errorf("the partition is %+v, %v", p, err)
	}
	runs, err := b.status.RunsOf(t.Context(), "turbine-1", firstDay, status.Page{})
	if err != nil || len(runs.Runs) != 1 || runs.Runs[0].Outcome != status.OutcomeCancelled ||
		runs.Runs[0].Failure.Type != "BackfillStopped" || runs.Runs[0].BackfillID != backfillID {
		t.Errorf("the runs are %+v, %v", runs, err)
	}
	if n := len(b.published(t)); n != 0 {
		t.Errorf("%d rows in the target", n)
	}
}

func TestARunOfABackfillThatGoesOnPublishes(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *bundle){
		"that nobody has heard of yet": func(*testing.T, *bundle) {},
		"that is running":              func(t *testing.T, b *bundle) { b.change(t, status.BackfillRunning, 0) },
		"that was stopped and redriven": func(t *testing.T, b *bundle) {
			b.change(t, status.BackfillCancelled, 0)
			b.change(t, status.BackfillRunning, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "UTC")
			b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
			prepare(t, b)
			if _, err := b.Run(t.Context(), asked(), etl.Origin{}); err != nil {
				t.Fatal(err)
			}
			p, err := b.status.Partition(t.Context(), "turbine-1", firstDay)
			if err != nil || p.Data != status.DataMaterialized || p.BackfillID != backfillID {
				t.Errorf("the partition is %+v, %v", p, err)
			}
		})
	}
}

// blind is a status whose backfills cannot be read.
type blind struct{ etl.Status }

func (blind) Backfill(context.Context, string, string) (status.Backfill, error) {
	return status.Backfill{}, &status.UnavailableError{Operation: "GetItem", Table: "backfills", Cause: errors.New("out of reach")}
}

func TestOnlyARunOfABackfillReadsTheBackfillsRecord(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	b.Status = blind{b.status}
	_, err := b.Run(t.Context(), asked(), etl.Origin{})
	if _, ok := errors.AsType[*etl.StatusUnavailable](err); !ok {
		t.Errorf("a run of a backfill = %v", err)
	}
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Errorf("a run of its own: %v", err)
	}
}

// TestWhateverTheOrderOfStopAndRunsNothingStaysRunning stops a backfill of 24 days
// while its runs are at all their steps, three times over.
func TestWhateverTheOrderOfStopAndRunsNothingStaysRunning(t *testing.T) {
	t.Parallel()
	const days = 24
	b := setup(t, "UTC")
	last := firstDay.AddDays(days - 1)
	b.fill(t, partition.Span{Start: b.Settings.Calendar.Span(firstDay).Start, End: b.Settings.Calendar.Span(last).End}, time.Hour)
	tracker := &track.Tracker{Asset: "turbine-1", Status: b.status, Now: b.clock.Now, Logger: slog.New(slog.DiscardHandler)}
	if err := b.status.PlanBackfill(t.Context(), "turbine-1", backfillID, status.BackfillPlan{
		From: firstDay, To: last, Partitions: days, Hash: "0f",
	}, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	for redrive := range 3 {
		b.change(t, status.BackfillRunning, redrive)
		var runs, stop errgroup.Group
		for i := range days {
			runs.Go(func() error {
				request := asked()
				request.Partition = firstDay.AddDays(i)
				_, err := b.Run(t.Context(), request, etl.Origin{})
				return allowedOfAStopped(err)
			})
			if i == days/2 {
				stop.Go(func() error { return tracker.Track(t.Context(), aborted(redrive, b.clock.Now())) })
			}
		}
		if err := stop.Wait(); err != nil {
			t.Fatal(err)
		}
		if err := runs.Wait(); err != nil {
			t.Fatal(err)
		}
		b.expectSettled(t, last)
	}
}

func aborted(redrive int, at time.Time) track.Change {
	return track.Change{
		ID: backfillID, State: status.BackfillCancelled, Redrives: redrive, StartedAt: at, EndedAt: at,
		Failure: &status.Failure{Type: "ABORTED"},
	}
}

// allowedOfAStopped is an error that a run does not end with because its backfill is
// stopped.
func allowedOfAStopped(err error) error {
	_, stopped := errors.AsType[*etl.BackfillStopped](err)
	_, cancelled := errors.AsType[*etl.Cancelled](err)
	if stopped || cancelled {
		return nil
	}
	return err
}

// expectSettled checks that each day up to last is published and succeeded, or was
// cancelled, and that the target holds just what the status says.
func (b *bundle) expectSettled(t *testing.T, last partition.Key) {
	t.Helper()
	records, err := b.status.Partitions(t.Context(), "turbine-1", firstDay, last)
	if err != nil {
		t.Fatal(err)
	}
	materialized := 0
	for _, p := range records {
		if p.LeaseLive(b.clock.Now()) || p.Attempt != status.AttemptSucceeded && p.Attempt != status.AttemptCancelled {
			t.Errorf("partition %s is left %s until %s", p.Key, p.Attempt, p.LeaseUntil)
		}
		if p.Data == status.DataMaterialized {
			materialized++
		}
	}
	var published int
	if err := b.target.QueryRow(t.Context(), `SELECT count(*) FROM materialization`).Scan(&published); err != nil {
		t.Fatal(err)
	}
	if published != materialized {
		t.Errorf("%d days are in the target, %d materialized", published, materialized)
	}
}
