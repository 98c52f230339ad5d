package partitions

import (
	"fmt"
	"net/url"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// view is what one sees of the calendar: all that its URL says.
type view struct {
	Month    partition.Key // the first day of the month at reading size; zero is the one with the last day
	From, To partition.Key // the days that are selected, both inclusive; zero is none
	Data     string        // only days in this state; empty is any
	Attempt  string        // only days whose last attempt stands so; "none" was never tried, empty is any

	// Of the plan that is asked for; Select empty is none.
	Select      backfill.Select
	Order       backfill.Order
	Concurrency int
}

// within checks the view against the days that there are. The error is a
// *parameterError.
func (v view) within(first, last partition.Key) error {
	mended := v
	clamp := func(key partition.Key) partition.Key { return later(first, earlier(last, key)) }
	if !v.From.IsZero() {
		mended.From, mended.To = clamp(v.From), clamp(v.To)
	}
	if !v.Month.IsZero() {
		mended.Month = firstOfMonth(clamp(v.Month))
	}
	switch {
	case !v.Month.IsZero() && mended.Month != v.Month:
		return &parameterError{"month", fmt.Sprintf("%s has no partition; they go from %s to %s", monthText(v.Month), first, last), mended}
	case mended.From != v.From:
		return &parameterError{"from", fmt.Sprintf("%s is no partition; they go from %s to %s", v.From, first, last), mended}
	case mended.To != v.To:
		return &parameterError{"to", fmt.Sprintf("%s is no partition; they go from %s to %s", v.To, first, last), mended}
	default:
		return nil
	}
}

// Selected tells whether days are selected; Days how many.
func (v view) Selected() bool { return !v.From.IsZero() }

// Days is how many days are selected.
func (v view) Days() int {
	if !v.Selected() {
		return 0
	}
	return count(v.From, v.To)
}

// Filtered tells whether only some days are looked for.
func (v view) Filtered() bool { return v.Data != "" || v.Attempt != "" }

// matches tells whether a day is one of those looked for.
func (v view) matches(data status.DataState, attempt status.AttemptState) bool {
	name := string(attempt)
	if attempt == status.AttemptNone {
		name = attemptNone
	}
	return (v.Data == "" || v.Data == string(data)) && (v.Attempt == "" || v.Attempt == name)
}

func (v view) selects(key partition.Key) bool {
	return v.Selected() && !key.Before(v.From) && !v.To.Before(key)
}

// query is the view's, without what is as it is by itself. The plan is left out: it
// is asked for once, and not with each poll.
func (v view) query() string {
	var pairs []string
	add := func(name, value string) {
		if value != "" {
			pairs = append(pairs, name+"="+url.QueryEscape(value))
		}
	}
	if !v.Month.IsZero() {
		add("month", monthText(v.Month))
	}
	if v.Selected() {
		add("from", v.From.String())
		add("to", v.To.String())
	}
	add("data", v.Data)
	add("attempt", v.Attempt)
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// URL is where the view is seen.
func (v view) URL() string { return "/partitions" + v.query() }

// LiveURL is where its live part is asked for.
func (v view) LiveURL() string { return "/partitions/live" + v.query() }

// WithMonth, WithData, WithAttempt and WithDays are other views, for links.
func (v view) WithMonth(month partition.Key) view { v.Month = firstOfMonth(month); return v }

// WithData turns the filter on, or off where it is on.
func (v view) WithData(state string) view {
	if v.Data == state {
		state = ""
	}
	v.Data = state
	return v
}

// WithAttempt is as WithData.
func (v view) WithAttempt(state string) view {
	if v.Attempt == state {
		state = ""
	}
	v.Attempt = state
	return v
}

// WithDays selects other days.
func (v view) WithDays(from, to partition.Key) view { v.From, v.To = from, to; return v }

// Unfiltered and Unselected are the view without.
func (v view) Unfiltered() view { v.Data, v.Attempt = "", ""; return v }

// Unselected is the view without a selection.
func (v view) Unselected() view { v.From, v.To = partition.Key{}, partition.Key{}; return v }

// Wanted tells in words which days the filter looks for: "with data that is missing,
// whose last attempt failed".
func (v view) Wanted() string {
	var parts []string
	if v.Data != "" {
		parts = append(parts, "with data that is "+v.Data)
	}
	if v.Attempt != "" {
		parts = append(parts, attemptWanted[v.Attempt])
	}
	return strings.Join(parts, ", ")
}

var attemptWanted = map[string]string{
	string(status.AttemptSucceeded): "whose last attempt succeeded",
	string(status.AttemptFailed):    "whose last attempt failed",
	string(status.AttemptRunning):   "that are running",
	string(status.AttemptQueued):    "whose next attempt is queued",
	string(status.AttemptCancelled): "whose last attempt was cancelled",
	attemptNone:                     "that were never tried",
}
