package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// judgeByRuns looks for this backfill's last run of a partition whose record is
// another run's.
func (r *Reporter) judgeByRuns(ctx context.Context, v *verdict, p status.Partition, backfillID string, now time.Time) error {
	page, err := r.Status.RunsOf(ctx, r.Asset, v.key, status.Page{})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(page.Runs, func(run status.Run) bool { return run.BackfillID == backfillID })
	if i < 0 {
		*v = notRun(v.key)
		if p.LeaseLive(now) {
			*v = busy(v.key, p.RunID)
		}
		return nil
	}
	run := page.Runs[i]
	switch outcome, failure := run.OutcomeAt(p, now); outcome {
	case status.OutcomeSucceeded:
		v.outcome = Materialized
	case status.OutcomeFailed:
		v.outcome, v.failure = Failed, cmp.Or(failure, &status.Failure{Type: status.FailureLeaseExpired})
	case status.OutcomeCancelled:
		v.outcome, v.failure = Cancelled, failure
	default:
		*v = stillRunning(v.key, run.ID)
	}
	return nil
}

func notRun(key partition.Key) verdict {
	return verdict{key, Failed, &status.Failure{Type: NotRun, Message: "no run of this backfill is recorded: " +
		"the failed child execution of the map run says why the function could not begin"}}
}

func stillRunning(key partition.Key, runID string) verdict {
	return verdict{key, Failed, &status.Failure{Type: StillRunning, Message: fmt.Sprintf(
		"run %s had not ended when this report was made: the redrive finds out whether it has published", runID)}}
}

func busy(key partition.Key, runID string) verdict {
	return verdict{key, Failed, &status.Failure{Type: PartitionBusy, Message: fmt.Sprintf(
		"run %s, which is not this backfill's, holds the partition: redrive when it has ended", runID)}}
}
