package pipeline

import (
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// DayCounts is how the days up to the last that has ended stand.
type DayCounts struct {
	First, Last partition.Key // the range; last before first where no day has ended
	Total       int
	Data        map[status.DataState]int
	Attempts    map[status.AttemptState]int // the last attempts'; running ones hold a lease

	// LagDays is how many days at the end of the range are neither materialized nor
	// waived: 0 where yesterday is there.
	LagDays int

	// Recent are the last days, at most 30, oldest first.
	Recent []Day
	// Failed, Stale and Missing are the days that need somebody, oldest first. Failed
	// ones have no good data; one that is materialized still and failed since is in
	// FailedAgain.
	Failed, FailedAgain, Stale, Missing []partition.Key

	all []Day
}

const recentDays = 30

// countDays counts how the days of a range stand.
func countDays(days []Day, first, last partition.Key, now time.Time) DayCounts {
	c := DayCounts{First: first, Last: last, Data: map[status.DataState]int{}, Attempts: map[status.AttemptState]int{}, all: days}
	for _, day := range days {
		if day.Skipped {
			continue
		}
		c.Total++
		c.Data[day.Data]++
		c.Attempts[day.Attempt]++
		hasData := day.Data == status.DataMaterialized || day.Data == status.DataStale
		switch {
		case day.LeaseLive(now), day.Data == status.DataWaived:
		case day.Attempt == status.AttemptFailed && hasData:
			c.FailedAgain = append(c.FailedAgain, day.Key)
		case day.Attempt == status.AttemptFailed:
			c.Failed = append(c.Failed, day.Key)
		case day.Data == status.DataMissing:
			c.Missing = append(c.Missing, day.Key)
		}
		if day.Data == status.DataStale {
			c.Stale = append(c.Stale, day.Key)
		}
		if c.LagDays++; hasData || day.Data == status.DataWaived {
			c.LagDays = 0
		}
	}
	c.Recent = days[max(0, len(days)-recentDays):]
	return c
}
