package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// choices are what a data directory was used with before: the next start goes on
// with them, unless it is told otherwise.
type choices struct {
	// Created is when the directory was first used, or first by a stack that keeps it.
	Created     time.Time `json:"created,omitzero"`
	SeedDays    int       `json:"seed_days"` // as Options.SeedDays
	SeededFrom  time.Time `json:"seeded_from,omitzero"`
	SeededUntil time.Time `json:"seeded_until,omitzero"`
	// SourceDatabase is what was seeded: "" is the stack's own, otherwise host:port/name.
	SourceDatabase string            `json:"source_database,omitempty"`
	Parameters     map[string]string `json:"parameters,omitempty"`
	TimeZone       string            `json:"time_zone,omitempty"` // of the partitions that are there
	PostgresPort   int               `json:"postgres_port,omitempty"`
}

// recall reads the choices and lets the options go before them.
func (s *Stack) recall() error {
	text, err := os.ReadFile(s.state.choices())
	if err == nil {
		err = json.Unmarshal(text, &s.choices)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s: %w; remove it, and the defaults hold again", s.state.choices(), err)
	}
	if s.options.Fresh {
		s.choices = choices{}
	}
	if s.choices.Created.IsZero() {
		s.choices.Created = s.options.Now().UTC()
	}
	s.recallSeed()
	if s.choices.Parameters == nil {
		s.choices.Parameters = map[string]string{}
	}
	s.tellRemembered()
	maps.Copy(s.choices.Parameters, s.options.Parameters)
	return nil
}

// tellRemembered reports the parameters of before that hold again, as nobody has typed
// them now.
func (s *Stack) tellRemembered() {
	var again []string
	for _, name := range slices.Sorted(maps.Keys(s.choices.Parameters)) {
		if _, anew := s.options.Parameters[name]; !anew {
			again = append(again, name+"="+s.choices.Parameters[name])
		}
	}
	if len(again) == 0 {
		return
	}
	s.options.Reporter.Begin("Parameters")
	s.options.Reporter.End(strings.Join(again, " ") + ", as before (give another with `--parameter Name=value`; `--fresh` forgets them, and all data)")
}

// recallSeed lets each source database have seeds of its own. Nothing is filled into
// one that is given, unless it is said.
func (s *Stack) recallSeed() {
	c := &s.choices
	if database := nameOf(s.options.SourceDSN); database != c.SourceDatabase {
		c.SourceDatabase, c.SeedDays, c.SeededFrom, c.SeededUntil = database, 0, time.Time{}, time.Time{}
	}
	if s.options.SeedDays != 0 {
		c.SeedDays = s.options.SeedDays
	}
	switch {
	case c.SeedDays != 0:
	case c.SourceDatabase == "":
		c.SeedDays = defaultSeedDays
	default:
		c.SeedDays = -1
	}
}

// remember writes the choices down.
func (s *Stack) remember() error {
	text, err := json.MarshalIndent(s.choices, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(s.state.choices(), append(text, '\n'))
}

// keepTimeZone refuses another time zone than that of the partitions that are
// there: the same day would be another span.
func (s *Stack) keepTimeZone() error {
	zone := s.settings.Calendar.Location().String()
	if s.choices.TimeZone != "" && s.choices.TimeZone != zone {
		return fmt.Errorf("the partitions in %s are days of %s, not of %s: start anew with --fresh, or choose another directory with --data-dir",
			s.state.dir, s.choices.TimeZone, zone)
	}
	s.choices.TimeZone = zone
	return nil
}
