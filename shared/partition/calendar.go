package partition

import (
	"fmt"
	"time"
	_ "time/tzdata" // the same time zones on every machine, those without any among them
)

// Span is the half-open interval [Start, End), in UTC.
type Span struct {
	Start, End time.Time
}

// Contains tells whether t lies in [Start, End).
func (s Span) Contains(t time.Time) bool {
	return !t.Before(s.Start) && t.Before(s.End)
}

// Duration is End less Start: 24 hours, or 23 or 25 where the clocks change.
func (s Span) Duration() time.Duration { return s.End.Sub(s.Start) }

// Calendar lays days onto the time line of one time zone, from a first day on.
type Calendar struct {
	location *time.Location
	first    Key
}

// NewCalendar makes the calendar of an IANA time zone ("UTC", "Europe/Lisbon")
// whose earliest partition is first.
func NewCalendar(zone string, first Key) (Calendar, error) {
	if zone == "" || zone == "Local" {
		return Calendar{}, fmt.Errorf("time zone %q: want an IANA name, such as UTC or Europe/Lisbon", zone)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("time zone %q: want an IANA name, such as UTC or Europe/Lisbon: %w", zone, err)
	}
	if first.IsZero() {
		return Calendar{}, fmt.Errorf("first partition: want a day, as YYYY-MM-DD")
	}
	return Calendar{location, first}, nil
}

// First is the earliest partition.
func (c Calendar) First() Key { return c.first }

// Location is the time zone in which days begin and end.
func (c Calendar) Location() *time.Location { return c.location }

// Span is the day's interval: from its first instant in the time zone to the
// next day's. Where the clocks skip midnight the day begins when they land. A
// day that the time zone skipped (Apia, 2011-12-30) has an empty span.
func (c Calendar) Span(k Key) Span {
	return Span{c.begin(k), c.begin(k.AddDays(1))}
}

// farthest is more than any time zone has ever been from UTC.
const farthest = 16 * time.Hour

// begin searches for the instant at which the local date becomes k or later.
// Asking time.Date for local midnight is not enough: midnight can be skipped,
// come twice, or lie in a day that the zone skipped. Where clocks fell back over
// midnight the date turned twice; the search finds one turn, always the same.
func (c Calendar) begin(k Key) time.Time {
	midnight := time.Date(k.year, k.month, k.day, 0, 0, 0, 0, time.UTC)
	from, to := midnight.Add(-farthest), midnight.Add(farthest)
	for to.Sub(from) > time.Second {
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if NewKey(middle.In(c.location)).Before(k) {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}

// LastEnded is the last day that had ended at the instant: yesterday, in the
// calendar's time zone. A day has ended from its End on; days that the time zone
// skipped do not count.
func (c Calendar) LastEnded(at time.Time) Key {
	k := NewKey(at.In(c.location))
	for span := c.Span(k); span.Duration() == 0 || at.Before(span.End); span = c.Span(k) {
		k = k.AddDays(-1)
	}
	return k
}

// Check tells why a day cannot be processed at the instant now: it is before
// the first partition, not over, or was skipped by the time zone. The error is
// a *RangeError.
func (c Calendar) Check(k Key, now time.Time) error {
	if k.Before(c.first) {
		return &RangeError{Partition: k, Reason: fmt.Sprintf("it is before the first partition, %s", c.first)}
	}
	span := c.Span(k)
	if span.Duration() == 0 {
		return &RangeError{Partition: k, Reason: fmt.Sprintf("time zone %s skipped this day", c.location)}
	}
	if now.Before(span.End) {
		return &RangeError{Partition: k, Reason: fmt.Sprintf("the day is not over until %s (time zone %s)",
			span.End.Format(time.RFC3339), c.location)}
	}
	return nil
}

// RangeError says that a day is outside what can be processed.
type RangeError struct {
	Partition Key
	Reason    string
}

// Error names the partition and the reason.
func (e *RangeError) Error() string {
	return fmt.Sprintf("partition %s cannot be processed: %s", e.Partition, e.Reason)
}
