package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// BackfillChange is a change of an execution's status.
type BackfillChange struct {
	Asset        string
	ID           string // the execution's name
	ExecutionARN string // empty where it is not known, and left as it is then
	State        BackfillState
	Redrives     int             // how often it was redriven before the change
	Request      json.RawMessage // the execution's input, where it is known; more than 4 KB is not kept
	StartedAt    time.Time       // zero where it is not known: the first change then sets Now
	EndedAt      time.Time       // zero while it is running
	Failure      *Failure        // nil unless it failed or was cancelled
	Now          time.Time
}

// ChangeBackfill records a change of a backfill's status, and gives the record as
// it is then. Changes may come late, twice and in any order: what counts is the one
// after the most redrives, and of these an end before running. A change that comes
// after one that counts more leaves the record as it is.
func (s *Store) ChangeBackfill(ctx context.Context, c BackfillChange) (Backfill, error) {
	if err := c.check(); err != nil {
		return Backfill{}, fmt.Errorf("record a change of backfill %q: %w", c.ID, err)
	}
	answer, _, err := s.write(ctx, s.tables.Backfills, backfillKey(c.Asset, c.ID), c.update())
	if err != nil {
		return Backfill{}, fmt.Errorf("record a change of backfill %s: %w", c.ID, err)
	}
	return toBackfill(answer)
}

func (c BackfillChange) check() error {
	ended := c.State != BackfillRunning
	switch c.State {
	case BackfillRunning, BackfillSucceeded, BackfillFailed, BackfillCancelled:
	default:
		return fmt.Errorf("state %q: want running, succeeded, failed or cancelled", c.State)
	}
	switch {
	case c.Asset == "" || c.ID == "":
		return errors.New("asset and backfill id: want both")
	case c.Redrives < 0:
		return fmt.Errorf("redrives %d: want 0 or more", c.Redrives)
	case len(c.Request) > 0 && !json.Valid(c.Request):
		return errors.New("request: want JSON")
	case c.Now.IsZero():
		return errors.New("now: want a time")
	case ended == c.EndedAt.IsZero():
		return fmt.Errorf("ended at %s, state %s: want a time where it has ended, and only there", c.EndedAt.Format(time.RFC3339), c.State)
	default:
		return nil
	}
}

// supersedes is the condition that a change counts more than what is recorded; a
// repeated change to running does no harm.
const supersedes = "attribute_not_exists(#redrives) OR #redrives < :redrives OR (#redrives = :redrives AND #state = :running)"

func (c BackfillChange) update() update {
	u := update{
		set:       "SET #state = :state, #redrives = :redrives, #updated_at = :now",
		condition: supersedes,
		values: item{
			":state": text(c.State), ":redrives": number(c.Redrives), ":running": text(BackfillRunning), ":now": instant(c.Now),
		},
		returns: types.ReturnValueAllNew,
	}
	u.setStart(Backfill{ID: c.ID, StartedAt: c.StartedAt}, c.Now)
	if c.ExecutionARN != "" {
		u.set += ", #execution_arn = :execution_arn"
		u.values[":execution_arn"] = text(c.ExecutionARN)
	}
	if len(c.Request) > 0 && len(c.Request) <= maxMessageBytes {
		u.set += ", #request = :request"
		u.values[":request"] = text(string(c.Request))
	}
	remove := ""
	if c.EndedAt.IsZero() {
		remove = " #ended_at,"
	} else {
		u.set += ", #ended_at = :ended_at"
		u.values[":ended_at"] = instant(c.EndedAt)
	}
	if c.Failure == nil {
		remove += " #failure,"
	} else {
		u.set += ", #failure = :failure"
		u.values[":failure"] = c.Failure.stored().attribute()
	}
	if remove != "" {
		u.set += " REMOVE" + remove[:len(remove)-1]
	}
	return u
}

// setStart sets when the backfill started; where that is not known, to now, unless
// it is set already.
func (u *update) setStart(b Backfill, now time.Time) {
	if b.StartedAt.IsZero() {
		b.StartedAt = now
		u.set += ", #started_at = if_not_exists(#started_at, :started_at), #start_key = if_not_exists(#start_key, :start_key)"
	} else {
		u.set += ", #started_at = :started_at, #start_key = :start_key"
	}
	u.values[":started_at"], u.values[":start_key"] = instant(b.StartedAt), text(b.startKey())
}

// PlanBackfill records what a running backfill set out to do. It may come before
// the first change of the backfill's status, and its record is as running then.
func (s *Store) PlanBackfill(ctx context.Context, asset, id string, plan BackfillPlan, now time.Time) error {
	if asset == "" || id == "" {
		return errors.New("record the plan of a backfill: asset and backfill id: want both")
	}
	if plan.From.IsZero() || plan.To.IsZero() {
		return fmt.Errorf("record the plan of backfill %s: from and to: want both", id)
	}
	u := update{
		set: "SET #plan = :plan, #updated_at = :now, #state = if_not_exists(#state, :running), " +
			"#redrives = if_not_exists(#redrives, :none)",
		values: item{
			":plan": plan.attribute(), ":now": instant(now), ":running": text(BackfillRunning), ":none": number(0),
		},
	}
	u.setStart(Backfill{ID: id}, now)
	if _, _, err := s.write(ctx, s.tables.Backfills, backfillKey(asset, id), u); err != nil {
		return fmt.Errorf("record the plan of backfill %s: %w", id, err)
	}
	return nil
}

// CountBackfill records what had become of a backfill's partitions when it ended,
// after so many redrives. A record that knows of more redrives stays as it is.
func (s *Store) CountBackfill(ctx context.Context, asset, id string, redrives int, counts BackfillCounts, now time.Time) error {
	if asset == "" || id == "" {
		return errors.New("record the counts of a backfill: asset and backfill id: want both")
	}
	_, _, err := s.write(ctx, s.tables.Backfills, backfillKey(asset, id), update{
		set:       "SET #counts = :counts, #updated_at = :now",
		condition: "#redrives <= :redrives",
		values:    item{":counts": counts.attribute(), ":redrives": number(redrives), ":now": instant(now)},
	})
	if err != nil {
		return fmt.Errorf("record the counts of backfill %s: %w", id, err)
	}
	return nil
}

func backfillKey(asset, id string) item {
	return item{"asset": text(asset), "backfill_id": text(id)}
}
