package command

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// switchOn lets a schedule run.
func switchOn(ctx context.Context, terminal Terminal, args []string) error {
	return switchSchedule(ctx, terminal, "on", types.ScheduleStateEnabled, args)
}

// switchOff keeps a schedule from running.
func switchOff(ctx context.Context, terminal Terminal, args []string) error {
	return switchSchedule(ctx, terminal, "off", types.ScheduleStateDisabled, args)
}

func switchSchedule(ctx context.Context, terminal Terminal, word string, state types.ScheduleState, args []string) error {
	c, words, err := parse("schedule "+word, args, terminal, noFlags, "NAME")
	if err != nil {
		return err
	}
	conn, all, err := connectSchedules(ctx, terminal, c)
	if err != nil {
		return err
	}
	s, err := named(all, words[0])
	if err != nil {
		return err
	}
	if err := conn.setState(ctx, s.Name, state); err != nil {
		return err
	}
	before := s.State
	if s, err = conn.schedule(ctx, s.Name, terminal.Now()); err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, s)
	}
	already := ""
	if before == state {
		already = ", as it was"
	}
	next := ""
	if s.State == types.ScheduleStateEnabled && !s.Next.IsZero() {
		next = fmt.Sprintf("; its next tick is %s (%s)", localTime(s.Next, s.zone), clock(s.Next))
	}
	fmt.Fprintf(terminal.Stdout, "%s is %s%s%s.\n", s.Name, word, already, next)
	return nil
}

// setState changes nothing but the state: UpdateSchedule takes the whole schedule,
// and what it is not told goes back to its default (EventBridge Scheduler API
// Reference, "UpdateSchedule").
func (c connection) setState(ctx context.Context, name string, state types.ScheduleState) error {
	found, err := c.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name, GroupName: aws.String("default")})
	if err != nil {
		return explainSchedule(name, "look at", err)
	}
	if found.State == state {
		return nil
	}
	_, err = c.scheduler.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
		Name: found.Name, GroupName: found.GroupName, State: state,
		FlexibleTimeWindow:         found.FlexibleTimeWindow,
		ScheduleExpression:         found.ScheduleExpression,
		ScheduleExpressionTimezone: found.ScheduleExpressionTimezone,
		Target:                     found.Target,
		ActionAfterCompletion:      found.ActionAfterCompletion,
		Description:                found.Description,
		StartDate:                  found.StartDate,
		EndDate:                    found.EndDate,
		KmsKeyArn:                  found.KmsKeyArn,
	})
	if err != nil {
		return explainSchedule(name, "change", err)
	}
	return nil
}
