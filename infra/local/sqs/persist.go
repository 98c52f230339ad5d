package sqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"delfos/infra/local/journal"
)

// A change is a record of the journal. Exactly one of the pointers is set.
type change struct {
	Queue  string    `json:"queue"`
	At     time.Time `json:"at"`
	Put    *settings `json:"put,omitempty"`
	Send   *message  `json:"send,omitempty"`
	Delete string    `json:"delete,omitempty"` // a message's id
	Purge  bool      `json:"purge,omitempty"`
}

// worthwhile is how many records of history are worth a rewrite of the journal.
const worthwhile = 1000

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
	q := s.queues[one.Queue]
	if q == nil && one.Put == nil {
		return fmt.Errorf("there is no queue %q yet", one.Queue)
	}
	s.apply(one)
	return nil
}

// apply carries a change out in memory.
func (s *Service) apply(one change) {
	q := s.queues[one.Queue]
	switch {
	case one.Put != nil && q == nil:
		s.queues[one.Queue] = newQueue(one.Queue, *one.Put, one.At)
	case one.Put != nil:
		q.settings, q.modified = *one.Put, one.At
	case one.Send != nil:
		one.Send.visibleAt = one.Send.Sent
		q.messages = append(q.messages, one.Send)
	case one.Purge:
		q.messages = nil
	default:
		q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.ID == one.Delete })
	}
}

// recordLocked writes a change down and then carries it out.
func (s *Service) recordLocked(one change) error {
	if s.isClosed() {
		return ErrClosed
	}
	one.At = s.options.Now()
	if s.journal != nil {
		record, err := json.Marshal(one)
		if err != nil {
			return fmt.Errorf("write down a change of queue %s: %w", one.Queue, err)
		}
		if err := s.journal.Append(record); err != nil {
			return err
		}
	}
	s.apply(one)
	return nil
}

func (s *Service) putQueueLocked(name string, to settings) error {
	return s.recordLocked(change{Queue: name, Put: &to})
}

// compactLocked rewrites the journal where most of it is history.
func (s *Service) compactLocked() error {
	if s.journal == nil {
		return nil
	}
	live := 0
	for _, q := range s.queues {
		q.expire(s.options.Now())
		live += 1 + len(q.messages)
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
		for name, q := range s.queues {
			changes := []change{{Queue: name, At: q.created, Put: &q.settings}}
			for _, one := range q.messages {
				changes = append(changes, change{Queue: name, At: one.Sent, Send: one})
			}
			for _, one := range changes {
				record, err := json.Marshal(one)
				if err != nil {
					panic(err) // what was read from JSON marshals
				}
				if !yield(record) {
					return
				}
			}
		}
	}
}
