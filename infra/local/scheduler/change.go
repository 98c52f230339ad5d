package scheduler

import (
	"errors"
	"fmt"
	"time"

	"delfos/shared/schedule/expression"
)

// create carries out CreateSchedule.
func (s *Service) create(d Definition, token string) error {
	request := use{token, "CreateSchedule", d.Name, d.hash()}
	d = d.complete()
	now := s.options.Now()
	parsed, err := d.check(&now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if repeated, err := s.tokens.isRepeated(request); repeated || err != nil {
		return err
	}
	if s.schedules[d.Name] != nil {
		return conflict(d.Name)
	}
	return s.putLocked(stored{Definition: d}, parsed, &request)
}

// update carries out UpdateSchedule: what the request leaves out has its default.
func (s *Service) update(d Definition, token string) error {
	request := use{token, "UpdateSchedule", d.Name, d.hash()}
	d = d.complete()
	now := s.options.Now()
	parsed, err := d.check(&now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if repeated, err := s.tokens.isRepeated(request); repeated || err != nil {
		return err
	}
	found := s.schedules[d.Name]
	if found == nil {
		return notFound("Schedule " + d.Name)
	}
	return s.putLocked(stored{Definition: d, CreationDate: found.CreationDate, Declared: found.Declared}, parsed, &request)
}

// putLocked makes a schedule, or changes the one of its name.
func (s *Service) putLocked(to stored, parsed expression.Expression, token *use) error {
	if s.closed {
		return errClosed
	}
	now := Timestamp{s.options.Now().UTC().Truncate(time.Millisecond)}
	to.LastModificationDate = now
	if to.CreationDate.IsZero() {
		to.CreationDate = now
	}
	if err := s.writeLocked(change{Put: &to, Token: token}); err != nil {
		return err
	}
	if token != nil {
		s.tokens.add(*token)
	}
	if one := s.schedules[to.Name]; one != nil {
		one.redefine(to, parsed)
		one.plan(now.Time)
	} else {
		one = newSchedule(to, parsed)
		one.planNew(now.Time)
		s.schedules[to.Name] = one
	}
	s.lookAgain()
	return s.compactLocked()
}

// delete carries out DeleteSchedule.
func (s *Service) delete(name, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := use{Token: token, Operation: "DeleteSchedule", Name: name}
	if repeated, err := s.tokens.isRepeated(request); repeated || err != nil {
		return err
	}
	found := s.schedules[name]
	if found == nil {
		return notFound("Schedule " + name)
	}
	return s.deleteLocked(found, &request)
}

func (s *Service) deleteLocked(one *schedule, token *use) error {
	if s.closed && token != nil {
		return errClosed
	}
	if err := s.writeLocked(change{Delete: one.Name, Token: token}); err != nil {
		return err
	}
	if token != nil {
		s.tokens.add(*token)
	}
	one.deleted, one.next = true, time.Time{}
	delete(s.schedules, one.Name)
	return s.compactLocked()
}

// Declare brings the schedules in line with those of a template, as a deployment
// does: new ones are created, changed ones updated, and those that were declared
// before and are no more are deleted. A schedule that is as it was when it was last
// declared keeps what the API has made of it since, such as its state. Schedules that
// came by the API alone are left as they are.
func (s *Service) Declare(definitions ...Definition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	declared := map[string]bool{}
	for _, d := range definitions {
		hash := d.hash()
		d = d.complete()
		parsed, err := d.check(nil)
		if err == nil {
			err = checkGroup(d.GroupName)
		}
		if err == nil && declared[d.Name] {
			err = errors.New("there are two of the name")
		}
		if err != nil {
			return fmt.Errorf("schedule %s: %w", d.Name, err)
		}
		declared[d.Name] = true
		found, to := s.schedules[d.Name], stored{Definition: d, Declared: hash}
		if found != nil {
			if found.Declared == hash {
				continue
			}
			to.CreationDate = found.CreationDate
		}
		if err := s.putLocked(to, parsed, nil); err != nil {
			return err
		}
	}
	for name, one := range s.schedules {
		if one.Declared != "" && !declared[name] {
			if err := s.deleteLocked(one, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
