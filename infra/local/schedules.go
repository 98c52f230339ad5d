package local

import (
	"context"
	"fmt"

	"delfos/infra/local/scheduler"
	"delfos/infra/local/stepfunctions"
	"delfos/infra/local/template"
)

// openSchedules opens Scheduler with the template's schedules. One that is in the
// template as it was stays on or off as it was turned since.
func (s *Stack) openSchedules() error {
	var err error
	s.schedules, err = scheduler.Open(scheduler.Options{
		Dir: s.state.schedules(), Region: Region, AccountID: AccountID, Now: s.options.Now, Logs: s.logs,
		Functions: s.lambda, StateMachines: executionStarter{s.machines}, Queues: s.queues,
	})
	if err != nil {
		return fmt.Errorf("open Scheduler: %w", err)
	}
	s.onClose("Scheduler", func(context.Context) error { return s.schedules.Close() })
	definitions := make([]scheduler.Definition, 0, len(s.template.Schedules))
	for _, schedule := range s.template.Schedules {
		definitions = append(definitions, scheduleDefinition(schedule))
	}
	return s.schedules.Declare(definitions...)
}

func scheduleDefinition(schedule template.Schedule) scheduler.Definition {
	age, retries := int(schedule.Retry.MaximumAge.Seconds()), schedule.Retry.Retries
	d := scheduler.Definition{
		Name: schedule.Name, Description: schedule.Description,
		ScheduleExpression: schedule.Expression, ScheduleExpressionTimezone: schedule.TimeZone,
		FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{
			Arn: schedule.TargetARN, RoleArn: "arn:aws:iam::" + AccountID + ":role/" + StackName + "-SchedulerRole", Input: schedule.Input,
			RetryPolicy: &scheduler.RetryPolicy{MaximumEventAgeInSeconds: &age, MaximumRetryAttempts: &retries},
		},
	}
	if schedule.DeadLetterARN != "" {
		d.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: schedule.DeadLetterARN}
	}
	if !schedule.Enabled {
		d.State = "DISABLED"
	}
	if minutes := schedule.FlexibleMinutes; minutes > 0 {
		d.FlexibleTimeWindow = scheduler.FlexibleTimeWindow{Mode: "FLEXIBLE", MaximumWindowInMinutes: &minutes}
	}
	if !schedule.StartDate.IsZero() {
		d.StartDate = &scheduler.Timestamp{Time: schedule.StartDate}
	}
	if !schedule.EndDate.IsZero() {
		d.EndDate = &scheduler.Timestamp{Time: schedule.EndDate}
	}
	return d
}

// executionStarter starts executions for schedules.
type executionStarter struct{ machines *stepfunctions.Service }

// StartExecution does as the operation of the name.
func (e executionStarter) StartExecution(_ context.Context, stateMachineARN, name, input string) error {
	_, _, err := e.machines.StartExecution(stateMachineARN, name, []byte(input))
	return err
}

// beginByThemselves lets go on what a stack before had accepted, and the schedules
// fire: whatever they need is there.
func (s *Stack) beginByThemselves(context.Context) error {
	s.lambda.Resume()
	s.schedules.Start()
	return nil
}
