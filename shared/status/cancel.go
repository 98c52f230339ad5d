package status

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// Cancel ends the live lease on a partition, whichever run's it is, and gives the
// record as it is then: its run can neither renew nor fail, and the partition can
// be claimed. The data is untouched. The error is a *NotRunningError where there is
// no live lease; a partition whose last attempt is cancelled already is as it
// should be.
func (s *Store) Cancel(ctx context.Context, asset string, key partition.Key, reason string, now time.Time) (Partition, error) {
	if err := checkPartition(asset, key); err != nil {
		return Partition{}, fmt.Errorf("cancel a run: %w", err)
	}
	return s.cancel(ctx, asset, key, "", reason, now)
}

// CancelRun is Cancel for one run alone: where the partition's last attempt is
// another run's, that stays as it is, and the error is a *NotRunningError.
func (s *Store) CancelRun(ctx context.Context, asset string, key partition.Key, runID, reason string, now time.Time) (Partition, error) {
	if err := checkPartition(asset, key); err != nil {
		return Partition{}, fmt.Errorf("cancel run %q: %w", runID, err)
	}
	if runID == "" {
		return Partition{}, errors.New("cancel a run: run id: want a ULID")
	}
	return s.cancel(ctx, asset, key, runID, reason, now)
}

// cancel ends the lease of the run, of any where runID is empty.
func (s *Store) cancel(ctx context.Context, asset string, key partition.Key, runID, reason string, now time.Time) (Partition, error) {
	u := update{
		set:       "SET #attempt = :cancelled, #failure = :failure, #updated_at = :now REMOVE #lease_until",
		condition: "#lease_until > :now",
		values: item{
			":cancelled": text(AttemptCancelled), ":now": instant(now),
			":failure": Failure{Type: FailureCancelled, Message: reason}.stored().attribute(),
		},
		returns: types.ReturnValueAllNew,
	}
	if runID != "" {
		u.condition += " AND #run_id = :run_id"
		u.values[":run_id"] = text(runID)
	}
	current, refused, err := s.writePartition(ctx, asset, key, u)
	if err != nil {
		return Partition{}, fmt.Errorf("cancel the run of partition %s of %s: %w", key, asset, err)
	}
	done := current.Attempt == AttemptCancelled && (runID == "" || current.RunID == runID)
	if refused && !done {
		return Partition{}, &NotRunningError{Asset: asset, Partition: key, RunID: runID}
	}
	return current, nil
}
