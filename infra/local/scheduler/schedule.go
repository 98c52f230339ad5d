package scheduler

import (
	"strings"
	"time"

	"delfos/shared/schedule/expression"
)

// stored is a schedule as the journal has it.
type stored struct {
	Definition
	CreationDate         Timestamp
	LastModificationDate Timestamp
	// Declared is the hash of the definition that Declare was given last; "" of a
	// schedule that came by the API.
	Declared string `json:",omitempty"`
}

// A schedule is one at work. It is guarded by Service.mu.
type schedule struct {
	stored
	parsed  expression.Expression
	next    time.Time // the scheduled time of the next firing; zero without one
	handled time.Time // the scheduled time of the last firing in the history
	flying  int       // deliveries under way
	ticks   []Tick    // the oldest first
	deleted bool
}

func newSchedule(s stored, parsed expression.Expression) *schedule {
	one := &schedule{}
	one.redefine(s, parsed)
	return one
}

// redefine gives a schedule another definition.
func (s *schedule) redefine(to stored, parsed expression.Expression) {
	start := to.CreationDate.Truncate(time.Second)
	if to.StartDate != nil {
		start = to.StartDate.Time
	}
	s.stored, s.parsed = to, parsed.StartingAt(start)
}

// planNew plans the first firing of a new schedule. A rate without a StartDate begins
// at once (EventBridge Scheduler User Guide, "Rate-based schedules").
func (s *schedule) planNew(now time.Time) {
	if s.StartDate == nil && strings.HasPrefix(s.ScheduleExpression, "rate(") {
		now = s.CreationDate.Truncate(time.Second).Add(-time.Nanosecond)
	}
	s.plan(now)
}

// plan finds the next firing after a time.
func (s *schedule) plan(after time.Time) {
	s.next = time.Time{}
	if s.State == stateEnabled {
		s.next, _ = s.following(after)
	}
}

// following is the first firing after a time by expression, start and end.
func (s *schedule) following(after time.Time) (time.Time, bool) {
	recurs := s.parsed.Recurs()
	if recurs && s.StartDate != nil && after.Before(s.StartDate.Time) {
		after = s.StartDate.Add(-time.Nanosecond)
	}
	next, ok := s.parsed.Next(after)
	if recurs && s.EndDate != nil && next.After(s.EndDate.Time) {
		ok = false
	}
	if !ok {
		return time.Time{}, false
	}
	return next, true
}

// isComplete says whether a schedule that is on will never fire again.
func (s *schedule) isComplete(now time.Time) bool {
	if s.State != stateEnabled || s.flying > 0 || !s.next.IsZero() {
		return false
	}
	_, more := s.following(now)
	return !more
}

// maxMissed bounds the counting of missed firings.
const maxMissed = 100_000

// missedUntil counts the firings, up to maxMissed, that should have been since the
// last one in the history, and tells the last of them.
func (s *schedule) missedUntil(now time.Time) (count int, last time.Time) {
	if s.State != stateEnabled {
		return 0, last
	}
	at := s.LastModificationDate.Time
	if s.handled.After(at) {
		at = s.handled
	}
	for count < maxMissed {
		next, ok := s.following(at)
		if !ok || next.After(now) {
			break
		}
		count, at, last = count+1, next, next
	}
	return count, last
}

// Upcoming are the next times, at most count, at which a schedule that was created at
// a time fires after another, in UTC. Its state is left aside. It is pure, and makes
// previews of what GetSchedule tells; an error is a ValidationException.
func Upcoming(d Definition, created, after time.Time, count int) ([]time.Time, error) {
	d = d.complete()
	parsed, err := d.check(nil)
	if err != nil {
		return nil, err
	}
	one := newSchedule(stored{Definition: d, CreationDate: Timestamp{created}}, parsed)
	times := make([]time.Time, 0, max(count, 0))
	for len(times) < count {
		next, ok := one.following(after)
		if !ok {
			break
		}
		times, after = append(times, next), next
	}
	return times, nil
}
