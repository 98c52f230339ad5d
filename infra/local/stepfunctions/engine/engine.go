// Package engine runs state machines: the Amazon States Language
// (states-language.net/spec.html) as Step Functions runs it. What it does is told
// to a Host event by event; it keeps nothing itself.
package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// MaxDataBytes bounds the input, result and output of a state, as UTF-8 JSON (Step
// Functions Developer Guide, "Quotas related to task executions").
const MaxDataBytes = 262_144

// Host is the world of one execution. Its methods are called from many goroutines.
type Host interface {
	// Record appends an event to the execution's history, and fills in id and time.
	// Any error ends the run: the execution has ended, or cannot go on.
	Record(event history.Event) (id int64, at time.Time, err error)
	// Invoke runs a Lambda function. The caller may be gone before it returns.
	Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error)
	// MapRun runs a Distributed Map's children, records the events of its Map Run,
	// and returns the results in the items' order and the id of its last event. The
	// error is a *StateError, or what Record answered.
	MapRun(ctx context.Context, run MapRun) (results []json.RawMessage, last int64, err error)
}

// Options are the engine's surroundings; all must be given.
type Options struct {
	Region, AccountID string
	Now               func() time.Time
	After             func(time.Duration) <-chan time.Time
	Random            func() float64 // in [0, 1)
	NewUUID           func() string
}

// Execution is what is to be run.
type Execution struct {
	Machine *asl.Machine
	Input   json.RawMessage
	// Context is the part of the context object that stays: Execution and StateMachine.
	Context map[string]any
	// Progress is how far the execution had come, where it is redriven, and Previous
	// the id of the event ExecutionRedriven.
	Progress history.Progress
	Previous int64
}

// StateError is an error that a state or an execution ends with.
type StateError struct {
	Name  string // "States.Timeout"; "" of a Fail state without Error
	Cause string
	// Terminal ones end the execution, whatever Retry and Catch say.
	Terminal bool
	// own says that the state itself failed, and not what it ran.
	own bool
}

// Error gives name and cause.
func (f *StateError) Error() string { return f.Name + ": " + f.Cause }

// Run runs an execution to its end. The error is a *StateError where the execution
// fails, and anything else where it was stopped: then there is nothing to record.
func Run(ctx context.Context, execution Execution, host Host, options Options) (json.RawMessage, error) {
	r := &runner{Options: options, host: host, context: execution.Context, progress: execution.Progress}
	input, err := decode(execution.Input)
	if err != nil {
		return nil, &StateError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	root := &scope{machine: execution.Machine, variables: map[string]any{}, previous: execution.Previous}
	output, err := r.run(ctx, root, input)
	return output.text, err
}

type runner struct {
	Options
	host     Host
	context  map[string]any
	progress history.Progress
}

// scope is what a sequence of states shares: the execution, a branch of a Parallel
// or an iteration of an inline Map. It is for one goroutine.
type scope struct {
	name      string
	machine   *asl.Machine
	variables map[string]any // that can be read: its own and those of the scopes around
	outer     map[string]any // those of the scopes around, which cannot be set here
	item      map[string]any // $$.Map of an iteration
	previous  int64          // id of the last event
}

// record appends an event of the scope.
func (r *runner) record(sc *scope, event history.Event) (int64, time.Time, error) {
	event.Scope, event.Previous = sc.name, sc.previous
	id, at, err := r.host.Record(event)
	if err == nil {
		sc.previous = id
	}
	return id, at, err
}

// run runs the scope's states, from where they had come to.
func (r *runner) run(ctx context.Context, sc *scope, input document) (document, error) {
	name := sc.machine.StartAt
	position := r.progress[sc.name]
	if position != nil {
		if err := sc.restore(position); err != nil {
			return document{}, err
		}
	}
	switch {
	case position == nil || position.State == "":
		position = nil
	case position.Exited:
		output, err := decode(position.Output)
		if err != nil || position.Done() {
			return output, err
		}
		name, input, position = position.Next, output, nil
	default:
		var err error
		if input, err = decode(position.Input); err != nil {
			return document{}, err
		}
		name = position.State
	}
	for {
		v := &visit{runner: r, scope: sc, state: sc.machine.States[name], input: input}
		output, next, err := v.run(ctx, position)
		if err != nil || next == "" {
			return output, err
		}
		name, input, position = next, output, nil
	}
}

func (sc *scope) restore(position *history.Position) error {
	sc.variables = maps.Clone(sc.variables)
	for name, text := range position.Variables {
		value, err := decode(text)
		if err != nil {
			return err
		}
		sc.variables[name] = value.value
	}
	return nil
}

// wait waits, or ends early with the context's cause.
func (r *runner) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-r.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// asFailure tells failures from the orders to stop.
func asFailure(err error) (*StateError, bool) {
	var failure *StateError
	ok := errors.As(err, &failure)
	return failure, ok
}
