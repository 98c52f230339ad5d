package scheduler

import (
	"errors"
	"strings"
	"time"

	"delfos/infra/local/awsjson"
)

// The waits between attempts double from the first to the longest: so the default
// policy's 185 retries take its 24 hours. AWS says no more than that its backoff is
// exponential.
const (
	firstBackoff   = time.Second
	longestBackoff = 8 * time.Minute
	attemptTimeout = 30 * time.Second
)

// The conditions under which retries end, as the dead-letter queue has them.
const (
	exhaustedAttempts = "MaximumRetryAttempts"
	exhaustedAge      = "MaximumEventAgeInSeconds"
)

// A firing is one occurrence of a schedule on its way to its target.
type firing struct {
	definition  Definition // as it was when the first attempt was made
	scheduled   time.Time
	executionID string // Scheduler's, 16 hexadecimal digits
	name        string // of the execution that is started; the same for all attempts
	attempt     int    // from 1
}

// deliver brings one firing to its target, or to the dead-letter queue.
func (s *Service) deliver(of *schedule, d Definition, scheduled time.Time) {
	id := s.options.NewID()
	f := firing{definition: d, scheduled: scheduled, name: id, executionID: strings.ReplaceAll(id, "-", "")}
	f.executionID = f.executionID[:min(len(f.executionID), 16)]
	tick := s.attemptAll(of, f)
	tick.FiredAt = s.options.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	of.flying--
	s.recordLocked(of, tick)
	s.completeLocked(d.Name)
}

// attemptAll waits for a moment within the flexible time window before the first
// attempt, which is made with the schedule as it is then.
func (s *Service) attemptAll(of *schedule, f firing) Tick {
	tick := Tick{
		Schedule: f.definition.Name, ScheduledTime: f.scheduled, ExecutionID: f.executionID, Outcome: Dropped, Target: f.definition.Target.Arn,
	}
	if window := f.definition.FlexibleTimeWindow; window.Mode == windowOn {
		if !s.pause(s.options.Random(time.Duration(*window.MaximumWindowInMinutes) * time.Minute)) {
			tick.Error = errClosed.Error()
			return tick
		}
		var stillOn bool
		if f.definition, stillOn = s.current(of); !stillOn {
			tick.Error = "the schedule was deleted or disabled within its flexible time window"
			return tick
		}
		tick.Target = f.definition.Target.Arn
	}
	return s.retry(of, f, tick)
}

// retry attempts until the target accepts, or the policy ends it.
func (s *Service) retry(of *schedule, f firing, tick Tick) Tick {
	policy := f.definition.Target.RetryPolicy
	began, backoff := s.options.Now(), firstBackoff
	for f.attempt = 1; ; f.attempt++ {
		started, err := s.attempt(f)
		tick.Attempts = f.attempt
		if err == nil {
			tick.Outcome, tick.Started, tick.Error = Started, started, ""
			return tick
		}
		tick.Error = err.Error()
		age := s.options.Now().Add(backoff).Sub(began)
		switch {
		case f.attempt > *policy.MaximumRetryAttempts:
			return s.giveUp(f, tick, err, exhaustedAttempts)
		case age > time.Duration(*policy.MaximumEventAgeInSeconds)*time.Second:
			return s.giveUp(f, tick, err, exhaustedAge)
		case !s.pause(backoff) || s.isDeleted(of):
			return tick
		}
		backoff = min(2*backoff, longestBackoff)
	}
}

// pause waits; false where Close ends it.
func (s *Service) pause(d time.Duration) bool {
	select {
	case <-s.options.After(d):
		return true
	case <-s.stopping.Done():
		return false
	}
}

func (s *Service) current(of *schedule) (Definition, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of.Definition, !of.deleted && of.State == stateEnabled
}

func (s *Service) isDeleted(of *schedule) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of.deleted
}

// codeOf takes an error of a target's API apart.
func codeOf(err error) (code, message string) {
	var refused *awsjson.Error
	if !errors.As(err, &refused) {
		return "InternalFailure", err.Error()
	}
	if refused.QueryCode != "" {
		return refused.QueryCode, refused.Message
	}
	return refused.Type, refused.Message
}
