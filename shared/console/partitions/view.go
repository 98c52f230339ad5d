package partitions

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
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

var (
	dataStates    = []string{string(status.DataMaterialized), string(status.DataMissing), string(status.DataStale), string(status.DataWaived)}
	attemptStates = []string{
		string(status.AttemptSucceeded), string(status.AttemptFailed), string(status.AttemptRunning),
		string(status.AttemptQueued), string(status.AttemptCancelled), attemptNone,
	}
	selects = []string{string(backfill.SelectMissing), string(backfill.SelectFailed), string(backfill.SelectStale), string(backfill.SelectAll)}
	orders  = []string{string(backfill.OrderOldest), string(backfill.OrderNewest)}
)

// attemptNone is how a URL calls days that were never tried.
const attemptNone = "none"

// parameterError says what is wrong with a URL, and which one is like it and right.
type parameterError struct {
	name, rule string
	mended     view
}

// Error names the parameter and the rule.
func (e *parameterError) Error() string { return e.name + ": " + e.rule }

// parseView reads a query. The error is a *parameterError.
func parseView(query url.Values) (view, error) {
	var v view
	var wrong *parameterError
	fault := func(name, rule string, of ...any) {
		if wrong == nil {
			wrong = &parameterError{name: name, rule: fmt.Sprintf(rule, of...)}
		}
	}
	for name := range query {
		if !slices.Contains(viewParameters, name) {
			fault(name, "this page knows no such parameter; it knows %s", strings.Join(viewParameters, ", "))
		}
	}
	day := func(name string, text string) (key partition.Key) {
		if text == "" {
			return key
		}
		key, err := partition.ParseKey(text)
		if err != nil {
			fault(name, "%q is no day; want one as YYYY-MM-DD", text)
		}
		return key
	}
	oneOf := func(name string, known []string) string {
		text := query.Get(name)
		if text != "" && !slices.Contains(known, text) {
			fault(name, "%q is not known; want one of %s", text, strings.Join(known, ", "))
			return ""
		}
		return text
	}
	if text := query.Get("month"); text != "" {
		month, err := partition.ParseKey(text + "-01")
		if err != nil {
			fault("month", "%q is no month; want one as YYYY-MM", text)
		}
		v.Month = month
	}
	v.From, v.To = day("from", query.Get("from")), day("to", query.Get("to"))
	v.Data, v.Attempt = oneOf("data", dataStates), oneOf("attempt", attemptStates)
	v.Select, v.Order = backfill.Select(oneOf("plan", selects)), backfill.Order(oneOf("order", orders))
	if text := query.Get("max_concurrency"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > backfill.MaxConcurrency {
			fault("max_concurrency", "%q is not a number from 1 to %d", text, backfill.MaxConcurrency)
			n = 0
		}
		v.Concurrency = n
	}
	v.selectBothEnds(fault)
	if wrong != nil {
		wrong.mended = v
		return v, wrong
	}
	return v, nil
}

var viewParameters = []string{"month", "from", "to", "data", "attempt", "plan", "order", "max_concurrency"}

// selectBothEnds takes one end alone for a day, and a plan without a selection for a
// mistake.
func (v *view) selectBothEnds(fault func(name, rule string, of ...any)) {
	switch {
	case v.From.IsZero():
		v.From = v.To
	case v.To.IsZero():
		v.To = v.From
	case v.To.Before(v.From):
		fault("to", "%s is before %s; want the last day of the selection", v.To, v.From)
		v.From, v.To = v.To, v.From
	}
	if v.Select != "" && v.From.IsZero() {
		fault("plan", "want the days to plan for as well, by from and to")
		v.Select = ""
	}
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
