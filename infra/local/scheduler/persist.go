package scheduler

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"delfos/infra/local/journal"
)

// A change is a record of the journal.
type change struct {
	Put    *stored `json:"put,omitempty"`
	Delete string  `json:"delete,omitempty"` // a schedule's name
	Tick   *Tick   `json:"tick,omitempty"`
	Token  *use    `json:"token,omitempty"` // of the request that changes it
}

// worthwhile is how many records of history are worth a rewrite of the journal.
const worthwhile = 2000

func (s *Service) openJournal(path string) error {
	opened, err := journal.Open(path, s.replay)
	if err != nil {
		return err
	}
	s.journal = opened
	return s.compactLocked()
}

func (s *Service) replay(record []byte) error {
	var one change
	if err := json.Unmarshal(record, &one); err != nil {
		return err
	}
	if one.Token != nil {
		s.tokens.add(*one.Token)
	}
	if one.Put != nil {
		parsed, err := one.Put.check(nil)
		if err != nil {
			return fmt.Errorf("schedule %s: %w", one.Put.Name, err)
		}
		if found := s.schedules[one.Put.Name]; found != nil {
			found.redefine(*one.Put, parsed)
		} else {
			s.schedules[one.Put.Name] = newSchedule(*one.Put, parsed)
		}
	}
	if one.Delete != "" {
		delete(s.schedules, one.Delete)
	}
	if one.Tick != nil {
		if of := s.schedules[one.Tick.Schedule]; of != nil {
			of.remember(*one.Tick)
		}
	}
	return nil
}

// writeLocked writes a change down before it is carried out.
func (s *Service) writeLocked(one change) error {
	if s.journal == nil {
		return nil
	}
	record, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("write down a change of the schedules: %w", err)
	}
	return s.journal.Append(record)
}

// compactLocked rewrites the journal where most of it is history.
func (s *Service) compactLocked() error {
	if s.journal == nil {
		return nil
	}
	live := len(s.tokens.order)
	for _, one := range s.schedules {
		live += 1 + len(one.history())
	}
	if s.journal.Records() <= 2*live+worthwhile {
		return nil
	}
	path := s.journal.Path()
	if err := errors.Join(s.journal.Close(), journal.Rewrite(path, s.live())); err != nil {
		return err
	}
	reopened, err := journal.Open(path, func([]byte) error { return nil })
	if err != nil {
		return err
	}
	s.journal = reopened
	return nil
}

// live are the records of what there is now.
func (s *Service) live() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		write := func(one change) bool {
			record, err := json.Marshal(one)
			if err != nil {
				panic(err) // what was read from JSON marshals
			}
			return yield(record)
		}
		for _, token := range s.tokens.order {
			if !write(change{Token: &token}) {
				return
			}
		}
		for _, one := range s.schedules {
			if !write(change{Put: &one.stored}) {
				return
			}
			for _, tick := range one.history() {
				if !write(change{Tick: &tick}) {
					return
				}
			}
		}
	}
}
