package expression

import "time"

const atLayout = "2006-01-02T15:04:05"

// An at fires once.
type at struct {
	when   time.Time
	exists bool // false where the zone's clocks skip the time
}

func parseAt(inside string, zone *time.Location, refuse refusal) (rule, error) {
	parsed, err := time.Parse(atLayout, inside)
	if err != nil || len(inside) != len(atLayout) {
		return nil, refuse("", "want at(yyyy-mm-ddThh:mm:ss), a date and time of the calendar")
	}
	when, exists := instant(parsed, zone)
	return at{when, exists}, nil
}

func (a at) next(after time.Time) (time.Time, bool) {
	return a.when, a.exists && a.when.After(after)
}
