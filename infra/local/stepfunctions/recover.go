package stepfunctions

import (
	"maps"
	"slices"
	"time"
)

// How long Step Functions keeps an execution that has ended (Developer Guide,
// "Quotas", "Execution history retention time").
const retention = 90 * 24 * time.Hour

// expireEvery is how often a start looks for executions that are too old.
const expireEvery = time.Hour

// wentDown is the cause of executions that the process's end has ended.
const wentDown = "the local stack went down while this execution ran; redrive it to go on"

// recover puts in order what the last process left.
func (s *Service) recover() error {
	if err := s.removeStrays(); err != nil {
		return err
	}
	if err := s.expire(); err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(s.entries)) {
		e := s.entries[number]
		if e.isRunning() {
			if err := s.tree(e).comeBack(); err != nil {
				return err
			}
		}
		if e.Told < e.Changes {
			s.changes.add(e)
		}
	}
	return nil
}

// expire removes the executions that ended too long ago.
func (s *Service) expire() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expireLocked()
}

func (s *Service) expireLocked() error {
	s.expired = s.options.Now()
	oldest := s.options.Now().Add(-retention).UnixMilli()
	for _, number := range slices.Sorted(maps.Keys(s.entries)) {
		e := s.entries[number]
		if !e.isRunning() && e.Stop < oldest {
			if err := s.removeEntryLocked(e); err != nil {
				return err
			}
		}
	}
	return nil
}
