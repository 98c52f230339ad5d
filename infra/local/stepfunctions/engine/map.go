package engine

import (
	"context"
	"maps"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// maxInline is how many iterations of an inline Map run at once at most (Developer
// Guide, "Map state processing modes").
const maxInline = 40

// mapItems runs a Map, in either mode.
func (v *visit) mapItems(ctx context.Context, input any) (outcome, error) {
	items, err := v.items(input)
	if err != nil {
		return outcome{}, err
	}
	concurrency, err := v.maxConcurrency(input)
	if err != nil {
		return outcome{}, err
	}
	if err := v.start(len(items)); err != nil {
		return outcome{}, err
	}
	if v.state.Distributed {
		return v.distribute(ctx, input, items, concurrency)
	}
	if concurrency == 0 || concurrency > maxInline {
		concurrency = maxInline
	}
	children := v.children(len(items))
	results := make([]any, len(items))
	err = fanOut(ctx, len(items), concurrency, func(ctx context.Context, i int) error {
		output, err := v.iterate(ctx, children[i], i, input, items[i])
		results[i] = output.value
		return err
	})
	return v.join(children, results, err)
}

func (v *visit) items(input any) ([]any, error) {
	value, err := path(v.state.ItemsPath, v.over(input))
	if err != nil {
		return nil, err
	}
	items, ok := value.([]any)
	if !ok {
		at := "$"
		if v.state.ItemsPath != nil {
			at = v.state.ItemsPath.String()
		}
		return nil, runtimeError("Reference path \"%s\" must point to array.", at)
	}
	return items, nil
}

// integerOf reads a whole number of a field, or of where its path leads. ok is
// false where there is neither.
func (v *visit) integerOf(constant *int64, field string, p *asl.Path, input any) (n int64, ok bool, err error) {
	switch {
	case constant != nil:
		return *constant, true, nil
	case p == nil:
		return 0, false, nil
	}
	value, err := path(p, v.over(input))
	if err != nil {
		return 0, false, err
	}
	if n, ok = integer(value); !ok {
		return 0, false, runtimeError("The %s field refers to value \"%s\" which is not a valid integer: %s", field, plain(value), p)
	}
	if n < 0 {
		return 0, false, runtimeError("The %s field refers to value \"%d\" which is negative: %s", field, n, p)
	}
	return n, true, nil
}

func (v *visit) maxConcurrency(input any) (int, error) {
	n, _, err := v.integerOf(v.state.MaxConcurrency, "MaxConcurrencyPath", v.state.MaxConcurrencyPath, input)
	return int(min(n, 1<<30)), err
}

// selected is what an item's iteration or child gets.
func (v *visit) selected(input, item any, index int) (any, map[string]any, error) {
	about := map[string]any{"Item": map[string]any{"Index": number(index), "Value": item}}
	if v.state.ItemSelector == nil {
		return item, about, nil
	}
	scope := v.over(input)
	scope.Context = with(scope.Context, "Map", about)
	value, err := v.state.ItemSelector.Evaluate(scope)
	return value, about, err
}

func with(object map[string]any, name string, value any) map[string]any {
	extended := make(map[string]any, len(object)+1)
	maps.Copy(extended, object)
	extended[name] = value
	return extended
}

// iterate runs one iteration of an inline Map.
func (v *visit) iterate(ctx context.Context, child *scope, i int, input, item any) (document, error) {
	given, about, err := v.selected(input, item, i)
	if err != nil {
		return document{}, v.explain(err)
	}
	passed, err := v.data(given)
	if err != nil {
		return document{}, err
	}
	child.machine, child.item = v.state.Processor, about
	event := history.Event{Name: v.state.Name, Index: i}
	tell := func(of history.Type) error {
		event.Type = of
		_, _, err := v.record(child, event)
		return err
	}
	position := v.progress[child.name]
	finished := position != nil && position.Iteration == history.MapIterationSucceeded
	if position == nil {
		if err := tell(history.MapIterationStarted); err != nil {
			return document{}, err
		}
	}
	output, err := v.runner.run(ctx, child, passed)
	switch _, failed := asFailure(err); {
	case err == nil && finished:
		return output, nil
	case err == nil:
		return output, tell(history.MapIterationSucceeded)
	case failed:
		if refused := tell(history.MapIterationFailed); refused != nil {
			return document{}, refused
		}
	default:
		_ = tell(history.MapIterationAborted) // refused where the whole execution has ended, which then has recorded it
	}
	return document{}, err
}
