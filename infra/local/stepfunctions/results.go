package stepfunctions

import (
	"encoding/json"
	"fmt"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

// results are the children's results, in their order. A child that succeeded gives
// its output, any other its execution result as a whole (Developer Guide,
// "ResultWriter (Map)", on COMPACT, which is the default without a ResultWriter, and
// children that fail). The tree's mu is held, and let go of while they are read.
func (d *dispatch) results() ([]json.RawMessage, error) {
	t := d.host.tree
	children := make([]result, len(d.numbers))
	for i, number := range d.numbers {
		children[i] = t.resultOf(t.index.Executions[number])
	}
	t.mu.Unlock()
	defer t.mu.Lock()
	reader, err := history.NewReader(t.service.path(t.entry.Number))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	texts, bytes := make([]json.RawMessage, len(children)), len("[]")
	for i, child := range children {
		if texts[i], err = child.read(reader); err != nil {
			return nil, err
		}
		if bytes += len(texts[i]) + len(","); bytes > engine.MaxDataBytes+1 {
			return nil, &engine.StateError{Name: asl.ErrorDataLimitExceeded, Cause: fmt.Sprintf(
				"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", d.spec.State.Name)}
		}
	}
	return texts, nil
}

// result is where a child's result is.
type result struct {
	first, last int64          // offsets of its events
	unlike      map[string]any // what an unsuccessful one gives, but for what is in its events; nil of a successful one
}

// resultOf is called with t.mu held.
func (t *tree) resultOf(x *history.Execution) result {
	r := result{first: x.Offsets[0], last: x.Offsets[len(x.Offsets)-1]}
	if x.Status != history.Success {
		r.unlike = map[string]any{
			"ExecutionArn": t.executionARN(x), "StateMachineArn": t.machineARN(x), "Name": t.executionName(x), "Status": x.Status,
			"StartDate": instant(x.Start), "StopDate": instant(x.Stop), "InputDetails": map[string]any{"Included": true},
		}
	}
	return r
}

func (r result) read(reader *history.Reader) (json.RawMessage, error) {
	last, err := reader.Event(r.last)
	if err != nil {
		return nil, err
	}
	if r.unlike == nil {
		return last.Output, nil
	}
	first, err := reader.Event(r.first)
	if err != nil {
		return nil, err
	}
	r.unlike["Input"] = string(first.Input)
	if last.Error != "" {
		r.unlike["Error"] = last.Error
	}
	if last.Cause != "" {
		r.unlike["Cause"] = last.Cause
	}
	return json.Marshal(r.unlike)
}
