package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Materialized is what came of running a day.
type Materialized struct {
	Started

	Materialization status.Materialization // zero where it is pending
}

// Materialize runs the etl for one day, and waits for it. allowEmpty publishes the day
// even where the source has no sample of it. The error is a *NotFoundError for a day
// that Partition does not find, a *ConflictError where another run holds it, and a
// *RunFailedError where the run failed.
//
// IAM: lambda:InvokeFunction on the etl function; where it does not succeed,
// dynamodb:GetItem on the partitions table and dynamodb:Query on the runs table's index
// by_partition.
func (p *Pipeline) Materialize(ctx context.Context, who Actor, key partition.Key, allowEmpty bool) (Materialized, error) {
	payload, err := json.Marshal(map[string]any{"partition": key, "allow_empty": allowEmpty})
	if err != nil {
		return Materialized{}, err
	}
	done, err := p.runDay(ctx, key, payload)
	p.audit(context.WithoutCancel(ctx), who, "materialize", key.String(), done.Started, err)
	return done, err
}

// runDay calls the etl for a day with an event.
func (p *Pipeline) runDay(ctx context.Context, key partition.Key, event []byte) (Materialized, error) {
	done := Materialized{Started: Started{Partition: key}}
	if err := p.checkDay(key, p.now()); err != nil {
		return done, err
	}
	waiting, cancel := acting(ctx, p.options.Patience)
	defer cancel()
	answer, err := p.invoke(waiting, p.options.Etl, event)
	after, cancelAfter := acting(ctx, afterwards)
	defer cancelAfter()
	if errors.Is(err, errNoAnswer) {
		done.Pending = true
		if record, err := p.status.Partition(after, p.options.Asset, key); err == nil {
			done.RunID = record.RunID // the run that holds it
		}
		return done, nil
	}
	if failure, own := errors.AsType[*functionError](err); own {
		done.RunID = p.runOf(after, key, answer.requestID)
		return done, explainRun(key, done.RunID, failure)
	}
	if err != nil {
		return done, err
	}
	if err := json.Unmarshal(answer.payload, &done.Materialization); err != nil {
		return done, &RefusedError{"the etl function", fmt.Errorf("it answered something else than a materialization: %w", err)}
	}
	done.RunID = done.Materialization.RunID
	return done, nil
}

// afterwards bounds looking for the run that an invocation was.
const afterwards = 3 * time.Second

// runOf finds the run that an invocation made; empty where it made none, or it cannot
// be found out.
func (p *Pipeline) runOf(ctx context.Context, key partition.Key, requestID string) string {
	runs, err := p.status.RunsOf(ctx, p.options.Asset, key, status.Page{Limit: 10})
	if err != nil {
		return ""
	}
	for _, run := range runs.Runs {
		if run.RequestID == requestID {
			return run.ID
		}
	}
	return ""
}

// explainRun says of the etl's errors what to do about them.
func explainRun(key partition.Key, runID string, failure *functionError) error {
	switch failure.Type {
	case "PartitionBusy":
		return &ConflictError{fmt.Sprintf("%s is being run already", key), "wait for that run's end", failure}
	case "PartitionOutOfRange":
		return &NotFoundError{"partition", key.String(), failure.Message}
	case "InvalidEvent":
		return &InvalidError{"event", failure.Message}
	default:
		return &RunFailedError{Partition: key, RunID: runID, Type: failure.Type, Message: failure.Message}
	}
}
