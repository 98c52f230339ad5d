package pipeline

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill/report"
	"delfos/shared/pipeline/machine"
)

// BackfillDetail is all about one backfill, but for its items and history.
type BackfillDetail struct {
	Backfill

	ARN        string
	Status     string // Step Functions': "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"
	Output     json.RawMessage
	Error      string
	Cause      string         // for a person
	Report     *report.Report // what became of the partitions; nil where it ended without one, or has not
	CanRedrive bool
	WhyNot     string // it cannot be redriven

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

// MapRun is one pass over partitions: the first over all that were planned, one more
// for each redrive after all had been tried.
type MapRun struct {
	ARN            string
	Status         string // "RUNNING", "SUCCEEDED", "FAILED", "ABORTED"
	StartedAt      time.Time
	StoppedAt      time.Time // zero while it runs
	Redrives       int
	MaxConcurrency int // 0 is without a limit
	Counts         MapCounts
}

// MapCounts is how many of a map run's items stand how.
type MapCounts struct {
	Total, Pending, Running, Succeeded, Failed, Cancelled int
}

// Backfill reads one backfill by its name. The error is a *NotFoundError where Step
// Functions knows none of that name.
//
// IAM: states:DescribeExecution, states:GetExecutionHistory, states:ListMapRuns and
// states:DescribeStateMachineForExecution on the state machine's executions,
// states:DescribeMapRun on its map runs, dynamodb:GetItem on the backfills table,
// dynamodb:Query on the partitions table.
func (p *Pipeline) Backfill(ctx context.Context, name string) (BackfillDetail, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	b, err := p.execution(ctx, name)
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

// mapRuns reads the passes of an execution, oldest first.
func (p *Pipeline) mapRuns(ctx context.Context, arn string) ([]MapRun, error) {
	var listed []types.MapRunListItem
	input := &sfn.ListMapRunsInput{ExecutionArn: &arn}
	for {
		answer, err := p.sfn.ListMapRuns(ctx, input)
		if err != nil {
			return nil, explain(theMachine, err)
		}
		listed = append(listed, answer.MapRuns...)
		if input.NextToken = answer.NextToken; input.NextToken == nil {
			break
		}
	}
	runs := make([]MapRun, len(listed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range listed {
		group.Go(func() error {
			var err error
			runs[i], err = p.mapRun(ctx, aws.ToString(listed[i].MapRunArn))
			return err
		})
	}
	err := group.Wait()
	slices.SortStableFunc(runs, func(a, b MapRun) int { return a.StartedAt.Compare(b.StartedAt) })
	return runs, err
}

func (p *Pipeline) mapRun(ctx context.Context, arn string) (MapRun, error) {
	found, err := p.sfn.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: &arn})
	if err != nil {
		return MapRun{}, explain(theMachine, err)
	}
	run := MapRun{
		ARN: arn, Status: string(found.Status), StartedAt: utc(found.StartDate), StoppedAt: utc(found.StopDate),
		Redrives: int(aws.ToInt32(found.RedriveCount)), MaxConcurrency: int(found.MaxConcurrency),
	}
	if items := found.ItemCounts; items != nil {
		run.Counts = MapCounts{
			Total: int(items.Total), Pending: int(items.Pending + aws.ToInt64(items.PendingRedrive)), Running: int(items.Running),
			Succeeded: int(items.Succeeded), Failed: int(items.Failed + items.TimedOut), Cancelled: int(items.Aborted),
		}
	}
	return run, nil
}
