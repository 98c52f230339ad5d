package overview

import (
	"fmt"
	"strings"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// newDays counts the days by how they stand.
func newDays(days pipeline.Part[pipeline.DayCounts]) daysView {
	d := days.Value
	view := daysView{Err: days.Err, First: d.First.String(), Last: d.Last.String(), Total: d.Total}
	if days.Err != nil || d.Total == 0 {
		return view
	}
	of := fmt.Sprintf("of %s", site.Number(d.Total))
	view.Stats = []stat{
		{State: "materialized", Label: "Materialized", Value: d.Data[status.DataMaterialized], Note: of + " days", URL: daysURL("materialized", nil)},
		stat{State: "missing", Label: "Missing", Value: d.Data[status.DataMissing], URL: daysURL("missing", d.Missing)}.from(d.Missing),
		failed(d),
		{State: "running", Label: "Running", Value: d.Attempts[status.AttemptRunning], URL: daysURL("running", nil)},
		stat{State: "stale", Label: "Stale", Value: d.Data[status.DataStale], URL: daysURL("stale", d.Stale)}.from(d.Stale),
	}
	if waived := d.Data[status.DataWaived]; waived > 0 {
		view.Stats = append(view.Stats, stat{State: "waived", Label: "Waived", Value: waived, URL: daysURL("waived", nil)})
	}
	view.Stats = append(view.Stats, lag(d))
	for _, day := range d.Recent {
		if !day.Skipped {
			view.Strip = append(view.Strip, newCell(day))
		}
	}
	return view
}

// from notes which days: one, or the oldest.
func (s stat) from(days []partition.Key) stat {
	if len(days) > 0 {
		s.Day = days[0].String()
	}
	if len(days) > 1 {
		s.Note = "oldest"
	}
	return s
}

func failed(d pipeline.DayCounts) stat {
	s := stat{State: "failed", Label: "Failed", Value: d.Attempts[status.AttemptFailed], URL: daysURL("failed", d.Failed)}
	if again := len(d.FailedAgain); again > 0 {
		s.Note = fmt.Sprintf("%d with good data", again)
		return s
	}
	return s.from(d.Failed)
}

func lag(d pipeline.DayCounts) stat {
	s := stat{Label: "Lag", Value: d.LagDays, Note: "days at the end without data", URL: "/partitions/" + d.Last.String()}
	switch d.LagDays {
	case 0:
		s.Note = "up to " + d.Last.String()
	case 1:
		s.Note = "day at the end without data"
	}
	return s
}

// cell is a day in the strip of the last days.
type cell struct {
	Key, Label  string // "2026-02-21", "21"
	Data        string
	Attempt     string // that stands out; empty where the data says it all
	Description string // for hover and for those who do not see it
	MonthStart  string // "Mar" on the first of a month
}

func newCell(day pipeline.Day) cell {
	key := day.Key.String()
	c := cell{Key: key, Label: strings.TrimPrefix(key[8:], "0"), Data: string(day.Data)}
	if c.Data == "" {
		c.Data = string(status.DataMissing)
	}
	words := []string{key, c.Data}
	if day.Attempt != status.AttemptNone && day.Attempt != status.AttemptSucceeded {
		c.Attempt = string(day.Attempt)
		words = append(words, "last attempt "+c.Attempt)
	}
	if day.Failure != nil {
		words = append(words, day.Failure.Type)
	}
	if first, err := time.Parse(time.DateOnly, key); err == nil && c.Label == "1" {
		c.MonthStart = first.Format("Jan")
	}
	c.Description = strings.Join(words, ", ")
	return c
}
