package backfills

import (
	"context"
	"net/http"
	"strconv"

	"delfos/shared/backfill/report"
	"delfos/shared/pipeline"
)

// itemsSize is how many partitions are on a page.
const itemsSize = 100

var outcomes = []string{
	string(report.Failed), string(report.Running), string(report.Waiting), string(report.Materialized), string(report.Cancelled), string(report.Waived),
}

// itemsView is the partitions of a backfill.
type itemsView struct {
	chosen
	Path, Poll   string
	Over         bool
	Tabs         []tab
	Items        []pipeline.Item
	From, To     int // the places of what is shown, from 1 on
	Total        int // that match
	Before, Next string
}

// tab is a choice of outcome.
type tab struct {
	Outcome, Title, URL string
	Count               int
	Current             bool
}

func (p pages) itemsPart(w http.ResponseWriter, r *http.Request) {
	c, err := choose(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	view, err := p.readItems(r.Context(), r.PathValue("name"), c)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "items", view)
}

func (p pages) readItems(ctx context.Context, name string, c chosen) (itemsView, error) {
	path := page(name)
	view := itemsView{chosen: c, Path: path, Poll: address(path+"/items", "outcome", c.Outcome, "items", c.Items)}
	list, err := p.pipeline.Items(ctx, name, pipeline.ItemFilter{Outcome: report.Outcome(c.Outcome)}, pipeline.Page{Limit: itemsSize, Before: c.Items})
	if err != nil {
		return view, err
	}
	view.Items, view.Total, view.Over = list.Items, list.Counts.Planned, list.Over
	view.Tabs = []tab{{"", "All", address(path, "events", c.Events) + "#partitions", list.Counts.Planned, c.Outcome == ""}}
	for _, s := range shares(list.Counts) {
		outcome := string(s.Outcome)
		if outcome == c.Outcome {
			view.Total = s.Count
		}
		if s.Count > 0 || outcome == c.Outcome {
			view.Tabs = append(view.Tabs, tab{outcome, outcome, address(path, "outcome", outcome, "events", c.Events) + "#partitions", s.Count, outcome == c.Outcome})
		}
	}
	view.turn(list.Next)
	return view, nil
}

// turn finds the pages before and after. The next of a page is the place at which it
// begins.
func (v *itemsView) turn(next string) {
	from, err := strconv.Atoi(v.chosen.Items)
	if err != nil {
		from = 0
	}
	v.From, v.To = from+1, from+len(v.Items)
	link := func(items string) string {
		return address(v.Path, "outcome", v.Outcome, "items", items, "events", v.Events) + "#partitions"
	}
	if next != "" {
		v.Next = link(next)
	}
	if from > 0 {
		before := ""
		if from > itemsSize {
			before = strconv.Itoa(from - itemsSize)
		}
		v.Before = link(before)
	}
}
