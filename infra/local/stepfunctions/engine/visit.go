package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// visit is one stay in one state, from its entry to its exit, over all retries.
type visit struct {
	*runner
	scope   *scope
	state   *asl.State
	input   document // raw
	entered int64    // id of the event
	since   time.Time
	retries int // $$.State.RetryCount
	context map[string]any
	starts  int  // of a Map or Parallel
	resumed bool // in the first attempt after a redrive
	mapRun  string
}

// outcome is a state's success, before it is recorded.
type outcome struct {
	output   document
	assigned map[string]any
	next     string
}

func (v *visit) run(ctx context.Context, position *history.Position) (document, string, error) {
	if err := v.enter(position); err != nil {
		return document{}, "", err
	}
	counts := make([]int64, len(v.state.Retry))
	for {
		done, err := v.attempt(ctx)
		if err == nil {
			return v.exit(done)
		}
		v.resumed, v.mapRun = false, ""
		failure, ok := asFailure(err)
		if !ok {
			v.abort()
			return document{}, "", err
		}
		again, err := v.retry(ctx, failure, counts)
		if err != nil {
			v.abort()
			return document{}, "", err
		}
		if !again {
			return v.giveUp(failure)
		}
	}
}

// enter records the entry, or takes up an entry of before a redrive. A Fail state
// is entered again (Developer Guide, "Redriving executions", "Redrive behavior of
// individual states").
func (v *visit) enter(position *history.Position) (err error) {
	if position != nil && v.state.Type != asl.Fail {
		v.entered, v.since = position.EnteredID, time.UnixMilli(position.EnteredAt).UTC()
		v.resumed = !position.Spent
		v.starts = position.Starts
		if v.resumed {
			v.mapRun = position.MapRun
		}
	} else {
		v.entered, v.since, err = v.record(v.scope, history.Event{
			Type: v.event(history.Entered), Name: v.state.Name, Input: v.input.text,
		})
	}
	v.setContext()
	return err
}

// event is the type of an event of the state's own.
func (v *visit) event(suffix string) history.Type {
	return history.Type(string(v.state.Type) + suffix)
}

// setContext makes the context object anew, for the retry count in it.
func (v *visit) setContext() {
	v.context = maps.Clone(v.runner.context)
	v.context["State"] = map[string]any{
		"EnteredTime": v.since.Format("2006-01-02T15:04:05.000Z"),
		"Name":        v.state.Name,
		"RetryCount":  number(v.retries),
	}
	if v.scope.item != nil {
		v.context["Map"] = v.scope.item
	}
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func (v *visit) over(input any) asl.Scope {
	return asl.Scope{Input: input, Context: v.context, Variables: v.scope.variables, Random: v.Random, NewUUID: v.NewUUID}
}

// attempt does once what the state is for.
func (v *visit) attempt(ctx context.Context) (outcome, error) {
	if ctx.Err() != nil {
		return outcome{}, context.Cause(ctx)
	}
	input, err := path(v.state.InputPath, v.over(v.input.value))
	if err != nil {
		return outcome{}, v.explain(err)
	}
	var done outcome
	switch v.state.Type {
	case asl.Pass:
		done, err = v.pass(input)
	case asl.Choice:
		done, err = v.choose(input)
	case asl.Wait:
		done, err = v.pause(ctx, input)
	case asl.Succeed:
		done, err = v.finish(input)
	case asl.Fail:
		err = v.fail(input)
	case asl.Task:
		done, err = v.task(ctx, input)
	case asl.Parallel:
		done, err = v.parallel(ctx, input)
	case asl.Map:
		done, err = v.mapItems(ctx, input)
	}
	return done, v.explain(err)
}

// explain makes a failure of an error that evaluating met, in the words recorded
// against AWS.
func (v *visit) explain(err error) error {
	var runtime *asl.RuntimeError
	if !errors.As(err, &runtime) {
		return err
	}
	return &StateError{Name: runtime.Name, own: true, Cause: fmt.Sprintf(
		"An error occurred while executing the state '%s' (entered at the event id #%d). %s", v.state.Name, v.entered, runtime.Cause)}
}
