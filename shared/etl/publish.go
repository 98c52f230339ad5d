package etl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"delfos/shared/status"
	"delfos/shared/target"
)

// publish replaces the day in the target. The lease is renewed before, so that the
// transaction has a whole lease's time, and once more right before its commit: a run
// that was cancelled while it waited or copied does not publish.
func (r *run) publish(ctx context.Context, heart *heartbeat, d *day) (status.Materialization, error) {
	if err := heart.renew(ctx); err != nil {
		return status.Materialization{}, err
	}
	began := r.Now()
	published, err := r.replace(ctx, heart, target.Publication{
		Partition:   r.request.Partition,
		Span:        r.Settings.Calendar.Span(r.request.Partition),
		RunID:       r.lease.RunID,
		Generation:  r.lease.Generation,
		Fingerprint: string(d.fingerprint),
		RowsRead:    d.rowsRead,
		Rows:        d.rows,
		LeaseLeft:   func() time.Duration { return heart.current().Until.Sub(r.Now()) },
		Confirm:     heart.renew,
	})
	if err != nil {
		return status.Materialization{}, err
	}
	ended := r.Now()
	return status.Materialization{
		RunID:          r.lease.RunID,
		Generation:     r.lease.Generation,
		RowsRead:       d.rowsRead,
		SamplesMissing: max(0, r.expected()-d.rowsRead),
		Windows:        d.windows,
		RowsWritten:    published.RowsWritten,
		Fingerprint:    string(d.fingerprint),
		Coverage:       r.coverage(d),
		Duration:       status.Durations{Extract: d.extract, Aggregate: d.aggregate, Load: ended.Sub(began), Total: ended.Sub(r.began)},
		PublishedAt:    published.PublishedAt,
	}, nil
}

// replaceAttempts is how often a target that is unavailable is tried, with pauses
// of 200 ms, 400 ms and 800 ms between. One that is waking up is tried for wakeWithin
// beside that: a paused Aurora cluster takes some 15 s.
const (
	replaceAttempts = 4
	wakeWithin      = 40 * time.Second
	longestPause    = 2 * time.Second
)

// replace may be repeated: the same run and generation publish the same day. Once
// an attempt may have published, its error stands until another succeeds.
func (r *run) replace(ctx context.Context, heart *heartbeat, p target.Publication) (target.Published, error) {
	var unknown error
	pause, wakes := 200*time.Millisecond, r.Now().Add(wakeWithin)
	for attempts := 0; ; {
		published, err := r.Target.Replace(ctx, p)
		unavailable, passes := errors.AsType[*target.UnavailableError](err)
		if !passes {
			return published, err
		}
		if unavailable.Unknown {
			unknown = err
		}
		if !unavailable.Waking() || r.Now().After(wakes) {
			attempts++
		}
		if attempts == replaceAttempts {
			return published, cmp.Or(unknown, err)
		}
		r.Logger.WarnContext(ctx, "the target is unavailable; trying again", "pause_ms", pause.Milliseconds(), "error", err)
		select {
		case <-ctx.Done():
			return published, cmp.Or(unknown, err)
		case <-time.After(pause):
		}
		if renewErr := heart.renew(ctx); renewErr != nil {
			return published, cmp.Or(unknown, renewErr)
		}
		pause = min(2*pause, longestPause)
	}
}

// complete records a published day. The day stays published where this fails,
// and a run that took the lease meanwhile publishes it again.
func (r *run) complete(ctx context.Context, m status.Materialization) error {
	now := r.Now()
	err := r.Status.Complete(ctx, r.lease, m, now)
	if _, ok := errors.AsType[*status.LeaseLostError](err); ok {
		r.Logger.WarnContext(ctx, "published, but the partition was taken over before it could be recorded", "error", err)
	} else if err != nil {
		return &StatusUnavailable{failure{
			message: fmt.Sprintf("partition %s is published (generation %d), but its status could not be recorded: %v; run it again to record it",
				r.request.Partition, m.Generation, err),
			cause: err,
		}}
	}
	r.finish(ctx, status.Ending{Outcome: status.OutcomeSucceeded, At: now, Generation: m.Generation, Materialization: &m})
	return nil
}

// failed records why the run failed, as far as that can still be done, and
// converts the error. The time for it was kept back from the run.
func (r *run) failed(ctx context.Context, cause error) error {
	err := convert(r.request.Partition, cause)
	r.Logger.LogAttrs(ctx, slog.LevelError, "failed", append(r.measuredFailure(r.began, r.Now()),
		slog.String("error_type", typeName(err)), slog.String("kind", string(err.Kind())), slog.Any("error", err))...)
	ctx, cancel := recording(ctx)
	defer cancel()
	failure := status.Failure{Type: typeName(err), Message: err.Error()}
	ending := status.Ending{Outcome: outcomeOf(err), At: r.Now(), Generation: r.lease.Generation, Failure: &failure}
	endErr := r.end(ctx, cause, ending)
	var lost *status.LeaseLostError
	var over *status.NotRunningError
	if endErr != nil && !errors.As(endErr, &lost) && !errors.As(endErr, &over) { // else the record is another run's, or ended
		r.Logger.WarnContext(ctx, "the failure could not be recorded on the partition; its lease runs out by itself",
			"lease_until", r.lease.Until, "error", endErr)
	}
	r.finish(ctx, ending)
	return err
}

// recording outlives the run's own time, and leaves some of the function's for its
// answer.
func recording(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := recordReserve
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)*3/4)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}

// generationIn is the generation that the target turned out to hold: the next
// claim must go beyond it.
func generationIn(cause error) int64 {
	if superseded, ok := errors.AsType[*target.SupersededError](cause); ok {
		return superseded.Current
	}
	return 0
}

// finish ends the run's record. A run that could not be recorded at its start
// has none to end.
func (r *run) finish(ctx context.Context, ending status.Ending) {
	err := r.Status.FinishRun(ctx, r.lease.Asset, r.lease.RunID, ending)
	if err != nil {
		r.Logger.LogAttrs(ctx, slog.LevelWarn, "the run's end could not be recorded", slog.Any("error", err))
	}
}
