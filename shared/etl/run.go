package etl

import (
	"context"
	"errors"
	"time"

	"delfos/shared/status"
	"delfos/shared/target"
)

// run is one attempt at one partition that has been claimed.
type run struct {
	*Runner
	request  Request
	lease    status.Lease
	previous status.Partition // before the claim
	began    time.Time
	origin   Origin
}

// attempt extracts and publishes while the lease is kept alive, and returns what
// is published.
func (r *run) attempt(ctx context.Context) (status.Materialization, error) {
	ctx, heart := beat(ctx, r.Status, r.lease, r.Settings.Lease, r.Now)
	defer heart.end()
	r.settlePrevious(ctx)
	if err := r.Status.StartRun(ctx, r.record()); err != nil {
		return status.Materialization{}, causeOf(ctx, err)
	}
	if err := r.askedByStopped(ctx); err != nil {
		return status.Materialization{}, causeOf(ctx, err)
	}
	day, err := r.extract(ctx)
	if err != nil {
		return status.Materialization{}, causeOf(ctx, err)
	}
	published, err := r.publish(ctx, heart, day)
	return published, causeOf(ctx, err)
}

// causeOf prefers why the heartbeat ended the run to the error that the end led
// to, unless that error leaves open whether the day was published.
func causeOf(ctx context.Context, err error) error {
	if unavailable, ok := errors.AsType[*target.UnavailableError](err); ok && unavailable.Unknown {
		return err
	}
	if stopped, ok := errors.AsType[*stoppedError](context.Cause(ctx)); ok && errors.Is(err, context.Canceled) {
		return stopped.cause
	}
	return err
}

// record is the run as it stands in the runs table from its start on.
func (r *run) record() status.Run {
	return status.Run{
		ID: r.lease.RunID, Asset: r.lease.Asset, Partition: r.lease.Partition, Generation: r.lease.Generation,
		Trigger: r.request.Trigger, Attempt: r.request.Attempt, BackfillID: r.request.BackfillID,
		Outcome: status.OutcomeRunning, StartedAt: r.began, ExpiresAt: r.began.Add(r.Settings.RunRetention),
		LogGroup: r.origin.LogGroup, LogStream: r.origin.LogStream, RequestID: r.origin.RequestID,
	}
}
