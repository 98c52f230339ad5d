package pipeline

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// TurnSchedule switches a schedule on or off, and changes nothing else of it. It
// answers with the schedule and its next tick. The error is a *NotFoundError, or a
// *ConflictError where somebody else changes it.
//
// IAM: scheduler:GetSchedule and scheduler:UpdateSchedule on the group's schedules,
// iam:PassRole on the schedules' role to scheduler.amazonaws.com.
func (p *Pipeline) TurnSchedule(ctx context.Context, who Actor, name string, on bool) (Schedule, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	s, err := p.turn(ctx, name, on)
	p.audit(ctx, who, map[bool]string{true: "switch on", false: "switch off"}[on], name, Started{}, err)
	return s, err
}

// turn gives UpdateSchedule the whole schedule: what it is not told goes back to its
// default (EventBridge Scheduler API Reference, "UpdateSchedule").
func (p *Pipeline) turn(ctx context.Context, name string, on bool) (Schedule, error) {
	found, err := p.getSchedule(ctx, name)
	if err != nil {
		return Schedule{}, err
	}
	if p.toSchedule(found).Target == "" {
		return Schedule{}, noSchedule(name)
	}
	state := types.ScheduleStateDisabled
	if on {
		state = types.ScheduleStateEnabled
	}
	if found.State != state {
		_, err = p.scheduler.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
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
			return Schedule{}, explainSchedule(name, err)
		}
	}
	s, err := p.schedule(ctx, name)
	if err == nil && s.Problem == "" {
		s.Next = s.ticks.Upcoming(p.now(), 1)
	}
	return s, err
}
