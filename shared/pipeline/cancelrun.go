package pipeline

import (
	"context"
	"errors"
	"fmt"

	"delfos/shared/status"
)

// CancelRun ends a run: it cannot publish any more, and its day can be run again. The
// error is a *NotFoundError or, where the run is over, a *ConflictError.
//
// IAM: dynamodb:GetItem on the runs and partitions tables, dynamodb:UpdateItem on the
// partitions table.
func (p *Pipeline) CancelRun(ctx context.Context, who Actor, runID, reason string) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	led := Started{RunID: runID}
	run, err := p.run(ctx, runID)
	if err == nil {
		led.Partition = run.Partition
		err = p.cancelRun(ctx, run, "cancelled by "+who.String(), reason)
	}
	p.audit(ctx, who, "cancel run", runID, led, err)
	return led, err
}

func (p *Pipeline) cancelRun(ctx context.Context, run Run, cause, reason string) error {
	if run.Outcome != status.OutcomeRunning {
		return overAlready(run, nil)
	}
	if reason != "" {
		cause += ": " + reason
	}
	_, err := p.status.CancelRun(ctx, p.options.Asset, run.Partition, run.ID, cause, p.now())
	if ended, not := errors.AsType[*status.NotRunningError](err); not {
		return overAlready(run, ended)
	}
	return explain(theStatus, err)
}

func overAlready(run Run, cause error) error {
	return &ConflictError{fmt.Sprintf("run %s of %s is over already", run.ID, run.Partition), "there is nothing to cancel", cause}
}
