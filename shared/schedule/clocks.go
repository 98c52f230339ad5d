package schedule

import (
	"time"

	"delfos/shared/schedule/expression"
)

// warning warns where a tick's local time comes twice, of which it runs at the first,
// and where one before it is skipped because its local time does not exist.
func (s Schedule) warning(before, at time.Time) string {
	if !s.isLocal() {
		return ""
	}
	if offset, later := offsets(at, at.Add(24*time.Hour), s.Zone); later < offset {
		again := at.Add(time.Duration(offset-later) * time.Second)
		if again.In(s.Zone).Format(time.DateTime) == at.In(s.Zone).Format(time.DateTime) {
			return "the clocks go back: this local time comes twice, and it runs at the first"
		}
	}
	if skipped := s.skippedBetween(before, at); skipped != "" {
		return "the clocks go forward: the one at " + skipped + " does not exist, and is skipped"
	}
	return ""
}

// offsets is how many seconds a zone is from UTC at two instants.
func offsets(a, b time.Time, zone *time.Location) (int, int) {
	_, first := a.In(zone).Zone()
	_, second := b.In(zone).Zone()
	return first, second
}

// skippedBetween is the first local time between two instants at which the schedule
// would tick, were the zone's clocks not moved past it; "" is none.
func (s Schedule) skippedBetween(from, to time.Time) string {
	for at := from; ; {
		_, change := at.In(s.Zone).ZoneBounds()
		if change.IsZero() || change.After(to) {
			return ""
		}
		if before, after := offsets(change.Add(-time.Second), change, s.Zone); after > before {
			if local, ok := s.tickInGap(change, before, after); ok {
				return local
			}
		}
		at = change
	}
}

// tickInGap looks for a tick in the local times that a change of the clocks leaves
// out, in a zone that stays as it was before the change.
func (s Schedule) tickInGap(change time.Time, before, after int) (string, bool) {
	unmoved := time.FixedZone("", before)
	ticks, err := expression.Parse(s.Expression, unmoved)
	if err != nil {
		return "", false // never: it has been parsed in the schedule's own zone
	}
	at, ok := ticks.Next(change.Add(-time.Second))
	if !ok || !at.Before(change.Add(time.Duration(after-before)*time.Second)) {
		return "", false
	}
	return at.In(unmoved).Format("2006-01-02 15:04"), true
}
