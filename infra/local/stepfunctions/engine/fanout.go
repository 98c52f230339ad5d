package engine

import (
	"context"
	"sync"
	"sync/atomic"

	"delfos/infra/local/stepfunctions/history"
)

// fanOut runs n pieces of work in order, at most limit at once. The first error
// stops the others; it returns when all have ended.
func fanOut(ctx context.Context, n, limit int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		taken atomic.Int64
		once  sync.Once
		first error
		all   sync.WaitGroup
	)
	for range min(n, limit) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(taken.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(ctx, i); err != nil {
					once.Do(func() { first = err })
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	if first == nil {
		return context.Cause(ctx)
	}
	return first
}

// parallel runs the branches.
func (v *visit) parallel(ctx context.Context, input any) (outcome, error) {
	given, err := fill(v.state.Parameters, v.over(input))
	if err != nil {
		return outcome{}, err
	}
	passed, err := v.data(given)
	if err != nil {
		return outcome{}, err
	}
	if err := v.start(0); err != nil {
		return outcome{}, err
	}
	children := v.children(len(v.state.Branches))
	results := make([]any, len(children))
	err = fanOut(ctx, len(children), len(children), func(ctx context.Context, i int) error {
		children[i].machine = v.state.Branches[i]
		output, err := v.runner.run(ctx, children[i], passed)
		results[i] = output.value
		return err
	})
	return v.join(children, results, err)
}

// start records that a Map or Parallel starts, unless a redrive goes on with it.
func (v *visit) start(length int) error {
	if v.resumed && v.starts > 0 {
		return nil
	}
	v.starts++
	_, _, err := v.record(v.scope, history.Event{Type: v.event(history.Started), Length: length})
	return err
}

// children are the scopes within a Map or Parallel.
func (v *visit) children(n int) []*scope {
	scopes := make([]*scope, n)
	for i := range scopes {
		scopes[i] = &scope{
			name: history.ScopeName(v.entered, v.starts, i), variables: v.scope.variables, outer: v.scope.variables, item: v.scope.item, previous: v.scope.previous,
		}
	}
	return scopes
}

// join takes the results of all scopes within, or the failure of one.
func (v *visit) join(children []*scope, results []any, err error) (outcome, error) {
	for _, child := range children {
		v.scope.previous = max(v.scope.previous, child.previous)
	}
	if err != nil {
		return outcome{}, within(err)
	}
	return v.succeed(results)
}

// within marks a failure as one of what the state ran.
func within(err error) error {
	if failure, ok := asFailure(err); ok {
		return &StateError{Name: failure.Name, Cause: failure.Cause, Terminal: failure.Terminal}
	}
	return err
}

// succeed records the success of a Map or Parallel.
func (v *visit) succeed(results []any) (outcome, error) {
	if _, err := v.data(results); err != nil {
		return outcome{}, err
	}
	if _, _, err := v.record(v.scope, history.Event{Type: v.event(history.Succeeded)}); err != nil {
		return outcome{}, err
	}
	return v.result(results)
}
