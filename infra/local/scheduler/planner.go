package scheduler

import (
	"time"
)

const (
	// longestWait bounds the planner's sleep: a timer stands still while the machine
	// sleeps, and the clock does not.
	longestWait = time.Minute
	// tolerance is how late a firing may be before it counts as missed.
	tolerance = 2 * time.Minute
)

// fireAll is the planner: it starts each firing at its time, until Close.
func (s *Service) fireAll() {
	for {
		wait := s.fireDue()
		select {
		case <-s.options.After(wait):
		case <-s.changed:
		case <-s.stopping.Done():
			return
		}
	}
}

// lookAgain tells the planner that some schedule has changed.
func (s *Service) lookAgain() {
	select {
	case s.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// fireDue starts what is due and tells how long nothing else will be.
func (s *Service) fireDue() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := longestWait
	now := s.options.Now()
	for name, one := range s.schedules {
		s.fireLocked(one, now)
		if !one.next.IsZero() {
			wait = min(wait, one.next.Sub(now))
		}
		s.completeLocked(name)
	}
	return wait
}

// fireLocked starts the firings of a schedule that are due, and counts those that
// are too late.
func (s *Service) fireLocked(one *schedule, now time.Time) {
	missed, last := 0, time.Time{}
	for !one.next.IsZero() && !one.next.After(now) {
		due := one.next
		if now.Sub(due) > tolerance {
			missed, last = missed+1, due
		} else {
			one.flying++
			definition := one.Definition
			s.work.Go(func() { s.deliver(one, definition, due) })
		}
		one.plan(due)
	}
	if missed > 0 {
		s.recordLocked(one, s.missedTick(one, missed, last))
	}
}

// completeLocked deletes a schedule that has fired for the last time, if it is to be
// deleted then.
func (s *Service) completeLocked(name string) {
	one := s.schedules[name]
	if one == nil || one.ActionAfterCompletion != actionDelete || !one.isComplete(s.options.Now()) {
		return
	}
	if err := s.deleteLocked(one, nil); err != nil {
		s.options.Logger.Error("a completed schedule could not be deleted", "schedule", name, "error", err)
	}
}
