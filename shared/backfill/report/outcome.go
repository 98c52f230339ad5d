// Package report tells what became of a backfill's partitions.
package report

import (
	"time"

	"delfos/shared/status"
)

// Outcome is how one partition of a backfill stands.
type Outcome string

// The outcomes. The last two are of a backfill that is under way.
const (
	Materialized Outcome = "materialized" // published since the backfill began, by it or by another run
	Failed       Outcome = "failed"
	Cancelled    Outcome = "cancelled"
	Waived       Outcome = "waived" // meanwhile, so that it is not to be expected
	Running      Outcome = "running"
	Waiting      Outcome = "waiting" // no run of the backfill has it, or had it last
)

// Judge tells how a partition of the backfill stands at the instant now, by the
// partition's record, and why it failed or was cancelled, if it did.
//
// Waiting is also a partition that a run of another has claimed since this
// backfill's failed; only the runs table knows of that.
func Judge(p status.Partition, b status.Backfill, now time.Time) (Outcome, *status.Failure) {
	attempt, why := p.AttemptAt(now)
	ours := p.BackfillID == b.ID
	switch {
	case ours && attempt == status.AttemptSucceeded, publishedSince(p, b.StartedAt):
		return Materialized, nil
	case p.Data == status.DataWaived:
		return Waived, nil
	case !ours:
		return Waiting, nil
	case attempt == status.AttemptRunning:
		return Running, nil
	case attempt == status.AttemptCancelled:
		return Cancelled, why
	case attempt == status.AttemptFailed:
		return Failed, why
	default:
		return Waiting, nil
	}
}

func publishedSince(p status.Partition, began time.Time) bool {
	return p.Materialization != nil && !p.Materialization.PublishedAt.Before(began)
}
