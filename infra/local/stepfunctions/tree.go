package stepfunctions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// maxCached is how many ended executions keep their index in memory.
const maxCached = 8

// errStopped ends the goroutines of an execution that has ended otherwise.
var errStopped = errors.New("the execution has ended")

// tree is a top-level execution with all the executions below it: the children of
// its Map Runs, and theirs. They share a file, and a lock.
type tree struct {
	service *Service
	entry   *entry

	mu    sync.Mutex
	index *history.Index // nil where it is not loaded
	log   *history.Log   // as index
	live  *live          // nil unless it runs
}

// live is one go of a tree, from its start or a redrive to its end.
type live struct {
	tree    *tree
	machine *asl.Machine
	ctx     context.Context //nolint:containedctx // the go's own, which no call's outlives
	cancel  context.CancelCauseFunc
	// Guarded by tree.mu: the Map Runs that run, by number, and what ends the goroutine
	// of an execution that runs.
	runs map[int]*dispatch
	jobs map[int]context.CancelCauseFunc
}

// tree makes or finds the tree of an entry.
func (s *Service) tree(e *entry) *tree {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.tree == nil {
		e.tree = &tree{service: s, entry: e}
	}
	return e.tree
}

// load reads the index, if it is not there; t.mu is held.
func (t *tree) load() error {
	if t.index == nil {
		t.service.mu.Lock()
		from := t.entry.Index
		t.service.mu.Unlock()
		index := &history.Index{}
		log, err := history.Open(t.service.path(t.entry.Number), from, index.Apply)
		if err != nil {
			return err
		}
		if len(index.Executions) == 0 {
			return errors.Join(fmt.Errorf("the history of %s is empty", t.entry.ARN), log.Release())
		}
		t.index, t.log = index, log
	}
	if t.live == nil {
		t.cache()
		return t.log.Release()
	}
	return nil
}

// cache makes the tree the one used last, and forgets the index of the one that was
// used longest ago. t.mu is held.
func (t *tree) cache() {
	s := t.service
	s.mu.Lock()
	s.cached = append(slices.DeleteFunc(s.cached, func(other *tree) bool { return other == t }), t)
	var oldest *tree
	if len(s.cached) > maxCached {
		oldest, s.cached = s.cached[0], s.cached[1:]
	}
	s.mu.Unlock()
	if oldest != nil && oldest.mu.TryLock() { // where it is in use, it comes back here by itself
		if oldest.live == nil {
			oldest.index, oldest.log = nil, nil
		}
		oldest.mu.Unlock()
	}
}

// begin makes the tree run; t.mu is held.
func (t *tree) begin() (*live, error) {
	machine, err := asl.Parse([]byte(t.index.Header.Definition))
	if err != nil {
		return nil, fmt.Errorf("read the definition of %s: %w", t.entry.ARN, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	t.live = &live{tree: t, machine: machine, ctx: ctx, cancel: cancel, runs: map[int]*dispatch{}, jobs: map[int]context.CancelCauseFunc{}}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cached = slices.DeleteFunc(s.cached, func(other *tree) bool { return other == t })
	return t.live, nil
}

// append writes records and takes them into the index; t.mu is held.
func (t *tree) append(records ...history.Record) error {
	offsets, err := t.log.Append(records...)
	if err != nil {
		return err
	}
	for i, record := range records {
		if err := t.index.Apply(record, offsets[i]); err != nil {
			return fmt.Errorf("history of %s: %w", t.entry.ARN, err)
		}
	}
	return nil
}

// next fills an event in as the execution's next; offset counts those that go
// before it into the same append.
func (t *tree) next(number int, event history.Event, offset int) history.Record {
	event.ID = int64(len(t.index.Executions[number].Offsets) + offset + 1)
	event.At = t.service.now()
	return history.Record{Of: number, Event: &event}
}

// events reads events of one execution from the log, by their ids less one.
func (t *tree) events(offsets []int64, take func(*history.Event)) error {
	reader, err := history.NewReader(t.service.path(t.entry.Number))
	if err != nil {
		return err
	}
	defer reader.Close()
	for _, offset := range offsets {
		event, err := reader.Event(offset)
		if err != nil {
			return err
		}
		take(event)
	}
	return nil
}

// progress reads how far an execution has come.
func (t *tree) progress(offsets []int64) (history.Progress, error) {
	progress := history.Progress{}
	return progress, t.events(offsets, progress.Apply)
}
