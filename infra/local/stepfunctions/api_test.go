package stepfunctions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
)

const (
	succeeds = `{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`
	waits    = `{"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": 100, "End": true}}}`
)

// wantError checks that an error has the type.
func wantError(t *testing.T, err error, errorType string) {
	t.Helper()
	var refused *awsjson.Error
	if !errors.As(err, &refused) || refused.Type != errorType {
		t.Errorf("want %s, got %v", errorType, err)
	}
}

func TestRequestsThatAWSRefusesAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		machine := w.machine("machine", succeeds)
		execution := "arn:aws:states:us-east-1:000000000000:execution:machine:"
		for _, test := range []struct {
			operation string
			request   []any
			want      string
		}{
			{"CreateActivity", nil, "UnknownOperationException"},
			{"CreateStateMachine", []any{"name", "a b", "definition", succeeds, "roleArn", role}, "InvalidName"},
			{"CreateStateMachine", []any{"name", "new", "definition", "{", "roleArn", role}, "InvalidDefinition"},
			{"CreateStateMachine", []any{"name", "new", "definition", succeeds, "roleArn", "me"}, "InvalidArn"},
			{"CreateStateMachine", []any{"name", "new", "definition", succeeds, "roleArn", role, "type", "EXPRESS"}, "StateMachineTypeNotSupported"},
			{"CreateStateMachine", []any{"name", "new", "definition", succeeds, "roleArn", role, "publish", true}, "ValidationException"},
			{"CreateStateMachine", []any{"name", "new", "definition", succeeds, "roleArn", role, "colour", "blue"}, "ValidationException"},
			{"CreateStateMachine", []any{"name", "machine", "definition", waits, "roleArn", role}, "StateMachineAlreadyExists"},
			{"UpdateStateMachine", []any{"stateMachineArn", machine}, "MissingRequiredParameter"},
			{"UpdateStateMachine", []any{"stateMachineArn", machine + "x", "definition", succeeds}, "StateMachineDoesNotExist"},
			{"DescribeStateMachine", []any{"stateMachineArn", "machine"}, "InvalidArn"},
			{"StartExecution", []any{"stateMachineArn", machine + "x"}, "StateMachineDoesNotExist"},
			{"StartExecution", []any{"stateMachineArn", machine, "input", "{"}, "InvalidExecutionInput"},
			{"StartExecution", []any{"stateMachineArn", machine, "input", `"` + strings.Repeat("x", 262_143) + `"`}, "InvalidExecutionInput"},
			{"DescribeExecution", []any{"executionArn", execution + "none"}, "ExecutionDoesNotExist"},
			{"DescribeExecution", []any{"executionArn", machine}, "InvalidArn"},
			{"GetExecutionHistory", []any{"executionArn", execution + "none"}, "ExecutionDoesNotExist"},
			{"GetExecutionHistory", []any{"executionArn", execution + "none", "maxResults", 1001}, "ValidationException"},
			{"StopExecution", []any{"executionArn", execution + "none"}, "ExecutionDoesNotExist"},
			{"RedriveExecution", []any{"executionArn", execution + "none"}, "ExecutionDoesNotExist"},
			{"ListExecutions", nil, "ValidationException"},
			{"ListExecutions", []any{"stateMachineArn", machine, "statusFilter", "GOOD"}, "ValidationException"},
			{"ListExecutions", []any{"stateMachineArn", machine, "nextToken", "x"}, "InvalidToken"},
			{"DescribeMapRun", []any{"mapRunArn", "arn:aws:states:us-east-1:000000000000:mapRun:machine/x:y"}, "ResourceNotFound"},
		} {
			_, err := w.try(test.operation, test.request...)
			if err == nil {
				t.Errorf("%s %v: no error", test.operation, test.request)
				continue
			}
			wantError(t, err, test.want)
		}
	})
}

func TestNamesAreAsAWSTakesThem(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"a": true, "2026-02-20_to.2026-02-21": true, "Ångström": true, strings.Repeat("ä", 80): true, "a(b)!'@=+": true,
		"": false, strings.Repeat("a", 81): false, "a b": false, "a/b": false, "a:b": false, "a#b": false, "a\x7fb": false, "a\u0085b": false, "a;b": false,
		"a,b": false, "a<b": false, "a*": false, "a?": false, "a\\b": false, "a|b": false, "a&b": false, "a$b": false, "a\xffb": false,
	} {
		if err := checkName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTheSameStartIsOneStartWhileItRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		machine := w.machine("machine", waits)
		start := func(input string) (map[string]any, error) {
			return w.try("StartExecution", "stateMachineArn", machine, "name", "e", "input", input)
		}
		first, err := start(`{"a": 1}`)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		again, err := start(`{"a":1}`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Error(diff)
		}
		_, err = start(`{"a": 2}`)
		wantError(t, err, "ExecutionAlreadyExists")
		w.ending(first["executionArn"].(string))
		_, err = start(`{"a": 1}`)
		wantError(t, err, "ExecutionAlreadyExists")
		time.Sleep(90*24*time.Hour + time.Hour)
		if _, err = start(`{"a": 1}`); err != nil {
			t.Errorf("after 90 days: %v", err)
		}
	})
}

func TestListsAndHistoriesComeInPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{"f": newFlaky(only()).invoke})
		defer w.close()
		var last string
		for i := range 7 {
			last = w.start(each(``), fmt.Sprint("e", i), `{"items": [1,2,3,4,5]}`)
			w.ending(last)
		}
		run := w.call("ListMapRuns", "executionArn", last)["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"]
		for _, test := range []struct {
			operation, items, key string
			request               []any
			want                  int
			first                 any
		}{
			{"ListExecutions", "executions", "name", []any{"stateMachineArn", w.machine("machine", each(``))}, 7, "e6"},
			{"ListExecutions", "executions", "itemCount", []any{"mapRunArn", run}, 5, 1.0},
			{"GetExecutionHistory", "events", "id", []any{"executionArn", last}, 8, 1.0},
			{"GetExecutionHistory", "events", "id", []any{"executionArn", last, "reverseOrder", true}, 8, 8.0},
		} {
			whole := w.call(test.operation, test.request...)[test.items].([]any)
			if len(whole) != test.want || whole[0].(map[string]any)[test.key] != test.first {
				t.Errorf("%s: %d items, first %v", test.operation, len(whole), whole[0])
			}
			var pages []any
			request := append(slices.Clone(test.request), "maxResults", 3)
			for {
				page := w.call(test.operation, request...)
				pages = append(pages, page[test.items].([]any)...)
				if page["nextToken"] == nil {
					break
				}
				if size := len(page[test.items].([]any)); size != 3 {
					t.Errorf("a page of %d", size)
				}
				request = append(slices.Clone(test.request), "maxResults", 3, "nextToken", page["nextToken"])
			}
			if diff := cmp.Diff(whole, pages); diff != "" {
				t.Errorf("%s: %s", test.operation, diff)
			}
		}
	})
}

func TestDataIsLeftOutWhereItIsNotAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(succeeds, "e", `{"secret": "<&>"}`)
		w.ending(arn)
		with := w.call("GetExecutionHistory", "executionArn", arn)["events"].([]any)[1].(map[string]any)
		if input := with["stateEnteredEventDetails"].(map[string]any)["input"]; input != `{"secret":"<&>"}` {
			t.Errorf("input %v", input)
		}
		without := w.call("GetExecutionHistory", "executionArn", arn, "includeExecutionData", false)
		if strings.Contains(fmt.Sprint(without), "secret") {
			t.Errorf("%v", without)
		}
	})
}

func TestADefinitionsProblemsAreAllToldWithTheirPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		definition := `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}, "B": {"Type": "Wait", "End": true}}}`
		answer := w.call("ValidateStateMachineDefinition", "definition", definition)
		diagnostics := answer["diagnostics"].([]any)
		if answer["result"] != "FAIL" || len(diagnostics) < 2 || answer["truncated"] != any(false) {
			t.Errorf("%v", answer)
		}
		if answer := w.call("ValidateStateMachineDefinition", "definition", definition, "maxResults", 1); answer["truncated"] != any(true) {
			t.Errorf("%v", answer)
		}
		if _, err := w.try("ValidateStateMachineDefinition", "definition", strings.Repeat(" ", 1<<20)); err == nil {
			t.Error("a request of more than 1 MB was taken")
		}
		if answer := w.call("ValidateStateMachineDefinition", "definition", succeeds); answer["result"] != "OK" {
			t.Errorf("%v", answer)
		}
	})
}

func TestWhatIsThereSurvivesAReopening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		pretty := strings.ReplaceAll(succeeds, ",", ",\n  ")
		machine := w.machine("machine", pretty)
		gone := w.machine("gone", waits)
		w.call("DeleteStateMachine", "stateMachineArn", gone)
		arn := w.start(pretty, "e", `{"a": 1}`)
		w.ending(arn)
		ask := func() []any {
			return []any{
				w.call("DescribeStateMachine", "stateMachineArn", machine), w.call("DescribeExecution", "executionArn", arn),
				w.call("GetExecutionHistory", "executionArn", arn), w.call("ListStateMachines"), w.call("ListExecutions", "stateMachineArn", machine),
			}
		}
		before := ask()
		if before[0].(map[string]any)["definition"] != pretty {
			t.Errorf("%v", before[0])
		}
		w.close()
		w = openWorld(t, dir, functions{})
		if diff := cmp.Diff(before, ask()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Second)
		if heard := w.heard(); len(heard) > 0 {
			t.Errorf("told again: %v", heard)
		}
		w.close()
		time.Sleep(90*24*time.Hour + time.Hour)
		w = openWorld(t, dir, functions{})
		defer w.close()
		if _, err := w.try("DescribeExecution", "executionArn", arn); err == nil {
			t.Error("the execution is kept for more than 90 days")
		}
	})
}

func TestAnExecutionKeepsTheDefinitionThatItStartedWith(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		w := openWorld(t, dir, functions{})
		defer w.close()
		arn := w.start(waits, "e", "{}")
		updated := w.call("UpdateStateMachine", "stateMachineArn", w.machine("machine", waits), "definition", succeeds)
		if machine := w.call("DescribeStateMachineForExecution", "executionArn", arn); machine["definition"] != waits || machine["revisionId"] != nil {
			t.Errorf("of the execution: %v", machine)
		}
		machine := w.call("DescribeStateMachine", "stateMachineArn", w.machine("machine", succeeds))
		if machine["definition"] != succeeds || machine["revisionId"] != updated["revisionId"] {
			t.Errorf("now: %v", machine)
		}
		if end := w.ending(arn); len(w.types(arn)) != 4 {
			t.Errorf("%v", end)
		}
	})
}
