package overview

import (
	"context"
	"errors"
	"html/template"
	"slices"
	"time"

	"delfos/shared/console/graph"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// view is what the templates show.
type view struct {
	Waiting bool // some parts are not there yet; the first poll brings them
	Verdict verdict
	Needs   []need
	Begin   *begin // how to, where nothing has ever run
	Days    daysView
	Graph   template.HTML
	Ticks   ticksView
	Running running
	Runs    runsView
	Health  []healthLine
}

// begin is the days that can be run on a fresh stack; Days is 0 where there are none.
type begin struct {
	First, Last partition.Key
	Days        int
}

// newBegin counts the days that have ended and of which the source has samples; where
// it does not answer, all that have ended.
func newBegin(o pipeline.Overview, zone *time.Location) *begin {
	b := &begin{First: o.Days.Value.First, Last: o.Days.Value.Last}
	if last := o.Source.Value.Extent.Last; o.Source.Err == nil {
		if key := partition.NewKey(last.In(zone)); key.Before(b.Last) {
			b.Last = key
		}
	}
	for key := b.First; !b.Last.Before(key); key = key.AddDays(1) {
		b.Days++
	}
	return b
}

// daysView is how the days stand.
type daysView struct {
	Err   error
	Stats []stat
	Strip []cell
	First string
	Last  string
	Total int
}

// stat is one number, which leads to the days that it counts.
type stat struct {
	State string // as site.Funcs' badge knows it; "" has no icon
	Label string
	Value int
	Note  string
	Day   string // that the note ends with
	URL   string
}

// running is the backfills that are under way.
type running struct {
	Err  error
	List []backfillLine
}

type backfillLine struct {
	pipeline.Backfill
	Segments []segment
	Total    int // of the bar's width
}

// segment is a part of a progress bar, in partitions.
type segment struct {
	State    string
	At, Wide int
}

type runsView struct {
	Err  error
	List []pipeline.Run
}

// newView makes the view of what was seen. On a page that does not wait, what failed for
// want of time is still being waited for.
func newView(s *site.Site, seen seen, impatient bool) view {
	waiting := false
	if impatient {
		for _, err := range seen.errors() {
			if errors.Is(*err, context.DeadlineExceeded) || errors.Is(*err, context.Canceled) {
				*err, waiting = errAsking, true
			}
		}
	}
	o := seen.Overview
	v := view{
		Waiting: waiting,
		Verdict: judge(o),
		Needs:   needs(o),
		Days:    newDays(o.Days),
		Graph:   graph.Pipeline("The pipeline, from the source to the target", stations(s, o)),
		Ticks:   newTicks(o, seen.ticks),
		Running: newRunning(o),
		Runs:    runsView{Err: o.LastRuns.Err, List: o.LastRuns.Value},
		Health:  health(o),
	}
	if waiting {
		v.Verdict = verdict{Kind: "pending", Title: "Still asking how things stand", Text: "Some of the pipeline is slow to answer."}
		v.Needs = nil
	} else if fresh(o) {
		v.Begin = newBegin(o, s.Location)
	}
	return v
}

// Wait tells that an answer is still to come.
func (v daysView) Wait() bool { return errors.Is(v.Err, errAsking) }

// Wait likewise.
func (v running) Wait() bool { return errors.Is(v.Err, errAsking) }

// Wait likewise.
func (v runsView) Wait() bool { return errors.Is(v.Err, errAsking) }

func newRunning(o pipeline.Overview) running {
	view := running{Err: o.Backfills.Err}
	for _, b := range o.Running() {
		line := backfillLine{Backfill: b, Total: max(1, b.Counts.Planned)}
		at := 0
		for _, part := range []segment{
			{State: "materialized", Wide: b.Counts.Materialized + b.Counts.Waived},
			{State: "failed", Wide: b.Counts.Failed},
			{State: "cancelled", Wide: b.Counts.Cancelled},
			{State: "running", Wide: b.Counts.Running},
		} {
			if part.Wide > 0 {
				part.At = at
				line.Segments = append(line.Segments, part)
				at += part.Wide
			}
		}
		view.List = append(view.List, line)
	}
	return view
}

// lastDone is the newest of the ticks that there were.
func lastDone(ticks []pipeline.PastTick) *pipeline.PastTick {
	if len(ticks) == 0 {
		return nil
	}
	newest := slices.MaxFunc(ticks, func(a, b pipeline.PastTick) int { return a.FiredAt.Compare(b.FiredAt) })
	return &newest
}
