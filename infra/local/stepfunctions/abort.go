package stepfunctions

import (
	"slices"

	"delfos/infra/local/stepfunctions/history"
)

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
