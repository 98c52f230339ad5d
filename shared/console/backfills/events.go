package backfills

import (
	"context"
	"net/http"
	"strings"

	"delfos/shared/pipeline"
)

// eventsView is a page of an execution's history, the newest events first.
type eventsView struct {
	chosen
	Path, Poll string
	Over       bool
	Events     []eventRow
	Next       string
	Newest     string // where the newest are; "" is this
}

// eventRow is one event.
type eventRow struct {
	pipeline.Event
	Class string // as what it tells of
}

func (p pages) eventsPart(w http.ResponseWriter, r *http.Request) {
	c, err := choose(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	view, err := p.readEvents(r.Context(), r.PathValue("name"), c)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "events", view)
}

func (p pages) readEvents(ctx context.Context, name string, c chosen) (eventsView, error) {
	path := page(name)
	view := eventsView{chosen: c, Path: path}
	list, err := p.events(ctx, name, c.Events)
	if err != nil {
		return view, err
	}
	for _, e := range list.Events {
		view.Events = append(view.Events, eventRow{e, eventClass(e.Type)})
	}
	view.Over = len(view.Events) > 0 && isEnd(view.Events[0].Type)
	if list.Next != "" {
		view.Next = address(path, "outcome", c.Outcome, "items", c.Items, "events", list.Next) + "#history"
	}
	if c.Events == "" {
		view.Poll = address(path+"/events", "outcome", c.Outcome, "items", c.Items) // its links keep to them
	} else {
		view.Newest = address(path, "outcome", c.Outcome, "items", c.Items) + "#history"
	}
	return view, nil
}

// isEnd tells whether an event of this type is an execution's last, but for a redrive.
func isEnd(kind string) bool {
	switch kind {
	case "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut":
		return true
	default:
		return false
	}
}

// eventClass is the class of an event's type in site.css.
func eventClass(kind string) string {
	switch {
	case strings.HasSuffix(kind, "Failed"), strings.HasSuffix(kind, "TimedOut"):
		return "attempt--failed"
	case strings.HasSuffix(kind, "Aborted"):
		return "attempt--cancelled"
	case strings.HasSuffix(kind, "Succeeded"), strings.HasSuffix(kind, "Exited"):
		return "attempt--succeeded"
	case strings.HasSuffix(kind, "Started"), strings.HasSuffix(kind, "Entered"), strings.HasSuffix(kind, "Redriven"):
		return "attempt--running"
	default:
		return "attempt--queued"
	}
}
