package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"golang.org/x/sync/errgroup"

	"delfos/shared/schedule"
)

// TargetKind is what a schedule runs.
type TargetKind string

// The kinds of targets.
const (
	TargetEtl      TargetKind = "etl"      // the last day that has ended
	TargetBackfill TargetKind = "backfill" // what its input says
)

// Schedule is something that runs by itself.
type Schedule struct {
	Name        string
	Description string
	Target      TargetKind
	TargetARN   string
	Expression  string // "cron(0 1 * * ? *)"
	TimeZone    string // IANA
	Zone        *time.Location
	On          bool
	Input       string          // what the target is given; may have context attributes
	Next        []schedule.Tick // were it on, the soonest first
	Problem     string          // why its ticks cannot be told; empty where they can

	ticks schedule.Schedule
}

// mostTicks bounds how many ticks are told of a schedule.
const mostTicks = 1000

// Schedules lists what runs by itself, by name, each with its next ticks, 0 to 1000 of
// them. The error is an *InvalidError of field "ticks" where it is more.
//
// IAM: scheduler:ListSchedules, and scheduler:GetSchedule on the group's schedules.
func (p *Pipeline) Schedules(ctx context.Context, ticks int) ([]Schedule, error) {
	if ticks < 0 || ticks > mostTicks {
		return nil, &InvalidError{"ticks", fmt.Sprintf("it is %d; want 0 to %d", ticks, mostTicks)}
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	all, err := p.schedules(ctx)
	if err != nil {
		return nil, err
	}
	now := p.now()
	for i := range all {
		if all[i].Problem == "" {
			all[i].Next = all[i].ticks.Upcoming(now, ticks)
		}
	}
	return all, nil
}

// schedules reads those of our group that run this pipeline, by name.
func (p *Pipeline) schedules(ctx context.Context) ([]Schedule, error) {
	var names []string
	input := &scheduler.ListSchedulesInput{GroupName: &p.options.ScheduleGroup}
	for {
		answer, err := p.scheduler.ListSchedules(ctx, input)
		if err != nil {
			return nil, explain(theScheduler, err)
		}
		for _, listed := range answer.Schedules {
			if listed.Target != nil && p.kindOf(aws.ToString(listed.Target.Arn)) != "" {
				names = append(names, aws.ToString(listed.Name))
			}
		}
		if input.NextToken = answer.NextToken; input.NextToken == nil {
			break
		}
	}
	all := make([]Schedule, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, name := range names {
		group.Go(func() error {
			found, err := p.getSchedule(ctx, name)
			if err == nil {
				all[i] = p.toSchedule(found)
			}
			return err
		})
	}
	err := group.Wait()
	slices.SortFunc(all, func(a, b Schedule) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// kindOf tells what of this pipeline an ARN is; empty where it is nothing of it.
func (p *Pipeline) kindOf(target string) TargetKind {
	switch {
	case target == p.options.StateMachineARN:
		return TargetBackfill
	case strings.HasSuffix(target, ":function:"+p.options.Etl):
		return TargetEtl
	default:
		return ""
	}
}

func (p *Pipeline) getSchedule(ctx context.Context, name string) (*scheduler.GetScheduleOutput, error) {
	found, err := p.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name, GroupName: &p.options.ScheduleGroup})
	return found, explainSchedule(name, err)
}

// schedule reads one schedule, without its next ticks.
func (p *Pipeline) schedule(ctx context.Context, name string) (Schedule, error) {
	found, err := p.getSchedule(ctx, name)
	if err != nil {
		return Schedule{}, err
	}
	s := p.toSchedule(found)
	if s.Target == "" {
		return Schedule{}, noSchedule(name)
	}
	return s, nil
}

func (p *Pipeline) toSchedule(found *scheduler.GetScheduleOutput) Schedule {
	s := Schedule{
		Name: aws.ToString(found.Name), Description: aws.ToString(found.Description),
		Expression: aws.ToString(found.ScheduleExpression),
		TimeZone:   cmp.Or(aws.ToString(found.ScheduleExpressionTimezone), "UTC"),
		Zone:       time.UTC, On: found.State == types.ScheduleStateEnabled,
	}
	if found.Target != nil {
		s.TargetARN, s.Input = aws.ToString(found.Target.Arn), aws.ToString(found.Target.Input)
		s.Target = p.kindOf(s.TargetARN)
	}
	var err error
	s.ticks, err = schedule.New(s.Expression, s.TimeZone, aws.ToTime(found.CreationDate), utc(found.StartDate), utc(found.EndDate))
	if err != nil {
		s.Problem = err.Error()
	} else {
		s.Zone = s.ticks.Zone
	}
	return s
}

func noSchedule(name string) error {
	return &NotFoundError{"schedule", name, "check its name"}
}

// explainSchedule says of an error of Scheduler what to do about it.
func explainSchedule(name string, err error) error {
	_, missing := errors.AsType[*types.ResourceNotFoundException](err)
	_, invalid := errors.AsType[*types.ValidationException](err)
	if missing || invalid {
		return noSchedule(name)
	}
	if _, conflict := errors.AsType[*types.ConflictException](err); conflict {
		return &ConflictError{"somebody else is changing schedule " + name, "try again", err}
	}
	return explain(theScheduler, err)
}
