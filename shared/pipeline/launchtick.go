package pipeline

import (
	"context"
	"fmt"
	"time"

	"delfos/shared/backfill"
)

// LaunchTick does now what a schedule does at an instant: of the etl, it waits for the
// run as Materialize does, and of a backfill it starts one. The errors are those of
// Materialize and Launch, a *NotFoundError where there is no such schedule, and an
// *InvalidError of field "input" where its input is refused.
//
// IAM: scheduler:GetSchedule on the group's schedules, that of Materialize, and
// states:StartExecution on the state machine.
func (p *Pipeline) LaunchTick(ctx context.Context, who Actor, schedule string, at time.Time) (Started, error) {
	led, err := p.launchTick(ctx, schedule, at)
	target := fmt.Sprintf("%s at %s", schedule, at.UTC().Format(time.RFC3339))
	p.audit(context.WithoutCancel(ctx), who, "launch tick", target, led, err)
	return led, err
}

func (p *Pipeline) launchTick(ctx context.Context, name string, at time.Time) (Started, error) {
	if at.IsZero() {
		return Started{}, &InvalidError{"at", "it is missing; want the time of a tick"}
	}
	s, err := p.schedule(ctx, name)
	if err != nil {
		return Started{}, err
	}
	if s.Target == TargetBackfill {
		return p.launchSweep(ctx, s, at)
	}
	key, event, problem := p.etlEvent(s, at)
	if problem != "" {
		return Started{}, &InvalidError{"input", problem}
	}
	done, err := p.runDay(ctx, key, event)
	return done.Started, err
}

// launchSweep starts a backfill with a schedule's input. The days are those of now:
// the planner knows no other time.
func (p *Pipeline) launchSweep(ctx context.Context, s Schedule, at time.Time) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	input := s.inputAt(at)
	if _, err := backfill.ParseRequest([]byte(input)); err != nil {
		return Started{}, &InvalidError{"input", err.Error()}
	}
	name, err := p.nameOf("", "tick")
	if err != nil {
		return Started{}, err
	}
	return p.start(ctx, name, input)
}
