package status

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Complete records that the run has published the partition: its data is
// materialized, its attempt has succeeded, and the lease is over. That holds, too,
// where the lease ran out, was cancelled or was failed after the run had published.
//
// Where another run has claimed the partition since, the attempt is that run's
// and stays; the data is recorded all the same, unless a later materialization
// is: then the error is a *LeaseLostError.
func (s *Store) Complete(ctx context.Context, lease Lease, m Materialization, now time.Time) error {
	if err := m.check(lease); err != nil {
		return fmt.Errorf("complete run %s: %w", lease.RunID, err)
	}
	current, refused, err := s.writePartition(ctx, lease.Asset, lease.Partition, update{
		set: "SET #data = :materialized, #materialization = :materialization, #attempt = :succeeded, #updated_at = :now " +
			"REMOVE #lease_until, #failure, #waived_reason",
		condition: ownAttempt,
		values: lease.values(item{
			":materialized": text(DataMaterialized), ":materialization": m.attribute(),
			":succeeded": text(AttemptSucceeded), ":now": instant(now),
		}),
	})
	if err == nil && refused {
		current, refused, err = s.recordData(ctx, lease, m, now)
	}
	if err != nil {
		return fmt.Errorf("complete run %s: %w", lease.RunID, err)
	}
	if refused && (current.Materialization == nil || current.Materialization.RunID != lease.RunID) {
		return lease.lost(current)
	}
	return nil
}

// recordData records what a run published before another claimed the partition.
func (s *Store) recordData(ctx context.Context, lease Lease, m Materialization, now time.Time) (Partition, bool, error) {
	return s.writePartition(ctx, lease.Asset, lease.Partition, update{
		set: "SET #data = :materialized, #materialization = :materialization, #updated_at = :now REMOVE #waived_reason",
		condition: "#generation > :generation AND " +
			"(attribute_not_exists(#materialization) OR #materialization.#generation < :generation)",
		values: item{
			":materialized": text(DataMaterialized), ":materialization": m.attribute(),
			":generation": number(lease.Generation), ":now": instant(now),
		},
	})
}

func (m Materialization) check(lease Lease) error {
	if m.RunID != lease.RunID || m.Generation != lease.Generation {
		return fmt.Errorf("materialization of run %q, generation %d: want the lease's own, %q, generation %d",
			m.RunID, m.Generation, lease.RunID, lease.Generation)
	}
	if math.IsNaN(m.Coverage) || math.IsInf(m.Coverage, 0) || m.Coverage < 0 {
		return fmt.Errorf("coverage %v: want a share of 0 or more", m.Coverage)
	}
	return nil
}

// Fail records that the run has failed, and ends its lease; the data is
// untouched. The error is a *LeaseLostError where the attempt is another run's by
// now, or has ended otherwise.
//
// The generation becomes minGeneration where it is lower, so that the next claim
// gives one beyond it: for a target that turned out to hold a later generation
// than the status, whose tables were lost. 0 leaves it as it is.
func (s *Store) Fail(ctx context.Context, lease Lease, failure Failure, now time.Time, minGeneration int64) error {
	if failure.Type == "" {
		return fmt.Errorf("fail run %s: failure type: want the name of the error's type", lease.RunID)
	}
	raised := max(lease.Generation, minGeneration)
	current, refused, err := s.writePartition(ctx, lease.Asset, lease.Partition, update{
		set: "SET #attempt = :failed, #failure = :failure, #generation = :raised, #updated_at = :now " +
			"REMOVE #lease_until",
		condition: ownAttempt + " AND #attempt = :running",
		values: lease.values(item{
			":failed": text(AttemptFailed), ":failure": failure.stored().attribute(), ":raised": number(raised),
			":running": text(AttemptRunning), ":now": instant(now),
		}),
	})
	if err != nil {
		return fmt.Errorf("fail run %s: %w", lease.RunID, err)
	}
	before := current.RunID == lease.RunID && current.Attempt == AttemptFailed && current.Generation == raised
	if refused && !before {
		return lease.lost(current)
	}
	return nil
}
