package partitions

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// dayPage is what the page of one day shows.
type dayPage struct {
	pipeline.DayDetail

	Now    time.Time
	Name   string // "Friday, 20 February 2026"
	Zone   string
	Hours  string          // "24 h"
	Odd    string          // why it has not 24 hours; empty where it has
	Bars   []template.HTML // the day and those around it
	Curves *curvesView     // nil in the live part
}

func (p *pages) day(w http.ResponseWriter, r *http.Request) {
	key, ok := p.thatDay(w, r)
	if !ok {
		return
	}
	curves := make(chan curvesView, 1)
	go func() { curves <- p.curvesOf(r.Context(), key) }()
	detail, err := p.pipeline.Partition(r.Context(), key)
	drawn := <-curves
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	page := p.newDayPage(detail)
	page.Curves = &drawn
	p.site.Render(w, r, site.Page{
		Title: key.String(), Section: "partitions", Template: p.template, Name: "day.html", Data: page,
		Scripts: []string{"chart.js", "partitions.js"}, Styles: []string{"chart.css", "partitions.css"},
		Keys: []site.Key{
			{Keys: "[", What: "The day before"},
			{Keys: "]", What: "The day after"},
			{Keys: "u", What: "Up to the calendar"},
			{Keys: "← →", What: "Move the crosshair of a chart that has the focus"},
		},
	})
}

// dayLive is all of the page but the curves.
func (p *pages) dayLive(w http.ResponseWriter, r *http.Request) {
	key, ok := p.thatDay(w, r)
	if !ok {
		return
	}
	detail, err := p.pipeline.Partition(r.Context(), key)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "day-live", p.newDayPage(detail))
}

func (p *pages) dayCurves(w http.ResponseWriter, r *http.Request) {
	key, ok := p.thatDay(w, r)
	if !ok {
		return
	}
	p.site.Fragment(w, r, p.template, "curves", p.curvesOf(r.Context(), key))
}

// log is what a run of the day logged, and says whether more is to come.
func (p *pages) log(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.thatDay(w, r); !ok {
		return
	}
	page, err := p.pipeline.Log(r.Context(), r.PathValue("run"), "")
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "log", struct {
		pipeline.LogPage
		Run string
	}{page, r.PathValue("run")})
}

func (p *pages) newDayPage(detail pipeline.DayDetail) dayPage {
	page := dayPage{
		DayDetail: detail, Now: p.site.Now(), Name: utc(detail.Key).Format("Monday, 2 January 2006"),
		Zone: p.pipeline.Calendar().Location().String(), Hours: hours(detail.Span.Duration()),
	}
	switch length := detail.Span.Duration(); {
	case length < 24*time.Hour:
		page.Odd = "Clocks go forward on this day."
	case length > 24*time.Hour:
		page.Odd = "Clocks go back on this day: an hour comes twice."
	}
	page.Bars = newAround(detail)
	return page
}

// hours writes a day's length: 23 h, 24 h, 24 h 30 min.
func hours(d time.Duration) string {
	text := fmt.Sprintf("%d h", d/time.Hour)
	if rest := d % time.Hour; rest != 0 {
		text += fmt.Sprintf(" %d min", rest/time.Minute)
	}
	return text
}

// Has tells whether the day has data that can be seen.
func (d dayPage) Has() bool { return d.Data == status.DataMaterialized || d.Data == status.DataStale }

// Hurt tells whether the last attempt went wrong.
func (d dayPage) Hurt() bool {
	return d.Attempt == status.AttemptFailed || d.Attempt == status.AttemptCancelled
}

// Restless tells whether the last attempt is shown beside the data's state.
func (d dayPage) Restless() bool {
	return d.Attempt != status.AttemptNone && d.Attempt != status.AttemptSucceeded
}

// Running tells whether a run holds the day.
func (d dayPage) Running() bool { return d.Attempt == status.AttemptRunning }

// EmptySource tells whether the last run found no sample, so that publishing an empty
// day, or waiving it, are what to do.
func (d dayPage) EmptySource() bool { return d.Failure != nil && d.Failure.Type == "EmptyPartition" }

// MonthURL is the day in its month of the calendar.
func (d dayPage) MonthURL() string { return view{}.WithMonth(d.Key).URL() }

// MonthName is that month's.
func (d dayPage) MonthName() string { return utc(d.Key).Format("January 2006") }

// Command runs the day from a terminal.
func (d dayPage) Command() string { return "delfos materialize --partition " + d.Key.String() }

// Generation is that of the published data, which the curves are redrawn for.
func (d dayPage) Generation() int64 {
	if d.Materialization == nil {
		return 0
	}
	return d.Materialization.Generation
}

// Took is how long a run took, as text; empty where nobody knows.
func (d dayPage) Took(run pipeline.Run) string {
	took, known := run.Took(d.Now)
	if !known || run.Outcome == status.OutcomeRunning {
		return ""
	}
	return site.Duration(took)
}

// near is the partition that is nearest to a day, if there is any.
func (p *pages) near(key partition.Key) (nearest partition.Key, there bool) {
	first, last := p.pipeline.Range()
	if last.Before(first) {
		return first, false
	}
	return later(first, earlier(last, key)), true
}

// curvesOf reads and draws the day's curves.
func (p *pages) curvesOf(ctx context.Context, key partition.Key) curvesView {
	curves, err := p.pipeline.Curves(ctx, key)
	if err != nil {
		return curvesView{Key: key, Err: err}
	}
	return draw(key, curves, p.pipeline.Calendar().Location())
}
