package pipeline

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/shared/backfill"
)

// Stop ends a backfill: it starts nothing more, and its runs are cancelled within
// seconds. The execution's cause says who and why; a reason has up to 256 characters.
// The error is an *InvalidError of field "reason", a *NotFoundError or, where the
// backfill is over, a *ConflictError.
//
// IAM: states:DescribeExecution and states:StopExecution on the state machine's
// executions.
func (p *Pipeline) Stop(ctx context.Context, who Actor, name, reason string) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	err := p.stop(ctx, name, "cancelled by "+who.String(), reason)
	p.audit(ctx, who, "cancel", name, Started{Backfill: name}, err)
	return Started{Backfill: name}, err
}

func (p *Pipeline) stop(ctx context.Context, name, cause, reason string) error {
	if n := utf8.RuneCountInString(reason); n > backfill.MaxReason {
		return &InvalidError{"reason", fmt.Sprintf("it has %d characters; want up to %d", n, backfill.MaxReason)}
	}
	if reason != "" {
		cause += ": " + reason
	}
	b, err := p.execution(ctx, name)
	if err != nil {
		return err
	}
	if b.Over() {
		return &ConflictError{fmt.Sprintf("backfill %s is over already (%s at %s)", name, b.State, b.EndedAt.Format(time.RFC3339)), "there is nothing to stop", nil}
	}
	_, err = p.sfn.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &b.ARN, Error: aws.String("Cancelled"), Cause: &cause})
	return explain(theMachine, err)
}

// Redrive goes on with a backfill that failed or was stopped: it runs just what is not
// materialized. The error is a *NotFoundError or, where there is nothing to redrive, a
// *ConflictError.
//
// IAM: states:DescribeExecution and states:RedriveExecution on the state machine's
// executions. Its map runs are redriven by the state machine's own role.
func (p *Pipeline) Redrive(ctx context.Context, who Actor, name string) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	err := p.redrive(ctx, name)
	p.audit(ctx, who, "redrive", name, Started{Backfill: name}, err)
	return Started{Backfill: name}, err
}

func (p *Pipeline) redrive(ctx context.Context, name string) error {
	b, err := p.execution(ctx, name)
	switch {
	case err != nil:
		return err
	case !b.Over():
		return &ConflictError{"backfill " + name + " is running", "wait for its end", nil}
	case b.Status == "SUCCEEDED":
		return &ConflictError{"backfill " + name + " has succeeded", "there is nothing to run again", nil}
	case !b.CanRedrive:
		return &ConflictError{"backfill " + name + " cannot be run again (" + b.WhyNot + ")", "start another", nil}
	}
	if _, err = p.sfn.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &b.ARN}); err != nil {
		return explainBackfill(name, err)
	}
	return nil
}

// SetConcurrency changes how many partitions a running backfill runs at once, 1 to
// 100. The error is an *InvalidError, a *NotFoundError or, where no map run is under
// way, a *ConflictError.
//
// IAM: states:DescribeExecution and states:ListMapRuns on the state machine's
// executions, states:DescribeMapRun and states:UpdateMapRun on its map runs.
func (p *Pipeline) SetConcurrency(ctx context.Context, who Actor, name string, most int) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	err := p.setConcurrency(ctx, name, most)
	p.audit(ctx, who, fmt.Sprintf("set concurrency to %d", most), name, Started{Backfill: name}, err)
	return Started{Backfill: name}, err
}

func (p *Pipeline) setConcurrency(ctx context.Context, name string, most int) error {
	if most < 1 || most > backfill.MaxConcurrency {
		return &InvalidError{"max_concurrency", fmt.Sprintf("it is %d; want 1 to %d", most, backfill.MaxConcurrency)}
	}
	b, err := p.execution(ctx, name)
	if err != nil {
		return err
	}
	runs, err := p.mapRuns(ctx, b.ARN)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Status != "RUNNING" {
			continue
		}
		_, err := p.sfn.UpdateMapRun(ctx, &sfn.UpdateMapRunInput{MapRunArn: &run.ARN, MaxConcurrency: aws.Int32(int32(most))})
		return explain(theMachine, err)
	}
	return &ConflictError{"backfill " + name + " is not running partitions now", "change it while it does", nil}
}
