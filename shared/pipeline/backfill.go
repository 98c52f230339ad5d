package pipeline

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/shared/backfill/report"
	"delfos/shared/pipeline/machine"
)

// BackfillDetail is all about one backfill, but for its items and history.
type BackfillDetail struct {
	Backfill

	ARN        string
	Status     string // Step Functions': "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"; "" where it is forgotten
	Output     json.RawMessage
	Error      string
	Cause      string         // for a person
	Report     *report.Report // what became of the partitions; nil where it ended without one, or has not
	CanRedrive bool
	WhyNot     string // it cannot be redriven

	// Forgotten says that Step Functions has no such execution any more. All that is told is
	// what the record says, and there are no items and no history.
	Forgotten bool

	Graph Part[machine.Graph] // the definition that it runs
	// Definition is the same as States Language JSON, which the console draws whole,
	// Parallel and all; nil where Graph has an error.
	Definition json.RawMessage
	States     Part[map[string]StateState] // by the name of a state of Graph; one that was never entered is left out
	MapRuns    Part[[]MapRun]              // oldest first
}

// Over tells whether nothing of it goes on.
func (b BackfillDetail) Over() bool { return b.Status != "RUNNING" && b.Status != "PENDING_REDRIVE" }

// StateState is how a state of the machine stands.
type StateState = machine.State

// Backfill reads one backfill by its name. The error is a *NotFoundError where Step
// Functions knows none of that name, and none is recorded.
//
// IAM: states:DescribeExecution, states:GetExecutionHistory, states:ListMapRuns and
// states:DescribeStateMachineForExecution on the state machine's executions,
// states:DescribeMapRun on its map runs, dynamodb:GetItem on the backfills table,
// dynamodb:Query on the partitions table.
func (p *Pipeline) Backfill(ctx context.Context, name string) (BackfillDetail, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	b, err := p.execution(ctx, name)
	if isForgotten(name, err) {
		return p.recall(ctx, name)
	}
	if err != nil {
		return BackfillDetail{}, err
	}
	var reading sync.WaitGroup // each part fails for itself
	reading.Go(func() {
		found := part(p.definition(ctx, b.ARN))
		b.Graph, b.Definition = Part[machine.Graph]{found.Value.graph, found.Err}, found.Value.text
	})
	reading.Go(func() { b.States = part(p.states(ctx, b.ARN)) })
	reading.Go(func() { b.MapRuns = part(p.mapRuns(ctx, b.ARN)) })
	reading.Go(func() {
		// Without a record, as before the first status change, there is no plan yet.
		if record, err := p.status.Backfill(ctx, p.options.Asset, name); err == nil {
			b.Plan = record.Plan
		}
	})
	reading.Wait()
	b.Counts = b.countsByMapRuns()
	if b.Report != nil && b.Over() {
		b.Counts = reported(b.Report.Counts)
	}
	return b, nil
}

// countsByMapRuns adds the passes up: each after the first runs what the one before it
// left.
func (b BackfillDetail) countsByMapRuns() Counts {
	var counts Counts
	for i, run := range b.MapRuns.Value {
		if i == 0 {
			counts.Planned = run.Counts.Total
		}
		counts.Materialized += run.Counts.Succeeded
		counts.Running, counts.Failed, counts.Cancelled = run.Counts.Running, run.Counts.Failed, run.Counts.Cancelled
	}
	if b.Plan != nil {
		counts.Planned = b.Plan.Partitions
	}
	counts.Waiting = max(0, counts.Planned-counts.Done()-counts.Running)
	return counts
}

// definition reads what an execution runs; it never changes.
func (p *Pipeline) definition(ctx context.Context, arn string) (definition, error) {
	if known, ok := p.definitions.get(arn); ok {
		return known, nil
	}
	found, err := p.sfn.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return definition{}, explain(theMachine, err)
	}
	text := []byte(aws.ToString(found.Definition))
	graph, err := machine.Parse(text)
	if err != nil {
		return definition{}, &RefusedError{theMachine, err}
	}
	p.definitions.put(arn, definition{graph, text})
	return definition{graph, text}, nil
}

// definition is what an execution runs, drawn up and as it is written.
type definition struct {
	graph machine.Graph
	text  json.RawMessage
}

// states reads the whole history without its data: it has some ten events, and some
// five more for each redrive.
func (p *Pipeline) states(ctx context.Context, arn string) (map[string]StateState, error) {
	var events []machine.Event
	input := &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 1000, IncludeExecutionData: aws.Bool(false)}
	for {
		answer, err := p.sfn.GetExecutionHistory(ctx, input)
		if err != nil {
			return nil, explain(theMachine, err)
		}
		for i := range answer.Events {
			event, err := toEvent(&answer.Events[i])
			if err != nil {
				return nil, &RefusedError{theMachine, err}
			}
			event.Cause, _ = report.ReadCause(event.Cause)
			events = append(events, event.Event)
		}
		if input.NextToken = answer.NextToken; input.NextToken == nil {
			return machine.States(events), nil
		}
	}
}
