package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// each is a Distributed Map over the input's items with further fields.
func each(fields string) string {
	return `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemsPath": "$.items", ` + fields + `
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
			"StartAt": "T", "States": {"T": ` + task(`"Payload.$": "$"`, `"End": true`) + `}}, "End": true}}}`
}

func TestAMapRunFailsWhenMoreFailsThanItTolerates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, fields string
		failing      []string
		status       string
	}{
		{"nothing is tolerated by default", ``, []string{"2"}, "FAILED"},
		{"as many as the count", `"ToleratedFailureCount": 2,`, []string{"1", "2"}, "SUCCEEDED"},
		{"more than the count", `"ToleratedFailureCount": 2,`, []string{"1", "2", "3"}, "FAILED"},
		{"as many as the percentage", `"ToleratedFailurePercentage": 50,`, []string{"1", "2"}, "SUCCEEDED"},
		{"more than the percentage", `"ToleratedFailurePercentage": 50,`, []string{"1", "2", "3"}, "FAILED"},
		{"all of them", `"ToleratedFailurePercentage": 100,`, []string{"1", "2", "3", "4"}, "SUCCEEDED"},
		{"the lower of count and percentage", `"ToleratedFailurePercentage": 100, "ToleratedFailureCount": 0,`, []string{"4"}, "FAILED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) {
				w := openWorld(t, dir, functions{"f": newFlaky(only(test.failing...)).invoke})
				defer w.close()
				arn := w.start(each(`"MaxConcurrency": 1,`+test.fields), "e", `{"items": [1,2,3,4]}`)
				end := w.ending(arn)
				if end["status"] != test.status {
					t.Fatalf("%v", end)
				}
				if test.status == "FAILED" && end["error"] != "States.ExceedToleratedFailureThreshold" {
					t.Errorf("%v", end)
				}
			})
		})
	}
}

func TestToleratedFailuresAreInTheOutputAsTheirExecutionsResults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": newFlaky(only("2")).invoke})
		defer w.close()
		arn := w.start(each(`"Label": "Days", "ToleratedFailurePercentage": 100,`), "e", `{"items": [1,2,3]}`)
		output := decodeJSON(t, w.ending(arn)["output"]).([]any)
		if output[0] != 1.0 || output[2] != 3.0 {
			t.Errorf("output %v", output)
		}
		failed := output[1].(map[string]any)
		if failed["Status"] != "FAILED" || failed["Error"] != "Broken" || failed["Input"] != "2" ||
			!strings.Contains(failed["ExecutionArn"].(string), ":execution:machine/Days:") {
			t.Errorf("the failed one: %v", failed)
		}
	})
}

func TestManyToleratedFailuresMakeAnOutputThatIsTooLarge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": newFlaky(always).invoke})
		defer w.close()
		items := `{"items": [` + strings.TrimSuffix(strings.Repeat("1,", 1000), ",") + `]}`
		arn := w.start(each(`"ToleratedFailurePercentage": 100,`), "bare", items)
		if end := w.ending(arn); end["error"] != "States.DataLimitExceeded" {
			t.Errorf("%v", end)
		}
		caught := each(`"ToleratedFailurePercentage": 100, "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "ResultPath": "$.error", "Next": "Caught"}],`)
		caught = strings.TrimSuffix(caught, "}}") + `, "Caught": {"Type": "Pass", "OutputPath": "$.error.Error", "End": true}}}`
		arn = w.start(caught, "caught", items)
		if end := w.ending(arn); end["output"] != `"States.DataLimitExceeded"` {
			t.Errorf("%v", end)
		}
	})
}

func TestAMapRunCountsAndListsItsChildren(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": newFlaky(only("2", "4")).invoke})
		defer w.close()
		arn := w.start(each(`"MaxConcurrency": 2, "ToleratedFailureCount": 3,`), "e", `{"items": [1,2,3,4,5]}`)
		w.ending(arn)
		runs := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)
		run := runs[0].(map[string]any)["mapRunArn"]
		described := w.call("DescribeMapRun", "mapRunArn", run)
		want := map[string]any{
			"pending": 0.0, "running": 0.0, "succeeded": 3.0, "failed": 2.0, "timedOut": 0.0, "aborted": 0.0, "total": 5.0,
			"resultsWritten": 5.0, "failuresNotRedrivable": 0.0, "pendingRedrive": 0.0,
		}
		for _, member := range []string{"itemCounts", "executionCounts"} {
			if diff := cmp.Diff(want, described[member]); diff != "" {
				t.Errorf("%s: %s", member, diff)
			}
		}
		if described["maxConcurrency"] != 2.0 || described["toleratedFailureCount"] != 3.0 || described["executionArn"] != arn {
			t.Errorf("%v", described)
		}
		failed := w.call("ListExecutions", "mapRunArn", run, "statusFilter", "FAILED")["executions"].([]any)
		if len(failed) != 2 {
			t.Fatalf("failed: %v", failed)
		}
		child := failed[0].(map[string]any)
		if child["itemCount"] != 1.0 || child["mapRunArn"] != run {
			t.Errorf("child: %v", child)
		}
		about := w.call("DescribeExecution", "executionArn", child["executionArn"])
		if about["redriveStatus"] != "REDRIVABLE_BY_MAP_RUN" || about["mapRunArn"] != run || about["error"] != "Broken" {
			t.Errorf("child: %v", about)
		}
		types := w.types(child["executionArn"].(string))
		if diff := cmp.Diff([]string{"ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed"}, types); diff != "" {
			t.Error(diff)
		}
		if machine := w.call("DescribeStateMachineForExecution", "executionArn", child["executionArn"]); machine["label"] != "Each" || machine["mapRunArn"] != run {
			t.Errorf("state machine of the child: %v", machine)
		}
		if _, err := w.try("UpdateMapRun", "mapRunArn", run, "maxConcurrency", 1); err == nil {
			t.Error("a Map Run that has ended was updated")
		}
		if _, err := w.try("RedriveExecution", "executionArn", child["executionArn"]); err == nil {
			t.Error("a child was redriven by itself")
		}
	})
}

func TestUpdateMapRunTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		var running, most atomic.Int64
		release := make(chan struct{})
		w := openWorld(t, dir, functions{"f": func(context.Context, json.RawMessage) (any, error) {
			now := running.Add(1)
			most.Store(max(most.Load(), now))
			<-release
			running.Add(-1)
			return 1, nil
		}})
		defer w.close()
		arn := w.start(each(`"MaxConcurrency": 2,`), "e", `{"items": [1,2,3,4,5,6,7,8,9]}`)
		time.Sleep(time.Second)
		if n := running.Load(); n != 2 {
			t.Errorf("%d run", n)
		}
		run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
		w.call("UpdateMapRun", "mapRunArn", run, "maxConcurrency", 5)
		time.Sleep(time.Second)
		if n := running.Load(); n != 5 {
			t.Errorf("%d run after the update", n)
		}
		if stats := w.Stats(); stats.Children != 5 || stats.Waiting != 4 || stats.Running != 1 {
			t.Errorf("%+v", stats)
		}
		w.call("UpdateMapRun", "mapRunArn", run, "maxConcurrency", 1)
		close(release)
		w.ending(arn)
	})
}

func TestAChildThatIsToBeRedrivenWaitsAsPendingRedrive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": func(ctx context.Context, payload json.RawMessage) (any, error) {
			select {
			case <-time.After(time.Minute):
				return payload, nil
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}})
		defer w.close()
		arn := w.start(each(`"MaxConcurrency": 2,`), "e", `{"items": [1,2,3]}`)
		time.Sleep(time.Second)
		w.call("StopExecution", "executionArn", arn)
		run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
		w.call("RedriveExecution", "executionArn", arn)
		time.Sleep(time.Second)
		w.call("UpdateMapRun", "mapRunArn", run, "maxConcurrency", 1)
		w.call("StopExecution", "executionArn", arn)
		w.call("RedriveExecution", "executionArn", arn)
		time.Sleep(time.Second)
		described := w.call("DescribeMapRun", "mapRunArn", run)
		counts := described["executionCounts"].(map[string]any)
		if counts["running"] != 1.0 || counts["pendingRedrive"] != 1.0 || counts["pending"] != 1.0 || described["redriveCount"] != 2.0 {
			t.Errorf("%v", described)
		}
		pending := w.call("ListExecutions", "mapRunArn", run, "statusFilter", "PENDING_REDRIVE")["executions"].([]any)
		if len(pending) != 1 {
			t.Errorf("%v", pending)
		}
		if end := w.ending(arn); end["output"] != "[1,2,3]" || end["redriveCount"] != 2.0 {
			t.Errorf("%v", end)
		}
	})
}

func TestAnExecutionListsItsOwnMapRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		inner := `"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "%s", "States": {"%s": %s}}`
		pass := `{"Type": "Pass", "End": true}`
		nested := `{"Type": "Map", ` + fmt.Sprintf(inner, "P", "P", pass) + `, "End": true}`
		arn := w.start(`{"StartAt": "A", "States": {
			"A": {"Type": "Map", `+fmt.Sprintf(inner, "N", "N", nested)+`, "Next": "B"},
			"B": {"Type": "Map", `+fmt.Sprintf(inner, "Q", "Q", pass)+`, "End": true}}}`, "e", `[[1,2],[3]]`)
		if end := w.ending(arn); end["output"] != "[[1,2],[3]]" {
			t.Fatalf("%v", end)
		}
		var runs []any
		var token any = ""
		for token != nil {
			page := w.call("ListMapRuns", "executionArn", arn, "maxResults", 1, "nextToken", token)
			runs, token = append(runs, page["mapRuns"].([]any)...), page["nextToken"]
		}
		if len(runs) != 2 {
			t.Fatalf("%v", runs)
		}
		children := w.call("ListExecutions", "mapRunArn", runs[0].(map[string]any)["mapRunArn"])["executions"].([]any)
		for _, child := range children {
			nested := w.call("ListMapRuns", "executionArn", child.(map[string]any)["executionArn"])["mapRuns"].([]any)
			if len(nested) != 1 || nested[0].(map[string]any)["executionArn"] != child.(map[string]any)["executionArn"] {
				t.Errorf("%v", nested)
			}
		}
	})
}

func TestItemsAreBatched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, batcher, want string }{
		{"by number", `{"MaxItemsPerBatch": 2}`, `[{"Items":[1,2]},{"Items":[3,4]},{"Items":[5]}]`},
		{
			"with a common input", `{"MaxItemsPerBatch": 4, "BatchInput": {"why.$": "$.why"}}`,
			`[{"BatchInput":{"why":"x"},"Items":[1,2,3,4]},{"BatchInput":{"why":"x"},"Items":[5]}]`,
		},
		{"by bytes", `{"MaxInputBytesPerBatch": 18}`, `[{"Items":[1,2,3]},{"Items":[4,5]}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) {
				w := openWorld(t, dir, functions{"f": newFlaky(only()).invoke})
				defer w.close()
				arn := w.start(each(`"ItemBatcher": `+test.batcher+`,`), "e", `{"items": [1,2,3,4,5], "why": "x"}`)
				if end := w.ending(arn); end["output"] != test.want {
					t.Errorf("want %s, got %v", test.want, end)
				}
				run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
				described := w.call("DescribeMapRun", "mapRunArn", run)
				if items := described["itemCounts"].(map[string]any)["succeeded"]; items != 5.0 {
					t.Errorf("%v items", items)
				}
			})
		})
	}
}

func TestAChildHasAnExecutionOfItsOwnInItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "Label": "L",
			"ItemSelector": {"index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "parent.$": "$$.Execution.Id"},
			"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {
				"P": {"Type": "Pass", "End": true, "Parameters": {"given.$": "$", "own.$": "$$.Execution.Id", "input.$": "$$.Execution.Input", "machine.$": "$$.StateMachine.Name"}}}}}}}`,
			"e", `["a"]`)
		output := decodeJSON(t, w.ending(arn)["output"]).([]any)[0].(map[string]any)
		given := map[string]any{"index": 0.0, "value": "a", "parent": arn}
		if diff := cmp.Diff(given, output["given"]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(given, output["input"]); diff != "" {
			t.Error(diff)
		}
		if own := fmt.Sprint(output["own"]); !strings.Contains(own, ":execution:machine/L:") || output["machine"] != "machine/L" {
			t.Errorf("%v", output)
		}
	})
}
