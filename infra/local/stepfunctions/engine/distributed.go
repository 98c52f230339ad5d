package engine

import (
	"context"
	"encoding/json"
	"strconv"

	"delfos/infra/local/stepfunctions/asl"
)

// MapRun is what a Distributed Map asks its Host to run.
type MapRun struct {
	State    *asl.State // whose Processor each child runs
	Scope    string     // of the Map Run's events, as Previous
	Previous int64
	// Again is the ARN of the Map Run that is to be redriven; "" starts a new one.
	Again string

	Items int                                      // in all children together
	Sizes []int                                    // how many items each child gets
	Input func(child int) (json.RawMessage, error) // the error is a *StateError

	MaxConcurrency      int // 0 is as many as there may be
	ToleratedCount      *int64
	ToleratedPercentage *float64
}

// distribute has the host run a Map's children.
func (v *visit) distribute(ctx context.Context, input any, items []any, concurrency int) (outcome, error) {
	run := MapRun{
		State: v.state, Scope: v.scope.name, Previous: v.scope.previous, Again: v.mapRun,
		Items: len(items), MaxConcurrency: concurrency,
	}
	if err := v.tolerate(&run, input); err != nil {
		return outcome{}, err
	}
	if err := v.group(&run, input, items); err != nil {
		return outcome{}, err
	}
	texts, last, err := v.host.MapRun(ctx, run)
	v.scope.previous = max(v.scope.previous, last)
	if err != nil {
		return outcome{}, within(err)
	}
	results := make([]any, len(texts))
	for i, text := range texts {
		result, err := decode(text)
		if err != nil {
			return outcome{}, err
		}
		results[i] = result.value
	}
	return v.succeed(results)
}

// tolerate reads how many failures the Map Run bears.
func (v *visit) tolerate(run *MapRun, input any) error {
	st := v.state
	count, ok, err := v.integerOf(st.ToleratedFailureCount, "ToleratedFailureCountPath", st.ToleratedFailureCountPath, input)
	if err != nil {
		return err
	}
	if ok {
		run.ToleratedCount = &count
	}
	run.ToleratedPercentage = st.ToleratedFailurePercentage
	if p := st.ToleratedFailurePercentagePath; p != nil {
		percentage, err := v.percentage(p, input)
		if err != nil {
			return err
		}
		run.ToleratedPercentage = &percentage
	}
	return nil
}

func (v *visit) percentage(p *asl.Path, input any) (float64, error) {
	value, err := path(p, v.over(input))
	if err != nil {
		return 0, err
	}
	number, ok := value.(json.Number)
	percentage, parseErr := strconv.ParseFloat(string(number), 64)
	if !ok || parseErr != nil {
		return 0, runtimeError("The ToleratedFailurePercentagePath field refers to value \"%s\" which is not a valid float: %s", plain(value), p)
	}
	if percentage < 0 || percentage > 100 {
		return 0, runtimeError("The ToleratedFailurePercentagePath field refers to value \"%s\" which is not between 0 and 100: %s", plain(value), p)
	}
	return percentage, nil
}

// group decides which items each child gets, and how its input is made when it
// starts: nothing of it is kept in memory.
func (v *visit) group(run *MapRun, input any, items []any) error {
	if v.state.Batcher != nil {
		return v.batch(run, input, items)
	}
	run.Sizes = make([]int, len(items))
	for i := range run.Sizes {
		run.Sizes[i] = 1
	}
	run.Input = func(child int) (json.RawMessage, error) {
		value, _, err := v.selected(input, items[child], child)
		if err != nil {
			return nil, v.explain(err)
		}
		passed, err := v.data(value)
		return passed.text, err
	}
	return nil
}
