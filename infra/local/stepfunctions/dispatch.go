package stepfunctions

import (
	"context"
	"encoding/json"
	"sync"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

const (
	// maxChildren is how many children of a Map Run run at once at most (Developer
	// Guide, "Map state in Distributed mode", "MaxConcurrency").
	maxChildren = 10_000
	maxRedrives = 1000
)

// dispatch starts the children of one Map Run. Its fields are guarded by the tree's mu.
type dispatch struct {
	host    host // of the parent
	spec    engine.MapRun
	run     *history.MapRun
	changed *sync.Cond

	numbers []int        // of the children's executions, by their index; 0 is not started
	queue   []int        // indexes of those to be started
	pending map[int]bool // of them those to be redriven, by number
	running int
	failed  int // items of children that failed
	failure error
}

// MapRun runs the children of a Distributed Map.
func (h host) MapRun(ctx context.Context, spec engine.MapRun) ([]json.RawMessage, int64, error) {
	t := h.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	d := &dispatch{
		host: h, spec: spec, changed: sync.NewCond(&t.mu),
		numbers: make([]int, len(spec.Sizes)), pending: map[int]bool{},
	}
	if err := d.open(); err != nil {
		return nil, 0, err
	}
	h.runs[d.run.Number] = d
	defer delete(h.runs, d.run.Number)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errStopped)
	defer context.AfterFunc(ctx, d.wake)()
	d.dispatch(ctx)
	return d.close(ctx)
}

func (d *dispatch) wake() {
	d.host.tree.mu.Lock()
	defer d.host.tree.mu.Unlock()
	d.changed.Broadcast()
}

// open records the Map Run's start, or its redrive.
func (d *dispatch) open() error {
	t := d.host.tree
	if d.spec.Again != "" {
		for _, run := range t.index.MapRuns {
			if t.mapRunARN(run) == d.spec.Again {
				return d.reopen(run)
			}
		}
	}
	for i := range d.numbers {
		d.queue = append(d.queue, i)
	}
	d.run = &history.MapRun{
		Number: len(t.index.MapRuns) + 1, ID: t.service.options.NewID(), Label: label(d.spec.State), Parent: d.host.number,
		Status: history.Running, Start: t.service.now(), Items: d.spec.Items, Length: len(d.spec.Sizes),
		MaxConcurrency: d.spec.MaxConcurrency, ToleratedCount: d.spec.ToleratedCount, ToleratedPercentage: d.spec.ToleratedPercentage,
	}
	started := *d.run
	if err := d.tell(history.Event{Type: history.MapRunStarted, MapRun: t.mapRunARN(&started)}, &started); err != nil {
		return err
	}
	d.run = t.index.MapRuns[started.Number-1]
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	t.service.byMapRun[d.run.ID] = t.entry
	return nil
}

// reopen takes up a Map Run again: its unsuccessful children are redriven, those
// that had not started are started (Developer Guide, "Redriving Map Runs").
func (d *dispatch) reopen(run *history.MapRun) error {
	t := d.host.tree
	if run.RedriveCount >= maxRedrives {
		return &engine.StateError{Name: asl.ErrorRuntime, Cause: "The Map Run reached the maximum number of redrives (1000)."}
	}
	for _, x := range t.index.Executions {
		if x.MapRun == run.Number {
			d.numbers[x.Index] = x.Number
		}
	}
	for i, number := range d.numbers {
		switch x := t.index.Executions[number]; {
		case number == 0:
			d.queue = append(d.queue, i)
		case x.Status == history.Success:
		case redrivable(x):
			d.queue = append(d.queue, i)
			d.pending[number] = true
		default:
			d.failed += x.Items
		}
	}
	redriven := *run
	redriven.Status, redriven.Stop = history.Running, 0
	redriven.RedriveCount++
	redriven.RedriveDate = t.service.now()
	d.run = run
	err := d.tell(history.Event{Type: history.MapRunRedriven, MapRun: t.mapRunARN(run), RedriveCount: redriven.RedriveCount}, &redriven)
	d.judge()
	return err
}

// redrivable tells whether a child may be redriven.
func redrivable(x *history.Execution) bool {
	return len(x.Offsets) < maxEvents-1 && x.RedriveCount < maxRedrives
}

// tell records an event of the Map Run, with the Map Run as it is then.
func (d *dispatch) tell(event history.Event, as *history.MapRun) error {
	event.Scope, event.Previous = d.spec.Scope, d.spec.Previous
	id, _, err := d.host.record(event, as)
	if err == nil {
		d.spec.Previous = id
	}
	return err
}

// dispatch starts children until all have ended, or something ends the Map Run.
// The tree's mu is held, and let go of while it waits.
func (d *dispatch) dispatch(ctx context.Context) {
	for d.failure == nil && ctx.Err() == nil && !d.host.ended() {
		if len(d.queue) == 0 && d.running == 0 {
			return
		}
		if len(d.queue) == 0 || d.running >= d.limit() {
			d.changed.Wait()
			continue
		}
		index := d.queue[0]
		d.queue = d.queue[1:]
		if err := d.startChild(ctx, index); err != nil {
			d.failure = err
		}
	}
}

func (d *dispatch) limit() int {
	if d.run.MaxConcurrency == 0 {
		return maxChildren
	}
	return min(d.run.MaxConcurrency, maxChildren)
}
