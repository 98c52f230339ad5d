package chart

import (
	"time"
)

// Tick is a round time on a time axis.
type Tick struct {
	At    time.Time
	Label string // as short as the step allows: 06:00, 21 Feb, Mar, 2026
	Full  string // with date and offset from UTC
	Fine  bool   // may be left out where there is little room
}

// TimeTicks gives at most n round local times in [start, end], in order: full
// minutes, hours or days of the location, whatever the clocks do in between. An
// hour that comes twice has two ticks, one that is skipped none. Where end is not
// after start, or n is below 1, there are none.
func TimeTicks(start, end time.Time, location *time.Location, n int) []Tick {
	if !start.Before(end) || n < 1 {
		return nil
	}
	n = min(n, maxTicks)
	start, end = start.In(location), end.In(location)
	for _, step := range clockSteps {
		if end.Sub(start) > time.Duration(n+2)*step {
			continue
		}
		if times := clockTimes(start, end, step); len(times) <= n {
			return clockLabels(times, step)
		}
	}
	for _, step := range calendarSteps {
		if times, ok := step.times(start, end, n); ok {
			return calendarLabels(times, step)
		}
	}
	return nil
}

// clockSteps divide a day, so that ticks fall on the same times of each day.
var clockSteps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// clockTimes are the instants in [start, end] at which the local clock shows a
// multiple of the step, stretch by stretch of the same offset from UTC.
func clockTimes(start, end time.Time, step time.Duration) []time.Time {
	var times []time.Time
	seconds := int64(step / time.Second)
	for from := start; ; {
		_, offset := from.Zone()
		_, until := from.ZoneBounds()
		last := until.IsZero() || until.After(end)
		local := ceilSeconds(from) + int64(offset)
		local += (seconds - local%seconds) % seconds
		for ; ; local += seconds {
			at := time.Unix(local-int64(offset), 0).In(start.Location())
			if at.After(end) || !last && !at.Before(until) {
				break
			}
			times = append(times, at)
		}
		if last {
			return times
		}
		from = until.In(start.Location())
	}
}

// ceilSeconds is the first Unix second that is not before t.
func ceilSeconds(t time.Time) int64 {
	seconds := t.Unix()
	if t.Nanosecond() > 0 {
		seconds++
	}
	return seconds
}

// clockLabels writes the time; where the axis spans days, midnight is the date.
func clockLabels(times []time.Time, step time.Duration) []Tick {
	layout := "15:04"
	if step < time.Minute {
		layout = "15:04:05"
	}
	ticks := make([]Tick, 0, len(times))
	for i, at := range times {
		label := at.Format(layout)
		if i > 0 && i < len(times)-1 && label == "00:00" {
			label = at.Format("2 Jan")
		}
		ticks = append(ticks, Tick{At: at, Label: label, Full: at.Format(fullLayout), Fine: i%2 == 1})
	}
	return ticks
}

const fullLayout = "2006-01-02 15:04 -07:00"
