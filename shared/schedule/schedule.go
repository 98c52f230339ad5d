// Package schedule tells when a schedule of Amazon EventBridge Scheduler ticks, and
// what daylight saving does to it.
package schedule

import (
	"strings"
	"time"

	"delfos/shared/schedule/expression"
)

// Schedule is when something runs by itself. It is a value: its methods have no
// effects.
type Schedule struct {
	Expression string // "cron(0 1 * * ? *)"
	Zone       *time.Location
	// From and Until bound the ticks, both inclusive; zero is no bound.
	From, Until time.Time

	ticks expression.Expression
}

// Tick is one tick to come.
type Tick struct {
	At      time.Time // UTC
	Warning string    // what daylight saving does to it, or to one before it; empty for nothing
}

// New reads a schedule's expression. An empty zone is UTC. A rate counts from the
// instant created, or from the bound "from" where there is one (EventBridge Scheduler User
// Guide, "Rate-based schedules"). The error is expression.Parse's or expression.Zone's.
func New(text, zone string, created, from, until time.Time) (Schedule, error) {
	location, err := expression.Zone(zone)
	if err != nil {
		return Schedule{}, err
	}
	ticks, err := expression.Parse(text, location)
	if err != nil {
		return Schedule{}, err
	}
	counted := created
	if !from.IsZero() {
		counted = from
	}
	return Schedule{Expression: text, Zone: location, From: from, Until: until, ticks: ticks.StartingAt(counted)}, nil
}

// Next is the first tick after an instant; false where there is none.
func (s Schedule) Next(after time.Time) (time.Time, bool) {
	if after.Before(s.From) {
		after = s.From.Add(-time.Nanosecond)
	}
	at, ok := s.ticks.Next(after)
	if !ok || (!s.Until.IsZero() && at.After(s.Until)) {
		return time.Time{}, false
	}
	return at, true
}

// Upcoming lists so many ticks after an instant, or all where there are less.
func (s Schedule) Upcoming(after time.Time, count int) []Tick {
	var ticks []Tick
	for len(ticks) < count {
		at, ok := s.Next(after)
		if !ok {
			break
		}
		ticks = append(ticks, Tick{at, s.warning(after, at)})
		after = at
	}
	return ticks
}

// isLocal tells whether the ticks are at local times, as those of cron and at are.
func (s Schedule) isLocal() bool { return !strings.HasPrefix(s.Expression, "rate(") }
