package chart

import "time"

// calendarStep is one of days, months or years between ticks; one field is set.
type calendarStep struct {
	days, months, years int
	layout              string
}

// calendarSteps go on until any range of time has few ticks. Steps of days start
// anew each month, so that they fall on the same dates of all months.
var calendarSteps = []calendarStep{
	{days: 1, layout: "2 Jan"},
	{days: 2, layout: "2 Jan"},
	{days: 5, layout: "2 Jan"},
	{days: 10, layout: "2 Jan"},
	{months: 1, layout: "Jan"},
	{months: 3, layout: "Jan"},
	{months: 6, layout: "Jan"},
	{years: 1, layout: "2006"},
	{years: 2, layout: "2006"},
	{years: 5, layout: "2006"},
	{years: 10, layout: "2006"},
	{years: 50, layout: "2006"},
	{years: 100, layout: "2006"},
	{years: 1000, layout: "2006"},
	{years: 10000, layout: "2006"},
}

// times lists the ticks of the step in [start, end], and tells whether they are at
// most n.
func (s calendarStep) times(start, end time.Time, n int) ([]time.Time, bool) {
	var times []time.Time
	year, month := s.first(start)
	for day := 1; ; year, month, day = s.next(year, month, day) {
		at := midnight(year, month, day, start.Location())
		if at.After(end) {
			return times, true
		}
		if at.Before(start) {
			continue
		}
		if len(times) > 0 && !at.After(times[len(times)-1]) {
			continue // the zone skipped this day
		}
		if len(times) == n {
			return nil, false
		}
		times = append(times, at)
	}
}

// first is the month with whose first day the ticks begin, at or before start.
func (s calendarStep) first(start time.Time) (int, time.Month) {
	year, month, _ := start.Date()
	switch {
	case s.days > 0:
		return year, month
	case s.months > 0:
		return year, time.January
	default:
		return year - year%s.years, time.January
	}
}

func (s calendarStep) next(year int, month time.Month, day int) (int, time.Month, int) {
	switch {
	case s.days > 0:
		next := day + s.days
		if s.days > 1 && day == 1 {
			next = 1 + s.days - 1 // 1, 5, 10, … rather than 1, 6, 11
		}
		length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if next > length || s.days > 1 && length-next < s.days/2 {
			return year, month + 1, 1
		}
		return year, month, next
	case s.months > 0:
		return year, month + time.Month(s.months), 1
	default:
		return year + s.years, time.January, 1
	}
}

// midnight is the first instant of a day: where the clocks skip 00:00, when they land.
func midnight(year int, month time.Month, day int, location *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, location)
	wanted := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	shown := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	if shown.Before(wanted) {
		if _, until := at.ZoneBounds(); !until.IsZero() {
			return until.In(location)
		}
	}
	return at
}

// calendarLabels writes dates; where months are shown, January is the year.
func calendarLabels(times []time.Time, step calendarStep) []Tick {
	ticks := make([]Tick, 0, len(times))
	for i, at := range times {
		label := at.Format(step.layout)
		if step.months > 0 && at.Month() == time.January {
			label = at.Format("2006")
		}
		ticks = append(ticks, Tick{At: at, Label: label, Full: at.Format("Monday, 2 January 2006"), Fine: i%2 == 1})
	}
	return ticks
}
