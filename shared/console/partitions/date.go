package partitions

import (
	"time"

	"delfos/shared/partition"
)

// utc is the day's midnight in UTC, for what is asked of the calendar alone: year,
// month, weekday.
func utc(key partition.Key) time.Time {
	at, err := time.Parse(time.DateOnly, key.String())
	if err != nil {
		return time.Time{} // only of the zero key
	}
	return at
}

// monday counts weekdays from Monday, 0, to Sunday, 6 (ISO 8601).
func monday(at time.Time) int { return (int(at.Weekday()) + 6) % 7 }

// firstOfMonth and lastOfMonth bound the month that the day is in.
func firstOfMonth(key partition.Key) partition.Key {
	at := utc(key)
	return partition.NewKey(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC))
}

func lastOfMonth(key partition.Key) partition.Key {
	at := utc(key)
	return partition.NewKey(time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC))
}

// monthText is the month as a URL has it: 2026-02.
func monthText(key partition.Key) string { return key.String()[:len("2006-01")] }

// count is how many days first to last are, both inclusive.
func count(first, last partition.Key) int {
	const day = 24 * time.Hour
	return int(utc(last).Sub(utc(first))/day) + 1
}

func earlier(a, b partition.Key) partition.Key {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b partition.Key) partition.Key {
	if a.Before(b) {
		return b
	}
	return a
}
