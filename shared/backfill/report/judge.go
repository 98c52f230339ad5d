package report

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// judgeByRuns looks for this backfill's last run of a partition whose record is
// another run's.
func (r *Reporter) judgeByRuns(ctx context.Context, v *verdict, p status.Partition, of status.Backfill, now time.Time) error {
	run, found, err := r.lastRun(ctx, v.key, of)
	if err != nil {
		return err
	}
	if !found {
		*v = notRun(v.key)
		if p.LeaseLive(now) {
			*v = busy(v.key, p.RunID)
		}
		return nil
	}
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

// lastRun is the backfill's last run of a partition, however many others came since.
func (r *Reporter) lastRun(ctx context.Context, key partition.Key, of status.Backfill) (last status.Run, found bool, err error) {
	for page := (status.Page{}); ; {
		runs, err := r.Status.RunsOf(ctx, r.Asset, key, page)
		if err != nil {
			return status.Run{}, false, err
		}
		for _, run := range runs.Runs {
			if run.BackfillID == of.ID {
				return run, true, nil
			}
			if run.StartedAt.Before(of.StartedAt) {
				return status.Run{}, false, nil
			}
		}
		if runs.Next == "" {
			return status.Run{}, false, nil
		}
		page.Before = runs.Next
	}
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
