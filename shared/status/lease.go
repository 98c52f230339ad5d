package status

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// Claim asks for a partition.
type Claim struct {
	Asset      string
	Partition  partition.Key
	RunID      string // of a run that has claimed nothing yet
	BackfillID string // the execution that asks for the run, if one does
	Now        time.Time
	LeaseUntil time.Time // after Now; cut to milliseconds
}

// Lease is a run's right to work on a partition until an instant.
type Lease struct {
	Asset      string
	Partition  partition.Key
	RunID      string
	Generation int64
	Until      time.Time
}

// Claim gives the partition to the run, with the next generation, unless a live
// lease is on it: then the error is a *BusyError. The data is untouched.
//
// previous is the record as it was before. Where its attempt is running, that
// run's lease ran out, and whoever claims may record its end (LeaseExpired).
// Where the claim turns out to have been carried out before, because an answer
// was lost, previous has the data's state only.
func (s *Store) Claim(ctx context.Context, c Claim) (lease Lease, previous Partition, err error) {
	if err := c.check(); err != nil {
		return Lease{}, Partition{}, fmt.Errorf("claim a partition: %w", err)
	}
	current, refused, err := s.writePartition(ctx, c.Asset, c.Partition, c.update())
	if err != nil {
		return Lease{}, Partition{}, fmt.Errorf("claim partition %s of %s: %w", c.Partition, c.Asset, err)
	}
	if refused {
		return c.refused(current)
	}
	previous = current
	previous.Asset, previous.Key = c.Asset, c.Partition
	if previous.Data == "" {
		previous.Data = DataMissing
	}
	return c.lease(previous.Generation+1, c.LeaseUntil), previous, nil
}

func (c Claim) update() update {
	u := update{
		set: "SET #attempt = :running, #run_id = :run_id, #lease_until = :until, #updated_at = :now",
		condition: "(attribute_not_exists(#lease_until) OR #lease_until <= :now) AND " +
			"(attribute_not_exists(#run_id) OR #run_id <> :run_id)",
		values: item{
			":running": text(AttemptRunning), ":run_id": text(c.RunID), ":until": instant(c.LeaseUntil), ":now": instant(c.Now), ":one": number(1),
		},
		returns: types.ReturnValueAllOld,
	}
	if c.BackfillID == "" {
		u.set += " ADD #generation :one REMOVE #failure, #backfill_id"
		return u
	}
	u.set += ", #backfill_id = :backfill_id ADD #generation :one REMOVE #failure"
	u.values[":backfill_id"] = text(c.BackfillID)
	return u
}

func (c Claim) check() error {
	if err := checkPartition(c.Asset, c.Partition); err != nil {
		return err
	}
	if c.RunID == "" {
		return errors.New("run id: want a ULID")
	}
	if toMillis(c.LeaseUntil) <= toMillis(c.Now) {
		return fmt.Errorf("lease until %s: want a time after now, %s",
			c.LeaseUntil.Format(time.RFC3339Nano), c.Now.Format(time.RFC3339Nano))
	}
	return nil
}

func (c Claim) lease(generation int64, until time.Time) Lease {
	return Lease{
		Asset: c.Asset, Partition: c.Partition, RunID: c.RunID,
		Generation: generation, Until: fromMillis(toMillis(until)),
	}
}

// refused tells a claim that was carried out before from one that comes too
// early, and from one by a run that has had its lease.
func (c Claim) refused(current Partition) (Lease, Partition, error) {
	switch {
	case current.RunID != c.RunID:
		return Lease{}, Partition{}, &BusyError{
			Asset: c.Asset, Partition: c.Partition, Owner: current.RunID, Until: current.LeaseUntil,
		}
	case current.Attempt == AttemptRunning && current.LeaseLive(c.Now):
		previous := Partition{
			Asset: c.Asset, Key: c.Partition,
			Data: current.Data, Materialization: current.Materialization, WaivedReason: current.WaivedReason,
		}
		return c.lease(current.Generation, current.LeaseUntil), previous, nil
	default:
		return Lease{}, Partition{}, c.lease(current.Generation, current.LeaseUntil).lost(current)
	}
}

// Renew moves the end of a lease to until, which is after now. The error is a
// *LeaseLostError where the lease has run out, or was taken or cancelled.
func (s *Store) Renew(ctx context.Context, lease Lease, now, until time.Time) (Lease, error) {
	if toMillis(until) <= toMillis(now) {
		return Lease{}, fmt.Errorf("renew the lease of run %s until %s: want a time after now, %s",
			lease.RunID, until.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	}
	current, refused, err := s.writePartition(ctx, lease.Asset, lease.Partition, update{
		set:       "SET #lease_until = :until, #updated_at = :now",
		condition: ownAttempt + " AND #lease_until > :now",
		values:    lease.values(item{":until": instant(until), ":now": instant(now)}),
	})
	if err != nil {
		return Lease{}, fmt.Errorf("renew the lease of run %s: %w", lease.RunID, err)
	}
	if refused {
		return Lease{}, lease.lost(current)
	}
	lease.Until = fromMillis(toMillis(until))
	return lease, nil
}

// ownAttempt is the condition that the last attempt is still the lease's own.
const ownAttempt = "#run_id = :run_id AND #generation = :generation"

// values adds to those of an update what ownAttempt needs.
func (l Lease) values(more item) item {
	more[":run_id"], more[":generation"] = text(l.RunID), number(l.Generation)
	return more
}

// lost tells why a lease does not hold, from the partition's record.
func (l Lease) lost(current Partition) error {
	e := &LeaseLostError{Asset: l.Asset, Partition: l.Partition, RunID: l.RunID}
	switch {
	case current.RunID == "":
		e.Reason = LostMissing
	case current.RunID != l.RunID:
		e.Reason, e.TakenBy = LostTaken, current.RunID
	case current.Attempt == AttemptCancelled:
		e.Reason = LostCancelled
	case current.Attempt == AttemptRunning:
		e.Reason = LostExpired
	default:
		e.Reason = LostEnded
	}
	return e
}
