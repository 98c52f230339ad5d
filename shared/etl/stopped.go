package etl

import (
	"context"
	"errors"
	"fmt"

	"delfos/shared/status"
)

// askedByStopped is a *BackfillStopped where the backfill that asked for the run
// has been stopped. It is asked after the claim: who stops a backfill marks it and
// then looks for leases, so that one of the two sees the other.
func (r *run) askedByStopped(ctx context.Context) error {
	if r.request.BackfillID == "" {
		return nil
	}
	backfill, err := r.Status.Backfill(ctx, r.lease.Asset, r.request.BackfillID)
	if _, unknown := errors.AsType[*status.BackfillNotFoundError](err); unknown {
		return nil // it has not been heard of yet, so nobody has stopped it
	}
	if err != nil || !backfill.Stopped() {
		return err
	}
	return &BackfillStopped{failure{message: fmt.Sprintf(
		"partition %s: backfill %s is %s, so this run ended before it read anything; redrive the backfill to run it",
		r.request.Partition, backfill.ID, backfill.State)}}
}

// end ends the attempt on the partition's record: as failed, or as cancelled where
// the backfill was stopped. The error is a *status.LeaseLostError or a
// *status.NotRunningError where the record is no longer the run's.
func (r *run) end(ctx context.Context, cause error, ending status.Ending) error {
	if ending.Outcome == status.OutcomeCancelled {
		_, err := r.Status.CancelRun(ctx, r.lease.Asset, r.lease.Partition, r.lease.RunID, ending.Failure.Message, ending.At)
		return err
	}
	return r.Status.Fail(ctx, r.lease, *ending.Failure, ending.At, generationIn(cause))
}

// outcomeOf is cancelled for a run that was cancelled, alone or with its backfill.
func outcomeOf(err Error) status.Outcome {
	switch err.(type) {
	case *Cancelled, *BackfillStopped:
		return status.OutcomeCancelled
	default:
		return status.OutcomeFailed
	}
}
