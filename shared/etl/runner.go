// Package etl runs one partition: claim, extract, aggregate, check, load,
// complete. Whatever happens to a run, the target holds the old day or the new
// day, and the partition's status says which attempt ended how.
package etl

import (
	"context"
	"log/slog"
	"time"

	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/target"
	"delfos/shared/telemetry"
)

// Source reads samples; *source.Client is one.
type Source interface {
	Read(ctx context.Context, query source.Query, page func(*source.Rows) error) (source.Fingerprint, error)
}

// Target publishes a day; *target.Loader is one.
type Target interface {
	Replace(ctx context.Context, publication target.Publication) (target.Published, error)
}

// Status claims partitions, records runs and knows backfills; *status.Store is one.
type Status interface {
	Claim(ctx context.Context, claim status.Claim) (status.Lease, status.Partition, error)
	Renew(ctx context.Context, lease status.Lease, now, until time.Time) (status.Lease, error)
	Complete(ctx context.Context, lease status.Lease, materialization status.Materialization, now time.Time) error
	Fail(ctx context.Context, lease status.Lease, failure status.Failure, now time.Time, minGeneration int64) error
	CancelRun(ctx context.Context, asset string, key partition.Key, runID, reason string, now time.Time) (status.Partition, error)
	Backfill(ctx context.Context, asset, id string) (status.Backfill, error)
	StartRun(ctx context.Context, run status.Run) error
	FinishRun(ctx context.Context, asset, id string, ending status.Ending) error
}

// Runner runs partitions of one asset. Its fields are set once, before the
// first run; it is safe for concurrent use.
type Runner struct {
	Settings Settings
	Source   Source
	Target   Target
	Status   Status

	Now      func() time.Time
	NewRunID func() string // unique, and in time order as text
	Logger   *slog.Logger
}

// Origin says where a run takes place, so that its logs can be found.
type Origin struct {
	LogGroup, LogStream, RequestID string
}

// Materialization is a run's answer: what is published now.
type Materialization struct {
	Partition partition.Key `json:"partition"`
	status.Materialization
}

// recordReserve is what a run keeps of its time to record how it ended.
const recordReserve = 2 * time.Second

// Run publishes one partition, or leaves the target as it was and returns an
// Error. The context's deadline bounds the run; some of it is kept back to
// record the outcome.
func (r *Runner) Run(ctx context.Context, request Request, origin Origin) (Materialization, error) {
	began := r.Now()
	if err := r.Settings.Calendar.Check(request.Partition, began); err != nil {
		return Materialization{}, r.refuse(ctx, request, &PartitionOutOfRange{failure{err.Error(), err}})
	}
	id := r.NewRunID()
	ctx = telemetry.Attach(ctx, slog.String("run_id", id), slog.String("partition", request.Partition.String()))
	work, cancel := reserve(ctx)
	defer cancel()

	now := r.Now()
	lease, previous, err := r.Status.Claim(work, status.Claim{
		Asset: r.Settings.Asset, Partition: request.Partition, RunID: id, BackfillID: request.BackfillID,
		Now: now, LeaseUntil: now.Add(r.Settings.Lease),
	})
	if err != nil {
		return Materialization{}, r.refuse(ctx, request, err)
	}
	run := &run{Runner: r, request: request, lease: lease, previous: previous, began: began, origin: origin}
	result, err := run.attempt(work)
	if err == nil {
		err = run.complete(work, result)
	}
	if err != nil {
		return Materialization{}, run.failed(ctx, err)
	}
	r.Logger.LogAttrs(ctx, slog.LevelInfo, "published",
		append(r.measured(request.Partition, result, r.Now()), slog.Int64("generation", result.Generation))...)
	return Materialization{Partition: request.Partition, Materialization: result}, nil
}

// reserve gives the run all of the time that there is but for what recording
// its outcome takes.
func reserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	kept := min(recordReserve, time.Until(deadline)/4)
	return context.WithDeadline(ctx, deadline.Add(-kept))
}

// refuse logs and converts the error of a run that could not begin.
func (r *Runner) refuse(ctx context.Context, request Request, cause error) error {
	err := convert(request.Partition, cause)
	r.Logger.WarnContext(ctx, "refused", "error_type", typeName(err), "error", err)
	return err
}
