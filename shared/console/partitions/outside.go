package partitions

import (
	"fmt"
	"net/http"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/partition"
)

// outsidePage is for an address of a day that is none.
type outsidePage struct {
	Icon    string
	Title   string
	Text    string
	Over    time.Time // when the day ends; zero where that is not the matter
	Nearest partition.Key
	There   bool // there is a nearest
	Month   string
}

// thatDay reads the day of the URL, and answers where it is none: with what is the
// matter, and where the nearest is.
func (p *pages) thatDay(w http.ResponseWriter, r *http.Request) (partition.Key, bool) {
	text := r.PathValue("day")
	key, err := partition.ParseKey(text)
	if err != nil {
		first, last := p.pipeline.Range()
		links := []site.Link{{Text: "All partitions", URL: "/partitions"}}
		if !last.Before(first) {
			links = append(links, site.Link{Text: "The last day, " + last.String(), URL: dayURL(last)})
		}
		p.site.Problem(w, r, http.StatusNotFound, "This is no day",
			fmt.Sprintf("%q is not a day of the calendar, written as YYYY-MM-DD. Partitions are named by their days, such as %s.", text, first), links...)
		return key, false
	}
	if p.pipeline.Calendar().Check(key, p.site.Now()) == nil {
		return key, true
	}
	page := p.outside(key)
	if r.URL.Path != dayURL(key) { // a part of the page, or an action
		p.site.Problem(w, r, http.StatusNotFound, page.Title, page.Text)
		return key, false
	}
	p.site.Render(w, r, site.Page{
		Title: key.String(), Section: "partitions", Template: p.template, Name: "outside.html", Data: page,
		Status: http.StatusNotFound, Styles: []string{"partitions.css"}, Scripts: []string{"partitions.js"},
	})
	return key, false
}

// outside says why a day is no partition, which it must not be.
func (p *pages) outside(key partition.Key) outsidePage {
	calendar := p.pipeline.Calendar()
	page := outsidePage{}
	page.Nearest, page.There = p.near(key)
	page.Month = view{}.WithMonth(page.Nearest).URL()
	name := utc(key).Format("Monday, 2 January 2006")
	switch span := calendar.Span(key); {
	case key.Before(calendar.First()):
		page.Icon, page.Title = "left", name+" is before the first partition"
		page.Text = fmt.Sprintf("The pipeline begins with %s. Which day that is, is the parameter FirstPartition of the stack.", calendar.First())
	case span.Duration() == 0:
		page.Icon, page.Title = "slash", name+" did not happen"
		page.Text = fmt.Sprintf("The time zone %s skipped this day, so there is nothing to process.", calendar.Location())
	default:
		page.Icon, page.Title, page.Over = "schedules", name+" is not over yet", span.End
		page.Text = "A day is processed once it is over in the partitions' time zone; the schedule then runs it by itself."
	}
	return page
}
