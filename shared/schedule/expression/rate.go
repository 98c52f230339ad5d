package expression

import (
	"regexp"
	"strconv"
	"time"
)

// longestRate keeps intervals within what a time.Duration counts.
const longestRate = 100 * 365 * 24 * time.Hour

// Scheduler, unlike EventBridge's older scheduled rules, takes a unit in the
// singular and in the plural with any value (EventBridge Scheduler API Reference,
// CreateSchedule, "ScheduleExpression").
var (
	rateText  = regexp.MustCompile(`^([0-9]+)[ \t]+(minute|minutes|hour|hours|day|days)$`)
	rateUnits = map[string]time.Duration{
		"minute": time.Minute, "minutes": time.Minute, "hour": time.Hour, "hours": time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	}
)

// A rate fires at start and at every multiple of the interval from it.
type rate struct {
	start    time.Time
	interval time.Duration
}

func parseRate(inside string, refuse refusal) (rule, error) {
	match := rateText.FindStringSubmatch(inside)
	if match == nil {
		return nil, refuse("", "want rate(value unit) with a positive integer and one of minute, minutes, hour, hours, day, days")
	}
	unit := rateUnits[match[2]]
	value, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil || value < 1 || value > int64(longestRate/unit) {
		return nil, refuse("value", "%s: want 1 to %d of %s", match[1], longestRate/unit, match[2])
	}
	return rate{start: time.Unix(0, 0), interval: time.Duration(value) * unit}, nil
}

func (r rate) next(after time.Time) (time.Time, bool) {
	// In seconds: the years between two times may be more than a Duration holds.
	interval := int64(r.interval / time.Second)
	since := after.Unix() - r.start.Unix()
	if after.Nanosecond() < r.start.Nanosecond() {
		since-- // whole seconds that have passed
	}
	count := since / interval
	if since%interval < 0 {
		count--
	}
	return time.Unix(r.start.Unix()+(count+1)*interval, int64(r.start.Nanosecond())), true
}
