package stepfunctions

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		switch {
		case e.isRunning():
			if err := s.tree(e).comeBack(); err != nil { // its end is told with that
				return err
			}
		case e.Told < e.Changes:
			s.changes.add(e)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arn := range slices.Sorted(maps.Keys(s.machines)) {
		if err := s.finishDeletingLocked(arn); err != nil {
			return err
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

// removeStrays removes histories that the catalog does not have: those of
// executions whose start was not yet acknowledged, or whose removal was not finished.
func (s *Service) removeStrays() error {
	files, err := os.ReadDir(s.histories())
	if err != nil {
		return fmt.Errorf("list the histories: %w", err)
	}
	known := make(map[string]bool, len(s.entries))
	for number := range s.entries {
		known[filepath.Base(s.path(number))] = true
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".history") && !known[file.Name()] {
			if err := os.Remove(filepath.Join(s.histories(), file.Name())); err != nil {
				return fmt.Errorf("remove the history of an execution that is not there: %w", err)
			}
		}
	}
	return nil
}
