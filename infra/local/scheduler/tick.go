package scheduler

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// MaxTicks is how many firings of a schedule are kept.
const MaxTicks = 1000

// Outcome is how a firing ended.
type Outcome string

// The outcomes.
const (
	Started      Outcome = "started"       // the target's API has accepted it
	DeadLettered Outcome = "dead-lettered" // it was refused until the retries ran out, and is in the dead-letter queue
	Failed       Outcome = "failed"        // as DeadLettered, without a queue that took it
	Missed       Outcome = "missed"        // the stack was down, or the machine asleep
	Dropped      Outcome = "dropped"       // the stack stopped, or the schedule was deleted or disabled, before it was accepted
)

// Tick is one firing of a schedule in the history.
type Tick struct {
	Schedule      string    `json:"schedule"`
	ScheduledTime time.Time `json:"scheduled_time"` // of the last one, where several were missed
	FiredAt       time.Time `json:"fired_at"`       // when the outcome was known
	Target        string    `json:"target"`         // an ARN
	Outcome       Outcome   `json:"outcome"`
	ExecutionID   string    `json:"execution_id,omitempty"` // Scheduler's
	Attempts      int       `json:"attempts,omitempty"`
	// Started is the request id of the function's invocation, the ARN of the execution
	// or the id of the message.
	Started string `json:"started,omitempty"`
	Error   string `json:"error,omitempty"`  // of the last attempt
	Missed  int    `json:"missed,omitempty"` // how many were, 100,000 at most
}

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
