package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
)

// clocked notes when a function is called.
type clocked struct {
	mu    sync.Mutex
	began time.Time
	at    []time.Duration
}

func (c *clocked) invoke(context.Context, json.RawMessage) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = append(c.at, time.Since(c.began))
	return nil, functionError{"Broken", "always"}
}

func TestRetriesWaitAsTheirRetriersSay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, retry string
		want        []time.Duration // of the calls
	}{
		{"the defaults", `[{"ErrorEquals": ["States.ALL"]}]`, []time.Duration{0, 1, 3, 7}},
		{"a cap", `[{"ErrorEquals": ["Broken"], "IntervalSeconds": 4, "MaxDelaySeconds": 6, "MaxAttempts": 3}]`, []time.Duration{0, 4, 10, 16}},
		{"full jitter", `[{"ErrorEquals": ["Broken"], "IntervalSeconds": 4, "BackoffRate": 1, "JitterStrategy": "FULL", "MaxAttempts": 2}]`, []time.Duration{0, 2, 4}},
		{
			"each retrier counts for itself, and the first that takes the error decides",
			`[{"ErrorEquals": ["Broken"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}]`,
			[]time.Duration{0, 1},
		},
		{"none", `[{"ErrorEquals": ["Broken"], "MaxAttempts": 0}]`, []time.Duration{0}},
		{"another error", `[{"ErrorEquals": ["Other"]}]`, []time.Duration{0}},
		{"any task's", `[{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}]`, []time.Duration{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) {
				c := &clocked{began: time.Now()}
				w := openWorld(t, dir, functions{"f": c.invoke})
				defer w.close()
				w.ending(w.start(`{"StartAt": "T", "States": {"T": `+task(`"Payload": 1`, `"Retry": `+test.retry+`, "End": true`)+`}}`, "e", "{}"))
				got := make([]time.Duration, len(c.at))
				for i, at := range c.at {
					got[i] = at / time.Second
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestStatesDoWhatTheirFieldsSay(t *testing.T) {
	t.Parallel()
	lambdaARN := "arn:aws:lambda:us-east-1:000000000000:function:byarn"
	invoke := functions{
		"f": func(_ context.Context, payload json.RawMessage) (any, error) {
			if string(payload) == `"fail"` {
				return nil, functionError{"Broken", "asked to"}
			}
			return payload, nil
		},
		"busy": func(context.Context, json.RawMessage) (any, error) {
			return nil, &awsjson.Error{Type: "TooManyRequestsException", Status: 429, Message: "Rate Exceeded."}
		},
		"slow": func(ctx context.Context, _ json.RawMessage) (any, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		},
		lambdaARN: func(_ context.Context, payload json.RawMessage) (any, error) { return []any{payload}, nil },
	}
	large := strings.Repeat("x", 200_000)
	for _, test := range []struct{ name, state, input, output, error, cause string }{
		{name: "a function by its ARN", state: `{"Type": "Task", "Resource": "` + lambdaARN + `", "End": true}`, input: `1`, output: `[1]`},
		{
			name: "the order of a Task's data", input: `{"in": {"x": 1}, "keep": true}`, output: `{"x":1}`,
			state: `{"Type": "Task", "Resource": "` + lambdaARN + `", "InputPath": "$.in", "Parameters": {"y.$": "$.x"},
				"ResultSelector": {"x.$": "$[0].y"}, "ResultPath": "$.out", "OutputPath": "$.out", "End": true}`,
		},
		{
			name: "a function that throttles", error: "Lambda.TooManyRequestsException", cause: "Rate Exceeded. (Service: Lambda, Status Code: 429)",
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "busy"}, "End": true}`,
		},
		{
			name: "a function that is not there", error: "Lambda.ResourceNotFoundException", cause: "Function not found: none (Service: Lambda, Status Code: 404)",
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "none"}, "End": true}`,
		},
		{
			name: "a function's error", error: "Broken", cause: `{"errorMessage":"asked to","errorType":"Broken"}`,
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": "fail"}, "End": true}`,
		},
		{
			name: "a timeout", error: "States.Timeout",
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "slow"}, "TimeoutSeconds": 3, "End": true}`,
		},
		{
			name: "a missed heartbeat", error: "States.HeartbeatTimeout", input: `{"beat": 2}`,
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "slow"}, "TimeoutSeconds": 30, "HeartbeatSecondsPath": "$.beat", "End": true}`,
		},
		{
			name: "a caught error", output: `{"error":{"Cause":"{\"errorMessage\":\"asked to\",\"errorType\":\"Broken\"}","Error":"Broken"},"kept":1}`, input: `{"kept": 1}`,
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": "fail"},
				"Catch": [{"ErrorEquals": ["Other"], "Next": "Nowhere"}, {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "End"}], "Next": "Nowhere"}`,
		},
		{
			name: "an error of the path is not caught by States.ALL where it is States.Runtime", input: `{"n": -1}`, error: "States.Runtime",
			cause: "An error occurred while executing the state 'S' (entered at the event id #2). The TimeoutSecondsPath parameter must be between 0 and 99999999: $.n == -1",
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "TimeoutSecondsPath": "$.n",
				"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}], "Next": "Nowhere"}`,
		},
		{
			name: "a result that is too large", error: "States.DataLimitExceeded",
			cause: "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit.",
			state: `{"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": true}`, input: `"` + large + `"`,
		},
		{
			name: "items that are no array", error: "States.Runtime", input: `{}`,
			cause: `An error occurred while executing the state 'S' (entered at the event id #2). Reference path "$" must point to array.`,
			state: `{"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}`,
		},
		{
			name: "a Map of nothing", input: `[]`, output: `[]`,
			state: `{"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}`,
		},
		{
			name: "a Distributed Map of nothing", input: `[]`, output: `[]`,
			state: `{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}`,
		},
		{
			name: "branches in their order", input: `1`, output: `[[1],2]`,
			state: `{"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + lambdaARN + `", "End": true}}},
				{"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": 2, "End": true}}}], "End": true}`,
		},
		{
			name: "an unknown parameter of lambda:invoke", error: "States.Runtime",
			cause: "An error occurred while executing the state 'S' (entered at the event id #2). The parameter 'DryRun' is not one of lambda:invoke that the local Step Functions has.",
			state: `{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "DryRun": "x"}, "End": true}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) {
				w := openWorld(t, dir, invoke)
				defer w.close()
				definition := `{"StartAt": "S", "States": {"S": ` + test.state
				if strings.Contains(test.state, "Nowhere") {
					definition += `, "Nowhere": {"Type": "Fail"}, "End": {"Type": "Succeed"}`
				}
				input := test.input
				if input == "" {
					input = "{}"
				}
				if _, err := w.PutStateMachine("machine", []byte(definition+`}}`), role); err != nil && test.name == "an unknown parameter of lambda:invoke" {
					return // refused already where it is defined
				}
				end := w.ending(w.start(definition+`}}`, "e", input))
				got := map[string]any{"output": end["output"], "error": end["error"], "cause": end["cause"]}
				want := map[string]any{"output": orNil(test.output), "error": orNil(test.error), "cause": orNil(test.cause)}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func TestAWaitIsAsLongAsItSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wait string
		want time.Duration
	}{
		{`"Seconds": 7`, 7 * time.Second},
		{`"SecondsPath": "$.seconds"`, 5 * time.Second},
		{`"Timestamp": "2000-01-01T00:01:00Z"`, time.Minute},
		{`"Timestamp": "1999-01-01T00:01:00Z"`, 0},
		{`"TimestampPath": "$.at"`, 2 * time.Minute},
	} {
		t.Run(test.wait, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) {
				w := openWorld(t, dir, functions{})
				defer w.close()
				arn := w.start(`{"StartAt": "W", "States": {"W": {"Type": "Wait", `+test.wait+`, "End": true}}}`, "e",
					`{"seconds": 5, "at": "2000-01-01T01:02:00+01:00"}`)
				w.ending(arn)
				events := w.events(arn)
				took := events[2]["timestamp"].(float64) - events[1]["timestamp"].(float64)
				if took != test.want.Seconds() {
					t.Errorf("%vs", took)
				}
			})
		})
	}
}

func TestAnExecutionTimesOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"TimeoutSeconds": 30, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 45, "End": true}}}`, "e", "{}")
		end := w.ending(arn)
		if end["status"] != "TIMED_OUT" || end["error"] != "States.Timeout" || end["stopDate"].(float64)-end["startDate"].(float64) != 30 {
			t.Errorf("%v", end)
		}
		want := []string{"ExecutionStarted", "WaitStateEntered", "WaitStateAborted", "ExecutionTimedOut"}
		if diff := cmp.Diff(want, w.types(arn)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnExecutionHasAtMost25000Events(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice",
			"Choices": [{"Variable": "$.never", "IsPresent": true, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}}`, "e", "{}")
		end := w.ending(arn)
		if end["status"] != "FAILED" || end["cause"] != "The execution reached the maximum number of history events (25000)." {
			t.Errorf("%v", end)
		}
		if end["redriveStatusReason"] != "Execution history event limit exceeded" {
			t.Errorf("%v", end)
		}
		last := w.call("GetExecutionHistory", "executionArn", arn, "reverseOrder", true, "maxResults", 1)["events"].([]any)[0].(map[string]any)
		if last["id"] != 25000.0 || last["type"] != "ExecutionFailed" {
			t.Errorf("%v", last)
		}
	})
}

func TestAtMost40IterationsOfAnInlineMapRunAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		var running, most atomic.Int64
		w := openWorld(t, dir, functions{"f": func(context.Context, json.RawMessage) (any, error) {
			now := running.Add(1)
			for {
				old := most.Load()
				if now <= old || most.CompareAndSwap(old, now) {
					break
				}
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return 1, nil
		}})
		defer w.close()
		items := "[" + strings.TrimSuffix(strings.Repeat("1,", 100), ",") + "]"
		end := w.ending(w.start(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
			"StartAt": "T", "States": {"T": `+task(`"Payload.$": "$"`, `"End": true`)+`}}}}}`, "e", items))
		if end["output"] != items || most.Load() != 40 {
			t.Errorf("%d at once: %v", most.Load(), end)
		}
	})
}

func TestVariablesAreReadWithinAndSetOnlyWhereTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(`{"StartAt": "Set", "States": {
			"Set": {"Type": "Pass", "Assign": {"outer": 1, "swap.$": "$.a"}, "Next": "Swap"},
			"Swap": {"Type": "Pass", "Assign": {"outer.$": "$swap", "swap.$": "$outer"}, "Next": "M"},
			"M": {"Type": "Map", "ItemsPath": "$.items", "Next": "Out", "ItemProcessor": {"StartAt": "In", "States": {
				"In": {"Type": "Pass", "Assign": {"inner.$": "$"}, "Next": "Read"},
				"Read": {"Type": "Pass", "Parameters": {"outer.$": "$outer", "inner.$": "$inner"}, "End": true}}}},
			"Out": {"Type": "Pass", "Parameters": {"all.$": "$", "outer.$": "$outer", "swap.$": "$swap"}, "End": true}}}`,
			"e", `{"a": 2, "items": ["x", "y"]}`)
		end := w.ending(arn)
		want := `{"all":[{"inner":"x","outer":2},{"inner":"y","outer":2}],"outer":2,"swap":1}`
		if end["output"] != want {
			t.Errorf("%v", end)
		}
		var assigned []string
		for _, event := range w.events(arn) {
			if details, ok := event["stateExitedEventDetails"].(map[string]any); ok && details["assignedVariables"] != nil {
				assigned = append(assigned, fmt.Sprint(details["assignedVariables"]))
			}
		}
		slices.Sort(assigned)
		wantAssigned := []string{`map[inner:"x"]`, `map[inner:"y"]`, "map[outer:1 swap:2]", "map[outer:2 swap:1]"}
		if diff := cmp.Diff(wantAssigned, assigned); diff != "" {
			t.Error(diff)
		}
	})
}

// asked keeps the requests to Lambda.
type asked struct {
	mu       sync.Mutex
	requests []lambda.Request
}

func (a *asked) Invoke(_ context.Context, request lambda.Request) (lambda.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, request)
	return lambda.Response{StatusCode: 200, Payload: []byte("1"), LogTail: "log", RequestID: "request"}, nil
}

func TestParametersOfAnInvocationReachLambda(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		a := &asked{}
		w := openWorld(t, dir, a)
		defer w.close()
		end := w.ending(w.start(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Parameters": {
			"FunctionName": "f", "Payload": {"a": 1}, "Qualifier": "$LATEST", "InvocationType": "RequestResponse", "LogType": "Tail", "ClientContext": "e30="}}}}`, "e", "{}"))
		want := []lambda.Request{{
			Function: "f", Qualifier: "$LATEST", Payload: []byte(`{"a":1}`), Type: lambda.RequestResponse, LogTail: true, ClientContext: []byte("{}"),
		}}
		if diff := cmp.Diff(want, a.requests); diff != "" {
			t.Error(diff)
		}
		if result := decodeJSON(t, end["output"]).(map[string]any); result["LogResult"] != "bG9n" || result["StatusCode"] != 200.0 {
			t.Errorf("%v", result)
		}
	})
}

func TestStatusChangesAreReportedInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		f := newFlaky(always)
		w := openWorld(t, dir, functions{"f": f.invoke})
		defer w.close()
		arn := w.start(`{"StartAt": "T", "States": {"T": `+task(`"Payload": 1`, `"End": true`)+`}}`, "e", `{"a":1}`)
		w.ending(arn)
		f.mend()
		time.Sleep(time.Second)
		w.call("RedriveExecution", "executionArn", arn)
		w.ending(arn)
		time.Sleep(time.Second)
		var got []string
		for _, change := range w.heard() {
			got = append(got, fmt.Sprint(change.Status, " ", change.RedriveCount, " ", change.Error, change.Output, " ", change.RedriveStatus, " ", change.Input))
		}
		want := []string{
			`RUNNING 0  NOT_REDRIVABLE {"a":1}`, `FAILED 0 Broken REDRIVABLE {"a":1}`,
			`RUNNING 1  NOT_REDRIVABLE {"a":1}`, `SUCCEEDED 1 1 NOT_REDRIVABLE {"a":1}`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		detail := w.heard()[1].Detail()
		if detail["executionArn"] != arn || detail["output"] != nil || detail["error"] != "Broken" || detail["redriveCount"] != 0 {
			t.Errorf("%v", detail)
		}
	})
}
