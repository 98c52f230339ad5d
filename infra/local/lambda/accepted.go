package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"delfos/infra/local/journal"
)

// An acceptedEvent is an Event invocation that Lambda has answered for: it is kept
// until the function succeeds or the event is given up.
type acceptedEvent struct {
	ID       string    `json:"id"`
	Function string    `json:"function"` // its name
	Payload  []byte    `json:"payload"`
	TraceID  string    `json:"trace_id"`
	At       time.Time `json:"at"`
	Order    int       `json:"order"` // in which they were accepted
}

// acceptedEvents are those not yet done with, on disk where there is a directory.
type acceptedEvents struct {
	mu      sync.Mutex
	journal *journal.Journal // nil in memory
	pending map[string]acceptedEvent
	count   int
}

// An acceptance is a record of the journal.
type acceptance struct {
	Accepted *acceptedEvent `json:"accepted,omitempty"`
	Done     string         `json:"done,omitempty"` // an event's id
}

func openAccepted(dir string) (*acceptedEvents, error) {
	a := &acceptedEvents{pending: map[string]acceptedEvent{}}
	if dir == "" {
		return a, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of Lambda's events: %w", err)
	}
	opened, err := journal.Open(filepath.Join(dir, "events.jsonl"), a.replay)
	if err != nil {
		return nil, fmt.Errorf("open Lambda's events: %w", err)
	}
	a.journal = opened
	return a, a.compactLocked()
}

func (a *acceptedEvents) replay(record []byte) error {
	var one acceptance
	if err := json.Unmarshal(record, &one); err != nil {
		return err
	}
	if one.Accepted != nil {
		a.pending[one.Accepted.ID] = *one.Accepted
		a.count = max(a.count, one.Accepted.Order)
	}
	delete(a.pending, one.Done)
	return nil
}

// add keeps an event before it is answered for.
func (a *acceptedEvents) add(event acceptedEvent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
	event.Order = a.count
	if err := a.writeLocked(acceptance{Accepted: &event}); err != nil {
		return err
	}
	a.pending[event.ID] = event
	return nil
}

// done lets go of an event.
func (a *acceptedEvents) done(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.pending, id)
	return a.writeLocked(acceptance{Done: id})
}

// all are the events not yet done with, in the order of their acceptance.
func (a *acceptedEvents) all() []acceptedEvent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Values(a.pending), func(one, other acceptedEvent) int { return one.Order - other.Order })
}

func (a *acceptedEvents) writeLocked(one acceptance) error {
	if a.journal == nil {
		return nil
	}
	record, err := json.Marshal(one)
	if err == nil {
		err = a.journal.Append(record)
	}
	if err == nil {
		err = a.compactLocked()
	}
	if err != nil {
		return fmt.Errorf("write down an event of Lambda: %w", err)
	}
	return nil
}

// compactLocked rewrites the journal where most of it is history.
func (a *acceptedEvents) compactLocked() error {
	const worthwhile = 1000
	if a.journal.Records() <= 2*len(a.pending)+worthwhile {
		return nil
	}
	path := a.journal.Path()
	if err := errors.Join(a.journal.Close(), journal.Rewrite(path, a.records())); err != nil {
		return err
	}
	reopened, err := journal.Open(path, func([]byte) error { return nil })
	if err == nil {
		a.journal = reopened
	}
	return err
}

func (a *acceptedEvents) records() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, event := range a.pending {
			record, err := json.Marshal(acceptance{Accepted: &event})
			if err != nil {
				panic(err) // what was read from JSON marshals
			}
			if !yield(record) {
				return
			}
		}
	}
}

func (a *acceptedEvents) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.journal == nil {
		return nil
	}
	return a.journal.Close()
}
