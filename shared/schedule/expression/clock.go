package expression

import "time"

// instant is when a zone's clocks first show a local time, which is given as if it
// were in UTC; false where they never do.
func instant(local time.Time, zone *time.Location) (time.Time, bool) {
	year, month, day := local.Date()
	hour, minute, second := local.Clock()
	found := time.Date(year, month, day, hour, minute, second, 0, zone)
	if !shows(found, local) {
		return time.Time{}, false
	}
	// time.Date may choose either of the two instants of a repeated time: the other
	// is under the offset that went before.
	start, _ := found.ZoneBounds()
	if start.IsZero() {
		return found, true
	}
	_, before := start.Add(-time.Second).Zone()
	earlier := local.Add(-time.Duration(before) * time.Second).In(zone)
	if earlier.Before(found) && shows(earlier, local) {
		return earlier, true
	}
	return found, true
}

// shows says whether a clock in t's zone reads as local does in UTC.
func shows(t, local time.Time) bool {
	_, offset := t.Zone()
	return t.Unix()+int64(offset) == local.Unix()
}

// wallClock is what a zone's clocks show at t, as if it were in UTC.
func wallClock(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
