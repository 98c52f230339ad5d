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
	Final        bool // none of it changes any more, but by a redrive
	Tabs         []tab
	Items        []itemRow
	Empty        string // what to say where there are none
	From, To     int    // the places of what is shown, from 1 on
	Total        int    // that match
	Before, Next string
}

// itemRow is one partition.
type itemRow struct {
	pipeline.Item
	State string
}

// tab is a choice of outcome.
type tab struct {
	State, URL string // State is "" of all
	Count      int
	Current    bool
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
	list, err := p.items(ctx, name, report.Outcome(c.Outcome), c.Items)
	if err != nil {
		return view, err
	}
	view.Total, view.Over, view.Empty = list.Counts.Planned, list.Over, noItems(report.Outcome(c.Outcome), list.Over)
	view.Final = list.Over && list.Counts.Running == 0
	for _, item := range list.Items {
		view.Items = append(view.Items, itemRow{item, stateOf(item.Outcome, list.Over)})
	}
	view.Tabs = []tab{{"", address(path, "events", c.Events) + "#partitions", list.Counts.Planned, c.Outcome == ""}}
	for _, s := range shares(list.Counts, list.Over) {
		outcome := string(s.Outcome)
		if outcome == c.Outcome {
			view.Total = s.Count
		}
		if s.Count > 0 || outcome == c.Outcome {
			view.Tabs = append(view.Tabs, tab{s.State, address(path, "outcome", outcome, "events", c.Events) + "#partitions", s.Count, outcome == c.Outcome})
		}
	}
	view.turn(list.Next)
	return view, nil
}

// noItems says that there is none of an outcome, or none at all.
func noItems(outcome report.Outcome, over bool) string {
	switch {
	case outcome == report.Waiting && over:
		return "Every partition was run"
	case outcome != "":
		return "None is " + string(outcome)
	case over:
		return "None"
	default:
		return "None yet"
	}
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
