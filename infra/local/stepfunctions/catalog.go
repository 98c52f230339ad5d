package stepfunctions

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"delfos/infra/local/journal"
	"delfos/infra/local/stepfunctions/history"
)

// machine is a state machine.
type machine struct {
	ARN        string `json:"arn"`
	Name       string `json:"name"`
	Definition string `json:"definition"` // as it was given
	Role       string `json:"role"`
	Created    int64  `json:"created"` // milliseconds since 1970, as all times here
	Updated    int64  `json:"updated"`
	Revision   string `json:"revision,omitempty"` // "" until it is updated
	Deleting   bool   `json:"deleting,omitempty"`
	Tags       []tag  `json:"tags,omitempty"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// entry is what the catalog has of a top-level execution. Its history is in a file
// of its own.
type entry struct {
	Number  int            `json:"number"` // names its file
	Machine string         `json:"machine"`
	ARN     string         `json:"arn"`
	Name    string         `json:"name"`
	Status  history.Status `json:"status"`
	Start   int64          `json:"start"`
	Stop    int64          `json:"stop,omitempty"`
	Events  int            `json:"events,omitempty"` // when it ended
	MapRuns []string       `json:"map_runs,omitempty"`
	// Index is where its history's index is; 0 is none yet.
	Index int64 `json:"index,omitempty"`

	RedriveCount int     `json:"redrive_count,omitempty"`
	RedriveDate  int64   `json:"redrive_date,omitempty"`
	Tokens       []token `json:"tokens,omitempty"` // of the last redrives

	Changes int `json:"changes"`        // of status
	Told    int `json:"told,omitempty"` // of them, to OnStatusChange

	tree *tree
}

// token makes a repeated RedriveExecution the same one.
type token struct {
	Token string `json:"token"`
	At    int64  `json:"at"`
}

func (e *entry) isRunning() bool { return e.Status == history.Running }

// catalogRecord is one line of the catalog: something as it is now, or its end.
type catalogRecord struct {
	Machine       *machine `json:"machine,omitempty"`
	Execution     *entry   `json:"execution,omitempty"`
	MachineGone   string   `json:"machine_gone,omitempty"`
	ExecutionGone int      `json:"execution_gone,omitempty"`
}

const catalogName = "catalog.journal"

// openCatalog reads the catalog, and writes it anew where most of it is past.
func (s *Service) openCatalog() error {
	path := filepath.Join(s.options.Dir, catalogName)
	opened, err := journal.Open(path, s.replayCatalog)
	if err != nil {
		return err
	}
	if opened.Records() > 1000+2*(len(s.machines)+len(s.entries)) {
		err := errors.Join(opened.Close(), journal.Rewrite(path, s.catalog()))
		if err != nil {
			return err
		}
		if opened, err = journal.Open(path, func([]byte) error { return nil }); err != nil {
			return err
		}
	}
	s.journal = opened
	for _, e := range s.entries {
		s.indexEntry(e)
	}
	return nil
}

func (s *Service) replayCatalog(text []byte) error {
	var record catalogRecord
	if err := json.Unmarshal(text, &record); err != nil {
		return err
	}
	switch {
	case record.Machine != nil:
		s.machines[record.Machine.ARN] = record.Machine
	case record.Execution != nil:
		s.entries[record.Execution.Number] = record.Execution
		s.last = max(s.last, record.Execution.Number)
	case record.MachineGone != "":
		delete(s.machines, record.MachineGone)
	case record.ExecutionGone != 0:
		delete(s.entries, record.ExecutionGone)
	}
	return nil
}

func (s *Service) catalog() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, arn := range slices.Sorted(maps.Keys(s.machines)) {
			if !yield(encodeCatalog(catalogRecord{Machine: s.machines[arn]})) {
				return
			}
		}
		for _, number := range slices.Sorted(maps.Keys(s.entries)) {
			if !yield(encodeCatalog(catalogRecord{Execution: s.entries[number]})) {
				return
			}
		}
	}
}

func encodeCatalog(record catalogRecord) []byte {
	text, _ := json.Marshal(record) // its own types, which always encode
	return text
}

// indexEntry makes an entry findable.
func (s *Service) indexEntry(e *entry) {
	s.byName[e.ARN] = e
	for _, id := range e.MapRuns {
		s.byMapRun[id] = e
	}
}

// saveLocked writes a record of the catalog; s.mu is held.
func (s *Service) saveLocked(record catalogRecord) error {
	if err := s.journal.Append(encodeCatalog(record)); err != nil {
		return fmt.Errorf("write the catalog of Step Functions: %w", err)
	}
	return nil
}

// change changes an entry, on disk and then in memory.
func (s *Service) change(e *entry, to func(*entry)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := *e
	to(&changed)
	if err := s.saveLocked(catalogRecord{Execution: &changed}); err != nil {
		return err
	}
	to(e) // and not *e = changed: who reads what never changes takes no lock
	return nil
}

// path is the file of an entry's history.
func (s *Service) path(number int) string {
	return filepath.Join(s.histories(), fmt.Sprintf("%08d.history", number))
}

// removeEntryLocked forgets an execution; s.mu is held.
func (s *Service) removeEntryLocked(e *entry) error {
	if err := s.saveLocked(catalogRecord{ExecutionGone: e.Number}); err != nil {
		return err
	}
	delete(s.entries, e.Number)
	delete(s.byName, e.ARN)
	for _, id := range e.MapRuns {
		delete(s.byMapRun, id)
	}
	s.cached = slices.DeleteFunc(s.cached, func(t *tree) bool { return t.entry == e })
	if err := os.Remove(s.path(e.Number)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a history: %w", err)
	}
	return nil
}
