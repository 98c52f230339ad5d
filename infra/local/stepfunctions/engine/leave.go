package engine

import (
	"context"
	"encoding/json"
	"maps"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// exit records a success, and sets the variables.
func (v *visit) exit(done outcome) (document, string, error) {
	event := history.Event{
		Type: v.event(history.Exited), Name: v.state.Name, Output: done.output.text, Next: done.next,
	}
	if len(done.assigned) > 0 {
		event.Assigned = make(map[string]json.RawMessage, len(done.assigned))
		for name, value := range done.assigned {
			text, err := v.data(value)
			if err != nil {
				return document{}, "", err
			}
			event.Assigned[name] = text.text
		}
	}
	if _, _, err := v.record(v.scope, event); err != nil {
		return document{}, "", err
	}
	if len(done.assigned) > 0 {
		v.scope.variables = maps.Clone(v.scope.variables)
		maps.Copy(v.scope.variables, done.assigned)
	}
	return done.output, done.next, nil
}

// retry waits as the first retrier that takes the error says, and tells whether to
// try again.
func (v *visit) retry(ctx context.Context, failure *StateError, counts []int64) (bool, error) {
	if failure.Terminal {
		return false, nil
	}
	for i := range v.state.Retry {
		retrier := &v.state.Retry[i]
		if !asl.MatchesError(retrier.ErrorEquals, failure.Name) {
			continue
		}
		if counts[i] >= retrier.MaxAttempts {
			return false, nil
		}
		counts[i]++
		v.retries++
		v.setContext()
		return true, v.wait(ctx, retrier.Delay(int(counts[i]), v.Random()))
	}
	return false, nil
}

// giveUp ends the visit with a failure, caught or not.
func (v *visit) giveUp(failure *StateError) (document, string, error) {
	if err := v.recordFailed(failure); err != nil {
		return document{}, "", err
	}
	for i := range v.state.Catch {
		catcher := &v.state.Catch[i]
		if failure.Terminal || !asl.MatchesError(catcher.ErrorEquals, failure.Name) {
			continue
		}
		done, err := v.catch(catcher, failure)
		if err != nil {
			return document{}, "", v.explain(err)
		}
		return v.exit(done)
	}
	return document{}, "", failure
}

// recordFailed records that a Map or Parallel has failed, unless it failed before
// it had begun, or by what it evaluated (as recorded against AWS).
func (v *visit) recordFailed(failure *StateError) error {
	if (v.state.Type != asl.Map && v.state.Type != asl.Parallel) || v.starts == 0 || failure.Terminal || failure.own {
		return nil
	}
	_, _, err := v.record(v.scope, history.Event{Type: v.event(history.Failed), Error: failure.Name})
	return err
}

func (v *visit) catch(catcher *asl.Catcher, failure *StateError) (outcome, error) {
	caught := map[string]any{"Error": failure.Name, "Cause": failure.Cause}
	var joined any = caught
	var err error
	if catcher.ResultPath != nil {
		if joined, err = put(catcher.ResultPath, v.input.value, caught); err != nil {
			return outcome{}, err
		}
	}
	assigned, err := v.assign(catcher.Assign, caught)
	if err != nil {
		return outcome{}, err
	}
	output, err := v.data(joined)
	return outcome{output, assigned, catcher.Next}, err
}

// abort records that the state was broken off, for a sibling's failure. Where the
// whole execution has ended, the host has recorded all there is, and refuses.
func (v *visit) abort() {
	switch v.state.Type {
	case asl.Task, asl.Wait, asl.Map, asl.Parallel:
		_, _, _ = v.record(v.scope, history.Event{Type: v.event(history.Aborted)})
	case asl.Pass, asl.Choice, asl.Succeed, asl.Fail:
	}
}
