package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

// maxEvents is how many events an execution may have (Developer Guide, "Quotas
// related to task executions").
const maxEvents = 25_000

// host is the world of one execution of a tree, in one go.
type host struct {
	*live
	number int
}

// job is one execution to be run by a goroutine of its own.
type job struct {
	host     host
	ctx      context.Context //nolint:containedctx // the go's or the Map Run's
	run      engine.Execution
	timeout  int // seconds; 0 is none
	onEnding func()
}

// ended tells whether an execution of this go has ended, or the go has; t.mu is held.
func (h host) ended() bool {
	return h.tree.live != h.live || h.tree.index.Executions[h.number].Status != history.Running
}

// Record appends an event to the execution's history.
func (h host) Record(event history.Event) (int64, time.Time, error) {
	t := h.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	return h.record(event, nil)
}

// record is Record with t.mu held; with the event goes what becomes of a Map Run.
func (h host) record(event history.Event, run *history.MapRun) (int64, time.Time, error) {
	t := h.tree
	if h.ended() {
		return 0, time.Time{}, errStopped
	}
	if len(t.index.Executions[h.number].Offsets)+1 >= maxEvents {
		return 0, time.Time{}, &engine.StateError{
			Name: asl.ErrorRuntime, Terminal: true,
			Cause: fmt.Sprintf("The execution reached the maximum number of history events (%d).", maxEvents),
		}
	}
	record := t.next(h.number, event, 0)
	record.MapRun = run
	if err := t.append(record); err != nil {
		return 0, time.Time{}, err
	}
	return record.Event.ID, record.Event.Time(), nil
}

// Invoke runs a Lambda function.
func (h host) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	return h.tree.service.options.Lambda.Invoke(ctx, request)
}

// start runs the job behind; t.mu is held.
func (j job) start() {
	s := j.host.tree.service
	if !s.begin() {
		return
	}
	ctx, cancel := context.WithCancelCause(j.ctx)
	j.host.jobs[j.host.number] = cancel
	go func() {
		defer s.work.Done()
		j.do(ctx)
	}()
}

func (j job) do(ctx context.Context) {
	t := j.host.tree
	if j.timeout > 0 {
		go j.watch(ctx)
	}
	output, err := engine.Run(ctx, j.run, j.host, t.service.engine)
	t.mu.Lock()
	defer t.mu.Unlock()
	j.host.finish(output, err)
	j.host.jobs[j.host.number](errStopped)
	delete(j.host.jobs, j.host.number)
	if j.onEnding != nil {
		j.onEnding()
	}
}

// watch ends the execution when its time is over.
func (j job) watch(ctx context.Context) {
	select {
	case <-j.host.tree.service.options.After(time.Duration(j.timeout) * time.Second):
		j.host.timeOut()
	case <-ctx.Done():
	}
}

// finish records the end that the engine came to, if there is not another already.
func (h host) finish(output json.RawMessage, err error) {
	if h.ended() {
		return
	}
	t := h.tree
	event := history.Event{Type: history.ExecutionSucceeded, Output: output}
	switch failure, failed := asFailure(err); {
	case failed:
		event = history.Event{Type: history.ExecutionFailed, Error: failure.Name, Cause: failure.Cause}
	case err != nil:
		t.service.options.Logger.Error("an execution is aborted, as it cannot go on", "execution", t.entry.ARN, "error", err)
		event = history.Event{Type: history.ExecutionAborted, Error: asl.ErrorRuntime, Cause: err.Error()}
	}
	if err := t.end(h.number, event); err != nil {
		t.service.options.Logger.Error("the end of an execution cannot be written; it shows as running until the stack starts again",
			"execution", t.entry.ARN, "error", err)
	}
}

// contextOf is the context object of an execution, but for its states' part.
func (t *tree) contextOf(x *history.Execution, input json.RawMessage) (map[string]any, error) {
	var value any
	if err := decodeNumbers(input, &value); err != nil {
		return nil, err
	}
	execution := map[string]any{
		"Id":           t.executionARN(x),
		"Input":        value,
		"Name":         t.executionName(x),
		"RoleArn":      t.index.Header.Role,
		"StartTime":    instant(x.Start),
		"RedriveCount": json.Number(fmt.Sprint(x.RedriveCount)),
	}
	if x.RedriveCount > 0 {
		execution["RedriveTime"] = instant(x.RedriveDate)
	}
	machine := map[string]any{"Id": t.machineARN(x), "Name": t.index.Header.MachineName}
	if x.Number != 0 {
		machine["Name"] = t.labelled(t.index.MapRuns[x.MapRun-1])
	}
	return map[string]any{"Execution": execution, "StateMachine": machine}, nil
}

// instant is a time as the context object has it.
func instant(milliseconds int64) string {
	return time.UnixMilli(milliseconds).UTC().Format("2006-01-02T15:04:05.000Z")
}
