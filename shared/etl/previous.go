package etl

import (
	"context"
	"errors"
	"time"

	"delfos/shared/status"
)

// settleWithin bounds how long a run cares for the one before it.
const settleWithin = time.Second

// settlePrevious records how the partition's run before this one ended, where that
// one died before it could, so that no run stays running for ever. Nearly always it
// is recorded already. It is bookkeeping: the new run goes on where it fails.
func (r *run) settlePrevious(ctx context.Context) {
	ending, ok := endingOf(r.previous, r.began)
	if !ok || r.previous.RunID == r.lease.RunID {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	err := r.Status.FinishRun(ctx, r.lease.Asset, r.previous.RunID, ending)
	var ended *status.RunEndedError
	var neverRecorded *status.RunNotFoundError
	if err != nil && !errors.As(err, &ended) && !errors.As(err, &neverRecorded) {
		r.Logger.WarnContext(ctx, "the end of the run before could not be recorded", "previous_run_id", r.previous.RunID, "error", err)
	}
}

// endingOf is how a partition's last run ended, by the partition's record; false
// where there was none. now is when its lease was found to have run out.
func endingOf(p status.Partition, now time.Time) (status.Ending, bool) {
	ending := status.Ending{At: p.UpdatedAt, Generation: p.Generation, Failure: p.Failure}
	switch p.Attempt {
	case status.AttemptRunning:
		lost := status.LeaseExpired()
		ending.Outcome, ending.Failure, ending.At = status.OutcomeFailed, &lost, now
	case status.AttemptSucceeded:
		ending.Outcome, ending.Failure, ending.Materialization = status.OutcomeSucceeded, nil, p.Materialization
	case status.AttemptFailed:
		ending.Outcome = status.OutcomeFailed
	case status.AttemptCancelled:
		ending.Outcome = status.OutcomeCancelled
	default:
		return status.Ending{}, false
	}
	return ending, p.RunID != ""
}
