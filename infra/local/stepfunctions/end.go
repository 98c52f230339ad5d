package stepfunctions

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

func asFailure(err error) (*engine.Failure, bool) {
	var failure *engine.Failure
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

// abortion collects the records that end executions at once.
type abortion struct {
	tree    *tree
	records []history.Record
	counts  map[int]int // records of an execution so far
}

// breakOff ends the top-level execution with an event, and first all below it;
// t.mu is held.
func (t *tree) breakOff(event history.Event, below string) error {
	a := &abortion{tree: t, counts: map[int]int{}}
	if err := a.execution(0, event, below); err != nil {
		return err
	}
	if err := a.carryOut(); err != nil {
		return err
	}
	return t.conclude()
}

// breakOffRun ends a Map Run's children, without the Map Run; t.mu is held.
func (t *tree) breakOffRun(run *history.MapRun) error {
	a := &abortion{tree: t, counts: map[int]int{}}
	if err := a.children(run, ""); err != nil {
		return err
	}
	return a.carryOut()
}

// breakOffChild ends one child, as StopExecution asks; t.mu is held.
func (t *tree) breakOffChild(x *history.Execution, event history.Event) error {
	a := &abortion{tree: t, counts: map[int]int{}}
	if err := a.execution(x.Number, event, ""); err != nil {
		return err
	}
	return a.carryOut()
}

// carryOut writes the records, all at once, and ends the goroutines.
func (a *abortion) carryOut() error {
	if err := a.tree.append(a.records...); err != nil {
		return err
	}
	if a.tree.live == nil {
		return nil
	}
	for number := range a.counts {
		if cancel := a.tree.live.jobs[number]; cancel != nil {
			cancel(errStopped)
		}
	}
	return nil
}

func (a *abortion) add(number int, event history.Event) {
	x := a.tree.index.Executions[number]
	if len(x.Offsets)+a.counts[number]+1 >= maxEvents && event.Type != history.ExecutionAborted && event.Type != history.ExecutionTimedOut {
		return
	}
	a.records = append(a.records, a.tree.next(number, event, a.counts[number]))
	a.counts[number]++
}

// execution ends one execution: its Map Runs with their children, the states that
// it is in, the innermost first, and itself.
func (a *abortion) execution(number int, event history.Event, below string) error {
	t := a.tree
	for _, run := range t.index.MapRuns {
		if run.Parent != number || run.Status != history.Running {
			continue
		}
		if err := a.children(run, below); err != nil {
			return err
		}
		stopped := *run
		stopped.Status, stopped.Stop = history.Abortion, t.service.now()
		a.add(number, history.Event{Type: history.MapRunAborted})
		a.records = append(a.records, history.Record{MapRun: &stopped})
	}
	offsets := t.index.Executions[number].Offsets
	progress, err := t.progress(offsets)
	if err != nil {
		return err
	}
	for _, open := range progress.Open() {
		a.add(number, open)
	}
	event.Previous = int64(len(offsets) + a.counts[number])
	a.add(number, event)
	return nil
}

func (a *abortion) children(run *history.MapRun, cause string) error {
	for _, child := range slices.Clone(a.tree.index.Executions) {
		if child.MapRun != run.Number || child.Status != history.Running {
			continue
		}
		if err := a.execution(child.Number, history.Event{Type: history.ExecutionAborted, Cause: cause}, cause); err != nil {
			return err
		}
	}
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
