package stepfunctions

import (
	"context"
	"encoding/json"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

// judge fails the Map Run where more has failed than it bears.
func (d *dispatch) judge() {
	run := d.run
	tooMany := d.failed > 0 && run.ToleratedCount == nil && run.ToleratedPercentage == nil
	if run.ToleratedCount != nil {
		tooMany = tooMany || int64(d.failed) > *run.ToleratedCount
	}
	if run.ToleratedPercentage != nil {
		tooMany = tooMany || float64(d.failed)*100 > *run.ToleratedPercentage*float64(run.Items)
	}
	if tooMany && d.failure == nil {
		d.failure = &engine.StateError{Name: asl.ErrorExceedToleratedFailures, Cause: "The specified tolerated failure threshold was exceeded"}
	}
	d.changed.Broadcast()
}

// close records the Map Run's end, and gathers the results.
func (d *dispatch) close(ctx context.Context) ([]json.RawMessage, int64, error) {
	t := d.host.tree
	if d.host.ended() {
		return nil, 0, errStopped
	}
	if d.failure == nil && ctx.Err() == nil {
		if err := d.stop(history.Success, history.Event{Type: history.MapRunSucceeded}); err != nil {
			return nil, 0, err
		}
		results, err := d.results()
		return results, d.spec.Previous, err
	}
	if err := t.breakOffRun(d.run); err != nil {
		return nil, 0, err
	}
	failure, failed := asFailure(d.failure)
	if !failed {
		err := d.stop(history.Abortion, history.Event{Type: history.MapRunAborted})
		if err == nil {
			err = d.failure
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		return nil, d.spec.Previous, err
	}
	err := d.stop(history.Failure, history.Event{Type: history.MapRunFailed, Error: failure.Name, Cause: failure.Cause})
	if err == nil {
		err = failure
	}
	return nil, d.spec.Previous, err
}

func (d *dispatch) stop(status history.Status, event history.Event) error {
	stopped := *d.run
	stopped.Status, stopped.Stop = status, d.host.tree.service.now()
	return d.tell(event, &stopped)
}
