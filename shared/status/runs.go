package status

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// StartRun records a run as running, with all that is known of it before its end.
// The error is a *RunExistsError where
// another run is recorded under the same id.
func (s *Store) StartRun(ctx context.Context, r Run) error {
	if err := r.checkStart(); err != nil {
		return fmt.Errorf("record a run: %w", err)
	}
	r.Outcome = OutcomeRunning
	record := startedRunItem(r)
	condition := "attribute_not_exists(#run_id)"
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &s.tables.Runs,
		Item:                                record,
		ConditionExpression:                 &condition,
		ExpressionAttributeNames:            namesIn(condition),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if current, ok := conditionFailed(err); ok {
		return r.recordedAs(current, record)
	}
	if err != nil {
		return fmt.Errorf("record run %s: %w", r.ID, s.explain("PutItem", s.tables.Runs, err))
	}
	return nil
}

func (r Run) checkStart() error {
	if err := checkPartition(r.Asset, r.Partition); err != nil {
		return err
	}
	switch r.Trigger {
	case TriggerManual, TriggerSchedule, TriggerBackfill:
	default:
		return fmt.Errorf("trigger %q: want manual, schedule or backfill", r.Trigger)
	}
	switch {
	case r.ID == "":
		return errors.New("run id: want a ULID")
	case r.Attempt < 1:
		return fmt.Errorf("attempt %d: want 1 or more", r.Attempt)
	case r.StartedAt.IsZero():
		return errors.New("started at: want a time")
	default:
		return nil
	}
}

// recordedAs is nil where the record under the run's id is the one that was to
// be written, from an earlier try whose answer was lost.
func (r Run) recordedAs(current, wanted item) error {
	if found, err := toRun(current); err != nil || !reflect.DeepEqual(startedRunItem(found), wanted) {
		return &RunExistsError{Asset: r.Asset, ID: r.ID}
	}
	return nil
}

// Ending is how a run ended.
type Ending struct {
	Outcome         Outcome // any but running
	At              time.Time
	Generation      int64            // 0 where the run has claimed nothing
	Failure         *Failure         // nil where it succeeded
	Materialization *Materialization // nil where it published nothing
}

// FinishRun records how a run ended, once: the error is a *RunEndedError where
// an end is recorded already, and a *RunNotFoundError where the run is not.
func (s *Store) FinishRun(ctx context.Context, asset, id string, e Ending) error {
	if err := e.check(asset, id); err != nil {
		return fmt.Errorf("record the end of run %q: %w", id, err)
	}
	current, refused, err := s.write(ctx, s.tables.Runs, runKey(asset, id), e.update())
	if err != nil {
		return fmt.Errorf("record the end of run %s: %w", id, err)
	}
	if !refused {
		return nil
	}
	if len(current) == 0 {
		return &RunNotFoundError{Asset: asset, ID: id}
	}
	run, err := toRun(current)
	if err != nil {
		return err
	}
	if run.Outcome == e.Outcome && toMillis(run.FinishedAt) == toMillis(e.At) {
		return nil
	}
	return &RunEndedError{Asset: asset, ID: id, Outcome: run.Outcome}
}

func (e Ending) update() update {
	u := update{
		set:       "SET #outcome = :outcome, #finished_at = :at",
		condition: "#outcome = :running",
		values:    item{":outcome": text(e.Outcome), ":at": instant(e.At), ":running": text(OutcomeRunning)},
	}
	if e.Generation > 0 {
		u.set += ", #generation = :generation"
		u.values[":generation"] = number(e.Generation)
	}
	if e.Failure != nil {
		u.set += ", #failure = :failure"
		u.values[":failure"] = e.Failure.stored().attribute()
	}
	if e.Materialization != nil {
		u.set += ", #materialization = :materialization"
		u.values[":materialization"] = e.Materialization.attribute()
	}
	return u
}

func (e Ending) check(asset, id string) error {
	if asset == "" || id == "" {
		return errors.New("asset and run id: want both")
	}
	if e.At.IsZero() {
		return errors.New("at: want a time")
	}
	switch e.Outcome {
	case OutcomeSucceeded:
		return nil
	case OutcomeFailed, OutcomeCancelled:
		if e.Failure == nil {
			return fmt.Errorf("outcome %s: want a failure that says why", e.Outcome)
		}
		return nil
	default:
		return fmt.Errorf("outcome %q: want succeeded, failed or cancelled", e.Outcome)
	}
}

func runKey(asset, id string) item {
	return item{"asset": text(asset), "run_id": text(id)}
}
