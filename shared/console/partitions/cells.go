package partitions

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// A day's state in two letters, which are the classes of its cell, so that ten years
// of days fit in a page; partitions.css and partitions.js know them too.
const (
	dataLetters    = "omsw"   // missing, materialized, stale, waived
	attemptLetters = "ndfrqc" // none, succeeded (done), failed, running, queued, cancelled
	skippedLetter  = '-'      // the time zone has no such day
)

var (
	lettersData    = []status.DataState{status.DataMissing, status.DataMaterialized, status.DataStale, status.DataWaived}
	lettersAttempt = []status.AttemptState{
		status.AttemptNone, status.AttemptSucceeded, status.AttemptFailed,
		status.AttemptRunning, status.AttemptQueued, status.AttemptCancelled,
	}
)

// letters are a day's two: its data's and its last attempt's.
func letters(day pipeline.Day) (data, attempt byte) {
	data, attempt = dataLetters[0], attemptLetters[0]
	for i, state := range lettersData {
		if state == day.Data {
			data = dataLetters[i]
		}
	}
	for i, state := range lettersAttempt {
		if state == day.Attempt {
			attempt = attemptLetters[i]
		}
	}
	return data, attempt
}

// code is both letters in one: a to x, as partitions.js reads it.
func code(day pipeline.Day) byte {
	if day.Skipped {
		return skippedLetter
	}
	data, attempt := letters(day)
	return 'a' + byte(strings.IndexByte(dataLetters, data)*len(attemptLetters)+strings.IndexByte(attemptLetters, attempt))
}

// codes are those of all days, in order.
func codes(days []pipeline.Day) string {
	all := make([]byte, len(days))
	for i, day := range days {
		all[i] = code(day)
	}
	return string(all)
}

// words tells a day's state, as for a tooltip.
func words(day pipeline.Day) string {
	switch day.Attempt {
	case status.AttemptNone, status.AttemptSucceeded:
		return string(day.Data)
	case status.AttemptRunning:
		return string(day.Data) + ", running now"
	default:
		return string(day.Data) + ", last attempt " + string(day.Attempt)
	}
}

// year is a row of weeks.
type year struct {
	Year   int
	Months []monthLink
	Cells  template.HTML
	Days   int
	Good   int // days that are materialized or waived
	Failed int // days whose last attempt failed
}

// monthLink stands over the week in which a month begins.
type monthLink struct {
	Month  partition.Key
	Name   string
	Column int
}

// years draws all days, the newest year first. A page of 3,653 of them must be small
// and quick, so the cells are written by hand; all in them are dates and words of ours.
func years(days []pipeline.Day, v view) []year {
	var rows []year
	for begin := 0; begin < len(days); {
		of := utc(days[begin].Key).Year()
		end := begin
		for end < len(days) && utc(days[end].Key).Year() == of {
			end++
		}
		rows = append(rows, newYear(of, days[begin:end], v))
		begin = end
	}
	slices.Reverse(rows)
	return rows
}

func newYear(of int, days []pipeline.Day, v view) year {
	y := year{Year: of, Days: len(days)}
	first := utc(days[0].Key)
	// The week of the year in which a day is; weeks begin on Mondays.
	column := func(yearDay int) int { return (yearDay - 1 + (monday(first)-first.YearDay()+1+371)%7) / 7 }
	var w strings.Builder
	w.Grow(96 * len(days))
	if before := column(first.YearDay()); before > 0 {
		w.WriteString(`<i class="w` + strconv.Itoa(before) + `"></i>`)
	}
	for i, day := range days {
		at := utc(day.Key)
		if i == 0 || at.Day() == 1 {
			y.Months = append(y.Months, monthLink{day.Key, at.Format("Jan"), column(at.YearDay()) + 1})
		}
		if day.Data == status.DataMaterialized || day.Data == status.DataWaived {
			y.Good++
		}
		if day.Attempt == status.AttemptFailed {
			y.Failed++
		}
		writeCell(&w, day, i == 0, monday(at), v)
	}
	y.Months = apart(y.Months)
	y.Cells = template.HTML(w.String()) //nolint:gosec // dates, and words of ours
	return y
}

// apart leaves out the name of a month that the next one would cover.
func apart(months []monthLink) []monthLink {
	if len(months) > 1 && months[1].Column-months[0].Column < 3 {
		return months[1:]
	}
	return months
}

func writeCell(w *strings.Builder, day pipeline.Day, first bool, weekday int, v view) {
	key := day.Key.String()
	if day.Skipped {
		w.WriteString(`<i class="x`)
		writeRow(w, first, weekday)
		w.WriteString(`"></i>`)
		return
	}
	data, attempt := letters(day)
	w.WriteString(`<a href=/partitions/` + key + ` class="`)
	w.WriteByte(data)
	w.WriteByte(' ')
	w.WriteByte(attempt)
	if v.selects(day.Key) {
		w.WriteString(" sel")
	}
	writeRow(w, first, weekday)
	w.WriteString(`" title="` + key + " " + words(day) + `"></a>`)
}

// writeRow puts the first cell of a year into its weekday's row; the others follow.
func writeRow(w *strings.Builder, first bool, weekday int) {
	if first {
		w.WriteString(" d" + strconv.Itoa(weekday+1))
	}
}
