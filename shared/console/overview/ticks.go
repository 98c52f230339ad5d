package overview

import (
	"cmp"
	"errors"
	"time"

	"delfos/shared/pipeline"
)

// ticksView is what ran by itself last, and what will next.
type ticksView struct {
	Err  error
	Last *pastTick // nil is none, unless Err is not nil
	Next []nextTick
}

// Wait tells that an answer is still to come.
func (v ticksView) Wait() bool { return errors.Is(v.Err, errAsking) }

type pastTick struct {
	What, Schedule string
	At             time.Time
	Outcome        string // as a state
	Text, URL      string // what came of it
	Error          string
}

type nextTick struct {
	What, Schedule string
	On             bool
	At             time.Time
	Warning        string
	Problem        string
}

func newTicks(o pipeline.Overview, ticks pipeline.Part[[]pipeline.PastTick]) ticksView {
	view := ticksView{Err: cmp.Or(o.Schedules.Err, ticks.Err)}
	for _, s := range o.Schedules.Value {
		next := nextTick{What: what(s.Target), Schedule: s.Name, On: s.On, Problem: s.Problem}
		if len(s.Next) > 0 {
			next.At, next.Warning = s.Next[0].At, s.Next[0].Warning
		}
		view.Next = append(view.Next, next)
	}
	if last := lastDone(ticks.Value); last != nil {
		view.Last = newPastTick(*last)
	}
	return view
}

// what is a schedule in a word or two.
func what(target pipeline.TargetKind) string {
	switch target {
	case pipeline.TargetEtl:
		return "Daily tick"
	case pipeline.TargetBackfill:
		return "Sweep"
	default:
		return "Schedule"
	}
}

func newPastTick(t pipeline.PastTick) *pastTick {
	past := &pastTick{What: what(t.Target), Schedule: t.Schedule, At: t.FiredAt, Outcome: string(t.Outcome), Error: t.Error}
	switch {
	case t.Run != nil:
		past.Text, past.URL, past.Outcome = t.Run.Partition.String(), "/runs/"+t.Run.ID, string(t.Run.Outcome)
	case t.Backfill != nil:
		past.Text, past.URL, past.Outcome = t.Backfill.Name, "/backfills/"+t.Backfill.Name, string(t.Backfill.State)
	}
	return past
}
