package partitions

import (
	"errors"
	"net/http"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// calendarPage is what the calendar shows.
type calendarPage struct {
	View        view
	First, Last partition.Key
	Total       int
	Zone        string
	Codes       string // of all days from First to Last
	Data        []filter
	Attempts    []filter
	Month       month
	Selection   selection
	Found       found
	Years       []year // nil in the live part
	Plan        *planView
}

func (p *pages) calendar(w http.ResponseWriter, r *http.Request) {
	if text := r.URL.Query().Get("day"); text != "" {
		p.jump(w, r, text)
		return
	}
	page, ok := p.look(w, r)
	if !ok {
		return
	}
	if page.First.IsZero() || page.Last.Before(page.First) {
		p.nothingYet(w, r)
		return
	}
	days, err := p.all(r.Context(), page.First, page.Last)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	page.fill(days)
	page.Years = years(days, page.View)
	if page.View.Select != "" {
		page.Plan = p.plan(r.Context(), page.View)
	}
	p.site.Render(w, r, site.Page{
		Title: "Partitions", Section: "partitions", Template: p.template, Name: "calendar.html", Data: page,
		Scripts: []string{"partitions.js"}, Styles: []string{"partitions.css"},
		Keys: []site.Key{
			{Keys: "← → ↑ ↓", What: "Move in the calendar"},
			{Keys: "Shift + arrow", What: "Select days"},
			{Keys: "Enter", What: "Open the day"},
			{Keys: "Space", What: "Select the day"},
			{Keys: "d", What: "Jump to a date"},
			{Keys: "c", What: "Clear the selection"},
		},
	})
}

func (p *pages) calendarLive(w http.ResponseWriter, r *http.Request) {
	page, ok := p.look(w, r)
	if !ok {
		return
	}
	days, err := p.all(r.Context(), page.First, page.Last)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	page.fill(days)
	p.site.Fragment(w, r, p.template, "live", page)
}

// look reads the view from the URL and answers where that is wrong.
func (p *pages) look(w http.ResponseWriter, r *http.Request) (page calendarPage, ok bool) {
	first, last := p.pipeline.Range()
	v, err := parseView(r.URL.Query())
	if err == nil && !last.Before(first) {
		err = v.within(first, last)
	}
	if wrong, is := errors.AsType[*parameterError](err); is {
		p.site.Problem(w, r, http.StatusBadRequest, "This address asks for something that is not there", wrong.Error()+".",
			site.Link{Text: "The nearest that is", URL: wrong.mended.nearest(first, last).URL()}, site.Link{Text: "All partitions", URL: "/partitions"})
		return page, false
	}
	page = calendarPage{View: v, First: first, Last: last, Zone: p.pipeline.Calendar().Location().String()}
	return page, true
}

// nearest is the view mended until there is nothing wrong with it.
func (v view) nearest(first, last partition.Key) view {
	for range 3 {
		if wrong, is := errors.AsType[*parameterError](v.within(first, last)); is {
			v = wrong.mended
		}
	}
	return v
}

// jump leads to a date in the calendar, with the day selected.
func (p *pages) jump(w http.ResponseWriter, r *http.Request, text string) {
	key, err := partition.ParseKey(text)
	if err != nil {
		p.site.Problem(w, r, http.StatusBadRequest, "This is no date", "day: "+err.Error()+".", site.Link{Text: "All partitions", URL: "/partitions"})
		return
	}
	to := view{}.WithMonth(key).WithDays(key, key)
	http.Redirect(w, r, to.URL(), http.StatusSeeOther) //nolint:gosec // a path of ours, with days that were parsed
}

// fill works the page out of all days from First to Last, which there are at least one of.
func (c *calendarPage) fill(days []pipeline.Day) {
	v := c.View
	if v.Month.IsZero() {
		v.Month = firstOfMonth(c.Last)
		if v.Selected() {
			v.Month = firstOfMonth(v.To)
		}
	}
	c.Codes = codes(days)
	c.Total = len(days) - countSkipped(days)
	c.Data, c.Attempts = filters(days, c.View)
	c.Month = newMonth(days, v, c.First, c.Last)
	c.Selection = newSelection(days, c.View, c.First, c.Last)
	if v.Filtered() {
		c.Found = find(days, v)
	}
}

func countSkipped(days []pipeline.Day) int {
	n := 0
	for _, day := range days {
		if day.Skipped {
			n++
		}
	}
	return n
}

// nothingYet is the page before the first day is over.
func (p *pages) nothingYet(w http.ResponseWriter, r *http.Request) {
	calendar := p.pipeline.Calendar()
	p.site.Render(w, r, site.Page{
		Title: "Partitions", Section: "partitions", Template: p.template, Name: "nothing.html", Styles: []string{"partitions.css"},
		Data: struct {
			First partition.Key
			Over  time.Time
		}{calendar.First(), calendar.Span(calendar.First()).End},
	})
}

// AtOnce is what the form of a plan begins with.
func (v view) AtOnce() int {
	if v.Concurrency == 0 {
		return backfill.DefaultConcurrency
	}
	return v.Concurrency
}
