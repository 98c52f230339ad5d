package stepfunctions

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAStoppedExecutionStartsNothingMoreAndWaitsForNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		var started, ended atomic.Int64
		w := openWorld(t, dir, functions{"f": func(context.Context, json.RawMessage) (any, error) {
			started.Add(1)
			time.Sleep(time.Minute) // whatever becomes of the caller
			ended.Add(1)
			return 1, nil
		}})
		defer w.close()
		arn := w.start(each(`"MaxConcurrency": 2,`), "e", `{"items": [1,2,3,4,5,6]}`)
		time.Sleep(90 * time.Second)
		before := time.Now()
		stopped := w.call("StopExecution", "executionArn", arn, "error", "Enough", "cause", "for today")
		if waited := time.Since(before); waited > 0 {
			t.Errorf("waited %v", waited)
		}
		end := w.ending(arn)
		if end["status"] != "ABORTED" || end["error"] != "Enough" || end["cause"] != "for today" || end["stopDate"] != stopped["stopDate"] {
			t.Errorf("%v", end)
		}
		want := []string{"ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunAborted", "MapStateAborted", "ExecutionAborted"}
		if diff := cmp.Diff(want, w.types(arn)); diff != "" {
			t.Error(diff)
		}
		run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
		described := w.call("DescribeMapRun", "mapRunArn", run)
		counts := described["itemCounts"].(map[string]any)
		if described["status"] != "ABORTED" || counts["succeeded"] != 2.0 || counts["aborted"] != 2.0 || counts["pending"] != 2.0 {
			t.Errorf("%v", described)
		}
		for _, item := range w.call("ListExecutions", "mapRunArn", run, "statusFilter", "ABORTED")["executions"].([]any) {
			types := w.types(item.(map[string]any)["executionArn"].(string))
			if !slices.Equal(types[len(types)-2:], []string{"TaskStateAborted", "ExecutionAborted"}) {
				t.Errorf("a child ends with %v", types)
			}
		}
		time.Sleep(time.Hour)
		if started.Load() != 4 || ended.Load() != 4 {
			t.Errorf("%d functions started, %d ended", started.Load(), ended.Load())
		}
		if again := w.call("StopExecution", "executionArn", arn, "error", "Other"); again["stopDate"] != stopped["stopDate"] {
			t.Errorf("stopped again: %v", again)
		}
		if again := w.ending(arn); again["error"] != "Enough" {
			t.Errorf("stopped again: %v", again)
		}
	})
}

func TestStoppingAChildGivesItsPlaceToTheNext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": func(ctx context.Context, payload json.RawMessage) (any, error) {
			if string(payload) == "1" {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
			return payload, nil
		}})
		defer w.close()
		arn := w.start(each(`"MaxConcurrency": 1, "ToleratedFailureCount": 1,`), "e", `{"items": [1,2]}`)
		time.Sleep(time.Second)
		run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
		child := w.call("ListExecutions", "mapRunArn", run)["executions"].([]any)[0].(map[string]any)["executionArn"]
		w.call("StopExecution", "executionArn", child)
		if end := w.ending(arn); end["status"] != "SUCCEEDED" {
			t.Errorf("%v", end)
		}
		if counts := w.call("DescribeMapRun", "mapRunArn", run)["executionCounts"].(map[string]any); counts["aborted"] != 1.0 || counts["succeeded"] != 1.0 {
			t.Errorf("%v", counts)
		}
	})
}

func TestStoppingAbortsEveryStateThatIsOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
			{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 50, "End": true}}},
			{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 50, "End": true}}}}}}]}}}`,
			"e", "[1]")
		time.Sleep(time.Second)
		before := len(w.types(arn))
		w.call("StopExecution", "executionArn", arn)
		got := w.types(arn)[before:]
		slices.Sort(got)
		want := []string{
			"ExecutionAborted", "MapIterationAborted", "MapStateAborted", "ParallelStateAborted", "WaitStateAborted", "WaitStateAborted",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		w.call("RedriveExecution", "executionArn", arn)
		if end := w.ending(arn); end["status"] != "SUCCEEDED" || end["output"] != "[[1],[1]]" {
			t.Errorf("%v", end)
		}
	})
}
