package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// flaky fails until it is mended, and counts its calls by payload.
type flaky struct {
	mu     sync.Mutex
	mended bool
	calls  map[string]int
	fails  func(payload string) bool
}

func newFlaky(fails func(payload string) bool) *flaky {
	return &flaky{calls: map[string]int{}, fails: fails}
}

func (f *flaky) invoke(_ context.Context, payload json.RawMessage) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[string(payload)]++
	if !f.mended && f.fails(string(payload)) {
		return nil, functionError{"Broken", "it is not mended"}
	}
	return payload, nil
}

func (f *flaky) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mended = true
}

func always(string) bool { return true }

func only(payloads ...string) func(string) bool {
	return func(payload string) bool { return slices.Contains(payloads, payload) }
}

// task is a Task of the function f with a payload template.
func task(payload, rest string) string {
	return `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Parameters": {"FunctionName": "f", ` + payload + `}, "OutputPath": "$.Payload", ` + rest + `}`
}

func TestARedriveGoesOnWhereTheExecutionFailed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, definition, input string
		fails                   func(string) bool
		output                  string
		calls                   map[string]int
		events                  []string // after ExecutionRedriven
	}{
		{
			name: "a Task is scheduled again, and what came before stays",
			definition: `{"StartAt": "First", "States": {
				"First": ` + task(`"Payload": 1`, `"Next": "Second"`) + `,
				"Second": ` + task(`"Payload": 2`, `"End": true`) + `}}`,
			fails: only("2"), output: "2", calls: map[string]int{"1": 1, "2": 2},
			events: []string{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"},
		},
		{
			name: "a Task's Parameters are evaluated again",
			definition: `{"StartAt": "Only", "States": {
				"Only": ` + task(`"Payload.$": "$$.Execution.RedriveCount"`, `"End": true`) + `}}`,
			fails: only("0"), output: "1", calls: map[string]int{"0": 1, "1": 1},
			events: []string{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"},
		},
		{
			name: "only the branch that failed runs again, and the one that was aborted",
			definition: `{"StartAt": "All", "States": {"All": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "A", "States": {"A": ` + task(`"Payload": 1`, `"End": true`) + `}},
				{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "B"}, "B": ` + task(`"Payload": 2`, `"End": true`) + `}},
				{"StartAt": "V", "States": {"V": {"Type": "Wait", "Seconds": 20, "Next": "C"}, "C": ` + task(`"Payload": 3`, `"End": true`) + `}}]}}}`,
			fails: only("2"), output: "[1,2,3]", calls: map[string]int{"1": 1, "2": 2, "3": 1},
			events: []string{
				"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
				"WaitStateExited", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
				"ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded",
			},
		},
		{
			name: "only the iterations that failed or did not start run",
			definition: `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "MaxConcurrency": 1, "End": true,
				"ItemProcessor": {"StartAt": "T", "States": {"T": ` + task(`"Payload.$": "$"`, `"End": true`) + `}}}}}`,
			input: "[1,2,3]", fails: only("2"), output: "[1,2,3]", calls: map[string]int{"1": 1, "2": 2, "3": 1},
			events: []string{
				"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "MapIterationSucceeded",
				"MapIterationStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
				"MapIterationSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded",
			},
		},
		{
			name: "variables are kept",
			definition: `{"StartAt": "Set", "States": {
				"Set": {"Type": "Pass", "Assign": {"kept.$": "$"}, "Next": "T"},
				"T": ` + task(`"Payload.$": "$kept"`, `"End": true`) + `}}`,
			input: `7`, fails: always, output: "7", calls: map[string]int{"7": 2},
			events: []string{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"},
		},
		{
			name: "retries are counted anew",
			definition: `{"StartAt": "T", "States": {"T": ` + task(`"Payload": 1`,
				`"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "End": true`) + `}}`,
			fails: always, output: "1", calls: map[string]int{"1": 4},
			events: []string{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"},
		},
		{
			name: "a Map Run redrives the children that failed and starts those that had not",
			definition: `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "MaxConcurrency": 1, "End": true,
				"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
					"StartAt": "T", "States": {"T": ` + task(`"Payload.$": "$"`, `"End": true`) + `}}}}}`,
			input: "[1,2,3]", fails: only("2"), output: "[1,2,3]", calls: map[string]int{"1": 1, "2": 2, "3": 1},
			events: []string{"MapRunRedriven", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"},
		},
	} {
		for _, reopened := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s (reopened: %v)", test.name, reopened), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				inBubble(t, func(t *testing.T) {
					f := newFlaky(test.fails)
					w := openWorld(t, dir, functions{"f": f.invoke})
					input := test.input
					if input == "" {
						input = "{}"
					}
					arn := w.start(test.definition, "e", input)
					if end := w.ending(arn); end["status"] != "FAILED" || end["redriveStatus"] != "REDRIVABLE" {
						t.Fatalf("before: %v", end)
					}
					before := len(w.events(arn))
					if reopened {
						w.close()
						w = openWorld(t, dir, functions{"f": f.invoke})
					}
					defer w.close()
					f.mend()
					time.Sleep(time.Hour)
					w.call("RedriveExecution", "executionArn", arn)
					end := w.ending(arn)
					if end["status"] != "SUCCEEDED" || end["redriveCount"] != 1.0 {
						t.Errorf("after: %v", end)
					}
					got := map[string]any{"output": end["output"], "calls": f.calls, "events": w.types(arn)[before:]}
					want := map[string]any{"output": test.output, "calls": test.calls, "events": append([]string{"ExecutionRedriven"}, test.events...)}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Error("(-want +got)\n" + diff)
					}
					checkIDs(t, w.events(arn))
				})
			})
		}
	}
}

// checkIDs checks that ids follow one another and that each event has one before it.
func checkIDs(t *testing.T, events []map[string]any) {
	t.Helper()
	for i, event := range events {
		if event["id"] != float64(i+1) {
			t.Errorf("event %d has id %v", i+1, event["id"])
		}
		if previous := event["previousEventId"].(float64); previous < 0 || previous > float64(i) {
			t.Errorf("event %d: previousEventId %v", i+1, previous)
		}
	}
}

func TestARedrivenChoiceEvaluatesAgainAndAFailStateFailsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"StartAt": "C", "States": {
			"C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.RedriveCount", "NumericGreaterThan": 0, "Next": "F"}]},
			"F": {"Type": "Fail", "Error": "No", "Cause": "never"}}}`, "e", "{}")
		if end := w.ending(arn); end["error"] != "States.NoChoiceMatched" {
			t.Fatalf("first: %v", end)
		}
		for count := 1; count <= 2; count++ {
			w.call("RedriveExecution", "executionArn", arn)
			if end := w.ending(arn); end["error"] != "No" || end["cause"] != "never" || end["redriveCount"] != float64(count) {
				t.Errorf("redrive %d: %v", count, end)
			}
		}
		want := []string{
			"ExecutionStarted", "ChoiceStateEntered", "ExecutionFailed",
			"ExecutionRedriven", "ChoiceStateExited", "FailStateEntered", "ExecutionFailed",
			"ExecutionRedriven", "FailStateEntered", "ExecutionFailed",
		}
		if diff := cmp.Diff(want, w.types(arn)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnExecutionIsRedrivenOnlyWhereAWSWould(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		f := newFlaky(always)
		w := openWorld(t, dir, functions{"f": f.invoke})
		defer w.close()
		refused := func(arn, reason string) {
			t.Helper()
			_, err := w.try("RedriveExecution", "executionArn", arn)
			if err == nil || !strings.Contains(err.Error(), "ExecutionNotRedrivable") || !strings.Contains(err.Error(), reason) {
				t.Errorf("want %q, got %v", reason, err)
			}
		}
		good := w.start(`{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`, "good", "{}")
		w.ending(good)
		refused(good, "Execution is SUCCEEDED and cannot be redriven")
		waits := w.start(`{"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": 100, "End": true}}}`, "waits", "{}")
		refused(waits, "Execution is RUNNING and cannot be redriven")
		failing := `{"StartAt": "T", "States": {"T": ` + task(`"Payload": 1`, `"End": true`) + `}}`
		arn := w.start(failing, "fails", "{}")
		w.ending(arn)
		first := w.call("RedriveExecution", "executionArn", arn, "clientToken", "one")
		if again := w.call("RedriveExecution", "executionArn", arn, "clientToken", "one"); again["redriveDate"] != first["redriveDate"] {
			t.Errorf("the same token gives %v, first %v", again, first)
		}
		if end := w.ending(arn); end["redriveCount"] != 1.0 {
			t.Errorf("the same token redrove again: %v", end)
		}
		time.Sleep(14*24*time.Hour + time.Second)
		refused(arn, "Execution redrivable period exceeded")
		if end := w.ending(arn); end["redriveStatus"] != "NOT_REDRIVABLE" || end["redriveStatusReason"] != "Execution redrivable period exceeded" {
			t.Errorf("description: %v", end)
		}
		other := w.start(failing, "deleting", "{}")
		w.ending(other)
		hold := w.start(`{"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": 100, "End": true}}}`, "hold", "{}")
		machine := w.ending(other)["stateMachineArn"]
		w.call("DeleteStateMachine", "stateMachineArn", machine)
		refused(other, "State machine is in DELETING status")
		if status := w.call("DescribeExecution", "executionArn", hold)["status"]; status != "RUNNING" {
			t.Errorf("what runs is %v", status)
		}
		time.Sleep(101 * time.Second)
		if _, err := w.try("DescribeExecution", "executionArn", other); err == nil {
			t.Error("the executions of a deleted state machine are still there")
		}
		if _, err := w.try("DescribeStateMachine", "stateMachineArn", machine); err == nil {
			t.Error("the state machine is still there")
		}
	})
}

// copyDir is what a process that is killed now leaves.
func copyDir(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

const distributed = `{"StartAt": "Each", "States": {
	"Each": {"Type": "Map", "MaxConcurrency": 3, "ToleratedFailurePercentage": 100, "Next": "Last", "ResultPath": "$.done", "ItemsPath": "$.items",
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
			"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
				"Parameters": {"FunctionName": "f", "Payload.$": "$"}, "OutputPath": "$.Payload", "End": true}}}},
	"Last": {"Type": "Pass", "OutputPath": "$.done", "End": true}}}`

func TestWhatRanWhenTheStackWentDownIsAbortedAndCanBeRedriven(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"closed", "killed"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy")
			inBubble(t, func(t *testing.T) {
				var mu sync.Mutex
				calls := map[string]int{}
				slow := func(ctx context.Context, payload json.RawMessage) (any, error) {
					mu.Lock()
					calls[string(payload)]++
					mu.Unlock()
					select {
					case <-time.After(time.Minute):
						return payload, nil
					case <-ctx.Done():
						return nil, context.Cause(ctx)
					}
				}
				w := openWorld(t, dir, functions{"f": slow})
				arn := w.start(distributed, "e", `{"items": [1,2,3,4,5,6,7]}`)
				time.Sleep(90 * time.Second) // three are done, three run, one waits
				if how == "killed" {
					copyDir(t, dir, copied)
					w.close()
					dir = copied
				} else {
					w.close()
				}
				w = openWorld(t, dir, functions{"f": slow})
				defer w.close()
				end := w.ending(arn)
				if end["status"] != "ABORTED" || !strings.Contains(fmt.Sprint(end["cause"]), "redrive it") {
					t.Fatalf("after the restart: %v", end)
				}
				run := w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
				described := w.call("DescribeMapRun", "mapRunArn", run)
				counts := described["itemCounts"].(map[string]any)
				if described["status"] != "ABORTED" || counts["succeeded"] != 3.0 || counts["aborted"] != 3.0 || counts["pending"] != 1.0 || counts["total"] != 7.0 {
					t.Errorf("the Map Run: %v", described)
				}
				time.Sleep(time.Second)
				var heard []string
				for _, change := range w.heard() {
					heard = append(heard, change.Status)
				}
				if !slices.Contains(heard, "ABORTED") {
					t.Errorf("reported: %v", heard)
				}
				w.call("RedriveExecution", "executionArn", arn)
				time.Sleep(time.Second)
				if status := w.call("DescribeMapRun", "mapRunArn", run)["status"]; status != "RUNNING" {
					t.Errorf("the Map Run is %v", status)
				}
				end = w.ending(arn)
				if end["status"] != "SUCCEEDED" || end["output"] != "[1,2,3,4,5,6,7]" {
					t.Errorf("after the redrive: %v", end)
				}
				want := map[string]int{"1": 1, "2": 1, "3": 1, "4": 2, "5": 2, "6": 2, "7": 1}
				if diff := cmp.Diff(want, calls); diff != "" {
					t.Error("calls (-want +got)\n" + diff)
				}
				counts = w.call("DescribeMapRun", "mapRunArn", run)["itemCounts"].(map[string]any)
				if counts["succeeded"] != 7.0 || counts["resultsWritten"] != 7.0 {
					t.Errorf("the Map Run in the end: %v", counts)
				}
			})
		})
	}
}
