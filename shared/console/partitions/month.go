package partitions

import (
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// month is one at reading size.
type month struct {
	Name           string // "February 2026"
	Weeks          [][]monthDay
	Previous, Next string // URLs; empty where there is no partition
}

// monthDay is a cell of the month. Empty cells before the 1st and after the last have
// no day.
type monthDay struct {
	Key      partition.Key
	Number   int
	Weekday  string // "Friday"
	There    bool   // it is a partition
	Why      string // it is none
	Day      pipeline.Day
	Letters  string
	Words    string
	Selected bool
	Dimmed   bool // the filter does not look for it
	Coverage int  // in percent, for its bar; -1 where nothing is published
}

// newMonth lays the month of the view out in weeks that begin on Mondays.
func newMonth(days []pipeline.Day, v view, first, last partition.Key) month {
	start := firstOfMonth(v.Month)
	m := month{Name: utc(start).Format("January 2006")}
	if before := start.AddDays(-1); !before.Before(first) {
		m.Previous = v.WithMonth(before).URL()
	}
	end := lastOfMonth(start)
	if after := end.AddDays(1); !last.Before(after) {
		m.Next = v.WithMonth(after).URL()
	}
	week := make([]monthDay, monday(utc(start)), 7)
	for _, key := range partition.Days(start, end) {
		week = append(week, newMonthDay(days, key, v, first, last))
		if len(week) == 7 {
			m.Weeks = append(m.Weeks, week)
			week = nil
		}
	}
	if len(week) > 0 {
		m.Weeks = append(m.Weeks, append(week, make([]monthDay, 7-len(week))...))
	}
	return m
}

func newMonthDay(days []pipeline.Day, key partition.Key, v view, first, last partition.Key) monthDay {
	at := utc(key)
	d := monthDay{Key: key, Number: at.Day(), Weekday: at.Weekday().String(), Coverage: -1}
	switch {
	case key.Before(first):
		d.Why = "before the first partition"
		return d
	case last.Before(key):
		d.Why = "not over yet"
		return d
	}
	d.Day = days[count(first, key)-1]
	if d.Day.Skipped {
		d.Why = "the time zone skipped this day"
		return d
	}
	data, attempt := letters(d.Day)
	d.There, d.Letters, d.Words = true, string(data)+" "+string(attempt), words(d.Day)
	d.Selected = v.selects(key)
	d.Dimmed = v.Filtered() && !v.matches(d.Day.Data, d.Day.Attempt)
	if m := d.Day.Materialization; m != nil && (d.Day.Data == status.DataMaterialized || d.Day.Data == status.DataStale) {
		d.Coverage = int(min(max(m.Coverage, 0), 1) * 100)
	}
	return d
}

// Restless tells whether the last attempt needs a mark beside the data's: it is not
// what the data already says.
func (d monthDay) Restless() bool {
	return d.Day.Attempt != status.AttemptNone && d.Day.Attempt != status.AttemptSucceeded
}
