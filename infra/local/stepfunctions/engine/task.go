package engine

import (
	"context"

	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// taskEvents are the types of the events of a Task of one kind.
type taskEvents struct{ scheduled, started, succeeded, failed, timedOut history.Type }

var (
	integration = taskEvents{history.TaskScheduled, history.TaskStarted, history.TaskSucceeded, history.TaskFailed, history.TaskTimedOut}
	byARN       = taskEvents{
		history.LambdaScheduled, history.LambdaStarted, history.LambdaSucceeded, history.LambdaFailed, history.LambdaTimedOut,
	}
)

// task invokes a function, by the optimized integration or by its ARN.
func (v *visit) task(ctx context.Context, input any) (outcome, error) {
	parameters, err := fill(v.state.Parameters, v.over(input))
	if err != nil {
		return outcome{}, err
	}
	limits, err := v.limits(input)
	if err != nil {
		return outcome{}, err
	}
	call := &taskCall{visit: v, limits: limits, events: byARN}
	if call.parameters, err = v.data(parameters); err != nil {
		return outcome{}, err
	}
	call.request = lambda.Request{Function: v.state.Resource, Payload: call.parameters.text}
	if v.state.Resource == asl.LambdaInvoke {
		call.events = integration
		if call.request, err = lambdaRequest(parameters); err != nil {
			return outcome{}, err
		}
	}
	result, err := call.do(ctx)
	if err != nil {
		return outcome{}, err
	}
	return v.result(result)
}

// limits are the seconds that a Task may take; 0 is no limit.
type limits struct{ timeout, heartbeat int64 }

func (v *visit) limits(input any) (l limits, err error) {
	read := func(constant *int64, field string, p *asl.Path) (int64, error) {
		switch {
		case constant != nil:
			return *constant, nil
		case p == nil:
			return 0, nil
		}
		seconds, err := v.seconds(field, p, input)
		if err == nil && seconds == 0 {
			err = runtimeError("The %s parameter must be greater than 0: %s == 0", field, p)
		}
		return seconds, err
	}
	if l.timeout, err = read(v.state.TimeoutSeconds, "TimeoutSecondsPath", v.state.TimeoutSecondsPath); err != nil {
		return l, err
	}
	l.heartbeat, err = read(v.state.HeartbeatSeconds, "HeartbeatSecondsPath", v.state.HeartbeatSecondsPath)
	return l, err
}

// taskCall is one call of a function, with its events.
type taskCall struct {
	*visit
	limits
	events     taskEvents
	request    lambda.Request
	parameters document
}

func (c *taskCall) do(ctx context.Context) (any, error) {
	if err := c.schedule(); err != nil {
		return nil, err
	}
	response, err := c.invoke(ctx)
	if _, failed := asFailure(err); err != nil && !failed {
		return nil, err
	}
	var result document
	if err == nil {
		result, err = c.answer(response)
	}
	if failure, failed := asFailure(err); failed {
		return nil, c.recordFailure(failure)
	}
	if err != nil {
		return nil, err
	}
	event := c.details(c.events.succeeded)
	event.Output = result.text
	_, _, err = c.record(c.scope, event)
	return result.value, err
}

func (c *taskCall) schedule() error {
	scheduled := c.details(c.events.scheduled)
	scheduled.Timeout, scheduled.Heartbeat = c.timeout, c.heartbeat
	if c.events == integration {
		scheduled.Region, scheduled.Parameters = c.Region, c.parameters.text
	} else {
		scheduled.Resource, scheduled.Input = c.state.Resource, c.parameters.text
	}
	if _, _, err := c.record(c.scope, scheduled); err != nil {
		return err
	}
	_, _, err := c.record(c.scope, c.details(c.events.started))
	return err
}

// details begins an event, which names the integration where it is one.
func (c *taskCall) details(of history.Type) history.Event {
	event := history.Event{Type: of}
	if c.events == integration {
		event.Resource, event.ResourceType = "invoke", "lambda"
	}
	return event
}

func (c *taskCall) recordFailure(failure *StateError) error {
	event := c.details(c.events.failed)
	if failure.Name == asl.ErrorTimeout || failure.Name == asl.ErrorHeartbeatTimeout {
		event.Type = c.events.timedOut
	}
	event.Error, event.Cause = failure.Name, failure.Cause
	if _, _, err := c.record(c.scope, event); err != nil {
		return err
	}
	return failure
}
