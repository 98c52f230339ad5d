package track

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// Status records backfills and ends leases; *status.Store is one.
type Status interface {
	ChangeBackfill(ctx context.Context, change status.BackfillChange) (status.Backfill, error)
	Backfill(ctx context.Context, asset, id string) (status.Backfill, error)
	Partitions(ctx context.Context, asset string, first, last partition.Key) ([]status.Partition, error)
	CountBackfill(ctx context.Context, asset, id string, redrives int, counts status.BackfillCounts, now time.Time) error
	CancelRun(ctx context.Context, asset string, key partition.Key, runID, reason string, now time.Time) (status.Partition, error)
}

// Tracker follows the backfills of one asset. Its fields are set once; it is safe
// for concurrent use.
type Tracker struct {
	Asset  string
	Status Status
	Now    func() time.Time
	Logger *slog.Logger
}

// Track records a change of an execution's status, and where the execution was
// stopped, cancels the runs that it left behind. It may be repeated, and is when the
// event comes again. Errors are package backfill's.
func (t *Tracker) Track(ctx context.Context, c Change) error {
	if c.Child {
		return nil
	}
	record, err := t.Status.ChangeBackfill(ctx, status.BackfillChange{
		Asset: t.Asset, ID: c.ID, ExecutionARN: c.ExecutionARN, State: c.State, Redrives: c.Redrives,
		Request: c.Input, StartedAt: c.StartedAt, EndedAt: c.EndedAt, Failure: c.Failure, Now: t.Now(),
	})
	if err != nil {
		return backfill.Convert(err)
	}
	cancelled := 0
	if record.Stopped() {
		cancelled, err = t.sweep(ctx, record)
	}
	if err == nil && record.State == status.BackfillCancelled {
		err = t.count(ctx, record)
	}
	t.Logger.InfoContext(ctx, "tracked", "backfill_id", c.ID, "state", c.State, "redrives", c.Redrives,
		"recorded_state", record.State, "runs_cancelled", cancelled)
	return backfill.Convert(err)
}

// cancelAtOnce is how many leases are ended at the same time.
const cancelAtOnce = 8

// sweep cancels the live leases of a stopped backfill's runs. The mark was written
// before, and every run looks for it after its claim: what this does not see has yet
// to look.
func (t *Tracker) sweep(ctx context.Context, record status.Backfill) (cancelled int, err error) {
	live, err := t.live(ctx, record)
	if err != nil || len(live) == 0 {
		return 0, err
	}
	// A redrive may have taken the mark away, and these may be its runs.
	if now, err := t.Status.Backfill(ctx, t.Asset, record.ID); err != nil || !now.Stopped() {
		return 0, err
	}
	reason := fmt.Sprintf("backfill %s is %s", record.ID, record.State)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cancelAtOnce)
	for _, p := range live {
		group.Go(func() error {
			_, err := t.Status.CancelRun(ctx, t.Asset, p.Key, p.RunID, reason, t.Now())
			if _, ended := errors.AsType[*status.NotRunningError](err); ended {
				return nil
			}
			return err
		})
	}
	return len(live), group.Wait()
}

// live are the partitions that the backfill's runs hold.
func (t *Tracker) live(ctx context.Context, record status.Backfill) ([]status.Partition, error) {
	days, err := t.tried(ctx, record)
	now := t.Now()
	return slices.DeleteFunc(days, func(p status.Partition) bool { return !p.LeaseLive(now) }), err
}

// tried are the partitions that the backfill was the last to try. Without a plan it
// has started none.
func (t *Tracker) tried(ctx context.Context, record status.Backfill) ([]status.Partition, error) {
	if record.Plan == nil || record.Plan.Partitions == 0 {
		return nil, nil
	}
	days, err := t.Status.Partitions(ctx, t.Asset, record.Plan.From, record.Plan.To)
	return slices.DeleteFunc(days, func(p status.Partition) bool { return p.BackfillID != record.ID }), err
}

// count records what has become of the partitions of a backfill that was stopped, of
// which there is no report.
func (t *Tracker) count(ctx context.Context, record status.Backfill) error {
	days, err := t.tried(ctx, record)
	if err != nil {
		return err
	}
	var counts status.BackfillCounts
	for _, p := range days {
		switch attempt, _ := p.AttemptAt(t.Now()); attempt {
		case status.AttemptSucceeded:
			counts.Materialized++
		case status.AttemptCancelled:
			counts.Cancelled++
		default:
			counts.Failed++
		}
	}
	return t.Status.CountBackfill(ctx, t.Asset, record.ID, record.Redrives, counts, t.Now())
}

// Handler is the trackbackfill function, which EventBridge calls and whose answer
// nobody reads.
func Handler(t *Tracker) func(context.Context, json.RawMessage) error {
	return func(ctx context.Context, raw json.RawMessage) error {
		change, err := ParseEvent(raw)
		if err == nil {
			err = t.Track(ctx, change)
		}
		if err != nil {
			t.Logger.ErrorContext(ctx, "not tracked", "backfill_id", change.ID, "error", err)
		}
		return err
	}
}
