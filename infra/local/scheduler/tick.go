package scheduler

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	ticks "delfos/shared/schedule"
)

// MaxTicks is how many firings of a schedule are kept.
const MaxTicks = 1000

// The history's terms.
type (
	// Tick is one firing of a schedule in the history.
	Tick = ticks.Firing
	// Outcome is how a firing ended.
	Outcome = ticks.Outcome
)

// The outcomes.
const (
	Started      = ticks.Started
	DeadLettered = ticks.DeadLettered
	Failed       = ticks.Failed
	Missed       = ticks.Missed
	Dropped      = ticks.Dropped
)

// Ticks is the history of a schedule, the oldest first, at most MaxTicks; false
// where there is no such schedule.
func (s *Service) Ticks(name string) ([]Tick, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.schedules[name]
	if one == nil {
		return nil, false
	}
	return slices.Clone(one.history()), true
}

// history is what is kept of the firings.
func (s *schedule) history() []Tick { return s.ticks[max(0, len(s.ticks)-MaxTicks):] }

// remember adds a firing to the history.
func (s *schedule) remember(tick Tick) {
	if tick.ScheduledTime.After(s.handled) {
		s.handled = tick.ScheduledTime
	}
	s.ticks = append(s.ticks, tick)
	if len(s.ticks) >= 2*MaxTicks {
		s.ticks = slices.Clone(s.history())
	}
}

func (s *Service) missedTick(of *schedule, count int, last time.Time) Tick {
	return Tick{
		Schedule: of.Name, ScheduledTime: last, FiredAt: s.options.Now().UTC(), Target: of.Target.Arn, Outcome: Missed, Missed: count,
		Error: fmt.Sprintf("%d firings were missed while the local stack was down or the machine asleep; they are not made up for", count),
	}
}

// recordLocked adds a firing to the history, on disk, and to the logs. What cannot
// be written is logged: there is nobody to answer.
func (s *Service) recordLocked(of *schedule, tick Tick) {
	if !of.deleted {
		of.remember(tick)
		err := s.writeLocked(change{Tick: &tick})
		if err == nil {
			err = s.compactLocked()
		}
		if err != nil {
			s.options.Logger.Error("a firing could not be written down", "schedule", tick.Schedule, "error", err)
		}
	}
	s.logTick(tick)
}

func (s *Service) logTick(tick Tick) {
	arguments := []any{
		"schedule", tick.Schedule, "scheduled_time", tick.ScheduledTime, "outcome", string(tick.Outcome), "target", tick.Target,
		"attempts", tick.Attempts, "error", tick.Error,
	}
	switch tick.Outcome {
	case Started:
	case Missed:
		s.options.Logger.Warn("firings of a schedule were missed", append(arguments, "missed", tick.Missed)...)
	case Dropped:
		s.options.Logger.Warn("a firing of a schedule was dropped", arguments...)
	case DeadLettered, Failed:
		s.options.Logger.Error("a firing of a schedule has failed", arguments...)
	}
	if s.options.Logs == nil {
		return
	}
	line, err := json.Marshal(tick)
	if err == nil {
		err = s.options.Logs.Append(TickLogGroup, tick.Schedule, tick.FiredAt, string(line))
	}
	if err != nil {
		s.options.Logger.Error("a firing could not be logged", "schedule", tick.Schedule, "error", err)
	}
}
