package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	ticks "delfos/shared/schedule"
)

// schedules is what the command asks of EventBridge Scheduler.
type schedules interface {
	ListSchedules(context.Context, *scheduler.ListSchedulesInput, ...func(*scheduler.Options)) (*scheduler.ListSchedulesOutput, error)
	GetSchedule(context.Context, *scheduler.GetScheduleInput, ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error)
	UpdateSchedule(context.Context, *scheduler.UpdateScheduleInput, ...func(*scheduler.Options)) (*scheduler.UpdateScheduleOutput, error)
}

// schedule is something that runs by itself.
type schedule struct {
	Name       string              `json:"name"`
	Group      string              `json:"group"`
	Target     string              `json:"target"` // ARN
	Expression string              `json:"expression"`
	TimeZone   string              `json:"time_zone"`
	State      types.ScheduleState `json:"state"`
	Input      string              `json:"input,omitempty"`
	Next       time.Time           `json:"next,omitzero"` // tick, were it on; zero where there is none

	zone  *time.Location
	ticks ticks.Schedule
}

// schedules lists the schedules that start runs of this pipeline, in the order
// of their names.
func (c connection) schedules(ctx context.Context, now time.Time) ([]schedule, error) {
	found := []schedule{}
	input := &scheduler.ListSchedulesInput{GroupName: aws.String("default")}
	for {
		page, err := c.scheduler.ListSchedules(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list schedules: %w", err)
		}
		for _, listed := range page.Schedules {
			if listed.Target != nil && !c.isOurs(aws.ToString(listed.Target.Arn)) {
				continue
			}
			s, err := c.schedule(ctx, aws.ToString(listed.Name), now)
			if err != nil {
				return nil, err
			}
			found = append(found, s)
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			return found, nil
		}
	}
}

// isOurs tells whether a target is the etl function or the backfills' state machine.
func (c connection) isOurs(target string) bool {
	return target == c.machineARN || strings.HasSuffix(target, ":function:"+c.etlName)
}

func (c connection) schedule(ctx context.Context, name string, now time.Time) (schedule, error) {
	found, err := c.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name, GroupName: aws.String("default")})
	if err != nil {
		return schedule{}, explainSchedule(name, "look at", err)
	}
	s, err := toSchedule(found)
	if err == nil {
		s.Next, _ = s.ticks.Next(now)
	}
	return s, err
}

func toSchedule(found *scheduler.GetScheduleOutput) (schedule, error) {
	s := schedule{
		Name: aws.ToString(found.Name), Group: aws.ToString(found.GroupName), State: found.State,
		Expression: aws.ToString(found.ScheduleExpression), TimeZone: aws.ToString(found.ScheduleExpressionTimezone),
	}
	if found.Target != nil {
		s.Target, s.Input = aws.ToString(found.Target.Arn), aws.ToString(found.Target.Input)
	}
	if s.TimeZone == "" {
		s.TimeZone = "UTC"
	}
	var err error
	s.ticks, err = ticks.New(s.Expression, s.TimeZone, aws.ToTime(found.CreationDate), utc(found.StartDate), utc(found.EndDate))
	if err != nil {
		return s, fmt.Errorf("schedule %s: %w", s.Name, err)
	}
	s.zone = s.ticks.Zone
	return s, nil
}

// target is the last part of what the schedule calls.
func (s schedule) target() string {
	i := strings.LastIndexByte(s.Target, ':')
	return s.Target[i+1:]
}

// named finds the one schedule that a name, or a part of one, stands for.
func named(all []schedule, word string) (schedule, error) {
	var found []schedule
	for _, s := range all {
		if s.Name == word {
			return s, nil
		}
		if strings.Contains(strings.ToLower(s.Name), strings.ToLower(word)) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return schedule{}, fmt.Errorf("no schedule's name has %q in it: there are %s", word, namesOf(all))
	default:
		return schedule{}, fmt.Errorf("%q stands for more than one schedule: %s; write more of the name", word, namesOf(found))
	}
}

func namesOf(all []schedule) string {
	if len(all) == 0 {
		return "none"
	}
	names := make([]string, 0, len(all))
	for _, s := range all {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// explainSchedule says of an error of Scheduler what to do about it.
func explainSchedule(name, doing string, err error) error {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return fmt.Errorf("no schedule is called %s; `delfos schedule` lists them", name)
	}
	if _, conflict := errors.AsType[*types.ConflictException](err); conflict {
		return fmt.Errorf("%s schedule %s: somebody else is changing it: try again: %w", doing, name, err)
	}
	return fmt.Errorf("%s schedule %s: %w", doing, name, err)
}
