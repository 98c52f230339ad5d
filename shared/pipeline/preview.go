package pipeline

import (
	"context"
	"errors"
	"strings"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/etl"
	"delfos/shared/partition"
)

// Preview is what the ticks of a day that do the same do, as things stand now.
type Preview struct {
	Schedule    Schedule // without its next ticks
	Ticks       int      // of the day that do the same; 0 where it has none
	First, Last time.Time
	Day         *Day   // that the etl runs; nil where it is a backfill
	Plan        *Plan  // of a backfill; nil where it is the etl. It has no JSON.
	Problem     string // why the target would refuse its input; empty where it would not
}

// PreviewTick tells what the schedules do on a day, past or to come, on or off: at
// least one Preview for each. The days of a schedule are those of its own time zone.
//
// IAM: that of Schedules, dynamodb:Query on the partitions table.
func (p *Pipeline) PreviewTick(ctx context.Context, day partition.Key) ([]Preview, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	all, err := p.schedules(ctx)
	if err != nil {
		return nil, err
	}
	var previews []Preview
	for _, s := range all {
		found, err := p.previewSchedule(ctx, s, day)
		if err != nil {
			return nil, err
		}
		previews = append(previews, found...)
	}
	return previews, nil
}

// previewSchedule gathers a schedule's ticks of a day, those that stand for the same
// together.
func (p *Pipeline) previewSchedule(ctx context.Context, s Schedule, day partition.Key) ([]Preview, error) {
	if s.Problem != "" {
		return []Preview{{Schedule: s, Problem: s.Problem}}, nil
	}
	calendar, err := partition.NewCalendar(s.TimeZone, day)
	if err != nil {
		return nil, &RefusedError{theScheduler, err} // never: its ticks can be told
	}
	span := calendar.Span(day)
	var previews []Preview
	var last partition.Key
	for at, ok := s.ticks.Next(span.Start.Add(-time.Nanosecond)); ok && at.Before(span.End); at, ok = s.ticks.Next(at) {
		ended := p.options.Calendar.LastEnded(at)
		if n := len(previews); n > 0 && ended == last {
			previews[n-1].Ticks++
			previews[n-1].Last = at
			continue
		}
		last = ended
		one, err := p.previewAt(ctx, s, at)
		if err != nil {
			return nil, err
		}
		previews = append(previews, one)
	}
	if previews == nil {
		previews = []Preview{{Schedule: s}}
	}
	return previews, nil
}

func (p *Pipeline) previewAt(ctx context.Context, s Schedule, at time.Time) (Preview, error) {
	one := Preview{Schedule: s, Ticks: 1, First: at, Last: at}
	if s.Target == TargetBackfill {
		plan, err := p.previewPlan(ctx, s, at)
		if invalid, ok := errors.AsType[*InvalidError](err); ok {
			one.Problem = invalid.Error()
			return one, nil
		}
		one.Plan = &plan
		return one, err
	}
	key, _, problem := p.etlEvent(s, at)
	if err := p.options.Calendar.Check(key, at); problem == "" && err != nil {
		problem = err.Error() // as the etl says at that time
	}
	if problem != "" {
		one.Problem = problem
		return one, nil
	}
	record, err := p.status.Partition(ctx, p.options.Asset, key)
	if err != nil {
		return one, explain(theStatus, err)
	}
	one.Day = &Day{Partition: settled(record, p.now()), Skipped: isSkipped(key, p.options.Calendar.Location())}
	return one, nil
}

func (p *Pipeline) previewPlan(ctx context.Context, s Schedule, at time.Time) (Plan, error) {
	request, err := ParseRequest([]byte(s.inputAt(at)))
	if err != nil {
		return Plan{}, err
	}
	plan, err := p.planAt(ctx, request, at)
	return Plan{Plan: plan, Request: withHash(request, plan.Hash)}, err
}

func withHash(request backfill.Request, hash string) backfill.Request {
	request.PlanHash = hash
	return request
}

// etlEvent is what a schedule gives the etl at an instant, and the day that it names, or
// why it names none.
func (p *Pipeline) etlEvent(s Schedule, at time.Time) (key partition.Key, event []byte, problem string) {
	event = []byte(s.inputAt(at))
	request, err := etl.ParseEvent(event, p.options.Calendar)
	if err != nil {
		problem = err.Error()
	}
	return request.Partition, event, problem
}

// inputAt is a schedule's input at an instant (EventBridge Scheduler User Guide,
// "Adding context attributes").
func (s Schedule) inputAt(at time.Time) string {
	return strings.ReplaceAll(s.Input, "<aws.scheduler.scheduled-time>", at.UTC().Format(time.RFC3339))
}
