package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"golang.org/x/sync/errgroup"

	"delfos/shared/schedule"
	"delfos/shared/status"
)

// PastTick is a tick that there was.
type PastTick struct {
	Schedule    string // its name
	Target      TargetKind
	ScheduledAt time.Time // zero where it is not known
	FiredAt     time.Time
	Outcome     schedule.Outcome
	Error       string
	Missed      int // how many, where the outcome is schedule.Missed

	// What it did; both are nil where it did nothing, or that is not known.
	Run      *Run
	Backfill *Backfill

	started string // what the firing says that it started
}

// Ticks lists the ticks that there were of all schedules, the newest first, at most so
// many (1 to 1000), each with the run or the backfill that it led to, where that is
// among the last 1000. The error is an *InvalidError of field "limit".
//
// IAM: that of Schedules, Runs and Backfills; where there is a tick log group,
// logs:GetLogEvents on it.
func (p *Pipeline) Ticks(ctx context.Context, limit int) ([]PastTick, error) {
	if limit < 1 || limit > mostTicks {
		return nil, &InvalidError{"limit", fmt.Sprintf("it is %d; want 1 to %d", limit, mostTicks)}
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	all, err := p.schedules(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var runs []Run
	var backfills []Backfill
	ticks := make([][]PastTick, len(all))
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		list, err := p.Runs(reading, RunFilter{Trigger: status.TriggerSchedule}, Page{Limit: mostTicks})
		runs = list.Runs
		return err
	})
	group.Go(func() error {
		list, err := p.Backfills(reading, BackfillFilter{}, Page{Limit: limit})
		backfills = list.Backfills
		return err
	})
	for i, s := range all {
		if p.options.TickLogGroup != "" {
			group.Go(func() (err error) {
				ticks[i], err = p.loggedTicks(reading, s, limit)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	found := slices.Concat(ticks...)
	if p.options.TickLogGroup == "" {
		found = inferTicks(all, runs, backfills)
	} else {
		join(found, runs, backfills)
	}
	slices.SortStableFunc(found, func(a, b PastTick) int { return b.FiredAt.Compare(a.FiredAt) })
	return found[:min(len(found), limit)], nil
}

// loggedTicks reads the last ticks of a schedule from the logs, in any order.
func (p *Pipeline) loggedTicks(ctx context.Context, s Schedule, limit int) ([]PastTick, error) {
	var ticks []PastTick
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &p.options.TickLogGroup, LogStreamName: &s.Name,
		StartFromHead: aws.Bool(false), Limit: aws.Int32(int32(limit)),
	}
	for {
		answer, err := p.logs.GetLogEvents(ctx, input)
		if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
			return nil, nil
		}
		if err != nil {
			return nil, explain(theLogs, err)
		}
		for _, event := range answer.Events {
			var firing schedule.Firing
			if err := json.Unmarshal([]byte(aws.ToString(event.Message)), &firing); err != nil {
				return nil, &RefusedError{theLogs, fmt.Errorf("the ticks of schedule %s cannot be read: %w", s.Name, err)}
			}
			ticks = append(ticks, PastTick{
				Schedule: s.Name, Target: s.Target, ScheduledAt: firing.ScheduledTime, FiredAt: firing.FiredAt,
				Outcome: firing.Outcome, Error: firing.Error, Missed: firing.Missed, started: firing.Started,
			})
		}
		over := aws.ToString(answer.NextBackwardToken) == aws.ToString(input.NextToken)
		if input.NextToken = answer.NextBackwardToken; over || len(ticks) >= limit {
			return ticks, nil
		}
	}
}

// join finds what each tick led to: the last run of its invocation, which Lambda may
// have tried again, or its backfill.
func join(ticks []PastTick, runs []Run, backfills []Backfill) {
	byRequest := map[string]*Run{}
	for i := range slices.Backward(runs) {
		byRequest[runs[i].RequestID] = &runs[i]
	}
	byName := map[string]*Backfill{}
	for i := range backfills {
		byName[backfills[i].Name] = &backfills[i]
	}
	for i := range ticks {
		started := ticks[i].started
		if started == "" {
			continue
		}
		ticks[i].Run = byRequest[started]
		ticks[i].Backfill = byName[started[strings.LastIndexByte(started, ':')+1:]]
	}
}

// inferTicks tells ticks by what they led to, where nothing else does.
func inferTicks(all []Schedule, runs []Run, backfills []Backfill) []PastTick {
	var ticks []PastTick
	for _, s := range all {
		seen := map[string]bool{}
		for i := range runs {
			if run := &runs[i]; s.Target == TargetEtl && !seen[run.RequestID] {
				seen[run.RequestID] = true
				ticks = append(ticks, PastTick{Schedule: s.Name, Target: s.Target, FiredAt: run.StartedAt, Outcome: schedule.Started, Run: run})
			}
		}
		for i := range backfills {
			if b := &backfills[i]; s.Target == TargetBackfill && isSameJSON(b.Input, []byte(s.Input)) {
				ticks = append(ticks, PastTick{Schedule: s.Name, Target: s.Target, FiredAt: b.StartedAt, Outcome: schedule.Started, Backfill: b})
			}
		}
	}
	return ticks
}

// isSameJSON tells whether two documents say the same.
func isSameJSON(a, b []byte) bool {
	var one, other any
	if json.Unmarshal(a, &one) != nil || json.Unmarshal(b, &other) != nil {
		return false
	}
	left, leftErr := json.Marshal(one)
	right, rightErr := json.Marshal(other)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}
