package stepfunctions

import (
	"bytes"
	"encoding/json"
	"errors"

	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

func asFailure(err error) (*engine.StateError, bool) {
	var failure *engine.StateError
	ok := errors.As(err, &failure)
	return failure, ok
}

func decodeNumbers(text json.RawMessage, into *any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// end writes an execution's last event; t.mu is held. With the top-level one the
// tree ends.
func (t *tree) end(number int, event history.Event) error {
	event.Previous = int64(len(t.index.Executions[number].Offsets))
	if err := t.append(t.next(number, event, 0)); err != nil {
		return err
	}
	if number != 0 {
		return nil
	}
	return t.conclude()
}

// conclude ends the tree, whose top-level execution has ended; t.mu is held.
func (t *tree) conclude() error {
	if t.live != nil {
		t.live.cancel(errStopped)
		t.live = nil
	}
	at := t.log.Size()
	if err := t.append(history.Record{Index: t.index}); err != nil {
		return err
	}
	return errors.Join(t.enter(at), t.log.Release())
}

// enter tells the catalog how the tree ended.
func (t *tree) enter(index int64) error {
	top := t.index.Top()
	runs := make([]string, len(t.index.MapRuns))
	for i, run := range t.index.MapRuns {
		runs[i] = run.ID
	}
	err := t.service.change(t.entry, func(e *entry) {
		e.Status, e.Stop, e.Events = top.Status, top.Stop, len(top.Offsets)
		e.RedriveCount, e.RedriveDate = top.RedriveCount, top.RedriveDate
		e.MapRuns, e.Index = runs, index
		e.Changes++
	})
	if err != nil {
		return err
	}
	t.service.mu.Lock()
	t.service.indexEntry(t.entry)
	t.service.mu.Unlock()
	t.cache()
	t.service.changes.add(t.entry)
	return nil
}

// goDown aborts the tree as the service closes.
func (t *tree) goDown() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		return nil
	}
	return t.breakOff(history.Event{Type: history.ExecutionAborted, Cause: wentDown}, wentDown)
}

// comeBack puts a tree in order that ran when the process ended.
func (t *tree) comeBack() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.load(); err != nil {
		return err
	}
	if t.index.Top().Status == history.Running {
		return t.breakOff(history.Event{Type: history.ExecutionAborted, Cause: wentDown}, wentDown)
	}
	return t.conclude()
}

// timeOut ends the execution when its time is over.
func (h host) timeOut() {
	t := h.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if h.ended() {
		return
	}
	if err := t.breakOff(history.Event{Type: history.ExecutionTimedOut, Error: "States.Timeout"}, ""); err != nil {
		t.service.options.Logger.Error("the end of an execution cannot be written", "execution", t.entry.ARN, "error", err)
	}
}
