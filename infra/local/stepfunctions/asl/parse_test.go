package asl_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/stepfunctions/asl"
)

var update = flag.Bool("update", false, "write the golden files anew")

func read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// The definitions in testdata/spec are the specification's examples, made whole.
func TestTheSpecificationsExamplesAreRead(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/spec/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			parse(t, string(read(t, filepath.Join("spec", filepath.Base(name)))))
		})
	}
}

// A definition with every mistake is told of them all, each with its place.
func TestABadDefinitionGetsAllItsProblemsAtOnce(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	for _, p := range problems(t, string(read(t, "bad.json"))) {
		fmt.Fprintf(&said, "%s %s\n\t%s\n", p.Code, p.Location, p.Message)
	}
	golden := filepath.Join("testdata", "bad.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(said.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, "bad.golden")), said.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAllOfAStateIsRead(t *testing.T) {
	t.Parallel()
	machine := parse(t, string(read(t, "whole.json")))
	if machine.Comment != "all fields" || machine.StartAt != "Plan" || machine.TimeoutSeconds != 3600 {
		t.Errorf("machine: %+v", machine)
	}
	plan := machine.States["Plan"]
	wantRetry := []asl.Retrier{
		{ErrorEquals: []string{"Busy", "States.Timeout"}, IntervalSeconds: 5, MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 60, FullJitter: true},
		{ErrorEquals: []string{"States.ALL"}, IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2},
	}
	if diff := cmp.Diff(wantRetry, plan.Retry); diff != "" {
		t.Errorf("Retry: (-want +got)\n%s", diff)
	}
	if plan.Type != asl.Task || plan.Name != "Plan" || plan.Resource != asl.LambdaInvoke || *plan.TimeoutSeconds != 60 || plan.HeartbeatSecondsPath.String() != "$.beat" ||
		plan.Next != "Any" || plan.Catch[0].Next != "Failed" || plan.Catch[0].ResultPath.String() != "$.error" || plan.Catch[0].Assign == nil {
		t.Errorf("Plan: %+v", plan)
	}
	each := machine.States["Each"]
	if !each.Distributed || each.Label != "parts" || each.Processor.StartAt != "One" || *each.Batcher.MaxItems != 10 || *each.ToleratedFailurePercentage != 12.5 ||
		each.MaxConcurrencyPath.String() != "$.max" || each.ItemsPath.String() != "$$.Execution.Input.items" || each.ItemSelector == nil || !each.ResultPath.IsNull() {
		t.Errorf("Each: %+v", each)
	}
	if either := machine.States["Any"]; either.Default != "Both" || len(either.Choices) != 2 || either.Choices[0].Next != "Each" || either.Assign == nil {
		t.Errorf("Any: %+v", either)
	}
	if set := machine.States["Set"]; !set.HasResult || set.Result != nil || !set.End {
		t.Errorf("Set: %+v", set)
	}
	if pause := machine.States["Pause"]; *pause.Seconds != 0 || pause.Next != "Set" {
		t.Errorf("Pause: %+v", pause)
	}
	if both := machine.States["Both"]; len(both.Branches) != 2 || both.Branches[1].States["Right"].Timestamp != "2026-02-20T01:00:00Z" {
		t.Errorf("Both: %+v", both)
	}
}

func TestProblemsHaveTheCodesAndWordsOfStepFunctions(t *testing.T) {
	t.Parallel()
	const pass = `{"Type":"Pass","End":true}`
	for _, c := range []struct {
		definition string
		want       []asl.Problem
	}{
		{``, []asl.Problem{{"", "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object"}}},
		{`[]`, []asl.Problem{{"", "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object"}}},
		{`{}`, []asl.Problem{{"/", "SCHEMA_VALIDATION_FAILED", "These fields are required: [States, StartAt]"}}},
		{"{\n \"a\": x}", []asl.Problem{{"[line: 2, column: 7]", "INVALID_JSON_DESCRIPTION", "The definition is no valid JSON: invalid character 'x' looking for beginning of value"}}},
		{
			`{"StartAt":"A","States":{"A":` + pass + `,"A":` + pass + `}}`,
			[]asl.Problem{{"/States/A", "DUPLICATE_STATE_NAME", "Duplicate state name: A"}},
		},
		{
			`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"End":true,"Result":{"x":1,"x":2}}}}`,
			[]asl.Problem{{"/States/A", "INVALID_JSON_DESCRIPTION", "Duplicate field 'End'"}, {"/States/A/Result", "INVALID_JSON_DESCRIPTION", "Duplicate field 'x'"}},
		},
		{
			`{"StartAt":"A","States":{"A":{"Type":"Map","End":true,"Iterator":{"StartAt":"A","States":{"A":` + pass + `}}}}}`,
			[]asl.Problem{{"/States/A/Iterator/States/A", "DUPLICATE_STATE_NAME", "Duplicate state name: A is at /States/A too"}},
		},
		{`{"States":{"A":` + pass + `}}`, []asl.Problem{{"/", "SCHEMA_VALIDATION_FAILED", "These fields are required: [StartAt]"}}},
		// Recorded of AWS: a target that is not there, and a state that nothing leads to.
		{
			`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"C"},"B":` + pass + `}}`,
			[]asl.Problem{{"/States/A/Next", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: C"}, {"/States/B", "MISSING_TRANSITION_TARGET", `State "B" is not reachable.`}},
		},
		{
			`{"StartAt":"X","States":{"A":` + pass + `}}`,
			[]asl.Problem{{"/StartAt", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: X"}, {"/States/A", "MISSING_TRANSITION_TARGET", `State "A" is not reachable.`}},
		},
		// A machine without an end hides what nothing leads to.
		{
			`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","Next":"A"}}}`,
			[]asl.Problem{{"", "MISSING_END_STATE", "Workflow has no terminal state"}},
		},
		{
			`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}`,
			[]asl.Problem{{"/States/A/Next", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE"}, {"", "MISSING_END_STATE", "Workflow has no terminal state"}},
		},
	} {
		if diff := cmp.Diff(c.want, problems(t, c.definition)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.definition, diff)
		}
	}
}

// Each line is a field and a type of state that has it not, as AWS answers.
func TestAFieldOfAnotherTypeOfStateIsRefused(t *testing.T) {
	t.Parallel()
	states := map[string]string{
		"Pass": `"Type":"Pass","End":true`, "Wait": `"Type":"Wait","Seconds":1,"End":true`, "Succeed": `"Type":"Succeed"`, "Fail": `"Type":"Fail"`,
		"Choice":   `"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"S"}]`,
		"Parallel": `"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]`,
		"Map":      `"Type":"Map","End":true,"ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`,
	}
	for field, types := range map[string]string{
		`"TimeoutSeconds":1`:           "Pass Wait Choice Succeed Fail Map Parallel",
		`"HeartbeatSeconds":1`:         "Pass Wait Choice Succeed Fail Map Parallel",
		`"Catch":[]`:                   "Pass Wait Choice Succeed Fail",
		`"Retry":[]`:                   "Pass Wait Choice Succeed Fail",
		`"Assign":{}`:                  "Succeed Fail",
		`"ResultPath":"$"`:             "Wait Choice Succeed Fail",
		`"ResultSelector":{}`:          "Pass Wait Choice Succeed Fail",
		`"Parameters":{}`:              "Wait Choice Succeed Fail",
		`"Result":1`:                   "Wait Choice Succeed Fail Map Parallel",
		`"InputPath":"$"`:              "Fail",
		`"Next":"S"`:                   "Choice Succeed Fail",
		`"Default":"S"`:                "Pass Wait Succeed Fail Map Parallel",
		`"Error":"E"`:                  "Pass Wait Choice Succeed Map Parallel",
		`"Seconds":1`:                  "Pass Choice Succeed Fail Map Parallel",
		`"Resource":"arn:aws:lambda"`:  "Pass Wait Choice Succeed Fail Map Parallel",
		`"MaxConcurrency":1`:           "Pass Wait Choice Succeed Fail Parallel",
		`"Nonsense":1`:                 "Pass Wait Choice Succeed Fail Map Parallel",
		`"ItemBatcher":{"MaxItems":1}`: "Pass Wait Choice Succeed Fail Parallel",
	} {
		name := strings.Split(field, `"`)[1]
		for kind := range strings.FieldsSeq(types) {
			found := problems(t, machineOf(states[kind]+","+field))
			want := asl.Problem{Location: "/States/S", Code: "SCHEMA_VALIDATION_FAILED", Message: "Field '" + name + "' is not supported"}
			if !slices.Contains(found, want) {
				t.Errorf("%s of %s: got %v", name, kind, found)
			}
		}
	}
}

func TestWhatIsOutsideIsRefusedByName(t *testing.T) {
	t.Parallel()
	const distributed = `"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`
	const task = `"Type":"Task","End":true,"Resource":`
	for _, c := range []struct{ definition, place, message string }{
		{`{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Succeed"}}}`, "/QueryLanguage", "'JSONata' is not supported"},
		{machineOf(`"Type":"Succeed","QueryLanguage":"JSONata"`), "/States/S/QueryLanguage", "'JSONata' is not supported"},
		{machineOf(`"Type":"Pass","End":true,"Output":{}`), "/States/S", "field 'Output' is only supported for the 'JSONata' QueryLanguage"},
		{machineOf(task + `"arn:aws:lambda:us-east-1:000000000000:function:f","Arguments":{}`), "/States/S", "field 'Arguments' is only supported for the 'JSONata'"},
		{machineOf(distributed + `,"Items":[]`), "/States/S", "field 'Items' is only supported for the 'JSONata'"},
		{machineOf(`"Type":"Choice","Choices":[{"Condition":"{% true %}","Next":"S"}]`), "/States/S/Choices[0]", "field 'Condition' is only supported for the 'JSONata'"},
		{machineOf(distributed + `,"ItemReader":{}`), "/States/S/ItemReader", "Field 'ItemReader' is not supported by this local Step Functions"},
		{machineOf(distributed + `,"ResultWriter":{}`), "/States/S/ResultWriter", "Field 'ResultWriter' is not supported by this local Step Functions"},
		{machineOf(strings.Replace(distributed, "STANDARD", "EXPRESS", 1)), "/States/S/ItemProcessor/ProcessorConfig/ExecutionType", "'EXPRESS' is not supported"},
		{machineOf(task + `"arn:aws:lambda:us-east-1:000000000000:function:f","Credentials":{"RoleArn":"x"}`), "/States/S/Credentials", "Field 'Credentials' is not supported"},
		{machineOf(task + `"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f"}`), "/States/S/Resource", "lambda:invoke.waitForTaskToken' is not supported"},
		{machineOf(task + `"arn:aws:states:::states:startExecution.sync:2"`), "/States/S/Resource", "startExecution.sync:2' is not supported"},
		{machineOf(task + `"arn:aws:states:::aws-sdk:dynamodb:putItem"`), "/States/S/Resource", "putItem' is not supported"},
		{machineOf(task + `"arn:aws:states:us-east-1:000000000000:activity:a"`), "/States/S/Resource", "activity:a' is not supported"},
		{machineOf(task + `"${EtlFunction}"`), "/States/S/Resource", "Value is not a valid resource ARN: ${EtlFunction}"},
		{machineOf(task + `"arn:aws:states:::lambda:invoke"`), "/States/S/Parameters", "The field 'FunctionName' is required but was missing"},
		{machineOf(task + `"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Body":1}`), "/States/S/Parameters", "Field 'Body' is not supported"},
	} {
		found := problems(t, c.definition)
		if found[0].Location != c.place || !strings.Contains(found[0].Message, c.message) {
			t.Errorf("%s: got %v", c.definition, found)
		}
	}
}

func TestALabelIsShortAndPlain(t *testing.T) {
	t.Parallel()
	const distributed = `"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":{"A":{"Type":"Succeed"}}},"Label":`
	parse(t, machineOf(distributed+`"`+strings.Repeat("ä", 40)+`"`))
	for label, want := range map[string]string{
		"": "Value cannot be empty", strings.Repeat("a", 41): "Label cannot exceed 40 characters", "a b": "Label contains invalid character: ' '",
		"a*": "Label contains invalid character: '*'", "a\u0081": "invalid character", "a/b:c": "invalid character: ':'", `a"`: `invalid character: '"'`,
	} {
		if found := problems(t, machineOf(distributed+text(t, label))); len(found) != 1 || !strings.Contains(found[0].Message, want) {
			t.Errorf("%q: got %v", label, found)
		}
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 600) + strings.Repeat(`]`, 600)
	for definition, want := range map[string]string{
		machineOf(`"Type":"Pass","End":true,"Result":` + deep):                                      "it nests more than 500 deep",
		`{"StartAt":"` + strings.Repeat("a", 1<<20) + `"}`:                                          "more than 1048576 bytes",
		machineOf(`"Type":"Succeed","InputPath":"$` + strings.Repeat(".a", 300) + `"`):              "a path has at most 200 steps",
		machineOf(`"Type":"Succeed","InputPath":"$[?` + strings.Repeat("(", 99) + `@.a"`):           "a filter nests at most 30 deep",
		machineOf(`"Type":"Succeed","InputPath":"$[?(` + strings.Repeat("!", 99) + `@.a)]"`):        "a filter nests at most 30 deep",
		`{"StartAt":"S","States":{"` + strings.Repeat("é", 81) + `":{"Type":"Succeed"}}}`:           "The name of a state has at most 80 characters",
		machineOf(`"Type":"Choice","Choices":[` + nested(200) + `]`):                                "Rules nest at most 100 deep",
		machineOf(`"Type":"Pass","End":true,"Assign":{"` + strings.Repeat("v", 81) + `":1,"1a":1}`): "is no name of a variable",
	} {
		var said []string
		for _, p := range problems(t, definition) {
			said = append(said, p.Message)
		}
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("got %v, want %s", said, want)
		}
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"Not":`, depth) + `{"Variable":"$.a","IsNull":true}` + strings.Repeat(`}`, depth)
}

func TestTheErrorSaysAllOfIt(t *testing.T) {
	t.Parallel()
	_, err := asl.Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}},"Comment":1}`))
	want := "SCHEMA_VALIDATION_FAILED: Expected value of type String for the field 'Comment', but it is a number at /Comment; MISSING_END_STATE: Workflow has no terminal state"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if got := (&asl.RuntimeError{Name: asl.ErrorTimeout, Cause: "late"}).Error(); got != "States.Timeout: late" {
		t.Error(got)
	}
}

func TestTheWordsOfTestdataAreJSON(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bad.json", "whole.json"} {
		if !json.Valid(read(t, name)) {
			t.Errorf("%s is no JSON", name)
		}
	}
}
