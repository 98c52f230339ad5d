package machine

import (
	"strings"
	"time"
)

// Event is what an event of an execution's history says of its states (Step Functions
// API Reference, HistoryEvent).
type Event struct {
	ID, Previous int64 // Previous is the event that led to it; 0 is none
	At           time.Time
	Type         string // "TaskStateEntered"
	State        string // the state, where the event enters or leaves one
	Error, Cause string // where something failed
}

// States tells how the states of an execution stand, by its history from the first
// event on.
func States(events []Event) map[string]State {
	r := reader{states: map[string]State{}, of: make(map[int64]string, len(events)), failed: map[string]bool{}}
	for _, event := range events {
		r.read(event)
	}
	return r.states
}

type reader struct {
	states map[string]State
	of     map[int64]string // the state that an event is of
	failed map[string]bool  // states whose last try has failed
}

func (r *reader) read(e Event) {
	name := e.State
	if name == "" {
		name = r.of[e.Previous]
	}
	r.of[e.ID] = name
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		r.enter(name, e)
	case strings.HasSuffix(e.Type, "StateExited"):
		r.end(name, e, Succeeded)
	case strings.HasPrefix(e.Type, "Execution"):
		r.execution(e)
	case e.Error != "":
		r.change(name, func(s *State) { s.Error, s.Cause = e.Error, e.Cause })
		r.failed[name] = true
	case strings.HasSuffix(e.Type, "Scheduled") && r.failed[name]:
		r.change(name, func(s *State) { s.Retries++ })
		r.failed[name] = false
	}
}

func (r *reader) enter(name string, e Event) {
	s := r.states[name]
	s.Name, s.Standing, s.EnteredAt, s.EndedAt = name, Running, e.At, time.Time{}
	s.Error, s.Cause = "", ""
	s.Entered++
	r.states[name] = s
	r.failed[name] = false
}

// execution takes an event of the execution as a whole, which is one of every state
// that it is in.
func (r *reader) execution(e Event) {
	for name, s := range r.states {
		switch e.Type {
		case "ExecutionFailed", "ExecutionTimedOut":
			if s.Standing == Running {
				r.fail(name, e)
			}
		case "ExecutionAborted":
			if s.Standing == Running {
				r.end(name, e, Cancelled)
			}
		case "ExecutionRedriven":
			if s.Standing == Failed || s.Standing == Cancelled { // it goes on with these
				s.Standing, s.EnteredAt, s.EndedAt = Running, e.At, time.Time{}
				s.Error, s.Cause = "", ""
				r.states[name], r.failed[name] = s, false
			}
		}
	}
}

func (r *reader) fail(name string, e Event) {
	r.end(name, e, Failed)
	r.change(name, func(s *State) {
		s.Failures++
		if s.Error == "" {
			s.Error, s.Cause = e.Error, e.Cause
		}
	})
}

func (r *reader) end(name string, e Event, as Standing) {
	r.change(name, func(s *State) { s.Standing, s.EndedAt = as, e.At })
}

// change changes a state that has been entered.
func (r *reader) change(name string, how func(*State)) {
	s, ok := r.states[name]
	if !ok {
		return
	}
	how(&s)
	r.states[name] = s
}
