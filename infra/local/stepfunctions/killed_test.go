package stepfunctions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAHistoryThatIsCutOffAnywhereCanBeRedriven cuts the file of an execution that
// runs at any byte: whatever of it was written, a redrive comes to the same end, and
// what is known to have succeeded is not done again.
func TestAHistoryThatIsCutOffAnywhereCanBeRedriven(t *testing.T) {
	t.Parallel()
	definition := `{"StartAt": "First", "States": {
		"First": {"Type": "Pass", "Assign": {"v": 5}, "Next": "P"},
		"P": {"Type": "Parallel", "ResultPath": "$.p", "Next": "Each", "Branches": [
			{"StartAt": "A", "States": {"A": ` + task(`"Payload": "a"`, `"End": true`) + `}},
			{"StartAt": "I", "States": {"I": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true,
				"ItemProcessor": {"StartAt": "B", "States": {"B": ` + task(`"Payload.$": "$"`, `"End": true`) + `}}}}}]},
		"Each": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.each", "Next": "Last", "MaxConcurrency": 2,
			"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
				"StartAt": "C", "States": {"C": ` + task(`"Payload.$": "$"`, `"Next": "D"`) + `, "D": {"Type": "Pass", "End": true}}}},
		"Last": {"Type": "Pass", "Parameters": {"v.$": "$v", "p.$": "$.p", "each.$": "$.each"}, "End": true}}}`
	const want = `{"each":[1,2,3],"p":["a",[1,2,3]],"v":5}`
	dir := t.TempDir()
	var whole []byte
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, filepath.Join(dir, "first"), functions{"f": func(_ context.Context, payload json.RawMessage) (any, error) {
			time.Sleep(time.Second)
			return payload, nil
		}})
		arn := w.start(definition, "e", `{"items": [1,2,3]}`)
		copyDir(t, filepath.Join(dir, "first"), filepath.Join(dir, "running")) // the catalog says that it runs
		if end := w.ending(arn); end["output"] != want {
			t.Fatalf("%v", end)
		}
		w.close()
		var err error
		if whole, err = os.ReadFile(filepath.Join(dir, "first", "executions", "00000001.history")); err != nil {
			t.Fatal(err)
		}
	})
	started := bytes.IndexByte(whole, '\n') + 1
	for round := range 60 {
		cut := started + (len(whole)-started)*round/60
		cutDir := filepath.Join(t.TempDir(), "cut")
		copyDir(t, filepath.Join(dir, "running"), cutDir)
		if err := os.WriteFile(filepath.Join(cutDir, "executions", "00000001.history"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		inBubble(t, func(t *testing.T) { redriveCut(t, cutDir, want) })
	}
}

func redriveCut(t *testing.T, dir, want string) {
	t.Helper()
	var mu sync.Mutex
	calls := 0
	w := openWorld(t, dir, functions{"f": func(_ context.Context, payload json.RawMessage) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		calls++
		return payload, nil
	}})
	defer w.close()
	arn := "arn:aws:states:us-east-1:000000000000:execution:machine:e"
	end := w.ending(arn)
	if end["status"] == "SUCCEEDED" {
		return
	}
	if end["status"] != "ABORTED" {
		t.Fatalf("%v", end)
	}
	w.call("RedriveExecution", "executionArn", arn)
	if end := w.ending(arn); end["output"] != want {
		t.Errorf("%v", end)
	}
	checkIDs(t, w.events(arn))
	if calls > 7 {
		t.Errorf("%d calls, of 7 tasks", calls)
	}
}

func TestWhatAKilledProcessLeftRunningIsReportedAbortedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, filepath.Join(dir, "first"), functions{})
		w.start(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 50, "End": true}}}`, "e", `{}`)
		time.Sleep(time.Second)
		copyDir(t, filepath.Join(dir, "first"), filepath.Join(dir, "killed"))
		w.close()
		w = openWorld(t, filepath.Join(dir, "killed"), functions{})
		defer w.close()
		time.Sleep(time.Second)
		if heard := w.heard(); len(heard) != 1 || heard[0].Status != "ABORTED" || heard[0].Cause != wentDown {
			t.Errorf("%+v", heard)
		}
	})
}

// TestEveryItemRunsToSuccessExactlyOnce has random items fail in each go, and
// redrives until none does. Of those that run at once, one that a sibling's failure
// breaks off may have its function run again, as on AWS; its success is recorded once.
func TestEveryItemRunsToSuccessExactlyOnce(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rounds := 0
	rapid.Check(t, func(r *rapid.T) {
		items := rapid.IntRange(1, 12).Draw(r, "items")
		concurrency := rapid.IntRange(1, 4).Draw(r, "concurrency")
		inline := rapid.Bool().Draw(r, "inline")
		failing := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, items-1), 0, items), 1, 4).Draw(r, "failing")
		reopen := rapid.Bool().Draw(r, "reopen")
		rounds++
		dir := filepath.Join(root, fmt.Sprint(rounds))
		var problem string
		inBubble(t, func(t *testing.T) { problem = runToSuccess(t, dir, items, concurrency, inline, reopen, failing) })
		if problem != "" {
			r.Fatal(problem)
		}
	})
}

func runToSuccess(t *testing.T, dir string, items, concurrency int, inline, reopen bool, failing [][]int) string {
	t.Helper()
	var mu sync.Mutex
	successes, round := map[string]int{}, 0
	f := func(_ context.Context, payload json.RawMessage) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		if round < len(failing) {
			for _, index := range failing[round] {
				if fmt.Sprint(index) == string(payload) {
					return nil, functionError{"Broken", "this time"}
				}
			}
		}
		successes[string(payload)]++
		return payload, nil
	}
	definition := each(fmt.Sprintf(`"MaxConcurrency": %d,`, concurrency))
	if inline {
		definition = strings.Replace(definition, `"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},`, ``, 1)
	}
	var list []string
	for i := range items {
		list = append(list, fmt.Sprint(i))
	}
	w := openWorld(t, dir, functions{"f": f})
	defer func() { w.close() }()
	arn := w.start(definition, "e", `{"items": [`+strings.Join(list, ",")+`]}`)
	for w.ending(arn)["status"] != "SUCCEEDED" {
		mu.Lock()
		round++
		mu.Unlock()
		if round > len(failing) {
			return fmt.Sprintf("it fails on: %v", w.ending(arn))
		}
		if reopen {
			w.close()
			w = openWorld(t, dir, functions{"f": f})
		}
		w.call("RedriveExecution", "executionArn", arn)
	}
	if output := w.ending(arn)["output"]; output != "["+strings.Join(list, ",")+"]" {
		return fmt.Sprintf("output %v", output)
	}
	for _, item := range list {
		if n := successes[item]; n < 1 || (n > 1 && concurrency == 1) {
			return fmt.Sprintf("item %s succeeded %d times", item, n)
		}
	}
	recorded := strings.Count(fmt.Sprint(w.types(arn)), "TaskStateExited")
	for _, run := range w.call("ListMapRuns", "executionArn", arn)["mapRuns"].([]any) {
		children := w.call("ListExecutions", "mapRunArn", run.(map[string]any)["mapRunArn"])["executions"].([]any)
		for _, child := range children {
			recorded += strings.Count(fmt.Sprint(w.types(child.(map[string]any)["executionArn"].(string))), "TaskStateExited")
		}
	}
	if recorded != items {
		return fmt.Sprintf("%d successes are recorded", recorded)
	}
	return ""
}
