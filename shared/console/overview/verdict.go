package overview

import (
	"fmt"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// verdict is the page in a sentence.
type verdict struct {
	Kind  string // "good", "notice", "warning", "alarm", "fresh", "pending"
	Title string
	Text  string
}

// judge says the worst first.
func judge(o pipeline.Overview) verdict {
	worst, count := pipeline.Notice, 0
	for _, a := range needs(o) {
		switch {
		case a.Urgency > worst:
			worst, count = a.Urgency, 1
		case a.Urgency == worst:
			count++
		}
	}
	v := verdict{Kind: "good", Title: "All is well", Text: daysSentence(o.Days)}
	switch {
	case count > 0 && worst == pipeline.Alarm:
		v.Kind, v.Title = "alarm", counted(count, "thing needs", "things need")+" you now"
	case fresh(o) && o.Days.Value.Total > 0:
		v.Kind, v.Title = "fresh", "Nothing has run yet"
	case count > 0 && worst == pipeline.Warning:
		v.Kind, v.Title = "warning", counted(count, "thing needs", "things need")+" you soon"
	case len(o.Running()) > 0:
		v.Title = counted(len(o.Running()), "backfill is", "backfills are") + " running"
	case o.Days.Err == nil && o.Days.Value.Total == 0:
		v.Kind, v.Title = "fresh", "No day has ended yet"
	case o.Days.Err == nil && o.Days.Value.Data[status.DataMissing] > 0:
		v.Kind, v.Title = "notice", "Nothing has failed"
	case count > 0:
		v.Kind, v.Title = "notice", "Nothing is urgent"
	}
	return v
}

// fresh tells that nothing has ever run, so that what is missing is no one's fault.
func fresh(o pipeline.Overview) bool {
	have := o.Days.Value.Data[status.DataMaterialized] + o.Days.Value.Data[status.DataStale]
	return o.Days.Err == nil && o.LastRuns.Err == nil && len(o.LastRuns.Value) == 0 && have == 0 && len(o.Running()) == 0
}

// counted writes "One thing needs" or "3 things need".
func counted(n int, one, many string) string {
	if n == 1 {
		return "One " + one
	}
	return site.Number(n) + " " + many
}

func daysSentence(days pipeline.Part[pipeline.DayCounts]) string {
	d := days.Value
	if days.Err != nil {
		return "How the days stand cannot be told."
	}
	if d.Total == 0 {
		return fmt.Sprintf("The first day is %s. It can be run once it is over.", d.First)
	}
	have := d.Data[status.DataMaterialized] + d.Data[status.DataStale]
	text := fmt.Sprintf("%s of %s days are materialized", site.Number(have), site.Number(d.Total))
	switch {
	case have == d.Total && have > 1:
		text = fmt.Sprintf("All %s days are materialized, up to the last that has ended, %s", site.Number(have), d.Last)
	case have == 0:
		text = fmt.Sprintf("None of the %s days from %s on is materialized", site.Number(d.Total), d.First)
	case d.LagDays == 0:
		text += fmt.Sprintf(", up to the last that has ended, %s", d.Last)
	case d.LagDays == 1:
		text += fmt.Sprintf("; the last that has ended, %s, is not", d.Last)
	default:
		text += fmt.Sprintf("; the last %s are not", site.Number(d.LagDays))
	}
	return text + "."
}

// need is something that needs a person, with where to do it.
type need struct {
	pipeline.Attention
	Links []link
	Icon  string // a state that is drawn like it
}

// link leads to where something can be done about it.
type link struct {
	Text, URL string
	Acts      bool // it is for those who may do something
}

func needs(o pipeline.Overview) []need {
	list := make([]need, 0, len(o.Attention))
	for _, a := range o.Attention {
		if fresh(o) && a.Kind == "missing" {
			continue // the page says how to begin
		}
		list = append(list, need{a, links(a), map[pipeline.Urgency]string{
			pipeline.Alarm: "failed", pipeline.Warning: "stale", pipeline.Notice: "unknown",
		}[a.Urgency]})
	}
	return list
}

// links lead to where something can be done about it.
func links(a pipeline.Attention) []link {
	switch {
	case a.Kind == "source" || a.Kind == "api":
		return []link{{Text: "See what the source has", URL: "/api"}}
	case a.Backfill != "":
		return []link{{Text: "Open the backfill", URL: "/backfills/" + a.Backfill}}
	case a.Schedule != "" || a.Kind == "schedule" || a.Kind == "letters":
		return []link{{Text: "Open schedules", URL: "/schedules"}}
	case len(a.Days) == 1:
		return []link{{Text: "Open " + a.Days[0].String(), URL: "/partitions/" + a.Days[0].String()}}
	case len(a.Days) > 1:
		return []link{
			{Text: "Plan a backfill", URL: planURL(a), Acts: true},
			{Text: "See the days", URL: daysURL(selection(a), a.Days)},
		}
	default:
		return nil
	}
}

// planURL leads to the form of a backfill of these days, filled in.
func planURL(a pipeline.Attention) string {
	return "/backfills/new?from=" + a.Days[0].String() + "&to=" + a.Days[len(a.Days)-1].String() + "&select=" + selection(a)
}

// selection is what a backfill and the calendar call such days.
func selection(a pipeline.Attention) string {
	if a.Kind == "failed" || a.Kind == "stale" {
		return a.Kind
	}
	return "missing"
}

// daysURL leads to the calendar with the days of a state alone, at the month of the
// oldest that is named.
func daysURL(state string, days []partition.Key) string {
	axis := "data"
	switch state {
	case string(status.AttemptFailed), string(status.AttemptRunning):
		axis = "attempt"
	}
	url := "/partitions?" + axis + "=" + state
	if len(days) > 0 {
		url += "&month=" + days[0].String()[:len("2006-01")]
	}
	return url
}
