package overview

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"delfos/shared/console/recent"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

const (
	// freshFor is how old a look may be that several browsers share.
	freshFor = 2 * time.Second
	// ticksFreshFor bounds how long the past ticks are kept while nothing else changes:
	// they are found among the last thousand runs.
	ticksFreshFor = 30 * time.Second
	// ticksWithin is as long as the pipeline waits for the other parts of the overview.
	ticksWithin = 4 * time.Second
	// ticksLookedAt is how many past ticks are asked for, of which the last is shown.
	ticksLookedAt = 20
)

// seen is how everything stood at a look. It is shared: not to be changed.
type seen struct {
	pipeline.Overview
	ticks pipeline.Part[[]pipeline.PastTick]
}

// looks are shared by all who watch.
type looks struct {
	pipeline Pipeline
	all      *recent.Answers[seen]
	ticks    *recent.Answers[[]pipeline.PastTick]
	traces   atomic.Pointer[string] // that ticks leave, as the last look saw them
}

func newLooks(s *site.Site, p Pipeline) *looks {
	l := &looks{
		pipeline: p,
		all:      recent.New[seen](&s.Acts, s.Now, freshFor),
		ticks:    recent.New[[]pipeline.PastTick](&s.Acts, s.Now, ticksFreshFor),
	}
	l.traces.Store(new(string))
	return l
}

// errNotAll is of a look in which something could not be read: its parts say why.
var errNotAll = errors.New("not everything could be read")

// look tells how everything stands. What cannot be read within the time says so in its
// part.
func (l *looks) look(ctx context.Context, within time.Duration) seen {
	found, err := l.all.Get(ctx, "", within, func(ctx context.Context) (seen, error) { return l.read(ctx, within) })
	if err != nil && !errors.Is(err, errNotAll) { // who asked has gone
		return nothing(err)
	}
	return found
}

// read asks for everything at once. The past ticks are those that were known when the
// last look saw what this one sees, which costs a change of them one poll.
func (l *looks) read(ctx context.Context, within time.Duration) (seen, error) {
	ticks := make(chan pipeline.Part[[]pipeline.PastTick], 1)
	go func() {
		past, err := l.ticks.Get(ctx, *l.traces.Load(), min(within, ticksWithin), func(ctx context.Context) ([]pipeline.PastTick, error) {
			return l.pipeline.Ticks(ctx, ticksLookedAt)
		})
		ticks <- pipeline.Part[[]pipeline.PastTick]{Value: past, Err: err}
	}()
	found := seen{Overview: l.pipeline.Overview(ctx)}
	found.ticks = <-ticks
	l.traces.Store(tracesOf(found.Overview))
	for _, err := range found.errors() {
		if *err != nil {
			return found, errNotAll
		}
	}
	return found, nil
}

// errors are those of all parts.
func (s *seen) errors() []*error {
	return []*error{
		&s.API.Err, &s.Source.Err, &s.Target.Err, &s.Days.Err, &s.LastRuns.Err, &s.Schedules.Err, &s.Backfills.Err, &s.Letters.Err, &s.ticks.Err,
	}
}

// nothing is a look that saw nothing at all.
func nothing(err error) seen {
	var s seen
	for _, each := range s.errors() {
		*each = err
	}
	return s
}

// tracesOf is what changes when a tick comes, or what it led to ends.
func tracesOf(o pipeline.Overview) *string {
	var b strings.Builder
	for _, run := range o.LastRuns.Value {
		fmt.Fprintln(&b, run.ID, run.Outcome)
	}
	for _, backfill := range o.Backfills.Value {
		fmt.Fprintln(&b, backfill.Name, backfill.State)
	}
	for _, s := range o.Schedules.Value {
		if len(s.Next) > 0 {
			fmt.Fprintln(&b, s.Name, s.Next[0].At.Unix())
		}
	}
	return new(b.String())
}
